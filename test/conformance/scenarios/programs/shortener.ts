import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A link shortener has a router with middleware of its own, keeps links in an object for each prefix, counts visits after it has answered, and limits time.',
  rows: [
    '3.fetch',
    '4.request-response-headers',
    '5.wait-until',
    'web.fetch-redirects',
    '4.property-get',
    '9.exec',
    '1.scheduler-wait',
  ],
  config: { ...objects({ LINKS: 'Links', STATS: 'Stats' }), vars: { ADMIN: 'letmein', PREFIXES: 'a-m,n-z' } },
  program: `
import { DurableObject } from 'cloudflare:workers';

class HTTPException extends Error {
  constructor(status, message, options) { super(message, options); this.status = status }
  getResponse() { return Response.json({ error: this.message, ...(this.cause ? { cause: String(this.cause) } : {}) }, { status: this.status }) }
}

class Router {
  #routes = []; #middle = [];
  use(path, handler) { this.#middle.push([new URLPattern({ pathname: path }), handler]); return this }
  on(method, path, ...handlers) { this.#routes.push([method, new URLPattern({ pathname: path }), handlers]); return this }
  get = (path, ...handlers) => this.on('GET', path, ...handlers);
  post = (path, ...handlers) => this.on('POST', path, ...handlers);
  fetch = async (request, env, ctx) => {
    const allowed = new Set();
    const c = { req: request, env, ctx, url: new URL(request.url), set: new Map(), header: new Headers(), json: (value, status = 200) => Response.json(value, { status, headers: c.header }), text: (value, init) => new Response(value, init) };
    let found;
    for (const [method, pattern, handlers] of this.#routes) {
      const match = pattern.exec(request.url);
      if (!match) continue;
      allowed.add(method);
      if (method === request.method) { c.params = { ...match.pathname.groups }; found ??= handlers }
    }
    const chain = [...this.#middle.filter(([pattern]) => pattern.test(request.url)).map(([, handler]) => handler), ...(found ?? [() => { throw allowed.size ? Object.assign(new HTTPException(405, 'Method Not Allowed'), { allowed }) : new HTTPException(404, 'Not Found') }])];
    const run = (i) => chain[i](c, () => run(i + 1));
    try {
      return await run(0);
    } catch (error) {
      if (!(error instanceof HTTPException)) return Response.json({ error: error.message, name: error.name, remote: error.remote ?? false }, { status: error.name === 'TimeoutError' || error.name === 'AbortError' ? 504 : 500 });
      const response = error.getResponse();
      if (error.allowed) response.headers.set('Allow', [...error.allowed].join(', '));
      return response;
    }
  };
}

const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789';
const slugOf = async (url) => { const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(url))); return Array.from(digest.subarray(0, 6), (byte) => ALPHABET[byte % 32]).join('') };

export class Links extends DurableObject {
  hits = 0;
  constructor(ctx, env) {
    super(ctx, env);
    ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS links (slug TEXT PRIMARY KEY, url TEXT NOT NULL UNIQUE, visits INTEGER NOT NULL DEFAULT 0, last TEXT) WITHOUT ROWID');
  }
  create(slug, url) {
    const { sql } = this.ctx.storage;
    const made = sql.exec('INSERT INTO links (slug, url) VALUES (?, ?) ON CONFLICT (url) DO UPDATE SET url = url RETURNING slug, visits', slug, url).one();
    return { ...made, fresh: made.slug === slug && sql.exec('SELECT changes() AS n').one().n === 1 };
  }
  resolve(slug) { this.hits += 1; return this.ctx.storage.sql.exec('SELECT url FROM links WHERE slug = ?', slug).toArray()[0]?.url }
  async visited(slug, agent, waitMs = 5) { await scheduler.wait(waitMs); this.ctx.storage.sql.exec("UPDATE links SET visits = visits + 1, last = json_object('agent', ?) WHERE slug = ?", agent, slug) }
  list({ after = '', limit = 2 } = {}) {
    const rows = this.ctx.storage.sql.exec('SELECT slug, url, visits, last FROM links WHERE slug > ? ORDER BY slug LIMIT ?', after, limit + 1).toArray();
    return { links: rows.slice(0, limit).map((row) => ({ ...row, last: row.last && JSON.parse(row.last) })), next: rows.length > limit ? rows[limit - 1].slug : null };
  }
  slow(ms) { return scheduler.wait(ms).then(() => 'done') }
}
export class Stats extends DurableObject {
  counts = {};
  async fetch(request) { const { path, status } = await request.json(); const key = status + ' ' + path; this.counts[key] = (this.counts[key] ?? 0) + 1; return new Response(null, { status: 204 }) }
  get all() { return Object.entries(this.counts).sort(([a], [b]) => (a < b ? -1 : 1)) }
}

const shardOf = (c, slug) => c.env.LINKS.getByName(c.env.PREFIXES.split(',').find((range) => { const [from, to] = range.split('-'); return slug[0] >= from && slug[0] <= to }) ?? 'rest');
const admin = async (c, next) => {
  const given = new TextEncoder().encode((c.req.headers.get('authorization') ?? '').replace(/^Bearer /, '')), wanted = new TextEncoder().encode(c.env.ADMIN);
  if (given.length !== wanted.length || !crypto.subtle.timingSafeEqual(given, wanted)) throw new HTTPException(401, 'Who are you?');
  c.set.set('admin', true);
  return next();
};

const app = new Router()
  .use('*', async (c, next) => {
    const response = await next();
    c.ctx.waitUntil(c.env.STATS.getByName('s').fetch('http://stats/', { method: 'POST', body: JSON.stringify({ path: c.url.pathname.replace(/[a-z0-9]{6}$/, ':slug'), status: response.status }) }));
    const copy = new Response(response.body, response);
    copy.headers.append('Vary', 'Accept');
    copy.headers.append('vary', 'Origin');
    copy.headers.set('Server-Timing', 'app;dur=1');
    return copy;
  })
  .use('/api/*', (c, next) => (c.req.headers.get('content-type')?.includes('xml') ? c.json({ error: 'no XML' }, 415) : next()));
app.post('/api/links', async (c) => {
  const body = await c.req.json().catch((error) => { throw new HTTPException(400, 'Not JSON', { cause: error.name }) });
  if (!URL.canParse(body.url)) throw new HTTPException(422, 'Not a URL: ' + body.url);
  const { href } = new URL(body.url);
  const slug = body.slug ?? (await slugOf(href));
  const made = await shardOf(c, slug).create(slug, href);
  c.header.set('Location', '/' + made.slug);
  return c.json(made, made.fresh ? 201 : 200);
});
app.get('/api/links', admin, async (c) => {
  const pages = [];
  for (const range of c.env.PREFIXES.split(',').concat('rest')) for (let after = ''; after !== null; ) { const page = await c.env.LINKS.getByName(range).list({ after }); pages.push(page.links.map(({ url, visits, last }) => [url, visits, last])); after = page.next }
  return c.json({ admin: c.set.get('admin'), pages });
});
app.get('/api/stats', async (c) => c.json(await c.env.STATS.getByName('s').all));
app.get('/api/slow/:ms', async (c) => {
  const call = shardOf(c, 'a').slow(Number(c.params.ms));
  const signal = AbortSignal.timeout(600);
  return c.text(await Promise.race([call, new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))]));
});
app.get('/api/aborted', async (c) => { const controller = new AbortController(); setTimeout(() => controller.abort(), 5); await scheduler.wait(1e6, { signal: controller.signal }); });
app.get('/:slug([a-z0-9]{6,})', async (c) => {
  const { slug } = c.params;
  const stub = shardOf(c, slug);
  const url = await stub.resolve(slug);
  if (!url) throw new HTTPException(404, 'No link ' + slug);
  c.ctx.waitUntil(stub.visited(slug, c.req.headers.get('user-agent')));
  return Response.redirect(url, 302);
});
app.get('/', (c) => c.text('<h1>links</h1>', { headers: { 'content-type': 'text/html' } }));
app.get('/broken', async (c) => (await shardOf(c, 'a').nothing()));

export default app;
`,
  async steps(client) {
    const showHeaders = ['location', 'vary', 'allow', 'server-timing'];
    const post = (body: string, headers: Record<string, string> = {}) =>
      client.fetch('/api/links', { method: 'POST', body, showHeaders, headers });
    await post('{"url":"https://example.com/a b?q=ü#x"}');
    await post('{"url":"https://example.com/a b?q=ü#x"}');
    await post('{"url":"HTTPS://Example.org:443/../x","slug":"zzzzzz"}');
    await post('{"url":"https://example.net/","slug":"999999"}');
    await post('{"url":"https://example.org/3","slug":"222222"}');
    await post('{"url":"https://example.org/4","slug":"333333"}');
    await post('{"url":"https://example.org/5","slug":"333333"}');
    await post('{"url":"not a url"}');
    await post('{nope');
    await post('<a/>', { 'content-type': 'text/xml' });
    await client.fetch('/zzzzzz', { showHeaders, headers: { 'user-agent': 'test/1' } });
    await client.fetch('/zzzzzz', { showHeaders, headers: { 'user-agent': 'test/2' } });
    await client.fetch('/nosuch', { showHeaders });
    await client.fetch('/no', { showHeaders });
    await client.fetch('/zzzzzz', { showHeaders, method: 'PUT' });
    await client.fetch('/', { showHeaders: ['content-type', ...showHeaders] });
    await client.fetch('/broken');
    await client.fetch('/api/slow/1');
    await client.fetch('/api/slow/20000');
    await client.fetch('/api/aborted');
    await client.wait(50);
    await client.fetch('/api/links');
    await client.fetch('/api/links', { headers: { authorization: 'Bearer letmein' } });
    await client.fetch('/api/stats');
  },
});

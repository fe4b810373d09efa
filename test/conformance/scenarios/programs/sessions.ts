import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A session store with cookies sweeps what has expired in its alarm, and deletes all it has, alarm included, when nothing is left.',
  rows: ['11.delete-all', '7.delete-all', '11.set-inside-handler', '11.get-alarm', '8.list', '9.database-size'],
  program: `
import { DurableObject } from 'cloudflare:workers';

const TTL_MS = 2000;

export class Obj extends DurableObject {
  static SWEEP_MS = 400;
  sweeps = 0;
  get kv() { return this.ctx.storage.kv }
  async create(data) {
    const id = crypto.randomUUID();
    this.kv.put('session:' + id, { data, expires: new Date(Date.now() + TTL_MS), visits: 0 });
    await this.#arm();
    return id;
  }
  async #arm() {
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(Date.now() + Obj.SWEEP_MS);
  }
  touch(id) {
    const session = this.kv.get('session:' + id);
    if (!session || session.expires <= Date.now()) return null;
    session.visits += 1;
    session.expires.setTime(Date.now() + TTL_MS);
    this.kv.put('session:' + id, session);
    return session;
  }
  destroy(id) { return this.kv.delete('session:' + id) }
  async alarm() {
    this.sweeps += 1;
    const now = Date.now();
    let left = 0;
    for (const [key, { expires }] of this.kv.list({ prefix: 'session:' })) {
      if (expires.getTime() <= now) this.kv.delete(key);
      else left += 1;
    }
    if (left > 0) { await this.ctx.storage.setAlarm(now + Obj.SWEEP_MS); return }
    await this.ctx.storage.setAlarm(now + 1e9);
    await this.ctx.storage.deleteAll();
  }
  async stats() {
    return {
      sessions: [...this.kv.list({ prefix: 'session:' })].length,
      alarm: (await this.ctx.storage.getAlarm()) !== null,
      swept: this.sweeps > 0,
      size: this.ctx.storage.sql.databaseSize,
      tables: this.ctx.storage.sql.exec("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\\\_cf%' ESCAPE '\\\\'").raw().toArray().flat(),
    };
  }
  async wipe() {
    this.ctx.storage.sql.exec('CREATE TABLE extra (x); INSERT INTO extra VALUES (1)');
    const before = await this.stats();
    await this.ctx.storage.deleteAll();
    const after = await this.stats();
    this.kv.put('born', 'again');
    this.ctx.storage.sql.exec('CREATE TABLE extra (y)');
    return [before.tables, before.sessions, after.tables, after.sessions, after.alarm, this.kv.get('born'), this.ctx.storage.sql.exec('SELECT * FROM extra').columnNames];
  }
}

const cookies = (request) => Object.fromEntries((request.headers.get('Cookie') ?? '').split(/;\\s*/).filter(Boolean).map((pair) => pair.split(/=(.*)/s).slice(0, 2).map(decodeURIComponent)));

let issued;
export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    const store = env.OBJ.getByName('store');
    const headers = new Headers();
    switch (url.pathname) {
      case '/login': {
        issued = await store.create({ user: url.searchParams.get('user'), roles: new Set(['a', 'b']), since: new Map([['x', 1n]]) });
        headers.append('Set-Cookie', 'sid=' + 'X'.repeat(issued.length) + '; HttpOnly; Path=/; SameSite=Lax');
        headers.append('Set-Cookie', 'theme=dark; Max-Age=60');
        return new Response([...headers.getSetCookie()].length + ' ' + headers.get('set-cookie').split(', ').length, { status: 201, headers });
      }
      case '/me': {
        const { sid, theme = 'light' } = cookies(request);
        const session = sid === 'mine' ? await store.touch(issued) : await store.touch(sid ?? '');
        if (!session) return new Response('who are you?', { status: 401, headers: { 'WWW-Authenticate': 'Cookie' } });
        using kept = session;
        return Response.json({ user: session.data.user, roles: [...session.data.roles], bigint: typeof session.data.since.get('x'), visits: session.visits, future: session.expires > new Date(), theme });
      }
      case '/logout': return Response.json([await store.destroy(issued), await store.destroy(issued)]);
      case '/stats': return Response.json(await store.stats());
      case '/wipe': return Response.json(await env.OBJ.getByName('wiped').wipe());
    }
    return new Response(null, { status: 404 });
  },
};
`,
  async steps(client) {
    const showHeaders = ['set-cookie'];
    await client.fetch('/me', { showHeaders: ['www-authenticate'] });
    await client.fetch('/login?user=ann', { showHeaders });
    await client.fetch('/me', { headers: { cookie: 'sid=mine; theme=a%20b=c' } });
    await client.fetch('/me', { headers: { cookie: 'sid=mine' } });
    await client.fetch('/me', { headers: { cookie: 'sid=other; theme' } });
    await client.wait(3000);
    await client.fetch('/me', { headers: { cookie: 'sid=mine' } });
    await client.fetch('/stats');
    await client.fetch('/login?user=bob', { showHeaders });
    await client.fetch('/logout');
    await client.wait(1000);
    await client.fetch('/stats');
    await client.fetch('/wipe');
  },
});

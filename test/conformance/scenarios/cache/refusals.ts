import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'put refuses what is no GET, a part, and what varies by everything; nothing else is an error.',
  rows: ['web.cache'],
  config: { durable_objects: { bindings: [] }, migrations: [] },
  program: `
import { worker, inspect, show, sleep, tag } from './prelude.js';
const shown = async (r) => r === undefined ? 'undefined' : inspect([r.status, r.statusText, r.url, [...r.headers].filter(([k]) => k !== 'date' && k !== 'expires'), await r.text()]);
const lasting = (body = 'body', headers = {}, init = {}) => new Response(body, { ...init, headers: { 'Cache-Control': 'max-age=100', ...headers } });
export default worker(async ({ say }) => {
  const c = caches.default;
  await say('POST', () => c.put(new Request('http://a/', { method: 'POST' }), lasting()));
  await say('HEAD', () => c.put(new Request('http://a/', { method: 'HEAD' }), lasting()));
  await say('206', () => c.put('http://a/206', lasting('x', {}, { status: 206 })));
  await say('Vary: *', () => c.put('http://a/v', lasting('x', { Vary: '*' })));
  await say('Vary: x, *', () => c.put('http://a/v', lasting('x', { Vary: 'x, *' })));
  await say('Vary: x', async () => { await c.put('http://a/v', lasting('x', { Vary: 'x-a' })); return shown(await c.match(new Request('http://a/v', { headers: { 'x-a': 'z' } }))) });
  await say('a WebSocket', async () => { const [a] = Object.values(new WebSocketPair()); await c.put('http://a/ws', new Response(null, { status: 101, webSocket: a })) });
  for (const status of [200, 201, 203, 300, 301, 302, 303, 307, 308, 400, 404, 405, 410, 418, 500, 501, 503]) {
    await say(String(status), async () => { await c.put('http://a/' + status, lasting('x', {}, { status })); return (await c.match('http://a/' + status))?.status });
  }
});
`,
});

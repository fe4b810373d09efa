import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A response brings a socket with status 101 and with no other, and cannot be cloned.',
  rows: ['12.returning', '3.fetch-upgrade'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep, show, showNow, inspect, tag } from './prelude.js';
const listen = (w, name, push) => {
  for (const t of ['open', 'message', 'close', 'error']) w.addEventListener(t, (e) => push(name + ' ' + t + ' ' + (t === 'message' ? inspect(e.data) : t === 'close' ? [e.code, inspect(e.reason), e.wasClean, 'state ' + w.readyState].join(' ') : t === 'error' ? e.message + ' ' + inspect(e.error) : '')));
};
const pair = () => Object.values(new WebSocketPair());
const upgrade = { headers: { Upgrade: 'websocket' } };
export class Obj extends DurableObject {
  fetch(request) { const [a, b] = pair(); b.accept(); return new Response(null, { status: 101, webSocket: a, headers: { 'x-a': 'b' } }) }
}
export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  say.now('status 200', () => new Response(null, { webSocket: pair()[0] }));
  say.now('101 without', () => new Response(null, { status: 101 }));
  say.now('no socket', () => new Response(null, { status: 101, webSocket: {} }));
  say.now('a body', () => new Response('x', { status: 101, webSocket: pair()[0] }));
  say.now('clone', () => new Response(null, { status: 101, webSocket: pair()[0] }).clone());
  say.now('made', () => { const r = new Response(null, { status: 101, webSocket: pair()[0] }); return [r.status, r.statusText, r.ok, tag(r.webSocket), r.body] });
  say.now('made of another', () => { const r = new Response(null, { status: 101, webSocket: pair()[0] }); const q = new Response(null, r); return [q.status, q.webSocket === r.webSocket] });
  say.now('one socket twice', () => { const w = pair()[0]; new Response(null, { status: 101, webSocket: w }); return new Response(null, { status: 101, webSocket: w }).status });
  say.now('an accepted one', () => { const w = pair()[0]; w.accept(); return new Response(null, { status: 101, webSocket: w }).status });
  say.now('another response', () => new Response('x').webSocket);
  await say('fetched', async () => { const r = await o.fetch('http://x/', upgrade); return [r.status, r.statusText, r.ok, [...r.headers].join(), tag(r.webSocket), r.webSocket === r.webSocket, r.webSocket.readyState, r.webSocket.url, r.body] });
  await say('not accepted', async () => showNow(() => { throw 0 }) && (await o.fetch('http://x/', upgrade)).webSocket.send('x'));
  await say('nobody asked', async () => (await o.fetch('http://x/')).status);
  await say('asked for something else', async () => (await o.fetch('http://x/', { headers: { upgrade: 'h2c' } })).status);
  await say('in other letters', async () => (await o.fetch('http://x/', { headers: { upgrade: 'WebSocket' } })).status);
  await say('by POST', async () => (await o.fetch('http://x/', { method: 'POST', headers: upgrade.headers })).status);
  await say('over RPC', async () => (await o.echo?.(pair()[0])));
});
`,
});

import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'new WebSocket checks its url and protocols, and says so when there is no server.',
  rows: ['12.outgoing'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep, show, showNow, inspect, tag } from './prelude.js';
const listen = (w, name, push) => {
  for (const t of ['open', 'message', 'close', 'error']) w.addEventListener(t, (e) => push(name + ' ' + t + ' ' + (t === 'message' ? inspect(e.data) : t === 'close' ? [e.code, inspect(e.reason), e.wasClean, 'state ' + w.readyState].join(' ') : t === 'error' ? e.message + ' ' + inspect(e.error) : '')));
};
const pair = () => Object.values(new WebSocketPair());
const upgrade = { headers: { Upgrade: 'websocket' } };
export class Obj extends DurableObject {}
export default worker(async ({ say }) => {
  const made = (...args) => { const w = new WebSocket(...args); return [w.readyState, w.url, w.protocol, w.extensions, w.binaryType] };
  say.now('nothing', () => made());
  say.now('no url', () => made('foo'));
  say.now('http', () => made('http://localhost:1/'));
  say.now('ftp', () => made('ftp://x/'));
  say.now('a fragment', () => made('ws://localhost:1/#a'));
  say.now('protocol twice', () => made('ws://localhost:1/', ['a', 'a']));
  say.now('no token', () => made('ws://localhost:1/', ['a b']));
  say.now('empty protocol', () => made('ws://localhost:1/', ''));
  say.now('made', () => made('ws://localhost:1/'));
  say.now('accept', () => new WebSocket('ws://localhost:1/').accept());
  say.now('send at once', () => new WebSocket('ws://localhost:1/').send('x'));
  await say('refused', async () => {
    const lines = [];
    const w = new WebSocket('ws://localhost:1/');
    listen(w, 'client', (line) => lines.push(line));
    await new Promise((resolve) => w.addEventListener('close', resolve));
    return [...lines, w.readyState, showNow(() => w.send('x')), showNow(() => w.close())];
  });
});
`,
});

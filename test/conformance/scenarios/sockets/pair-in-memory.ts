import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'The two ends of a pair talk to each other also where they were made.',
  rows: ['12.pair', '12.send', '12.close-events'],
  program: String.raw`
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep, show, showNow, inspect, tag } from './prelude.js';
const listen = (w, name, push) => {
  for (const t of ['open', 'message', 'close', 'error']) w.addEventListener(t, (e) => push(name + ' ' + t + ' ' + (t === 'message' ? inspect(e.data) : t === 'close' ? [e.code, inspect(e.reason), e.wasClean, 'state ' + w.readyState].join(' ') : t === 'error' ? e.message + ' ' + inspect(e.error) : '')));
};
const pair = () => Object.values(new WebSocketPair());
const upgrade = { headers: { Upgrade: 'websocket' } };
export class Obj extends DurableObject {}
export default worker(async ({ say }) => {
  const lines = [];
  const push = (line) => lines.push(line);
  const [a, b] = pair();
  listen(a, 'a', push); listen(b, 'b', push);
  a.accept(); a.send('early'); b.accept();
  push('sync');
  await sleep(30);
  b.send('two');
  await sleep(30);
  a.close(3003, 'x');
  await sleep(30);
  push('states ' + a.readyState + ' ' + b.readyState, showNow(() => b.send('z')));
  await say('heard', () => lines);
  const [c, d] = pair();
  const got = [];
  c.binaryType = 'arraybuffer';
  c.addEventListener('message', (e) => got.push(e.data));
  c.accept(); d.accept();
  const bytes = new Uint8Array([1, 2, 3]);
  d.send(bytes.subarray(1)); bytes[1] = 9; d.send(new DataView(new ArrayBuffer(2))); d.send('é\ud800');
  await sleep(10);
  await say('data', () => got);
  const [e, f] = pair();
  const seen = [];
  f.accept(); e.accept();
  f.onmessage = () => seen.push('onmessage');
  f.addEventListener('message', async ({ data }) => { seen.push('start ' + data); await sleep(3); seen.push('end ' + data) });
  f.addEventListener('close', (event) => seen.push('close ' + event.constructor.name + event.bubbles + (event.target === f)));
  e.send('1'); e.send('2'); e.close(1000);
  await sleep(30);
  await say('listeners', () => seen);
  const [g] = pair();
  g.accept();
  g.addEventListener('message', (event) => seen.push(event.data));
  g.dispatchEvent(new MessageEvent('message', { data: 'made up' }));
  await say('dispatched by hand', () => seen.at(-1));
});
`,
});

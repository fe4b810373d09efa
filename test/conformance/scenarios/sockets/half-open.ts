import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'With allowHalfOpen the program answers a close itself, and may still send before that.',
  rows: ['12.auto-close-reply', '12.accept'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep, show, showNow, inspect, tag } from './prelude.js';
const listen = (w, name, push) => {
  for (const t of ['open', 'message', 'close', 'error']) w.addEventListener(t, (e) => push(name + ' ' + t + ' ' + (t === 'message' ? inspect(e.data) : t === 'close' ? [e.code, inspect(e.reason), e.wasClean, 'state ' + w.readyState].join(' ') : t === 'error' ? e.message + ' ' + inspect(e.error) : '')));
};
const pair = () => Object.values(new WebSocketPair());
const upgrade = { headers: { Upgrade: 'websocket' } };
export class Obj extends DurableObject {
  log = [];
  fetch() {
    const [a, b] = pair();
    b.accept({ allowHalfOpen: true });
    listen(b, 'object', (line) => this.log.push(line));
    b.addEventListener('close', () => { this.log.push(showNow(() => b.send('after')), showNow(() => b.close(3002, 'mine')), 'state ' + b.readyState) });
    return new Response(null, { status: 101, webSocket: a });
  }
  told() { return this.log }
}
export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  const lines = [];
  const { webSocket } = await o.fetch('http://x/', upgrade);
  listen(webSocket, 'client', (line) => lines.push(line));
  webSocket.accept();
  webSocket.close(3000, 'c');
  for (let i = 0; i < 150 && lines.length < 2; i++) await sleep(20);
  await say('client', () => lines);
  await say('object', () => o.told());
});
`,
});

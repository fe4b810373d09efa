import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'What was sent before the other side accepts waits; what comes before anybody listens is lost.',
  rows: ['12.accept'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep, show, showNow, inspect, tag } from './prelude.js';
const listen = (w, name, push) => {
  for (const t of ['open', 'message', 'close', 'error']) w.addEventListener(t, (e) => push(name + ' ' + t + ' ' + (t === 'message' ? inspect(e.data) : t === 'close' ? [e.code, inspect(e.reason), e.wasClean, 'state ' + w.readyState].join(' ') : t === 'error' ? e.message + ' ' + inspect(e.error) : '')));
};
const pair = () => Object.values(new WebSocketPair());
const upgrade = { headers: { Upgrade: 'websocket' } };
export class Obj extends DurableObject {
  fetch() { const [a, b] = pair(); b.accept(); b.send('1'); setTimeout(() => b.send('2'), 400); return new Response(null, { status: 101, webSocket: a }) }
}
export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  const lines = [];
  const late = (await o.fetch('http://x/', upgrade)).webSocket;
  await sleep(600);
  listen(late, 'accepted late', (line) => lines.push(line));
  late.accept();
  await sleep(100);
  const deaf = (await o.fetch('http://x/', upgrade)).webSocket;
  deaf.accept();
  await sleep(100);
  listen(deaf, 'listens late', (line) => lines.push(line));
  await sleep(700);
  await say('heard', () => lines);
});
`,
});

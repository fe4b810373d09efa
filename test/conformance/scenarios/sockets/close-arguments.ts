import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A close code is one that may be sent, a reason has 123 bytes, and a second close does nothing.',
  rows: ['12.close', '12.send'],
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
  const closed = (...args) => { const [a] = pair(); a.accept(); a.close(...args); return a.readyState };
  for (const code of [1000, 1001, 1003, 1004, 1005, 1006, 1015, 1016, 2999, 3000, 4999, 5000, 999, 0, -1, 'x', NaN, 1000.9, null, undefined]) say.now('code ' + code, () => closed(code));
  say.now('no code', () => closed());
  say.now('a reason alone', () => closed(undefined, 'x'));
  say.now('longest reason', () => closed(1000, 'x'.repeat(123)));
  say.now('long reason', () => closed(1000, 'x'.repeat(124)));
  say.now('long in UTF-8', () => closed(1000, 'é'.repeat(62)));
  say.now('long reason alone', () => closed(undefined, 'x'.repeat(124)));
  say.now('long reason, bad code', () => closed(1005, 'x'.repeat(124)));
  say.now('twice', () => { const [a] = pair(); a.accept(); a.close(1000); a.close(1001); return a.readyState });
  say.now('twice, badly', () => { const [a] = pair(); a.accept(); a.close(1000); a.close(1006) });
  say.now('send after', () => { const [a] = pair(); a.accept(); a.close(1000); a.send('x') });
});
`,
});

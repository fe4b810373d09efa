import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Before 2026-03-03 the length of a reason was not looked at.',
  rows: ['12.close'],
  config: { compatibility_date: '2026-02-01' },
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
  say.now('long reason', () => { const [a] = pair(); a.accept(); a.close(1000, 'x'.repeat(124)); return a.readyState });
});
`,
});

import { objects, scenario } from '../../scenario.ts';
export const subject = scenario({
  name: 'What ends a scheduler.wait is what the platform makes of the reason: errors are copied, texts become errors, and a flag stays if it still waited.',
  rows: ['1.scheduler-wait'],
  config: objects({ O: 'O' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { inspect, worker } from './prelude.js';
export class O extends DurableObject { }
export default worker(async ({ say, env }) => {
  const reasons = { text: 'why', number: 5, null: null, object: { a: 1 }, cause: new TypeError('t', { cause: 'c' }), own: Object.assign(new Error('e'), { code: 7 }), custom: new (class Mine extends Error { name = 'Mine' })('m'), dom: new DOMException('d', 'DataError'), array: [1], undefined: undefined };
  await say('a time limit', () => scheduler.wait(100, { signal: AbortSignal.timeout(2) }));
  await say('a joined one', () => scheduler.wait(100, { signal: AbortSignal.any([AbortSignal.timeout(2)]) }));
  for (const [name, reason] of Object.entries(reasons)) {
    await say('before ' + name, () => scheduler.wait(5, { signal: AbortSignal.abort(reason) }));
    await say('during ' + name, async () => { const a = new AbortController(); setTimeout(() => a.abort(reason), 1); try { await scheduler.wait(50, { signal: a.signal }) } catch (e) { return [inspect(e), e === a.signal.reason] } });
  }
});
`,
});

/** What the timers of a scope with Node.js compatibility are. */
export const nodeTimersProgram = `
import { DurableObject } from 'cloudflare:workers';
import * as timers from 'node:timers';
import { worker, tag, sleep } from './prelude.js';

const looks = {
  'what they give': () => [setTimeout(() => {}, 0), setInterval(() => {}, 1000)].map((t) => { clearTimeout(t); return typeof t }),
  'class': () => { const t = setTimeout(() => {}, 0); clearTimeout(t); return typeof t === 'object' ? [tag(t), t.constructor.name, t instanceof timers.setTimeout(() => {}, 0).constructor] : 'none' },
  'methods': () => { const t = setTimeout(() => {}, 0); const it = ['ref', 'unref', 'hasRef', 'refresh', 'close'].map((m) => typeof t[m]); clearTimeout(t); return it },
  'unref gives it back': () => { const t = setTimeout(() => {}, 0); const it = [t.unref?.() === t, t.hasRef?.(), t.ref?.() === t, t.hasRef?.()]; clearTimeout(t); return it },
  'as a number': () => { const t = setTimeout(() => {}, 0); clearTimeout(t); return [Number.isInteger(+t), typeof (t + 0)] },
  'arguments': () => new Promise((resolve) => setTimeout((...all) => resolve(all), 1, 'a', 2)),
  'cleared': async () => { let ran = 0; clearTimeout(setTimeout(() => ran++, 1)); clearInterval(setInterval(() => ran++, 1)); clearTimeout(+setTimeout(() => ran++, 1)); await sleep(10); return ran },
  'closed': async () => { let ran = 0; const t = setTimeout(() => ran++, 1); t.close?.() ?? clearTimeout(t); await sleep(10); return ran },
  'refreshed': async () => { const said = []; const t = setTimeout(() => said.push('late'), 20); await sleep(1); t.refresh?.(); setTimeout(() => said.push('early'), 5); await sleep(60); return said },
  'an interval': () => new Promise((resolve) => { let n = 0; const t = setInterval(() => { if (++n === 3) { clearInterval(t); resolve(n) } }, 1) }),
  'no function': () => setTimeout('x', 1),
  'nothing': () => setTimeout(),
  'clearing what is none': () => [clearTimeout(), clearTimeout(null), clearTimeout({}), clearTimeout('x'), clearInterval(12345)],
  'lengths': () => [setTimeout, setInterval, clearTimeout, clearInterval].map((f) => f.name + ' ' + f.length),
  'the same as the module has': () => [setTimeout === timers.setTimeout, clearTimeout === timers.clearTimeout],
  'disposed': async () => { let ran = 0; const t = setTimeout(() => ran++, 1); t[Symbol.dispose]?.() ?? clearTimeout(t); await sleep(10); return [ran, typeof t[Symbol.dispose]] },
  'an immediate': () => new Promise((resolve) => setImmediate((a) => resolve(a), 'now')),
};

export class Obj extends DurableObject {
  async look() {
    const said = [];
    for (const what of ['what they give', 'methods', 'arguments', 'cleared', 'an interval']) said.push([what, await looks[what]()]);
    return said;
  }
}
export default worker(async ({ say, env }) => {
  for (const [what, f] of Object.entries(looks)) await say(what, f);
  for (const [what, value] of await env.OBJ.getByName('a').look()) await say('in an object: ' + what, () => value);
});
`;

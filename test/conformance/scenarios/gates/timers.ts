import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Timers of an object fire in the order in which they are due, one turn each.',
  rows: ['6.input-lock-scope', '1.scheduler-wait'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';

export class Obj extends DurableObject {
  async due() {
    const seen = [];
    for (const [name, ms] of [['c 30', 30], ['a 10', 10], ['b 20', 20]]) setTimeout(() => seen.push(name), ms);
    await sleep(60);
    return seen;
  }
  async equal() {
    const seen = [];
    for (const n of [1, 2, 3]) setTimeout(() => { seen.push('timer ' + n); queueMicrotask(() => seen.push('microtask ' + n)) }, 5);
    await sleep(30);
    return seen;
  }
  async zero() {
    const seen = [];
    setTimeout(() => seen.push('zero'), 0);
    setTimeout(() => seen.push('none'));
    setTimeout(() => seen.push('negative'), -5);
    seen.push('sync');
    await null; seen.push('microtask');
    await sleep(20);
    return seen;
  }
  async cleared() {
    const seen = [];
    const a = setTimeout(() => seen.push('a'), 1);
    setTimeout(() => { seen.push('b'); clearTimeout(c) }, 2);
    const c = setTimeout(() => seen.push('c'), 10);
    clearTimeout(a);
    clearTimeout(12345); clearTimeout(undefined); clearTimeout(null);
    await sleep(30);
    return seen;
  }
  async interval() {
    let n = 0;
    await new Promise((resolve) => { const timer = setInterval(() => { if (++n === 3) { clearInterval(timer); resolve() } }, 2) });
    await sleep(20);
    return n;
  }
  async throws() { const seen = []; setTimeout(() => { throw new Error('timer') }, 1); setTimeout(() => seen.push('next'), 2); await sleep(20); return seen }
  async blocked() {
    const seen = [];
    setTimeout(() => seen.push('timer'), 1);
    const until = Date.now() + 10; while (Date.now() < until);
    seen.push('after the loop');
    await this.ctx.storage.put('k', 1); seen.push('after storage');
    await sleep(10);
    return seen;
  }
  async wait() { const from = Date.now(); await scheduler.wait(15); return Date.now() - from >= 14 }
}

export default worker(async ({ say, env }) => {
  const stub = env.OBJ.getByName('a');
  for (const what of ['due', 'equal', 'zero', 'cleared', 'interval', 'throws', 'blocked', 'wait']) await say(what, () => stub[what]());
});
`,
});

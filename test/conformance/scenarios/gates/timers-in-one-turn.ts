import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Time goes on during a turn: timers that it arms are due by the moment of each call.',
  rows: ['6.input-lock-scope', '1.scheduler-wait'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';

const compute = (ms) => { const until = Date.now() + ms; while (Date.now() < until); };
const names = (seen) => (name) => () => seen.push(name);
const armed = {
  async later() { const seen = [], say = names(seen); setTimeout(say('30'), 30); compute(20); setTimeout(say('20'), 20); await sleep(100); return seen },
  async equal() { const seen = [], say = names(seen); setTimeout(say('first'), 20); compute(15); setTimeout(say('second'), 20); await sleep(100); return seen },
  async small() { const seen = [], say = names(seen); setTimeout(say('3'), 3); compute(5); setTimeout(say('1'), 1); await sleep(100); return seen },
  async countdown() { const seen = [], all = []; for (let i = 0; i < 200; i++) all.push(new Promise((resolve) => setTimeout(() => resolve(seen.push(20 - (i / 10 | 0))), 20 - (i / 10 | 0)))); await Promise.all(all); return seen.every((delay, i) => i === 0 || delay >= seen[i - 1]) },
  async microtask() { const seen = [], say = names(seen); setTimeout(say('30'), 30); compute(20); await null; setTimeout(say('20'), 20); await sleep(100); return seen },
  async storage() { const seen = [], say = names(seen); setTimeout(say('30'), 30); compute(20); await storage?.put('k', 1); setTimeout(say('20'), 20); await sleep(100); return seen },
  async nextTurn() { const seen = [], say = names(seen); setTimeout(say('60'), 60); compute(40); await sleep(1); setTimeout(say('40'), 40); await sleep(200); return seen },
  async interval() { const seen = [], say = names(seen); const timer = setInterval(say('every 30'), 30); compute(20); setTimeout(say('20'), 20); await sleep(48); clearInterval(timer); return seen },
  async wait() { const seen = []; const a = scheduler.wait(30).then(names(seen)('30')); compute(20); const b = scheduler.wait(20).then(names(seen)('20')); await Promise.all([a, b]); return seen },
  async dateMoves() { const from = Date.now(); let turns = 0; while (Date.now() === from && turns < 1e8) turns++; return turns < 1e8 },
};
let storage;

export class Obj extends DurableObject {
  async run(what) { storage = this.ctx.storage; return armed[what]() }
}

export default worker(async ({ say, env }) => {
  const stub = env.OBJ.getByName('a');
  for (const what of Object.keys(armed)) await say(what, () => stub.run(what));
  for (const what of ['later', 'equal', 'small', 'microtask', 'nextTurn']) await say(what + ' in a Worker', () => armed[what]());
});
`,
});

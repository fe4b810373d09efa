import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A rejection that nobody handles leaves the object alive.',
  rows: ['1.unhandled-rejection', '6.exception-in-handler'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';

export class Obj extends DurableObject {
  lose() { this.n = (this.n ?? 0) + 1; Promise.reject(new Error('lost')); return this.n }
  timer() { setTimeout(() => { throw new Error('in a timer') }, 1); return 'armed' }
  wait() { this.ctx.waitUntil(Promise.reject(new Error('in waitUntil'))); return 'waiting' }
  look() { return this.n }
}

export default worker(async ({ say, env }) => {
  const stub = env.OBJ.getByName('a');
  await say('a lost rejection', () => stub.lose());
  await sleep(10);
  await say('memory', () => stub.look());
  await say('a throw in a timer', () => stub.timer());
  await sleep(20);
  await say('memory', () => stub.look());
  await say('a rejection in waitUntil', () => stub.wait());
  await sleep(10);
  await say('memory', () => stub.look());
});
`,
});

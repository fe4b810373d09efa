import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Waiting for storage keeps other events out; waiting for a timer or for another object does not.',
  rows: ['6.what-holds-the-input-gate', '6.interleaving', '6.input-lock-scope', '6.waiter-order'],
  config: objects({ OBJ: 'Obj', OTHER: 'Other' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';

export class Other extends DurableObject { nothing() {} }
export class Obj extends DurableObject {
  async add(key, pause) {
    const value = (await this.ctx.storage.get(key)) ?? 0;
    await pause();
    await this.ctx.storage.put(key, value + 1);
    return value + 1;
  }
  onlyStorage() { return this.add('a', () => {}) }
  moreStorage() { return this.add('b', async () => { for (let i = 0; i < 5; i++) { await this.ctx.storage.get('x' + i); await this.ctx.storage.list() } }) }
  microtasks() { return this.add('c', async () => { for (let i = 0; i < 50; i++) await null }) }
  timer() { return this.add('d', () => sleep(1)) }
  zeroTimer() { return this.add('e', () => sleep(0)) }
  otherObject() { return this.add('f', () => this.env.OTHER.getByName('o').nothing()) }
  section() { return this.ctx.blockConcurrencyWhile(() => this.add('g', () => sleep(1))) }
  sectionOfCalls() { return this.ctx.blockConcurrencyWhile(() => this.add('h', () => this.env.OTHER.getByName('o').nothing())) }
  fetch(request) { return this.onlyStorage().then((n) => new Response(String(n))) }
}

export default worker(async ({ say, env }) => {
  const stub = env.OBJ.getByName('a');
  const ten = (f) => Promise.all(Array.from({ length: 10 }, f)).then(String);
  await stub.onlyStorage();
  for (const method of ['onlyStorage', 'moreStorage', 'microtasks', 'timer', 'zeroTimer', 'otherObject', 'section', 'sectionOfCalls'])
    await say(method, () => ten(() => stub[method]()));
  await say('by fetch', () => ten(() => stub.fetch('http://x/').then((r) => r.text())));
  await say('on ten stubs', () => ten(() => env.OBJ.getByName('a').moreStorage()));
});
`,
});

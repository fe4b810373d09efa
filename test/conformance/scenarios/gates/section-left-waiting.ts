import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Of the sections that wait in one when it ends, the first goes before what waits around it and the others behind.',
  rows: ['6.inside-a-section', '6.interleaving'],
  config: objects({ OBJ: 'Obj', OTHER: 'Other' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';

export class Other extends DurableObject { async after(ms) { await sleep(ms) } }
export class Obj extends DurableObject {
  seen = [];
  plain(n) { this.seen.push(n) }
  section(name, more) { return this.tell((code) => this.ctx.blockConcurrencyWhile(code), name, more) }
  transaction(name, more) { return this.tell((code) => this.ctx.storage.transaction(code), name, more) }
  tell(begin, name, more) {
    return begin(async () => {
      this.seen.push(name + ' runs');
      await more?.();
      return name + ' over';
    }).then((v) => this.seen.push(v));
  }
  async sections() {
    await Promise.all([
      this.section('a', async () => { this.section('in a 1'); this.section('in a 2'); }),
      this.section('b'),
      this.section('c', async () => { await this.env.OTHER.getByName('o').after(1); this.section('in c 1'); this.section('in c 2'); }),
      this.section('d'),
    ]);
    await sleep(5);
  }
  async transactions() {
    await Promise.all([
      this.transaction('a', async () => { this.transaction('in a 1'); this.section('in a 2'); }),
      this.transaction('b'),
      this.section('c'),
    ]);
    await sleep(5);
  }
  async arrivals() {
    const { ctx: { storage }, seen, env } = this;
    const other = env.OTHER.getByName('o');
    await this.section('a', async () => {
      await other.after(20);
      storage.get('k', { noCache: true }).then(() => seen.push('read in a'));
      other.after(0).then(() => seen.push('answer in a'));
      this.section('in a 1');
      storage.put('k', 1).then(() => seen.push('put in a'));
      this.section('in a 2', () => other.after(20));
    });
    await other.after(60);
  }
  async reads() {
    const { ctx: { storage }, seen, env } = this;
    const read = (name) => storage.get('k', { noCache: true }).then(() => seen.push(name));
    await Promise.all([
      this.section('a', async () => { read('1 in a'); read('2 in a'); this.section('in a'); }),
      this.section('b', async () => { read('1 in b'); read('2 in b'); }),
      this.section('c'),
      read('around'),
    ]);
    await env.OTHER.getByName('o').after(20);
  }
  async deep() {
    await Promise.all([
      this.section('a', () => {
        this.section('b', () => { this.section('c 1'); this.section('c 2') });
        this.section('d', () => { this.section('e') });
      }),
      this.section('z'),
    ]);
    await sleep(5);
  }
  async twice() {
    await Promise.all([
      this.section('a', async () => {
        this.section('b', async () => { await this.env.OTHER.getByName('o').after(30); this.section('c'); this.section('d'); });
        await this.env.OTHER.getByName('o').after(1);
        this.section('e');
        this.section('f');
      }),
      this.section('y'),
      this.section('z'),
    ]);
    await sleep(20);
  }
  take() { return this.seen.splice(0).join(', ') }
}

export default worker(async ({ say, env }) => {
  const play = (name, during = () => {}) => say(name, async () => {
    const stub = env.OBJ.getByName(name);
    await stub.take();
    const playing = stub[name]();
    await during(stub);
    await playing;
    return stub.take();
  });
  await env.OTHER.getByName('o').after(0);
  for (const name of ['sections', 'transactions', 'deep', 'twice', 'reads']) await play(name);
  await play('arrivals', async (stub) => { await sleep(5); await Promise.all([stub.plain('call 1'), stub.plain('call 2')]) });
});
`,
});

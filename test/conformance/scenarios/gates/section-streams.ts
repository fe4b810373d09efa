import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A stream that is given away within a critical section, and what is written to one, goes on when the section is over.',
  rows: ['6.inside-a-section', '6.response-bodies'],
  config: objects({ OBJ: 'Obj', OTHER: 'Other' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker } from './prelude.js';

const bytes = (text) => new TextEncoder().encode(text);
const text = (chunk) => new TextDecoder().decode(chunk);
export class Other extends DurableObject {
  async read(stream) { return new Response(stream).text() }
  async write(stream, list) { const w = stream.getWriter(); for (const one of list) await w.write(bytes(one)); await w.close(); return 'wrote' }
  async fetch(request) { return new Response('got ' + (await request.text())) }
  echo(stream) { return stream }
  slow() { let i = 0; return new ReadableStream({ async pull(c) { await scheduler.wait(2); if (i++ === 3) c.close(); else c.enqueue(bytes('slow' + i)) } }, { highWaterMark: 0 }) }
  ready() {}
}
export class Obj extends DurableObject {
  log = [];
  get other() { return this.env.OTHER.getByName('other') }
  later = Promise.resolve();
  ready() { return Promise.all([this.other.ready(), this.env.OTHER.getByName('third').ready()]) }
  async take() { await this.later; return this.log.splice(0) }
  /** Gives within 200 ms what body gives, or says that the section was over first. */
  async #within(body, how) {
    const section = async () => {
      this.log.push('begin');
      const what = body();
      const seen = await Promise.race([what.then((value) => { this.log.push('answered'); return value }, (error) => String(error)), scheduler.wait(200).then(() => 'section over')]);
      this.log.push('end');
      if (seen === 'section over') this.later = what.then((value) => this.log.push('later ' + value), (error) => this.log.push('later ' + error));
      return seen;
    };
    if (how === 'none') return section();
    return how === 'transaction' ? this.ctx.storage.transaction(section) : this.ctx.blockConcurrencyWhile(section);
  }
  #pulled(list) { let i = 0; const { log } = this; return new ReadableStream({ pull(c) { log.push('pull ' + i); if (i === list.length) c.close(); else c.enqueue(bytes(list[i++])) }, cancel(why) { log.push('cancelled') } }, { highWaterMark: 0 }) }
  #started(list) { return new ReadableStream({ start(c) { for (const one of list) c.enqueue(bytes(one)); c.close() } }) }
  #typed(list) { let i = 0; const { log } = this; return new ReadableStream({ type: 'bytes', pull(c) { log.push('pull ' + i); if (i === list.length) { c.close(); c.byobRequest?.respond(0) } else c.enqueue(bytes(list[i++])) } }) }
  #identity(list) { const { readable, writable } = new IdentityTransformStream(); const { log } = this; (async () => { const w = writable.getWriter(); for (const one of list) { await w.write(bytes(one)); log.push('wrote ' + one) } await w.close(); log.push('closed') })(); return readable }
  #through(list) { const { readable, writable } = new TransformStream(); const { log } = this; (async () => { const w = writable.getWriter(); for (const one of list) { await w.write(bytes(one)); log.push('wrote ' + one) } await w.close(); log.push('closed') })(); return readable }
  #make(kind) { return { pulled: () => this.#pulled(['a', 'b']), started: () => this.#started(['a', 'b']), typed: () => this.#typed(['a', 'b']), identity: () => this.#identity(['a', 'b']), through: () => this.#through(['a', 'b']), response: () => new Response('ab').body }[kind]() }
  #sink() { const { log } = this; return new WritableStream({ write(chunk) { log.push('write ' + text(chunk)) }, close() { log.push('close') }, abort() { log.push('abort') } }) }
  asArgument(how, kind) { return this.#within(() => this.other.read(this.#make(kind)), how) }
  asBody(how, kind) { return this.#within(async () => (await this.other.fetch('http://x/', { method: 'POST', body: this.#make(kind) })).text(), how) }
  writable(how) { return this.#within(() => this.other.write(this.#sink(), ['a', 'b']), how) }
  identityWritable(how) { const { readable, writable } = new IdentityTransformStream(); return this.#within(() => { const all = new Response(readable).text(); return this.other.write(writable, ['a', 'b']).then(async (wrote) => wrote + ' ' + (await all)) }, how) }
  madeBefore(how, kind) { const stream = this.#make(kind); return this.#within(() => this.other.read(stream), how) }
  there(how, kind) { return this.#within(async () => new Response(await this.other.echo(this.#make(kind))).text(), how) }
  passedOn(how) { return this.#within(async () => this.env.OTHER.getByName('third').read(await this.other.slow()), how) }
  async receivedBefore(how) { const stream = await this.other.slow(); return this.#within(async () => new Response(stream).text(), how) }
  async sectionThere(kind) { const asked = this.other.read(this.#make(kind)); await this.ctx.blockConcurrencyWhile(async () => { this.log.push('in'); await scheduler.wait(40); this.log.push('out') }); return asked }
}

export default worker(async ({ say, env }) => {
  let count = 0;
  const use = async (what, f) => {
    const obj = env.OBJ.getByName('o' + count++);
    await obj.ready();
    await say(what, () => f(obj));
    await say('  log', () => obj.take());
  };
  for (const how of ['none', 'section', 'transaction']) {
    for (const kind of ['pulled', 'started', 'typed', 'identity', 'through', 'response']) {
      if (how === 'transaction' && kind !== 'pulled') continue;
      await use(how + ', argument, ' + kind, (obj) => obj.asArgument(how, kind));
      await use(how + ', body, ' + kind, (obj) => obj.asBody(how, kind));
    }
    await use(how + ', to be written to', (obj) => obj.writable(how));
    await use(how + ', identity to be written to', (obj) => obj.identityWritable(how));
    await use(how + ', made before', (obj) => obj.madeBefore(how, 'pulled'));
    await use(how + ', passed on', (obj) => obj.passedOn(how));
    await use(how + ', received before', (obj) => obj.receivedBefore(how));
    await use(how + ', there and back', (obj) => obj.there(how, 'pulled'));
  }
  for (const kind of ['pulled', 'started', 'through']) await use('a section meanwhile, ' + kind, (obj) => obj.sectionThere(kind));
});
`,
});

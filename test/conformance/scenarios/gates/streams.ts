import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Chunks of a body arrive as events of their own: others come in between, and a section keeps those out that it did not ask for.',
  rows: ['6.input-lock-scope', '6.what-holds-the-input-gate', '6.response-bodies', '6.inside-a-section'],
  config: objects({ OBJ: 'Obj', OTHER: 'Other' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';

const bytes = (text) => new TextEncoder().encode(text);
const chunks = (list, ms) => { let i = 0; return new ReadableStream({ async pull(c) { if (i === list.length) return c.close(); await sleep(ms); c.enqueue(bytes(list[i++])) } }) };
export class Other extends DurableObject {
  async fetch(request) {
    if (new URL(request.url).pathname === '/take') return new Response('took ' + (await request.text()));
    return new Response(new ReadableStream({ start: (c) => { this.out = c; this.opened++ } }));
  }
  opened = 0;
  say(text) { this.out.enqueue(bytes(text)) }
  end() { this.out.close() }
  warm() { return this.opened }
}
export class Obj extends DurableObject {
  seen = [];
  async read(name) {
    const response = await this.env.OTHER.getByName(name).fetch('http://x/');
    this.seen.push('response of ' + name);
    for await (const chunk of response.body) this.seen.push(name + ' ' + new TextDecoder().decode(chunk));
    this.seen.push(name + ' is over');
  }
  inSection(name) { return this.ctx.blockConcurrencyWhile(() => this.read(name)) }
  async section(ms) { await this.ctx.blockConcurrencyWhile(async () => { this.seen.push('in'); await sleep(ms); this.seen.push('out') }) }
  async upload() {
    const body = chunks(['x', 'y', 'z'], 5);
    return (await this.env.OTHER.getByName('o').fetch('http://x/take', { method: 'POST', body })).text();
  }
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === '/body') { for await (const chunk of request.body) this.seen.push('body ' + new TextDecoder().decode(chunk)); return new Response('read') }
    const seen = this.seen;
    return new Response(new ReadableStream({ async pull(c) { seen.push('pulled'); await sleep(5); c.enqueue(bytes('chunk')); c.close() }, cancel() { seen.push('cancelled') } }));
  }
  async writer() { const { readable, writable } = new TransformStream(); const w = writable.getWriter(); const all = new Response(readable).text(); for (const t of ['1', '2']) { await w.write(bytes(t)); this.seen.push('wrote ' + t) } await w.close(); return all }
  warm() { return Promise.all(['o', 'p'].map((name) => this.env.OTHER.getByName(name).warm())) }
  plain(n) { this.seen.push(n) }
  take() { return this.seen.splice(0).join(', ') }
}

export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  const p = env.OTHER.getByName('p');
  await o.warm();
  /** When the other has the stream of so many requests. */
  const asked = async (count) => { while ((await p.warm()) < count) await sleep(10); await sleep(40) };
  const speak = async (text) => { await p.say(text); await sleep(40) };
  await say('a reader and calls', async () => {
    const reading = o.read('p');
    await asked(1);
    for (const text of ['1', '2']) { await speak(text); await o.plain('call ' + text) }
    await p.end();
    await reading;
    return o.take();
  });
  await say('a reader in a section and calls', async () => {
    const reading = o.inSection('p');
    await asked(2);
    const calls = [];
    for (const text of ['1', '2']) { await speak(text); calls.push(o.plain('call ' + text)) }
    await sleep(40);
    await p.end();
    await Promise.all([reading, ...calls]);
    return o.take();
  });
  await say('chunks that arrive while a section runs', async () => {
    const reading = o.read('p');
    await asked(3);
    await speak('before');
    const section = o.section(200);
    await sleep(40);
    await speak('meanwhile');
    await section;
    await sleep(40);
    await speak('after');
    await p.end();
    await reading;
    return o.take();
  });
  await say('a body that is sent', () => o.upload());
  await say('a body that is received', async () => { const r = await (await o.fetch('http://x/body', { method: 'POST', body: chunks(['q', 'r'], 10) })).text(); return [r, await o.take()] });
  await say('a body that is returned', async () => { const r = await o.fetch('http://x/'); const t = await r.text(); return [t, await o.take()] });
  await say('a pair of its own', async () => [await o.writer(), await o.take()]);
});
`,
});

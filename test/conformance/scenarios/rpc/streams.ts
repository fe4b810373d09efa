import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Byte streams travel, with their ends, their failures and their cancellation.',
  rows: ['4.streams'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, tag, sleep, inspect } from './prelude.js';

const encode = (text) => new TextEncoder().encode(text);
const streamOf = (...chunks) => new ReadableStream({ start(c) { for (const chunk of chunks) c.enqueue(chunk); c.close() } });
const text = (stream) => new Response(stream).text();
const collect = async (stream) => { const parts = []; for await (const part of stream) parts.push(part); return parts };

export class Obj extends DurableObject {
  events = [];
  seen() { return this.events.splice(0) }
  bytes() { return streamOf(encode('one '), encode('two')) }
  typed() { return new ReadableStream({ type: 'bytes', start(c) { c.enqueue(encode('typed')); c.close() } }) }
  strings() { return streamOf('a', 'b') }
  objects() { return streamOf({ a: 1 }) }
  empty() { return streamOf() }
  fails() { return new ReadableStream({ async pull(c) { if (this.n) throw new RangeError('in the source'); this.n = 1; c.enqueue(encode('first')) } }) }
  nested() { return { body: streamOf(encode('nested')), size: 6 } }
  large(n) { let left = n; return new ReadableStream({ pull(c) { if (left-- > 0) c.enqueue(new Uint8Array(65536).fill(left)); else c.close() } }) }
  endless() { const { events } = this; return new ReadableStream({ pull(c) { c.enqueue(encode('x')) }, cancel(reason) { events.push('cancelled ' + (reason?.message ?? reason)) } }) }
  async read(stream) { return [tag(stream), await text(stream)] }
  async readLarge(stream) { let n = 0; for await (const chunk of stream) n += chunk.length; return n }
  async readTwo(a, b) { return [await text(a), await text(b)] }
  async readFails(stream) { try { return await text(stream) } catch (e) { return inspect(e) } }
  async readOne(stream) { const r = stream.getReader(); const { value } = await r.read(); await r.cancel(new Error('enough')); return new TextDecoder().decode(value) }
  ignore(stream) { return 'ignored' }
  echo(stream) { return stream }
  upper(stream) { return stream.pipeThrough(new TextDecoderStream()).pipeThrough(new TransformStream({ transform(t, c) { c.enqueue(t.toUpperCase()) } })).pipeThrough(new TextEncoderStream()) }
  used() { const s = streamOf(encode('x')); s.getReader(); return s }
}

export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  await say('bytes', async () => { const s = await o.bytes(); return [tag(s), s instanceof ReadableStream, typeof s[Symbol.dispose], await text(s)] });
  await say('of type bytes', async () => text(await o.typed()));
  await say('strings', async () => text(await o.strings()));
  await say('objects', async () => text(await o.objects()));
  await say('empty', async () => collect(await o.empty()));
  await say('a source that fails', async () => { const r = (await o.fails()).getReader(); const first = await r.read(); let then; try { then = await r.read() } catch (e) { then = inspect(e) } return [new TextDecoder().decode(first.value), then] });
  await say('nested', async () => { const r = await o.nested(); return [r.size, await text(r.body)] });
  await say('large', async () => { let n = 0; for await (const c of await o.large(40)) n += c.length; return n });
  await say('cancelled', async () => { const r = (await o.endless()).getReader(); await r.read(); await r.cancel(new Error('no more')); await sleep(10); return o.seen() });
  await say('sent', () => o.read(streamOf(encode('sent'))));
  await say('sent, strings', () => o.read(streamOf('text ', 'parts')));
  await say('sent, objects', () => o.readFails(streamOf({})));
  await say('sent, large', () => { let left = 40; return o.readLarge(new ReadableStream({ pull(c) { if (left-- > 0) c.enqueue(new Uint8Array(65536)); else c.close() } })) });
  await say('sent, two', () => o.readTwo(streamOf('a'), streamOf('b')));
  await say('sent, one that fails', () => o.readFails(new ReadableStream({ pull() { throw new RangeError('at the sender') } })));
  await say('sent, cancelled by the callee', async () => { let cancelled = 'not'; const first = await o.readOne(new ReadableStream({ pull(c) { c.enqueue(encode('part')) }, cancel(r) { cancelled = 'cancelled ' + (r?.message ?? r) } }, { highWaterMark: 0 })); await sleep(10); return [first.slice(0, 4), cancelled] });
  await say('sent, ignored', async () => { let cancelled = 'not'; const r = await o.ignore(new ReadableStream({ pull(c) { c.enqueue(encode('part')) }, cancel(r) { cancelled = 'cancelled' } }, { highWaterMark: 0 })); await sleep(10); return [r, cancelled] });
  await say('echoed', async () => text(await o.echo(streamOf(encode('echo')))));
  await say('transformed', async () => text(await o.upper(streamOf(encode('quiet')))));
  await say('sent, locked', () => { const s = streamOf('x'); s.getReader(); return o.read(s) });
  await say('given, locked', () => o.used());
  await say('sent: the stream is used up', async () => { const s = streamOf('x'); await o.read(s); return [s.locked] });
});
`,
});

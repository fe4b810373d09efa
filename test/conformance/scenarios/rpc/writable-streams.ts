import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A WritableStream that is passed takes the bytes that the other end writes.',
  rows: ['4.streams'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, tag, sleep, inspect } from './prelude.js';

const encode = (text) => new TextEncoder().encode(text);
const sink = (events) => new WritableStream({
  write(chunk) { events.push(typeof chunk === 'string' ? 'text ' + chunk : tag(chunk) + ' ' + new TextDecoder().decode(chunk)) },
  close() { events.push('closed') },
  abort(reason) { events.push('aborted ' + inspect(reason)) },
});
export class Obj extends DurableObject {
  events = [];
  seen() { return this.events.splice(0) }
  async write(w, ...chunks) { const writer = w.getWriter(); for (const chunk of chunks) await writer.write(chunk); await writer.close(); return [tag(w)] }
  async pipe(w) { await new ReadableStream({ start(c) { c.enqueue(encode('piped')); c.close() } }).pipeTo(w) }
  async abort(w) { const writer = w.getWriter(); await writer.write(encode('a')); await writer.abort(new RangeError('given up')) }
  async writeAny(w, chunk) { const writer = w.getWriter(); await writer.write(chunk); await writer.close(); return 'wrote' }
  async many(w, n) { const writer = w.getWriter(); for (let i = 0; i < n; i++) await writer.write(new Uint8Array(65536)); await writer.close(); return n }
  sink() { return sink(this.events) }
  ignore(w) { return tag(w) }
}

export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  const events = [];
  const seen = async () => { await sleep(10); return events.splice(0) };
  await say('written to', async () => [await o.write(sink(events), encode('one'), encode('two')), await seen()]);
  await say('piped to', async () => { await o.pipe(sink(events)); return seen() });
  await say('aborted', async () => { await o.abort(sink(events)); return seen() });
  await say('a string', async () => [await o.writeAny(sink(events), 'text'), await seen()]);
  await say('many', async () => { let n = 0; const w = new WritableStream({ write(c) { n += c.length } }); const r = await o.many(w, 20); await sleep(10); return [r, n] });
  await say('a sink that fails', async () => { const w = new WritableStream({ write() { throw new RangeError('full') } }); return o.many(w, 40) });
  await say('given', async () => { const w = await o.sink(); const writer = w.getWriter(); await writer.write(encode('back')); await writer.close(); await sleep(10); return [tag(w), w instanceof WritableStream, await o.seen()] });
  await say('ignored', async () => [await o.ignore(sink(events)), await seen()]);
  await say('locked', () => { const w = sink(events); w.getWriter(); return o.ignore(w) });
  await say('a transform: its ends', async () => { const { readable, writable } = new TransformStream(); const done = new Response(readable).text(); await o.write(writable, encode('through')); return done });
});
`,
});

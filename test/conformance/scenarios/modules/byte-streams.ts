import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'FixedLengthStream counts its bytes, IdentityTransformStream passes them on, and a DigestStream hashes them.',
  rows: ['1.global-scope'],
  config: objects({}),
  program: `
import { worker } from './prelude.js';

const read = async (stream) => { const chunks = []; for await (const chunk of stream) chunks.push([...chunk]); return chunks };
const hex = (buffer) => [...new Uint8Array(buffer)].map((b) => b.toString(16).padStart(2, '0')).join('');
const bytes = (...b) => new Uint8Array(b);
const within = (promise) => Promise.race([promise, scheduler.wait(50).then(() => 'pending')]);
/** What each step says, and what the reader got in the end. */
async function through(stream, steps) {
  const seen = [];
  const got = read(stream.readable).catch((error) => 'reader: ' + error.name + ': ' + error.message);
  const writer = stream.writable.getWriter();
  for (const step of steps(writer)) {
    try { await within(step()); seen.push('ok') } catch (error) { seen.push(error.name + ': ' + error.message) }
  }
  return [seen, await within(got)];
}

export default worker(async ({ say }) => {
  await say('tags', () => [String(new FixedLengthStream(1)), String(new IdentityTransformStream()), new FixedLengthStream(1) instanceof IdentityTransformStream, new IdentityTransformStream() instanceof TransformStream]);
  await say('a length as text and as a bigint', () => [String(new FixedLengthStream('5')), String(new FixedLengthStream(5n))]);
  await say('no length', () => new FixedLengthStream());
  await say('the right length', () => through(new FixedLengthStream(3), (w) => [() => w.write(bytes(1, 2)), () => w.write(bytes(3)), () => w.close()]));
  await say('too much', () => through(new FixedLengthStream(1), (w) => [() => w.write(bytes(1, 2))]));
  await say('too little', () => through(new FixedLengthStream(3), (w) => [() => w.write(bytes(1, 2)), () => w.close()]));
  await say('nothing', () => through(new FixedLengthStream(0), (w) => [() => w.close()]));
  await say('text', () => through(new IdentityTransformStream(), (w) => [() => w.write('abc'), () => w.close()]));
  await say('an object', () => through(new IdentityTransformStream(), (w) => [() => w.write({})]));
  await say('buffers and views', () => through(new IdentityTransformStream(), (w) => [() => w.write(bytes(1, 2).buffer), () => w.write(new DataView(bytes(3, 4, 5).buffer, 1)), () => w.write(bytes()), () => w.close()]));
  await say('an abort', () => through(new IdentityTransformStream(), (w) => [() => w.write(bytes(1)), () => w.abort(new RangeError('why'))]));
  await say('a byob reader', async () => { const s = new IdentityTransformStream(); s.writable.getWriter().write(bytes(1, 2, 3)); const r = s.readable.getReader({ mode: 'byob' }); const a = await r.read(new Uint8Array(2)); const b = await r.read(new Uint8Array(2)); return [[...a.value], a.done, [...b.value]] });
  await say('as a body', async () => { const s = new FixedLengthStream(2); const r = new Response(s.readable); const w = s.writable.getWriter(); w.write(bytes(65, 66)); w.close(); return [r.headers.get('content-length'), await r.text()] });
  await say('a body through it', async () => { const s = new IdentityTransformStream(); new Response('hello').body.pipeTo(s.writable); return new Response(s.readable).text() });
  for (const name of ['MD5', 'SHA-1', 'SHA-256', 'sha-384', 'SHA-512']) await say(name, async () => { const d = new crypto.DigestStream(name); await new Response('abc').body.pipeTo(d); return hex(await d.digest) });
  await say('a digest of text and bytes', async () => { const d = new crypto.DigestStream({ name: 'SHA-256' }); const w = d.getWriter(); await w.write(bytes(1)); await w.write('ä'); await w.close(); const b = await d.digest; return [hex(b), b instanceof ArrayBuffer, String(d), d instanceof WritableStream, d.bytesWritten] });
  await say('an algorithm that is none', () => new crypto.DigestStream('nope'));
  await say('no algorithm', () => new crypto.DigestStream());
  await say('a digest of an object', async () => { const d = new crypto.DigestStream('SHA-1'); await d.getWriter().write({}) });
  await say('a digest that is aborted', async () => { const d = new crypto.DigestStream('SHA-1'); await d.getWriter().abort(new RangeError('why')); return within(d.digest) });
});
`,
});

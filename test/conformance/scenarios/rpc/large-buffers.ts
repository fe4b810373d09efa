import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Large buffers in arguments and results are copies of what they were, with their views, whatever becomes of the original.',
  rows: ['4.by-value'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, tag } from './prelude.js';

const SIZES = [1, 4095, 4096, 8191, 8192, 65536, 1048576];
const filled = (size, byte) => new Uint8Array(size).fill(byte);
const show = (view) => [tag(view), view.byteLength, view.byteOffset, view.buffer.byteLength, view[0], view[view.length - 1]];
export class Obj extends DurableObject {
  echo(value) { return value }
  show(...views) { return views.map(show) }
  shared(a, b, buffer) { a[0] = 9; return [a.buffer === b.buffer, b.buffer === buffer, b[0], buffer.byteLength] }
  keep(bytes) { this.kept = bytes; return bytes }
  again() { return [show(this.kept), this.kept] }
  change() { this.kept.fill(5); return show(this.kept) }
  both() { const buffer = filled(70000, 3).buffer; return { a: new Uint8Array(buffer, 16, 40000), b: new DataView(buffer), buffer } }
  large() { return { bytes: filled(70000, 4), inner: { text: 'x'.repeat(70000), bytes: filled(9000, 6) } } }
  async call(f) { return show(await f(filled(70000, 8))) }
  fail() { throw Object.assign(new Error('with bytes'), { bytes: filled(70000, 2) }) }
}

export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  for (const size of SIZES) await say('of ' + size, async () => [show(await o.echo(filled(size, 7))), await o.show(filled(size, 7))]);
  await say('an ArrayBuffer', async () => { const b = await o.echo(filled(70000, 1).buffer); return [tag(b), b.byteLength, new Uint8Array(b)[69999]] });
  await say('parts of one', async () => { const buffer = filled(70000, 2).buffer; return o.show(new Uint8Array(buffer, 100, 200), new Float64Array(buffer, 8, 5000), new Uint8ClampedArray(buffer, 69999)) });
  await say('one buffer behind two views', async () => { const buffer = filled(70000, 1).buffer; return o.shared(new Uint8Array(buffer), new Uint8Array(buffer), buffer) });
  await say('in a result', async () => { const { a, b, buffer } = await o.both(); a[0] = 9; return [a.buffer === buffer, b.buffer === buffer, b.getUint8(16), buffer.byteLength, a.length] });
  await say('changed after the call', async () => { const bytes = filled(70000, 1); const shown = o.show(bytes); bytes.fill(2); return [await shown, show(bytes)] });
  await say('kept there and changed here', async () => { const bytes = filled(70000, 1); const back = await o.keep(bytes); back.fill(9); bytes.fill(8); const [there, copy] = await o.again(); return [there, show(copy), show(back), show(bytes)] });
  await say('changed there', async () => { const [, before] = await o.again(); const there = await o.change(); return [there, show(before)] });
  await say('many at once', async () => (await Promise.all(Array.from({ length: 20 }, (_, i) => o.echo(filled(5000 + 3000 * i, i))))).map(show));
  await say('asked of a promise', async () => { const p = o.large(); return [show(await p.bytes), (await p.inner.text).length, show(await p.inner.bytes), show((await p).bytes)] });
  await say('after it was changed', async () => { const p = o.large(); (await p).bytes.fill(9); return [show(await p.bytes), show((await p).bytes)] });
  await say('a resizable one', async () => { const b = await o.echo(new ArrayBuffer(70000, { maxByteLength: 80000 })); return [b.byteLength, b.resizable, b.maxByteLength] });
  await say('a detached one', () => { const b = new ArrayBuffer(70000); b.transfer(); return o.echo(b) });
  await say('to a callback', () => o.call((bytes) => bytes));
  await say('beside a callback', async () => { const { bytes, f } = await o.echo({ bytes: filled(70000, 3), f: () => 7 }); return [show(bytes), await f()] });
  await say('in a map and a set', async () => { const bytes = filled(70000, 1); const [map, set] = await o.echo([new Map([[bytes, bytes]]), new Set([bytes])]); const [[key, value]] = map; return [key === value, set.has(key), show(key)] });
  await say('transferred afterwards', async () => { const back = await o.echo(filled(70000, 3)); const moved = structuredClone(back.buffer, { transfer: [back.buffer] }); return [back.byteLength, moved.byteLength] });
  await say('in an error', async () => { try { await o.fail() } catch (error) { return show(error.bytes) } });
});
`,
});

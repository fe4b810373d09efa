import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'In which buffers the bytes of a stream come to a reader without one.',
  rows: ['1.global-scope', '4.streams'],
  config: objects({}),
  program: `
import { sleep, worker } from './prelude.js';
const of = (n) => new Uint8Array(n).fill(7);
const size = ({ done, value }) => (done ? 'END ' : '') + (value === undefined ? 'none' : value.constructor.name + ' ' + value.byteOffset + '+' + value.byteLength + ' of ' + value.buffer.byteLength);
const all = async (stream) => { const r = stream.getReader(); const said = []; for (let i = 0; i < 12; i++) { const x = await Promise.race([r.read(), sleep(5).then(() => 0)]); if (!x) { said.push('pending'); break } said.push(size(x)); if (x.done) break } return said.join(', ') };
export default worker(async ({ say }) => {
  for (const n of [5, 4096, 4097, 10000]) {
    const name = (what) => what + ', ' + n;
    await say(name('bytes, given before'), () => all(new ReadableStream({ type: 'bytes', start(c) { c.enqueue(of(n)); c.close() } })));
    await say(name('bytes, given twice before'), () => all(new ReadableStream({ type: 'bytes', start(c) { c.enqueue(of(n)); c.enqueue(of(3)); c.close() } })));
    await say(name('bytes, when pulled'), () => { let i = 0; return all(new ReadableStream({ type: 'bytes', pull(c) { if (i++ === 2) c.close(); else c.enqueue(of(n)) } })) });
    await say(name('bytes, pulled and responded'), () => { let i = 0; return all(new ReadableStream({ type: 'bytes', pull(c) { const b = c.byobRequest; if (i++ === 2) { c.close(); b?.respond(0) } else if (b) { b.view.set(of(5).subarray(0, 5)); b.respond(5) } else c.enqueue(of(n)) } })) });
    await say(name('bytes, while it waits'), async () => { let c; const s = new ReadableStream({ type: 'bytes', start(x) { c = x } }); const r = s.getReader(); const p = r.read(); await sleep(1); c.enqueue(of(n)); const a = size(await p); r.releaseLock(); c.close(); return [a, await all(s)] });
    await say(name('bytes of its own size'), () => all(new ReadableStream({ type: 'bytes', autoAllocateChunkSize: 10, start(c) { c.enqueue(of(n)); c.close() } })).then((x) => x.slice(0, 60)));
    await say(name('a part of a buffer'), () => all(new ReadableStream({ type: 'bytes', start(c) { c.enqueue(of(n + 20).subarray(3, n)); c.close() } })));
    await say(name('as a body'), () => all(new Response(new ReadableStream({ type: 'bytes', start(c) { c.enqueue(of(n)); c.close() } })).body));
    await say(name('a branch'), () => all(new ReadableStream({ type: 'bytes', start(c) { c.enqueue(of(n)); c.close() } }).tee()[0]));
    await say(name('identity'), () => { const t = new IdentityTransformStream(); const w = t.writable.getWriter(); w.write(of(n)); w.close(); return all(t.readable) });
    await say(name('body'), () => all(new Response(of(n)).body));
    await say(name('text body'), () => all(new Response('x'.repeat(n)).body));
    await say(name('blob'), () => all(new Blob([of(n)]).stream()));
    await say(name('a branch of a body'), () => all(new Response(of(n)).clone().body));
    await say(name('tee of identity'), () => { const t = new IdentityTransformStream(); const w = t.writable.getWriter(); w.write(of(n)); w.close(); return all(t.readable.tee()[0]) });
    await say(name('transform'), () => { const t = new TransformStream(); const w = t.writable.getWriter(); w.write(of(n)); w.close(); return all(t.readable) });
    await say(name('iterated'), async () => { const said = []; for await (const value of new Response(of(n)).body) said.push(size({ done: false, value })); return said.join(', ') });
    await say(name('piped body'), async () => { const said = []; await new Response(of(n)).body.pipeTo(new WritableStream({ write(value) { said.push(size({ done: false, value })) } })); return said.join(', ') });
  }
});
`,
});

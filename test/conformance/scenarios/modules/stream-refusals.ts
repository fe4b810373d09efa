import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Streams, their readers, writers and controllers refuse what comes too late, is locked or was released in the words of the platform.',
  rows: ['1.global-scope', '4.streams'],
  config: objects({}),
  program: `
import { inspect, sleep, worker, show, showNow } from './prelude.js';
const bytes = (...n) => new Uint8Array(n);
const soon = (f) => Promise.race([show(f), sleep(5).then(() => 'pending')]);
const source = (type) => { const it = {}; it.stream = new ReadableStream({ ...(type ? { type } : {}), start(c) { it.c = c } }); return it };
const transform = () => { const it = {}; it.stream = new TransformStream({ start(c) { it.c = c } }); return it };
const sink = () => { const it = {}; it.stream = new WritableStream({ start(c) { it.c = c } }); return it };
const next = async (reader) => { const { done, value } = await reader.read(); return done ? 'END' : inspect(value) };

export default worker(async ({ say }) => {
  for (const type of [undefined, 'bytes']) {
    const name = (what) => (type ?? 'values') + ', ' + what;
    const chunk = () => type ? bytes(1) : 'x';
    const acts = { enqueue: (c) => c.enqueue(chunk()), close: (c) => c.close(), error: (c) => c.error(new Error('e')), size: (c) => c.desiredSize };
    for (const deed in acts) {
      const act = acts[deed];
      { const it = source(type); await it.stream.cancel('why'); say.now(name(deed + ' after cancel'), () => act(it.c)); say.now(name(deed + ' again'), () => act(it.c)) }
      { const it = source(type); it.c.close(); say.now(name(deed + ' after close'), () => act(it.c)) }
      if (deed !== 'size') { const it = source(type); it.c.enqueue(chunk()); it.c.close(); say.now(name(deed + ' after close with a chunk'), () => act(it.c)) }
      { const it = source(type); it.c.error(new RangeError('mine')); say.now(name(deed + ' after error'), () => act(it.c)) }
      { const it = source(type); const [a, b] = it.stream.tee(); await Promise.all([a.cancel('a'), b.cancel('b')]); say.now(name(deed + ' after both parts were cancelled'), () => act(it.c)) }
    }
    { const it = source(type); for (const [what, value] of [['nothing'], ['a number', 5], ['no bytes', bytes()], ['a buffer', new ArrayBuffer(2)], ['an empty buffer', new ArrayBuffer(0)], ['a view', new DataView(new ArrayBuffer(3))]]) say.now(name('enqueue of ' + what), () => it.c.enqueue(value)) }
    { const it = source(type); const part = bytes(1, 2); it.c.enqueue(part); say.now(name('the same bytes again'), () => [part.length, showNow(() => it.c.enqueue(part))]) }
    { const it = source(type); const reader = it.stream.getReader(); const acts = { tee: () => it.stream.tee(), cancel: () => it.stream.cancel(), getReader: () => it.stream.getReader(), pipeTo: () => it.stream.pipeTo(new WritableStream()), pipeThrough: () => it.stream.pipeThrough(new TransformStream()), values: () => it.stream.values(), iterate: async () => { for await (const x of it.stream); }, 'new reader': () => new ReadableStreamDefaultReader(it.stream), 'new BYOB reader': () => new ReadableStreamBYOBReader(it.stream), 'a body': () => { new Response(it.stream) }, 'a text': () => new Response(it.stream).text(), clone: () => new Response(it.stream).clone() };
      for (const what in acts) await say(name('locked, ' + what), acts[what]);
      reader.releaseLock();
      for (const what of ['read', 'cancel', 'releaseLock']) await say(name('released, ' + what), () => reader[what]());
      await say(name('released, closed'), () => reader.closed);
      const written = new WritableStream(); written.getWriter();
      await say(name('pipe to one that is locked'), () => it.stream.pipeTo(written));
      await say(name('pipe through one that is locked'), () => it.stream.pipeThrough({ writable: written, readable: new ReadableStream() }));
      await say(name('pipe to nothing'), () => it.stream.pipeTo());
      await say(name('pipe through nothing'), () => it.stream.pipeThrough()) }
    { const it = source(type); it.c.error(new RangeError('mine')); await say(name('failed, cancel'), () => it.stream.cancel()); await say(name('failed, read'), () => next(it.stream.getReader())) }
    { const it = source(type); it.c.close(); await say(name('ended, cancel'), () => it.stream.cancel()); await say(name('ended, read'), () => next(it.stream.getReader())) }
    { const it = source(type); const reader = it.stream.getReader(); const { closed } = reader; reader.releaseLock(); await say(name('closed, then released'), () => closed); await say(name('the same promise'), () => closed === reader.closed) }
    { const it = source(type); const reader = it.stream.getReader(); it.c.close(); await reader.closed; reader.releaseLock(); await say(name('ended, then released'), () => reader.closed) }
  }
  const ends = { cancelled: (t) => t.readable.cancel('why'), aborted: (t) => t.writable.abort(new RangeError('why')), terminated: (t, c) => c.terminate(), errored: (t, c) => c.error(new RangeError('mine')), closed: (t) => t.writable.close() };
  for (const end in ends) for (const deed of ['enqueue', 'error', 'write', 'close', 'read']) {
    const it = transform();
    await soon(() => ends[end](it.stream, it.c));
    await say('transform ' + end + ', ' + deed, () => soon(() => deed === 'enqueue' ? it.c.enqueue(1) : deed === 'error' ? it.c.error(new Error('e')) : deed === 'write' ? it.stream.writable.getWriter().write(1) : deed === 'close' ? it.stream.writable.close() : next(it.stream.readable.getReader())));
  }
  const lives = { open: () => {}, closed: (w) => w.close(), aborted: (w) => w.abort(new RangeError('why')), 'aborted bare': (w) => w.abort(), errored: (w, c) => c.error(new RangeError('mine')) };
  for (const life in lives) {
    const { stream, c } = sink();
    await soon(() => lives[life](stream, c));
    const w = stream.getWriter();
    const acts = { desiredSize: () => w.desiredSize, write: () => w.write(1), close: () => w.close(), 'close again': () => w.close(), 'write again': () => w.write(1), abort: () => w.abort('a'), ready: () => w.ready, closed: () => w.closed, 'locked close': () => stream.close(), 'locked abort': () => stream.abort(), 'locked getWriter': () => stream.getWriter(), 'new writer': () => new WritableStreamDefaultWriter(stream), 'controller error': () => c.error('x'), release: () => w.releaseLock(), 'released desiredSize': () => w.desiredSize, 'released write': () => w.write(1), 'released close': () => w.close(), 'released abort': () => w.abort(), 'released ready': () => w.ready, 'released closed': () => w.closed, 'stream close': () => stream.close(), 'stream abort': () => stream.abort() };
    for (const deed in acts) await say('sink ' + life + ', ' + deed, () => soon(acts[deed]));
  }
  await say('while it closes', async () => { const w = new WritableStream({ close: () => sleep(5) }).getWriter(); return Promise.all([w.close(), w.write(1), w.close()].map((x) => show(() => x))) });
  await say('while the stream closes', async () => { const s = new WritableStream({ close: () => sleep(5) }); const closed = show(() => s.close()); const w = s.getWriter(); return [...await Promise.all([w.write(1), w.close()].map((x) => show(() => x))), await closed] });
  await say('a close that fails', async () => { const w = new WritableStream({ close() { throw new RangeError('at the end') } }).getWriter(); return [await show(() => w.close()), await show(() => w.close()), await show(() => w.write(1)), await show(() => w.closed)] });
  await say('a sink that throws', async () => { const w = new WritableStream({ write() { throw new RangeError('mine') } }).getWriter(); const p = [w.write(1), w.write(2), w.close(), w.closed, w.ready]; return [...await Promise.all(p.map((x) => show(() => x))), await show(() => w.write(3)), await show(() => w.close()), await show(() => w.abort('z'))] });
  await say('a size that throws', async () => { let c; const s = new ReadableStream({ start(x) { c = x } }, { size() { throw new RangeError('size') } }); return [showNow(() => c.enqueue(1)), showNow(() => c.enqueue(1)), c.desiredSize, await show(() => s.getReader().read())] });
  await say('a writer of its own', async () => { const w = new WritableStreamDefaultWriter(new WritableStream()); w.releaseLock(); return [await show(() => w.write(1)), showNow(() => new WritableStreamDefaultWriter({})), showNow(() => new WritableStreamDefaultWriter()), showNow(() => new ReadableStreamDefaultReader()), showNow(() => new ReadableStreamBYOBReader(new ReadableStream()))] });
  await say('a pipe to one that is closed', async () => { const w = new WritableStream(); await w.close(); return show(() => ReadableStream.from([1]).pipeTo(w)) });
  await say('a pipe to one that was closed by a pipe', async () => { const w = new WritableStream(); await ReadableStream.from([1]).pipeTo(w); return [await show(() => w.close()), await show(() => w.getWriter().write(1))] });
  await say('a pipe to one that failed', async () => { const w = new WritableStream(); await w.abort(new RangeError('mine')); return show(() => ReadableStream.from([1]).pipeTo(w)) });
  await say('a pipe to one that was left', async () => { const { readable, writable } = new IdentityTransformStream(); await readable.cancel(new RangeError('why')); return show(() => ReadableStream.from([bytes(1)]).pipeTo(writable)) });
  await say('a number piped to bytes', () => { const { readable, writable } = new IdentityTransformStream(); ReadableStream.from([5]).pipeTo(writable).catch(() => {}); return new Response(readable).text() });
  await say('two reads of a body', async () => { const r = new Response('hello').body.getReader(); return Promise.all([show(() => next(r).then((x) => x.length > 0)), show(() => next(r))]) });
  await say('two reads of a streamed body', async () => { const t = new TransformStream(); const r = new Response(t.readable).body.getReader(); const p = [show(() => next(r)), show(() => next(r))]; const w = t.writable.getWriter(); w.write('a'); w.write('b'); return Promise.all(p) });
});
`,
});

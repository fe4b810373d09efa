import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A reader that is released while a read waits: the read fails in the words of the platform, and the next reader goes on.',
  rows: ['1.global-scope', '4.streams'],
  config: objects({}),
  program: `
import { inspect, sleep, worker, show, showNow } from './prelude.js';
const bytes = (...n) => new Uint8Array(n);
const soon = (f) => Promise.race([show(f), sleep(5).then(() => 'pending')]);
const next = async (reader) => { const { done, value } = await reader.read(); return done ? 'END' : inspect(value) };
const identity = () => { const { readable, writable } = new IdentityTransformStream(); const w = writable.getWriter(); return { readable, give: () => w.write(bytes(1, 2)) } };
const makers = {
  values: () => { let c; const readable = new ReadableStream({ start(x) { c = x } }); return { readable, give: () => c.enqueue(bytes(1, 2)), fail: (e) => c.error(e) } },
  bytes: () => { let c; const readable = new ReadableStream({ type: 'bytes', start(x) { c = x } }); return { readable, give: () => c.enqueue(bytes(1, 2)), fail: (e) => c.error(e) } },
  identity,
  'a body of it': () => { const it = identity(); return { ...it, readable: new Response(it.readable).body } },
  transform: () => { const { readable, writable } = new TransformStream(); const w = writable.getWriter(); return { readable, give: () => w.write(bytes(1, 2)), fail: (e) => w.abort(e) } },
  branch: () => { let c; const readable = new ReadableStream({ start(x) { c = x } }); return { readable: readable.tee()[0], give: () => c.enqueue(bytes(1, 2)), fail: (e) => c.error(e) } },
  compressed: () => { const { readable, writable } = new CompressionStream('gzip'); const w = writable.getWriter(); return { readable, give: () => { w.write(bytes(1, 2)); return w.close() } } },
};
const readers = { plain: (s) => s.getReader(), byob: (s) => s.getReader({ mode: 'byob' }) };
const reads = { plain: (r) => r.read(), byob: (r) => r.read(new Uint8Array(4)), atLeast: (r) => r.readAtLeast(4, new Uint8Array(4)) };
const shown = (p) => show(async () => { const { done, value } = await p; return (done ? 'END ' : '') + inspect(value) });

export default worker(async ({ say }) => {
  for (const kind in makers) for (const how in reads) {
    const name = (what) => kind + ', ' + how + ', ' + what;
    const it = makers[kind]();
    const reader = showNow(() => it.readable.locked) === 'false' && (() => { try { return readers[how === 'plain' ? 'plain' : 'byob'](it.readable) } catch (e) { return e } })();
    if (reader instanceof Error) { await say(name('reader'), () => reader.message); continue }
    const first = reads[how](reader); const second = reads[how](reader); const closed = show(() => reader.closed);
    const firstIs = shown(first); const secondIs = shown(second);
    await say(name('release'), () => soon(() => reader.releaseLock()));
    await say(name('first'), () => soon(() => firstIs));
    await say(name('second'), () => soon(() => secondIs));
    await say(name('closed'), () => soon(() => closed));
    await say(name('locked'), () => it.readable.locked);
    await say(name('give'), () => { show(() => it.give()) });
    await say(name('next'), () => soon(async () => shown(it.readable.getReader().read())));
  }
  for (const kind of ['identity', 'values', 'bytes']) for (const how of ['plain', 'byob', 'atLeast']) {
    if (how !== 'plain' && kind === 'values') continue;
    const name = (what) => kind + ', ' + how + ', ' + what;
    const started = () => { const it = makers[kind](); const reader = readers[how === 'plain' ? 'plain' : 'byob'](it.readable); return { it, reader, read: shown(reads[how](reader)) } };
    if (kind !== 'bytes' || how === 'plain') await say(name('cancelled and released at once'), async () => { const { it, reader, read } = started(); const left = show(() => reader.cancel('why')); const is = showNow(() => reader.releaseLock()); return [is, await soon(() => left), await soon(() => read), it.readable.locked] });
    await say(name('given and released at once'), async () => { const { it, reader, read } = started(); show(() => it.give()); const is = showNow(() => reader.releaseLock()); return [is, await soon(() => read), it.readable.locked] });
    await say(name('given and released when it is read'), async () => { const { it, reader, read } = started(); show(() => it.give()); const all = [await soon(() => read)]; if (how === 'atLeast') { show(() => it.give()); all.push(await soon(() => read)) } return [...all, showNow(() => reader.releaseLock()), it.readable.locked] });
  }
  for (const kind of ['identity', 'a body of it', 'compressed']) for (const how of ['plain', 'byob']) {
    const name = (what) => kind + ' that failed, ' + how + ', ' + what;
    for (const isWaiting of [true, false]) {
      const made = kind === 'compressed' ? new CompressionStream('gzip') : new IdentityTransformStream();
      const readable = kind === 'a body of it' ? new Response(made.readable).body : made.readable;
      const reader = readers[how](readable);
      const read = isWaiting ? shown(reads[how](reader)) : undefined;
      await say(name(isWaiting + ' abort'), () => soon(() => made.writable.abort(new RangeError('mine'))));
      if (read) await say(name('read'), () => soon(() => read));
      await say(name('closed'), () => soon(() => reader.closed));
      await say(name('read again'), () => soon(() => reads[how](reader)));
      await say(name('release'), () => soon(() => reader.releaseLock()));
      await say(name('locked'), () => readable.locked);
      await say(name('another'), () => soon(async () => shown(readable.getReader().read())));
      await say(name('released, closed'), () => soon(() => reader.closed));
      await say(name('a body'), () => soon(() => new Response(readable).text()));
    }
  }
  for (const kind of ['values', 'bytes', 'transform', 'branch']) for (const how of ['plain', 'byob']) {
    if (how === 'byob' && kind !== 'bytes') continue;
    const it = makers[kind]();
    const name = (what) => kind + ' that failed, ' + how + ', ' + what;
    const reader = readers[how](it.readable);
    const read = show(() => reads[how](reader));
    await say(name('fail'), () => soon(() => it.fail(new RangeError('mine'))));
    await say(name('read'), () => soon(() => read));
    await say(name('read again'), () => soon(() => reads[how](reader)));
    await say(name('release'), () => soon(() => reader.releaseLock()));
    await say(name('locked'), () => it.readable.locked);
    await say(name('another'), () => soon(async () => shown(it.readable.getReader().read())));
    await say(name('closed'), () => soon(() => reader.closed));
    await say(name('cancel'), () => soon(() => it.readable.cancel('x')));
    await say(name('a body'), () => soon(() => new Response(it.readable).text()));
  }
});
`,
});

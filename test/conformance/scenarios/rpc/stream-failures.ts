import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A stream over RPC that fails says so to its reader, at the start, in between and on its way to others; what was read in part goes on with the rest.',
  rows: ['4.streams'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep, inspect, show } from './prelude.js';

const bytes = (text) => new TextEncoder().encode(text);
const text = (chunk) => new TextDecoder().decode(chunk);
const all = async (stream) => { const got = []; const r = stream.getReader(); try { for (;;) { const { done, value } = await r.read(); if (done) return got.concat('END').join('|'); got.push(text(value)) } } catch (e) { return got.concat(inspect(e)).join('|') } };
const some = (...parts) => { let i = 0; return new ReadableStream({ async pull(c) { await sleep(1); if (i < parts.length) c.enqueue(bytes(parts[i++])); else c.close() } }) };

const failing = {
  'start throws': () => new ReadableStream({ start() { throw new RangeError('at the start') } }),
  'start rejects': () => new ReadableStream({ async start() { throw new RangeError('at the start') } }),
  'start rejects later': () => new ReadableStream({ async start() { await sleep(5); throw new RangeError('at the start') } }),
  'start errors': () => new ReadableStream({ start(c) { c.error(new RangeError('at the start')) } }),
  'start errors a while later': () => new ReadableStream({ start(c) { setTimeout(() => c.error(new RangeError('later')), 5) } }),
  'start gives, then errors': () => new ReadableStream({ start(c) { c.enqueue(bytes('one')); c.error(new RangeError('after one')) } }),
  'start gives, errors a while later': () => new ReadableStream({ start(c) { c.enqueue(bytes('one')); setTimeout(() => c.error(new RangeError('after one')), 20) } }),
  'pull throws': () => new ReadableStream({ pull() { throw new RangeError('when asked') } }),
  'pull throws, nothing ahead': () => new ReadableStream({ pull() { throw new RangeError('when asked') } }, { highWaterMark: 0 }),
  'pull gives, then throws': () => { let n = 0; return new ReadableStream({ pull(c) { if (n++) throw new RangeError('asked again'); c.enqueue(bytes('one')) } }) },
  'pull gives, then throws a while later': () => { let n = 0; return new ReadableStream({ async pull(c) { if (n++) { await sleep(20); throw new RangeError('asked again') } c.enqueue(bytes('one')) } }) },
  'of bytes, start throws': () => new ReadableStream({ type: 'bytes', start() { throw new RangeError('at the start') } }),
  'of bytes, pull throws': () => new ReadableStream({ type: 'bytes', pull() { throw new RangeError('when asked') } }),
  'identity, aborted': () => { const { readable, writable } = new IdentityTransformStream(); writable.abort(new RangeError('aborted')).catch(() => {}); return readable },
  'identity, aborted later': () => { const { readable, writable } = new IdentityTransformStream(); const w = writable.getWriter(); w.write(bytes('one')).then(() => w.abort(new RangeError('aborted'))).catch(() => {}); return readable },
  'a transform that fails': () => some('one', 'two').pipeThrough(new TransformStream({ transform(chunk, c) { if (text(chunk) === 'two') throw new RangeError('two'); c.enqueue(chunk) } })),
};

export class Obj extends DurableObject {
  give(how) { return failing[how]() }
  parts() { return some('one', 'two', 'three') }
  large() { return new Response(new Uint8Array(10000).fill(65)).body }
  take(stream) { return all(stream) }
  async takeOne(stream) { const r = stream.getReader(); const { value } = await r.read(); r.releaseLock(); return [text(value), stream] }
  echo(stream) { return stream }
  async into(writable, how) { return show(() => failing[how]().pipeTo(writable)) }
  async pipe(stream, writable) { return show(() => stream.pipeTo(writable)) }
  sink() { const got = []; this.got = got; return new WritableStream({ write(c) { got.push(text(c)) }, close() { got.push('CLOSE') }, abort(e) { got.push('ABORT ' + inspect(e)) } }) }
  seen() { return this.got.join('|') }
  async fetch(request) { const how = request.headers.get('how'); if (request.method === 'POST') return new Response(await all(request.body)); return new Response(failing[how]()) }
}

export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  const p = env.OBJ.getByName('b');
  for (const how of Object.keys(failing)) {
    await say(how + ', as a result', async () => all(await o.give(how)));
    await say(how + ', as an argument', () => o.take(failing[how]()));
    const isLater = /later|transform/.test(how);
    if (isLater) await say(how + ', there and back', async () => all(await p.echo(failing[how]())));
    if (isLater) await say(how + ', handed on', async () => p.take(await o.give(how)));
    await say(how + ', as a response', async () => all((await o.fetch('http://x/', { headers: { how } })).body));
    if (how === 'start errors') await say(how + ', as a request', async () => (await o.fetch('http://x/', { method: 'POST', body: failing[how]() })).text());
    await say(how + ', into a sink there', async () => { const w = await o.sink(); const said = await show(() => failing[how]().pipeTo(w)); await sleep(10); return [said, await o.seen()] });
    await say(how + ', from there into a sink here', async () => { const got = []; const said = await show(async () => (await o.give(how)).pipeTo(new WritableStream({ write(c) { got.push(text(c)) }, close() { got.push('CLOSE') }, abort(e) { got.push('ABORT ' + inspect(e)) } }))); return [said, got.join('|')] });
    if (isLater) await say(how + ', from there into a sink there', async () => { const s = await o.give(how); const w = await p.sink(); const said = await show(() => s.pipeTo(w)); await sleep(10); return [said, await p.seen()] });
    if (isLater) await say(how + ', from there into an identity stream', async () => { const s = await o.give(how); const { readable, writable } = new IdentityTransformStream(); const read = all(readable); return [await show(() => s.pipeTo(writable)), await read] });
    await say(how + ', piped there into a sink here', async () => { const got = []; const said = await o.into(new WritableStream({ write(c) { got.push(text(c)) }, close() { got.push('CLOSE') }, abort(e) { got.push('ABORT ' + inspect(e)) } }), how); await sleep(10); return [said, got.join('|')] });
  }
  const part = async (stream, read = 1) => { const r = stream.getReader(); const got = []; for (let i = 0; i < read; i++) { const { value } = await r.read(); got.push(value.length < 10 ? text(value) : value.length) } r.releaseLock(); return [got.join('|'), stream] };
  const rest = async (stream) => { const got = []; for await (const c of stream) got.push(c.length < 10 ? text(c) : c.length); return got.join('|') };
  await say('read in part, the rest here', async () => { const [got, s] = await part(await o.parts()); return [got, await rest(s)] });
  await say('read in part, the rest there', async () => { const [got, s] = await part(await o.parts()); return [got, await p.take(s)] });
  await say('read in part, the rest there and back', async () => { const [got, s] = await part(await o.parts()); return [got, await rest(await p.echo(s))] });
  await say('read in part there, the rest here', async () => { const [got, s] = await o.takeOne(some('one', 'two', 'three')); return [got, await rest(s)] });
  await say('its own, read in part, the rest there', async () => { const [got, s] = await part(some('one', 'two', 'three')); return [got, await p.take(s)] });
  await say('read in part, the rest into a sink there', async () => { const [got, s] = await part(await o.parts()); await s.pipeTo(await p.sink()); return [got, await p.seen()] });
  await say('read in part, the rest as a request', async () => { const [got, s] = await part(await o.parts()); return [got, await (await p.fetch('http://x/', { method: 'POST', body: s })).text()] });
  await say('read in part, the rest as a text', async () => { const [got, s] = await part(await o.parts()); return [got, await new Response(s).text()] });
  await say('a piece of a chunk is read, the rest here', async () => { const [got, s] = await part(await o.large()); return [got, await rest(s)] });
  await say('a piece of a chunk is read, the rest there and back', async () => { const [got, s] = await part(await o.large()); return [got, await rest(await p.echo(s))] });
  await say('read whole, then sent', async () => { const s = await o.parts(); await rest(s); return [s.locked, await p.take(s)] });
  await say('cancelled, then sent', async () => { const s = await o.parts(); await s.cancel('no'); return [s.locked, await p.take(s)] });
  await say('sent twice', async () => { const s = await o.parts(); const first = p.take(s); return [await show(() => p.take(s)), await first] });
  await say('a branch is sent', async () => { const [a, b] = (await o.parts()).tee(); return [await p.take(a), await new Response(b).text()] });
});
`,
});

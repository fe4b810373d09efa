import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A stream over RPC gives what was written at once as one chunk, in pieces of 4,096 bytes, and keeps apart what was not.',
  rows: ['4.streams'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';

const bytes = (n) => new Uint8Array(n).fill(n);
const start = (begin) => new ReadableStream({ start: begin });
const slowly = (sizes, pause) => { let i = 0; return new ReadableStream({ async pull(c) { const waited = pause(); if (waited !== undefined) await waited; if (i < sizes.length) c.enqueue(bytes(sizes[i++])); else c.close() } }) };
const written = ({ readable, writable }, sizes) => { const w = writable.getWriter(); for (const n of sizes) w.write(bytes(n)); w.close(); return readable };

/** Sources of one stream each, by how they give their chunks. */
const sources = {
  'at the start': (sizes) => start((c) => { for (const n of sizes) c.enqueue(bytes(n)); c.close() }),
  'at the start, of bytes': (sizes) => new ReadableStream({ type: 'bytes', start(c) { for (const n of sizes) c.enqueue(bytes(n)); c.close() } }),
  'when asked': (sizes) => one(sizes),
  'when asked, nothing ahead': (sizes) => one(sizes, { highWaterMark: 0 }),
  'when asked, three ahead': (sizes) => one(sizes, { highWaterMark: 3 }),
  'when asked, two ahead of 2 each': (sizes) => one(sizes, { highWaterMark: 4, size: () => 2 }),
  'when asked, one ahead of 1 each': (sizes) => one(sizes, { highWaterMark: 1, size: () => 1 }),
  'when asked, one ahead of 5 each': (sizes) => one(sizes, { highWaterMark: 1, size: () => 5 }),
  'when asked, by length': (sizes) => one(sizes, new ByteLengthQueuingStrategy({ highWaterMark: 25 })),
  'when asked, of bytes': (sizes) => one(sizes, undefined, { type: 'bytes' }),
  'when asked, two by two': (sizes) => { let i = 0; return new ReadableStream({ pull(c) { if (i >= sizes.length) return c.close(); for (const n of sizes.slice(i, i += 2)) c.enqueue(bytes(n)) } }) },
  'when asked, two by two, nothing ahead': (sizes) => { let i = 0; return new ReadableStream({ pull(c) { if (i >= sizes.length) return c.close(); for (const n of sizes.slice(i, i += 2)) c.enqueue(bytes(n)) } }, { highWaterMark: 0 }) },
  'when asked, later now and then': (sizes) => { let i = 0; return slowly(sizes, () => (i++ % 4 === 3 ? sleep(5) : undefined)) },
  'a microtask later': (sizes) => slowly(sizes, () => null),
  'a while later': (sizes) => slowly(sizes, () => sleep(2)),
  'later, all at once': (sizes) => start((c) => { setTimeout(() => { for (const n of sizes) c.enqueue(bytes(n)); c.close() }, 5) }),
  'by an identity stream': (sizes) => written(new IdentityTransformStream(), sizes),
  'by a transform': (sizes) => written(new TransformStream(), sizes),
  'of a generator': (sizes) => ReadableStream.from((async function* () { for (const n of sizes) yield bytes(n) })()),
  'of a list': (sizes) => ReadableStream.from(sizes.map(bytes)),
  'of texts': (sizes) => start((c) => { for (const n of sizes) c.enqueue('x'.repeat(n)); c.close() }).pipeThrough(new TextEncoderStream()),
  'of a body': (sizes) => new Response(bytes(sizes.reduce((a, b) => a + b))).body,
  'of a body of a stream': (sizes) => new Response(sources['at the start'](sizes)).body,
};
const one = (sizes, strategy, more) => { let i = 0; return new ReadableStream({ ...more, pull(c) { if (i < sizes.length) c.enqueue(bytes(sizes[i++])); else c.close() } }, strategy) };

const brief = (got) => (got.length > 12 ? got.slice(0, 3).join() + ' … ' + got.length + ' chunks … ' + got.slice(-2) : got.join());
const seen = async (stream) => { const got = []; for await (const chunk of stream) got.push(chunk.length); return brief(got) };
const into = async (stream, size) => { const got = []; const r = stream.getReader({ mode: 'byob' }); for (;;) { const { done, value } = await r.read(new Uint8Array(size)); if (done) return brief(got); got.push(value.length) } };

export class Obj extends DurableObject {
  give(how, sizes) { return sources[how](sizes) }
  take(stream) { return seen(stream) }
  takeInto(stream, size) { return into(stream, size) }
  async takeLate(stream) { await sleep(20); return seen(stream) }
  echo(stream) { return stream }
  async fetch(request) { if (request.headers.has('echo')) return new Response(request.body); if (request.body) return new Response(await seen(request.body)); const { how, sizes } = JSON.parse(decodeURIComponent(new URL(request.url).search.slice(1))); return new Response(sources[how](sizes)) }
}

export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  const all = async (how, sizes, ways) => {
    const what = how + ', ' + sizes.join('+') + ', ';
    const make = () => sources[how](sizes);
    const runs = {
      'as a result': async () => seen(await o.give(how, sizes)),
      'as a result, read late': async () => { const s = await o.give(how, sizes); await sleep(20); return seen(s) },
      'as a result, into 100': async () => into(await o.give(how, sizes), 100),
      'as a result, into 65536': async () => into(await o.give(how, sizes), 65536),
      'as an argument': () => o.take(make()),
      'as an argument, read late': () => o.takeLate(make()),
      'as an argument, into 5000': () => o.takeInto(make(), 5000),
      'as a response': async () => seen((await o.fetch('http://x/?' + encodeURIComponent(JSON.stringify({ how, sizes })))).body),
      'as a request': async () => (await o.fetch('http://x/', { method: 'POST', body: make() })).text(),
      'there and back': async () => seen(await o.echo(make())),
      'there and back, a body': async () => seen((await o.fetch('http://x/', { method: 'POST', headers: { echo: '1' }, body: make() })).body),
      here: () => seen(make()),
      'here, as a body': () => seen(new Response(make()).body),
    };
    const isLater = /later|identity|of a (body|list|generator)$|texts/.test(how);
    for (const way of ways ?? Object.keys(runs).filter((w) => (isLater || w !== 'there and back, a body') && !(how === 'at the start, of bytes' && w.startsWith('here')))) await say(what.replace(/(.+, )(\\d+)(\\+\\2)+(, )/, '$1$2s$4') + way, runs[way]);
  };
  for (const how of Object.keys(sources)) if (how !== 'when asked, later now and then') await all(how, [10, 10, 10, 10, 10, 10, 10]);
  await all('when asked, later now and then', new Array(11).fill(10), ['as a result', 'as an argument', 'as a response']);
  for (const how of ['when asked, three ahead', 'when asked, two ahead of 2 each', 'when asked, one ahead of 5 each', 'when asked, by length']) await all(how, new Array(11).fill(10), ['as a result', 'as an argument', 'as a request']);
  const some = ['as a result', 'as a result, into 100', 'as a result, into 65536', 'as an argument, into 5000', 'as a response', 'as a request', 'here'];
  for (const sizes of [[4097], [100000], [5000, 5000], [10, 4096], [1, 70000, 2]]) for (const how of ['at the start', 'when asked', 'a while later', 'by an identity stream', 'of a body']) await all(how, sizes, some);
  for (const count of [70, 300, 3000]) for (const how of ['at the start', 'later, all at once', 'by an identity stream']) await all(how, new Array(count).fill(1), ['as a result', 'as an argument']);
  for (const count of [5, 20]) await all('at the start', new Array(count).fill(30000), ['as a result, into 65536']);
  await say('what a source of bytes is asked for', async () => { const asked = []; const s = new ReadableStream({ type: 'bytes', pull(c) { asked.push(c.byobRequest?.view.byteLength, c.desiredSize); c.enqueue(bytes(5000)); c.close() } }); await seen(s); return asked });
});
`,
});

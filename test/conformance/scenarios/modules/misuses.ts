import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'What is no bytes, no source, no pattern, no constructor or badly encoded is answered as on the platform.',
  rows: ['1.global-scope'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep, show, inspect } from './prelude.js';

export class Obj extends DurableObject {}

export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  for (const body of ['a=%zz&b=1', 'a=%', '%zz=1', 'a=%4', 'a=%41%zz', 'a=%ff', 'a+b=c+d&&=x&y', 'a=%C3%A4%E2%82%AC', 'a=%g1%1g%', '%', 'a=1;b=2', 'a=b=c', '=%zz'])
    await say('a form of ' + body, async () => [...(await new Response(body, { headers: { 'content-type': 'application/x-www-form-urlencoded' } }).formData())]);
  say.now('a stub is constructed', () => o.constructor());
  say.now('new', () => new o.constructor());
  say.now('connect of a stub', () => o.connect());
  const pair = async (act) => { const [a, b] = Object.values(new WebSocketPair()); const log = []; a.accept(); b.accept(); for (const [n, s] of [['a', a], ['b', b]]) for (const t of ['message', 'close', 'error']) s.addEventListener(t, (e) => log.push([n, t, e.code, e.reason, e.wasClean, e.message, e.error && inspect(e.error)].filter((x) => x !== undefined).join(' '))); log.push(await show(() => act(a, b))); await sleep(20); log.push(a.readyState + ' ' + b.readyState); return log };
  await say('a closes', () => pair((a) => { a.send('x'); a.close(1000, 'bye') }));
  await say('a closes, b answers', () => pair((a, b) => { b.addEventListener('close', () => b.close(3001, 'too')); a.close(1000, 'bye') }));
  await say('a closes twice', () => pair((a) => { a.close(3000, 'one'); a.close(3001, 'two') }));
  await say('a closes and sends', () => pair((a) => { a.close(3000, 'one'); a.send('x') }));
  await say('b sends to one that has closed', () => pair(async (a, b) => { a.close(3000, 'one'); await sleep(5); b.send('x') }));
  for (const format of ['gzip', 'deflate-raw'])
    for (const Stream of [CompressionStream, DecompressionStream])
      for (const [what, value] of [['a number', 1], ['null', null], ['an object', {}], ['a list', [1]], ['nothing', undefined], ['a date', new Date(0)]])
        await say(Stream.name + ' ' + format + ' of ' + what, async () => { const s = new Stream(format); const w = s.writable.getWriter(); const read = show(async () => (await new Response(s.readable).arrayBuffer()).byteLength > 0); return [await show(() => w.write(value)), await show(() => w.close()), await read] });
  for (const given of [['/a'], ['a'], [':id'], [''], ['?q'], ['/a', 'http://x/'], ['/a', 'nope'], ['/a', ''], [{ pathname: 'a' }], [{ pathname: 'a', baseURL: 'nope' }], ['http://x/:id'], ['*'], ['*:*']]) say.now('a pattern of ' + inspect(given), () => { const p = new URLPattern(...given); return [p.protocol, p.hostname, p.pathname, p.search] });
  for (const [what, given] of [['5', [5]], ['a text', ['x']], ['null', [null]], ['a function', [() => {}]], ['{}, 5', [{}, 5]], ['{}, {}, 5', [{}, {}, 5]], ['{}, null', [{}, null]], ['undefined, {}', [undefined, {}]], ['true', [true]], ['nothing', []]])
    for (const Stream of [TransformStream, ReadableStream, WritableStream]) say.now('new ' + Stream.name + ' of ' + what, () => { new Stream(...given); return 'made' });
  await say('a sink whose start throws', async () => { const w = new WritableStream({ start() { throw new RangeError('at the start') } }); return show(() => w.getWriter().write(1)) });
  await say('a transform whose start throws', async () => { const t = new TransformStream({ start() { throw new RangeError('at the start') } }); return [await show(() => t.writable.getWriter().write(1)), await show(() => t.readable.getReader().read())] });
  await say('a source whose start throws', async () => { const s = new ReadableStream({ start() { throw new RangeError('at the start') } }); return show(() => s.getReader().read()) });
});
`,
});

import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A thrown Headers, Blob, or Request or Response without a body arrives as it is, also inside of what is thrown; a stream or a function does not.',
  rows: ['4.thrown-non-errors', '4.error-propagation'],
  program: `
import { DurableObject, RpcTarget, WorkerEntrypoint } from 'cloudflare:workers';
import { worker, inspect, tag } from './prelude.js';
class T extends RpcTarget { hi() { return 'hi' } }
const error = (more) => Object.assign(new RangeError('m'), more);
const text = (s) => new TextEncoder().encode(s);
const thrown = {
  headers: () => new Headers([['a', 'b'], ['set-cookie', 'c'], ['set-cookie', 'd']]),
  request: () => new Request('http://x/y', { method: 'PUT', headers: { h: '1' } }),
  'request with a body': () => new Request('http://x/y', { method: 'POST', body: 'b' }),
  'request with an empty body': () => new Request('http://x/y', { method: 'POST', body: '' }),
  response: () => new Response('body'),
  'response without a body': () => new Response(null, { status: 204 }),
  blob: () => new Blob(['bl'], { type: 't/x' }),
  'empty blob': () => new Blob(),
  file: () => new File(['f'], 'n'),
  stream: () => new Response('s').body,
  'stream of a program': () => new ReadableStream({ start(c) { c.enqueue(text('x')); c.close() } }),
  writable: () => new WritableStream(),
  parameters: () => new URLSearchParams('a=b'),
  url: () => new URL('http://a/'),
  form: () => new FormData(),
  function: () => () => 1,
  target: () => new T(),
  signal: () => new AbortController().signal,
  event: () => new Event('x'),
  socket: () => new WebSocketPair()[0],
  exception: () => new DOMException('m', 'AbortError'),
  'object with them': () => ({ h: new Headers({ a: 'b' }), b: new Blob(['x']), c: new Blob(['y']) }),
  'object with one twice': () => { const b = new Blob(['x']); return { b, c: b } },
  'list of them': () => [new Headers({ a: 'b' }), new Blob(['x'])],
  'map of them': () => new Map([['h', new Headers({ a: 'b' })]]),
  'object with a stream': () => ({ s: new Response('s').body, h: new Headers() }),
  'object with a function': () => ({ f: () => 1, h: new Headers() }),
  'object with a request that has a body': () => ({ r: new Request('http://x', { method: 'POST', body: 'b' }) }),
  'error with them': () => error({ h: new Headers({ a: 'b' }), b: new Blob(['x']) }),
  'error with a function': () => error({ f: () => 1, h: new Headers() }),
  'error caused by one': () => new Error('m', { cause: new Headers({ a: 'b' }) }),
  'several errors': () => new AggregateError([new Blob(['x']), 1], 'all'),
};
const fail = async (name, how) => {
  const error = thrown[name]();
  if (how === 'rejects') return Promise.reject(error);
  throw error;
};
export class Obj extends DurableObject {
  fail(name, how) { return fail(name, how) }
  fetch(request) { return fail(decodeURI(new URL(request.url).pathname.slice(1))) }
  async ask(callback) { try { await callback() } catch (e) { return look(e) } }
}
export class Entry extends WorkerEntrypoint { fail(name) { return fail(name) } }
const inside = async (v) => {
  if (v instanceof Headers) return ['Headers', ...v];
  if (v instanceof Request) return ['Request', v.url, v.method, ...v.headers, await v.text()];
  if (v instanceof Response) return ['Response', v.status, ...v.headers, await v.text()];
  if (v instanceof Blob) return ['Blob', v.type, v.size, await v.text()];
  if (v instanceof Map) return ['Map', ...await Promise.all([...v.values()].map(inside))];
  if (v === null || typeof v !== 'object' || v instanceof ReadableStream) return inspect(v);
  const fields = ['cause', 'errors', 'h', 'b', 'c', 's', 'f', 'r', '0', '1'].filter((k) => k in v);
  return Promise.all(fields.map(async (k) => [k, await inside(v[k])]));
};
const look = async (v) => [tag(v), inspect(v), await inside(v), v.b !== undefined && v.b === v.c];
const caught = async (f) => { try { await f(); return 'nothing' } catch (e) { return look(e) } };
export default worker(async ({ say, env, ctx }) => {
  const stub = env.OBJ.getByName('a');
  for (const name in thrown) await say(name, () => caught(() => stub.fail(name)));
  for (const name of ['headers', 'request', 'blob', 'response', 'object with them', 'error with them']) {
    await say('rejected with: ' + name, () => caught(() => stub.fail(name, 'rejects')));
    await say('out of fetch: ' + name, () => caught(() => stub.fetch('http://x/' + encodeURI(name))));
    await say('out of an entrypoint: ' + name, () => caught(() => ctx.exports.Entry.fail(name)));
    await say('out of a callback: ' + name, () => stub.ask(() => { throw thrown[name]() }));
  }
});
`,
});

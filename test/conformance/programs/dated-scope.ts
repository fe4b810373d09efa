/** A program that shows, a line for each, what compatibility dates change of the scope and its classes. */
export const datedScope = `
import { worker, showNow, show } from './prelude.js';
const started = showNow(() => new Function('return 1')());
const evaluated = showNow(() => (0, eval)('2'));
const bytes = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
const compiled = showNow(() => String(new WebAssembly.Module(bytes)));
const address = 'http://there.test/';
const BOM = new Uint8Array([0xef, 0xbb, 0xbf, 97]);

export default worker(async ({ say, request }) => {
  await say('a function made while modules are evaluated', () => started);
  await say('eval while modules are evaluated', () => evaluated);
  await say('WebAssembly compiled while modules are evaluated', () => compiled);
  await say('channels', () => [typeof MessageChannel, typeof MessagePort, 'MessageChannel' in globalThis]);
  await say('cache of a request', () => ['cache' in Request.prototype, new Request(address).cache, request.cache]);
  for (const cache of ['no-store', 'no-cache', 'default', 'reload'])
    await say('cache: ' + cache, () => new Request(address, { cache }).cache);
  await say('cache: undefined', () => new Request(address, { cache: undefined }).cache);
  await say('fetch with cache: no-store', () => show(() => fetch('http://', { cache: 'no-store' })));
  await say('methods', () => ['post', 'patch', 'Put', 'query'].map((method) => showNow(() => new Request(address, { method }).method)));
  await say('a body of an iterable', () => new Response((function* () { yield new Uint8Array([97]) })()).text());
  await say('a body of an asynchronous iterable', () => new Response((async function* () { yield new Uint8Array([97]) })()).text());
  await say('a body of a list', () => new Response(['a', 'b']).text());
  await say('a body of an object', () => new Response({ a: 1 }).text());
  await say('a request with a body of an iterable', () => new Request(address, { method: 'POST', body: (function* () { yield new Uint8Array([97]) })() }).text());
  await say('a mark in front', async () => [(await new Response(BOM).text()).length, (await new Request(address, { method: 'POST', body: BOM }).text()).length]);
  await say('json after a mark', () => new Response(new Uint8Array([0xef, 0xbb, 0xbf, 49])).json());
  await say('type of a body', () => Promise.all(['Text/Plain; Charset=UTF-8', 'text/html', 'x', 'a/b;c=d;C=e', 'text/plain; charset="utf-8"', 'a/b; x="y z"', ' a/b ', 'a/b;', 'a/b;=;q', 'a/b;x=""', 'a/b;x', 'a b/c', 'a/b;x="y', 'multipart/form-data; boundary=ABC'].map(async (type) => (await new Response('x', { headers: { 'content-type': type } }).blob()).type)));
  await say('type of a blob', () => [new Blob([], { type: 'Text/PLAIN' }).type, new Blob([], { type: 'a b' }).type]);
});
`;

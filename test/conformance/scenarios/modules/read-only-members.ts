import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'What is read-only refuses to be assigned, a member without its object or on a Proxy refuses to run, and a class to be called, all in the words of the platform.',
  rows: ['1.global-scope'],
  program: `
import { DurableObject, RpcStub, RpcTarget } from 'cloudflare:workers';
import { worker, show, inspect } from './prelude.js';
const set = (o, k) => { const before = o[k]; try { o[k] = 'x' } catch (e) { return k + ' ' + inspect(e) } return k + (o[k] === 'x' ? ' became x' : o[k] === before ? ' stayed' : ' is ' + inspect(o[k])) };
export class Obj extends DurableObject {
  look(what, keys) { const it = { ctx: this.ctx, storage: this.ctx.storage, sql: this.ctx.storage.sql, cursor: this.ctx.storage.sql.exec('select 1 as a'), id: this.ctx.id }[what]; return keys.map((k) => set(it, k)) }
  fetch(request) { return new Response(JSON.stringify([set(request, 'url'), set(request, 'headers'), set(request, 'cf'), set(request, 'text')])) }
}
class T extends RpcTarget {}
class Mine extends Response { constructor() { super('x'); this.status = 5 } }
const things = {
  request: [() => new Request('http://x/', { method: 'POST', body: 'x' }), 'method url headers redirect fetcher signal cf integrity keepalive cache body bodyUsed clone text mine'],
  response: [() => new Response('x'), 'status statusText headers ok redirected url webSocket cf type body bodyUsed clone json mine'],
  headers: [() => new Headers(), 'get set mine'],
  stub: [(env) => env.OBJ.getByName('b'), 'id name fetch mine'], 'stub id': [(env) => env.OBJ.idFromName('x'), 'name toString mine'], namespace: [(env) => env.OBJ, 'get mine'], 'stub of a target': [() => new RpcStub(new T()), 'dup mine'],
  message: [() => new MessageEvent('m', { data: 1 }), 'data origin lastEventId source ports type target currentTarget defaultPrevented returnValue cancelBubble timeStamp preventDefault mine'], close: [() => new CloseEvent('c'), 'code reason wasClean type mine'], error: [() => new ErrorEvent('e'), 'message error filename lineno colno mine'], custom: [() => new CustomEvent('e'), 'detail type mine'],
  url: [() => new URL('http://x/'), 'origin searchParams protocol hash toString mine'], params: [() => new URLSearchParams('a=b'), 'size get mine'], blob: [() => new Blob(['x']), 'size type text mine'], file: [() => new File(['x'], 'n'), 'name lastModified size type mine'],
  controller: [() => new AbortController(), 'signal abort mine'], signal: [() => new AbortController().signal, 'aborted reason throwIfAborted mine'],
  readable: [() => new ReadableStream(), 'locked cancel mine'], writable: [() => new WritableStream(), 'locked mine'], transform: [() => new TransformStream(), 'readable writable mine'], identity: [() => new IdentityTransformStream(), 'readable writable mine'], reader: [() => new ReadableStream().getReader(), 'closed read mine'], writer: [() => new WritableStream().getWriter(), 'closed ready desiredSize write mine'], strategy: [() => new CountQueuingStrategy({ highWaterMark: 1 }), 'highWaterMark size mine'],
  decoder: [() => new TextDecoder(), 'encoding fatal ignoreBOM decode mine'], 'encoder stream': [() => new TextEncoderStream(), 'encoding readable writable mine'], compression: [() => new CompressionStream('gzip'), 'readable writable mine'], pattern: [() => new URLPattern({ pathname: '/a' }), 'pathname hash exec mine'], socket: [() => new WebSocketPair()[0], 'readyState url protocol extensions send mine'], crypto: [() => crypto, 'subtle mine'], performance: [() => performance, 'timeOrigin mine'], channel: [() => new MessageChannel(), 'port1 port2 mine'],
};
const detached = (env) => [[new Headers(), 'get set forEach entries has delete append getSetCookie'], [new Request('http://x'), 'clone text json arrayBuffer formData blob bytes'], [new Response('x'), 'clone text json'], [crypto, 'randomUUID getRandomValues'], [crypto.subtle, 'digest sign importKey'], [caches.default, 'match put delete'], [caches, 'open'], [new URL('http://x'), 'toString toJSON'], [new URLSearchParams('a=b'), 'get toString'], [new TextEncoder(), 'encode'], [new TextDecoder(), 'decode'], [new AbortController(), 'abort'], [new FormData(), 'get append'], [new Blob(), 'text slice stream'], [scheduler, 'wait'], [new ReadableStream(), 'getReader cancel tee'], [new WritableStream(), 'getWriter close'], [new ReadableStream().getReader(), 'read cancel releaseLock'], [new WritableStream().getWriter(), 'write close releaseLock'], [new WebSocketPair()[0], 'send accept close'], [new URLPattern({}), 'test'], [new MessageChannel().port1, 'postMessage start'], [env.OBJ.getByName('b'), 'fetch'], [env.OBJ, 'getByName idFromName'], [new Event('x'), 'preventDefault'], [AbortSignal, 'timeout'], [Response, 'json'], [URL, 'canParse']];
export default worker(async ({ say, env, request }) => {
  for (const [what, keys] of [['ctx', 'id storage exports waitUntil'], ['storage', 'sql kv get'], ['sql', 'databaseSize exec'], ['cursor', 'columnNames rowsRead rowsWritten toArray'], ['id', 'name toString']]) await say('in an object: ' + what, () => env.OBJ.getByName(what).look(what, keys.split(' ')));
  await say('a request that came', async () => (await env.OBJ.getByName('a').fetch('http://x/', { method: 'POST', body: 'x' })).text());
  for (const k in things) say.now(k, () => { const [make, keys] = things[k]; return keys.split(' ').map((key) => set(make(env), key)) });
  say.now('in a subclass', () => new Mine());
  say.now('an object of a prototype', () => { const o = Object.create(Request.prototype); o.url = 1 });
  for (const [it, names] of detached(env)) for (const name of names.split(' ')) say.now('without its object: ' + name, () => { const method = it[name]; const given = method('a', 'b'); given?.catch?.(() => {}); return typeof given });
  for (const [k, it, key] of [['Request', new Request('http://x'), 'url'], ['Request', new Request('http://x'), 'text'], ['Response', new Response('x'), 'status'], ['Headers', new Headers(), 'get'], ['URL', new URL('http://x'), 'href'], ['Event', new Event('x'), 'type'], ['AbortController', new AbortController(), 'signal'], ['ReadableStream', new ReadableStream(), 'locked']])
    await say('a Proxy of a ' + k, () => { const p = new Proxy(it, {}); const v = p[key]; return typeof v === 'function' ? p[key]('a') : typeof v });
  for (const k of ['Request url', 'Response status', 'URL href', 'Event type', 'CustomEvent detail', 'AbortSignal aborted', 'Blob size', 'ReadableStream locked', 'WritableStream locked', 'TextDecoder encoding', 'URLSearchParams size', 'TransformStream readable', 'WebSocket readyState']) say.now('on a prototype: ' + k, () => { const [c, m] = k.split(' '); return typeof globalThis[c].prototype[m] });
  for (const k of 'Headers Request Response URL URLSearchParams FormData Blob File Event CustomEvent MessageEvent CloseEvent ErrorEvent AbortController TextEncoder TextDecoder ReadableStream WritableStream TransformStream WebSocket WebSocketPair MessageChannel URLPattern CompressionStream DOMException AbortSignal CryptoKey Crypto Cache ReadableStreamDefaultReader IdentityTransformStream FixedLengthStream EventSource ByteLengthQueuingStrategy CountQueuingStrategy TextEncoderStream'.split(' ')) say.now('called: ' + k, () => { globalThis[k]('http://x'); return 'called' });
  say.now('shape', () => [Request, Response, Headers, URL, Event].map((C) => [C.name, C.length, new C('http://x') instanceof C, new C('http://x').constructor === C]).concat([[Object.prototype.toString.call(new Request('http://x')), class extends Request {}.name]]));
});
`,
});

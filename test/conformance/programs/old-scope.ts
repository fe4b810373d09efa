/** A program that shows, a line for each, what compatibility dates before RPC changed of the scope and its classes. */
import { objects, type ScenarioConfig } from '../scenario.ts';

export const oldScopeConfig = (compatibility_date: string): ScenarioConfig => ({
  ...objects({ OBJ: 'Obj' }),
  compatibility_date,
});

export const oldScope = `
import { worker, showNow } from './prelude.js';
const bytes = (text) => new TextEncoder().encode(text);
const NAMES = ['navigator', 'Navigator', 'importScripts', 'ReadableStream', 'WritableStream', 'TransformStream', 'IdentityTransformStream', 'ReadableStreamDefaultController', 'ReadableByteStreamController', 'ReadableStreamBYOBRequest', 'WritableStreamDefaultController', 'TransformStreamDefaultController', 'CountQueuingStrategy'];
const form = () => {
  const data = new FormData();
  data.append('a', new File(['héllo'], 'a.txt', { type: 'text/plain' }));
  data.append('b', 'x');
  data.append('a', new Blob(['q']), 'q.bin');
  return data;
};

export class Obj {
  async fetch(request) {
    return new Response(request.body);
  }
}

export default worker(async ({ say, env }) => {
  await say('names', () => NAMES.map((name) => name + ' ' + typeof globalThis[name] + ' ' + (name in globalThis)));
  await say('importScripts', () => [importScripts.name, importScripts.length, showNow(() => importScripts('x.js'))]);
  await say('a stream of its own', () => new Response(new ReadableStream({ start(c) { c.enqueue(bytes('own')); c.close() } })).text());
  await say('a stream from a list', async () => { const got = []; for await (const one of ReadableStream.from([1, 2])) got.push(one); return got });
  await say('a sink of its own', async () => { const got = []; const w = new WritableStream({ write(chunk) { got.push(chunk) } }).getWriter(); await w.write(1); return got });
  await say('a class that extends one', () => { class Mine extends ReadableStream {} return new Mine() instanceof ReadableStream });
  await say('what they are', () => [ReadableStream.name, ReadableStream.length, ReadableStream.prototype.constructor === ReadableStream, new Response('x').body instanceof ReadableStream, new Response('x').body.constructor === ReadableStream]);
  await say('a body is read all the same', async () => { const got = []; for await (const chunk of new Response('abc').body) got.push(chunk.length); return got });
  await say('a transformer', async () => { const { readable, writable } = new TransformStream({ transform(chunk, c) { c.enqueue(bytes('transformed')) } }); const w = writable.getWriter(); w.write(bytes('abc')); w.close(); return new Response(readable).text() });
  await say('a pair', async () => { const { readable, writable } = new TransformStream(); const w = writable.getWriter(); w.write(bytes('a')); w.write(bytes('b')); w.close(); return new Response(readable).text() });
  await say('how much a pair takes', () => { const w = new TransformStream({}, { highWaterMark: 5 }).writable.getWriter(); return w.desiredSize });
  await say('readers of what kind', () => ['nope', 'byob', null, undefined].map((mode) => showNow(() => new Response('x').body.getReader({ mode }).constructor.name)));
  await say('readers of what is locked', () => { const { body } = new Response('x'); body.getReader(); return ['byob', undefined].map((mode) => showNow(() => body.getReader({ mode }))) });
  await say('a pair that is read into a buffer', async () => { const { readable, writable } = new TransformStream(); const reader = readable.getReader({ mode: 'byob' }); const w = writable.getWriter(); w.write(bytes('abc')); return (await reader.read(new Uint8Array(8))).value.length });
  await say('whose a pair is', () => { const pair = new TransformStream(); return [pair instanceof TransformStream, pair.constructor === TransformStream, pair instanceof IdentityTransformStream, new IdentityTransformStream() instanceof TransformStream, pair.readable === pair.readable, TransformStream.name, TransformStream.length] });
  await say('a class that extends a pair', async () => { class Mine extends TransformStream { more() { return 'more' } } const mine = new Mine(); const w = mine.writable.getWriter(); w.write(bytes('abc')); w.close(); return [mine instanceof Mine, mine.more(), await new Response(mine.readable).text()] });
  await say('piped through a pair', () => new Response(new Response('piped').body.pipeThrough(new TransformStream())).text());
  await say('a pair sent there and back', async () => {
    const { readable, writable } = new TransformStream();
    const writer = writable.getWriter();
    (async () => { await writer.write(bytes('there ')); await writer.write(bytes('and back')); await writer.close() })();
    return (await env.OBJ.get(env.OBJ.idFromName('a')).fetch('http://x.test/', { method: 'POST', body: readable })).text();
  });
  await say('cookies', () => {
    const headers = new Headers([['set-cookie', 'a=1'], ['x', 'y'], ['set-cookie', 'b=2']]);
    const each = [];
    headers.forEach((value, name, of) => each.push(name + '=' + value + (of === headers)));
    return [each, [...headers], [...headers.entries()], [...headers.keys()], [...headers.values()], headers.get('set-cookie'), headers.getAll('set-cookie'), 'getSetCookie' in headers, new Headers(headers).getAll('set-cookie'), new Response('', { headers }).headers.getAll('set-cookie')];
  });
  await say('redirects', () => ['http://x.test', 'http://x.test/a b?é', 'nope'].map((url) => showNow(() => Response.redirect(url).headers.get('location'))));
  await say('a status that is none', () => Response.redirect('http://x.test', 200));
  await say('parameters', () => { const all = new URLSearchParams('a=1&a=2&b=3'); const has = [all.has('a', '3'), all.has('a', '1'), all.has('c'), all.has('b', undefined)]; all.delete('a', '1'); return [...has, String(all)] });
  for (const type of ['Response', 'Request']) {
    await say('files of a ' + type, async () => {
      const message = type === 'Request' ? new Request('http://x.test', { method: 'POST', body: form() }) : new Response(form());
      const data = await message.formData();
      return [...data].map(([name, value]) => [name, typeof value, typeof value === 'string' ? value : value.name]);
    });
  }
  await say('files that it makes itself', () => typeof form().get('a'));
  await say('a buffer that was read into', async () => {
    const own = new Uint8Array(8);
    const { buffer } = own;
    const { value } = await new Response('abc').body.getReader({ mode: 'byob' }).read(own.subarray(2, 7));
    return [own.length, value, value.buffer === buffer, value.byteOffset];
  });
  await say('an exponent', async () => {
    const { publicKey, privateKey } = await crypto.subtle.generateKey({ name: 'RSASSA-PKCS1-v1_5', modulusLength: 1024, publicExponent: Uint8Array.of(1, 0, 1), hash: 'SHA-256' }, true, ['sign', 'verify']);
    return [publicKey, privateKey].map((key) => [Object.keys(key.algorithm).sort(), key.algorithm.publicExponent, key.algorithm.hash.name]);
  });
});
`;

import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'The global scope is that of a Worker, not that of a web page.',
  rows: ['1.global-scope', '1.scheduler-wait'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, tag, inspect } from './prelude.js';

const present = ['WebSocketPair', 'WebSocketRequestResponsePair', 'Response', 'Request', 'Headers', 'HTMLRewriter', 'scheduler', 'caches',
  'crypto', 'FixedLengthStream', 'IdentityTransformStream', 'EventSource', 'navigator', 'Cloudflare', 'self', 'MessageChannel',
  'URLPattern', 'CompressionStream', 'DecompressionStream', 'ReadableStream', 'WritableStream', 'TransformStream', 'TextEncoderStream',
  'AbortController', 'AbortSignal', 'Blob', 'File', 'FormData', 'URL', 'URLSearchParams', 'TextEncoder', 'TextDecoder', 'Event',
  'EventTarget', 'CustomEvent', 'MessageEvent', 'CloseEvent', 'ErrorEvent', 'WebSocket', 'DOMException', 'atob', 'btoa',
  'structuredClone', 'queueMicrotask', 'setTimeout', 'setInterval', 'clearTimeout', 'clearInterval', 'setImmediate', 'clearImmediate',
  'fetch', 'console', 'performance', 'WebAssembly', 'reportError', 'addEventListener', 'removeEventListener', 'dispatchEvent',
  'DisposableStack', 'ReadableStreamBYOBReader', 'ByteLengthQueuingStrategy', 'CountQueuingStrategy', 'WeakRef', 'FinalizationRegistry'];
const absent = ['window', 'document', 'location', 'Worker', 'SharedWorker', 'BroadcastChannel', 'indexedDB', 'localStorage',
  'sessionStorage', 'XMLHttpRequest', 'importScripts', 'postMessage', 'process', 'Buffer', 'DurableObject', 'DurableObjectState',
  'FileReader', 'Notification', 'WorkerGlobalScope', 'DedicatedWorkerGlobalScope', 'requestAnimationFrame', 'close', 'name', 'origin', 'parent',
  'onmessage', 'createImageBitmap', 'OffscreenCanvas', 'ImageData', 'ServiceWorkerContainer', 'require', 'module'];

const look = () => ({
  missing: present.filter((name) => typeof globalThis[name] === 'undefined'),
  surplus: absent.filter((name) => typeof globalThis[name] !== 'undefined'),
});
export class Obj extends DurableObject { look() { return look() } }

export default worker(async ({ say, env }) => {
  await say('of what should be there is missing', () => look().missing);
  await say('of what should not be there is there', () => look().surplus);
  await say('the same in an object', () => env.OBJ.getByName('a').look());
  await say('tag of globalThis', () => tag(globalThis));
  await say('self', () => self === globalThis);
  await say('navigator', () => [navigator.userAgent, navigator.language, typeof navigator.locks, typeof navigator.storage, typeof navigator.serviceWorker]);
  await say('crypto', () => [typeof crypto.subtle.timingSafeEqual, typeof crypto.DigestStream, typeof crypto.randomUUID, tag(crypto)]);
  await say('timingSafeEqual', () => [new Uint8Array([1, 2]), new Uint8Array([1, 3])].map((b) => crypto.subtle.timingSafeEqual(new Uint8Array([1, 2]), b)));
  await say('caches', () => [tag(caches), tag(caches.default)]);
  await say('scheduler.wait', async () => { const at = Date.now(); const r = await scheduler.wait(20); return [r, Date.now() - at >= 19] });
  await say('setTimeout gives', () => { const t = setTimeout(() => {}, 0); clearTimeout(t); return typeof t });
  await say('setTimeout passes arguments', () => new Promise((resolve) => setTimeout((...a) => resolve(a), 0, 1, 'two')));
  await say('a string for code', () => setTimeout('globalThis.x = 1', 0));
  await say('eval', () => eval('1 + 1'));
  await say('new Function', () => new Function('return 2')());
  await say('sloppy this at module scope', () => (function () { return this === undefined })());
});
`,
});

/**
 * The names that a Worker's global scope has: data, and nothing else.
 *
 * Promise: together these are exactly the names that workerd 1.20260730 shows at compatibility date 2026-07-30 without
 * Node.js compatibility, found by `Reflect.ownKeys` along the prototype chain of `globalThis`. A test asks workerd again.
 */

/** What the language brings; the browser's are kept as they are. */
export const LANGUAGE_NAMES = words(`
  AggregateError Array ArrayBuffer AsyncDisposableStack Atomics BigInt BigInt64Array BigUint64Array Boolean DataView
  Date DisposableStack Error EvalError FinalizationRegistry Float16Array Float32Array Float64Array Function Infinity
  Int16Array Int32Array Int8Array Intl Iterator JSON Map Math NaN Number Object Promise Proxy RangeError
  ReferenceError Reflect RegExp Set SharedArrayBuffer String SuppressedError Symbol SyntaxError TypeError URIError
  Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakRef WeakSet WebAssembly console decodeURI
  decodeURIComponent encodeURI encodeURIComponent escape eval globalThis isFinite isNaN parseFloat parseInt undefined
  unescape`);

/** Objects that stand on the scope itself, enumerable. */
export const OWN_NAMES = words(`
  Cloudflare ServiceWorkerGlobalScope caches crypto navigator origin performance scheduler self`);

/** Classes and functions that stand on the scope's prototype, enumerable. */
export const PROTOTYPE_NAMES = words(`
  AbortController AbortSignal Blob Body ByteLengthQueuingStrategy Cache CacheStorage CloseEvent CompressionStream
  CountQueuingStrategy Crypto CryptoKey CustomEvent DOMException DecompressionStream ErrorEvent Event EventSource
  ExtendableEvent FetchEvent File FixedLengthStream FormData HTMLRewriter Headers IdentityTransformStream
  MessageChannel MessageEvent MessagePort Navigator PromiseRejectionEvent ReadableByteStreamController ReadableStream
  ReadableStreamBYOBReader ReadableStreamBYOBRequest ReadableStreamDefaultController ReadableStreamDefaultReader
  Request Response ScheduledEvent SubtleCrypto TailEvent TextDecoder TextDecoderStream TextEncoder TextEncoderStream
  TraceEvent TransformStream TransformStreamDefaultController URL URLPattern URLSearchParams WebSocket WebSocketPair
  WebSocketRequestResponsePair WorkerGlobalScope WritableStream WritableStreamDefaultController
  WritableStreamDefaultWriter atob btoa clearInterval clearTimeout fetch queueMicrotask reportError setInterval
  setTimeout structuredClone`);

/** Of those, classes that a program makes instances of, but for those whose constructors are ours to guard. */
export const CONSTRUCTED_NAMES = words(`
  AbortController Blob ByteLengthQueuingStrategy CompressionStream CountQueuingStrategy DOMException DecompressionStream
  File FixedLengthStream FormData Headers IdentityTransformStream MessageChannel Request Response TextDecoder
  TextDecoderStream TextEncoder TextEncoderStream URL URLPattern URLSearchParams`);

/** On the next prototype up, and on EventTarget's. */
export const WORKER_SCOPE_NAMES = words('EventTarget');
/** What younger browsers, or only browsers, have in classes that the platform has too. */
export const MEMBERS_BEYOND: readonly (readonly [name: string, onPrototype: string, onClass?: string])[] = [
  ['CustomEvent', 'initCustomEvent'],
  ['Date', 'toTemporalInstant'],
  ['Event', 'initEvent'],
  ['Iterator', 'includes join', 'zip zipKeyed'],
  ['MessageEvent', 'initMessageEvent userActivation'],
  ['MessagePort', 'onmessageerror'],
  ['SubtleCrypto', 'decapsulateBits decapsulateKey encapsulateBits encapsulateKey getPublicKey', 'supports'],
];

export const EVENT_TARGET_NAMES = ['addEventListener', 'dispatchEvent', 'removeEventListener'] as const;

/** All of a scope's; among them every class of which a program can come by an instance. */
export const SCOPE_NAMES: readonly string[] = [
  ...LANGUAGE_NAMES,
  ...OWN_NAMES,
  ...PROTOTYPE_NAMES,
  ...WORKER_SCOPE_NAMES,
];

/** Static members of WebAssembly that workerd has; the streaming ones are not among them. */
export const WEBASSEMBLY_NAMES = words(`
  CompileError Exception Global Instance JSTag LinkError Memory Module RuntimeError SuspendError Suspending Table Tag
  compile instantiate promising validate`);

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}

/**
 * The objects of a Worker's global scope that we make ourselves, and the native ones that we put right.
 *
 * Promise: shape, texts and the refusals at module scope are workerd's (1.20260730, as observed). What belongs to a
 * later stage is there for `typeof`, and says so when it is used.
 */
import { markJoined, signalAborted, signalReason, whenAborted } from '../base/abort-signals.ts';
import { bytesIn } from '../base/bytes.ts';
import {
  arrayBufferIsView,
  arrayIsArray,
  makeProxy,
  NativePromise,
  objectDefineProperty,
  objectSetPrototypeOf,
  promiseThen,
  reflectConstruct,
  uncurryThis,
} from '../base/primordials.ts';
import { type ErrorCodec, reasonAsThrown } from '../rpc/errors.ts';
import { DigestStream } from './byte-streams.ts';
import {
  type AnyConstructor,
  define,
  fieldError,
  globalScopeError,
  illegalConstructor,
  named,
  notYetError,
  parameterError,
} from './native-shape.ts';
import { shapeKeys, shapeSubtleMethods } from './web-crypto.ts';

export interface ServiceHooks {
  /** copies what is thrown as the platform does; absent: it is thrown as it is */
  errors?: Pick<ErrorCodec, 'encode' | 'decode'> | undefined;
  isGlobalScope(): boolean;
  /** the object's own timers: an arrival, like every other */
  setTimeout(callback: () => void, delayMs?: number): number;
  clearTimeout(id: number): void;
  /** milliseconds since 1970 on the clock that the program observes */
  now(): number;
  /** does what lets the browser call listeners, and throws what one of them threw */
  throwing<T>(act: () => T): T;
}

type Scope = typeof globalThis & Record<string, unknown>;

/** An object with the given tag whose class cannot be constructed; `members` go to its prototype. */
function instanceOf(ctor: AnyConstructor, members: object): object {
  const prototype = ctor.prototype as object;
  const descriptors = Object.getOwnPropertyDescriptors(members);
  for (const key of Object.keys(descriptors)) {
    objectDefineProperty(prototype, key, { ...descriptors[key], enumerable: true });
  }
  return Object.create(prototype) as object;
}

/** @param hasLanguage  false before 2025-05-19 */
export function makeNavigator(hasLanguage: boolean): { Navigator: AnyConstructor; navigator: object } {
  const Navigator = illegalConstructor('Navigator');
  const navigator = instanceOf(Navigator, {
    sendBeacon() {
      throw notYetError('navigator.sendBeacon');
    },
  });
  const own = {
    ...(hasLanguage ? { languages: ['en'], language: 'en' } : {}),
    platform: '',
    hardwareConcurrency: 1,
    userAgent: 'Cloudflare-Workers',
  };
  for (const [key, value] of Object.entries(own)) {
    objectDefineProperty(navigator, key, { value, enumerable: true, configurable: true });
  }
  return { Navigator, navigator };
}

/** `now` is the clock itself, because `timeOrigin` is 0; at module scope it stands still at 0. */
export function makePerformance(hooks: ServiceHooks): object {
  return instanceOf(illegalConstructor('Performance'), {
    get timeOrigin() {
      return 0;
    },
    now: () => (hooks.isGlobalScope() ? 0 : hooks.now()),
  });
}

export function makeScheduler(hooks: ServiceHooks): object {
  const wait = async (...args: unknown[]): Promise<void> => {
    const [delayMs, options] = args;
    if (args.length === 0) throw parameterError('wait', 'Scheduler', 1, 'number');
    if (options !== undefined && options !== null && typeof options !== 'object') {
      throw parameterError('wait', 'Scheduler', 2, 'WaitOptions');
    }
    const signal = (options as { signal?: unknown } | undefined)?.signal;
    if (signal !== undefined && !(signal instanceof AbortSignal)) {
      throw fieldError('signal', 'WaitOptions', 'AbortSignal');
    }
    if (hooks.isGlobalScope()) throw globalScopeError();
    await waitFor(hooks, Number(delayMs) || 0, signal);
  };
  return instanceOf(illegalConstructor('Scheduler'), { wait: named('wait', wait) });
}

function waitFor(hooks: ServiceHooks, delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new NativePromise((resolve, reject) => {
    if (signal && signalAborted(signal)) return reject(whyGivenUp(hooks, signal, false));
    const id = hooks.setTimeout(() => resolve(), delayMs);
    if (!signal) return;
    whenAborted(signal, () => {
      hooks.clearTimeout(id);
      reject(whyGivenUp(hooks, signal, true));
    });
  });
}

/** The flag of a reason is kept if it was still waiting (seen). */
function whyGivenUp({ errors }: ServiceHooks, signal: AbortSignal, isWaiting: boolean): unknown {
  return errors ? reasonAsThrown(errors, signal, isWaiting) : signalReason(signal);
}

export function makeCloudflare(flags: Readonly<Record<string, boolean>>): object {
  const cloudflare = instanceOf(illegalConstructor('Cloudflare'), {});
  objectDefineProperty(cloudflare, 'compatibilityFlags', {
    value: Object.freeze(objectSetPrototypeOf({ ...flags }, null)),
    enumerable: true,
    configurable: true,
  });
  return cloudflare;
}

interface CryptoHooks {
  isGlobalScope(): boolean;
  /** an operation begins, in a thread of the browser's; its end is told to what this returns */
  begin?(): () => void;
}

/** Refuses random values at module scope, adds what the platform adds, fills in what an opaque origin lacks. */
export function shapeCrypto(scope: Scope, { isGlobalScope, begin }: CryptoHooks): void {
  const crypto = scope.crypto;
  const prototype = Object.getPrototypeOf(crypto) as Crypto;
  const fill = uncurryThis(prototype.getRandomValues) as (self: unknown, view: ArrayBufferView) => ArrayBufferView;
  const getRandomValues = (view?: unknown) => {
    if (!arrayBufferIsView(view)) throw parameterError('getRandomValues', 'Crypto', 1, 'JsArrayBufferView');
    if (isGlobalScope()) throw globalScopeError();
    try {
      return fill(crypto, view);
    } catch (error) {
      throw randomError(error, view);
    }
  };
  const randomUUID = () => {
    if (isGlobalScope()) throw globalScopeError();
    return uuidOf(fill(crypto, new Uint8Array(16)) as Uint8Array);
  };
  define(prototype, 'getRandomValues', named('getRandomValues', getRandomValues));
  define(prototype, 'randomUUID', named('randomUUID', randomUUID));
  define(prototype, 'DigestStream', DigestStream);
  const native = scope.crypto.subtle as SubtleCrypto | undefined;
  if (native && begin) countOperations(Object.getPrototypeOf(native) as SubtleCrypto, begin);
  shapeSubtle(scope, prototype, isGlobalScope);
}

const KEY_MAKERS: Partial<Record<string, true>> = {
  generateKey: true,
  importKey: true,
  deriveKey: true,
  unwrapKey: true,
};

/** The promises stay the browser's own: who awaits them goes on in the same microtask as ever. */
function countOperations(prototype: SubtleCrypto, begin: () => () => void): void {
  for (const name of SUBTLE_METHODS as (keyof SubtleCrypto)[]) {
    const native = prototype[name] as (this: SubtleCrypto, ...args: unknown[]) => Promise<unknown>;
    const call = uncurryThis(native) as (self: unknown, ...args: unknown[]) => Promise<unknown>;
    const counted = {
      method(...args: unknown[]) {
        const end = begin();
        const promise = call(this, ...args);
        const arrive = (made: unknown) => {
          shapeKeys(made);
          end();
        };
        void promiseThen(promise, KEY_MAKERS[name] ? arrive : end, end);
        return promise;
      },
    };
    define(prototype, name, named(name, counted.method, native.length));
  }
}

/** The same in the platform's words. */
function randomError(error: unknown, { byteLength }: ArrayBufferView): unknown {
  switch ((error as { name?: unknown }).name) {
    case 'QuotaExceededError':
      return new DOMException(
        `getRandomValues() only accepts buffers of size <= 64K but provided ${byteLength} bytes.`,
        'QuotaExceededError',
      );
    case 'TypeMismatchError':
      return new DOMException(
        'ArrayBufferView argument to getRandomValues() must be an integer-typed view.',
        'TypeMismatchError',
      );
    default:
      return error;
  }
}

function uuidOf(bytes: Uint8Array): string {
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  let text = '';
  for (let i = 0; i < 16; i++) {
    if (i === 4 || i === 6 || i === 8 || i === 10) text += '-';
    const byte = bytes[i] as number;
    text += HEX[byte >> 4] as string;
    text += HEX[byte & 15] as string;
  }
  return text;
}

const HEX = '0123456789abcdef';
const SUBTLE_METHODS = [
  ...['encrypt', 'decrypt', 'sign', 'verify', 'digest', 'generateKey', 'deriveKey', 'deriveBits', 'importKey'],
  ...['exportKey', 'wrapKey', 'unwrapKey'],
];

function shapeSubtle(scope: Scope, crypto: Crypto, isGlobalScope: () => boolean): void {
  const native = scope.crypto.subtle as SubtleCrypto | undefined;
  if (native) {
    const prototype = Object.getPrototypeOf(native) as SubtleCrypto;
    shapeSubtleMethods(prototype);
    const generate = uncurryThis(prototype.generateKey) as (self: unknown, ...args: unknown[]) => Promise<unknown>;
    // Only symmetric keys are drawn from the random source that module scope refuses.
    const generateKey = async (...args: unknown[]) => {
      if (isGlobalScope() && /^(AES|HMAC)/i.test(algorithmName(args[0]))) throw globalScopeError();
      return await generate(native, ...args);
    };
    define(prototype, 'generateKey', named('generateKey', generateKey));
    define(prototype, 'timingSafeEqual', named('timingSafeEqual', timingSafeEqual));
    return;
  }
  // An opaque origin has no WebCrypto at all.
  const SubtleCrypto = illegalConstructor('SubtleCrypto');
  const members = SUBTLE_METHODS.map((name) => [
    name,
    named(name, async () =>
      Promise.reject(notYetError(`crypto.subtle.${name} in a page without an origin of its own`)),
    ),
  ]);
  const subtle = instanceOf(SubtleCrypto, {
    ...Object.fromEntries(members),
    timingSafeEqual: named('timingSafeEqual', timingSafeEqual),
  });
  objectDefineProperty(crypto, 'subtle', { get: () => subtle, enumerable: true, configurable: true });
  define(scope, 'SubtleCrypto', SubtleCrypto);
  define(scope, 'CryptoKey', illegalConstructor('CryptoKey'));
}

function algorithmName(given: unknown): string {
  return typeof given === 'string' ? given : `${(given as { name?: unknown } | null)?.name as string}`;
}

/** Looks at every byte whatever it finds. */
function timingSafeEqual(...args: unknown[]): boolean {
  const a = bytesOf(args[0], 1);
  const b = bytesOf(args[1], 2);
  if (a.length !== b.length) throw new TypeError('Input buffers must have the same byte length.');
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number);
  return difference === 0;
}

function bytesOf(value: unknown, position: number): Uint8Array {
  const bytes = bytesIn(value);
  if (bytes) return bytes;
  throw parameterError('timingSafeEqual', 'SubtleCrypto', position, 'JsBufferSource');
}

/** `AbortSignal.timeout` by the object's own timers, and the refusals of both classes at module scope. */
export function shapeAbort(scope: Scope, hooks: ServiceHooks): void {
  const { AbortController: NativeController, AbortSignal: Signal } = scope;
  const abort = uncurryThis(NativeController.prototype.abort) as (self: unknown, reason: unknown) => void;
  const nativeAbort = Signal.abort.bind(Signal);
  const guarded = makeProxy(NativeController, {
    construct(target, args: unknown[], newTarget) {
      if (hooks.isGlobalScope()) throw globalScopeError();
      return reflectConstruct(target, args, newTarget as AnyConstructor) as object;
    },
  });
  define(scope, 'AbortController', guarded);
  define(NativeController.prototype, 'constructor', guarded, false);
  const abortWith = (on: unknown, reason: unknown) =>
    hooks.throwing(() => abort(on, reason === undefined ? abortError() : reason));
  const aborter = {
    abort(this: unknown, ...args: unknown[]) {
      abortWith(this, args[0]);
    },
  };
  define(NativeController.prototype, 'abort', aborter.abort);
  define(
    Signal,
    'abort',
    named('abort', (...args: unknown[]) => {
      if (hooks.isGlobalScope()) throw globalScopeError();
      return nativeAbort(args[0] === undefined ? abortError() : args[0]);
    }),
  );
  const timeout = (...args: unknown[]) => {
    if (args.length === 0) throw parameterError('timeout', 'AbortSignal', 1, 'number');
    if (hooks.isGlobalScope()) throw globalScopeError();
    const controller = new NativeController();
    const expire = () => abortWith(controller, signalError('The operation was aborted due to timeout', 'TimeoutError'));
    hooks.setTimeout(expire, Number(args[0]) || 0);
    return controller.signal;
  };
  define(Signal, 'timeout', named('timeout', timeout));
  const join = Signal.any.bind(Signal);
  const any = (...args: unknown[]) => {
    const { 0: signals } = args;
    if (!arrayIsArray(signals)) throw parameterError('any', 'AbortSignal', 1, 'Array');
    for (let i = 0; i < signals.length; i++) {
      if (signals[i] instanceof Signal) continue;
      throw new TypeError(`Incorrect type for array element ${i}: the provided value is not of type 'AbortSignal'.`);
    }
    return markJoined(join(signals));
  };
  define(Signal, 'any', named('any', any));
}

/** What a program that gives no reason gives up with. */
function abortError(): DOMException {
  return signalError('The operation was aborted', 'AbortError');
}

function signalError(text: string, name: string): DOMException {
  return Object.assign(new DOMException(text, name), { retryable: true });
}

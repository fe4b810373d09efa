/**
 * What compatibility dates brought to the global scope, taken from it again for a program of an earlier date.
 *
 * Promise: what is undone is as at that date in workerd (1.20260730, as observed); what is not undone is in the README. Streams of
 * the runtime's own are made by classes that it took before.
 */
import {
  arrayBufferIsView,
  NativeUint8Array,
  objectDefineProperty,
  reflectConstruct,
  reflectDeleteProperty,
  typedArrayBuffer,
  typedArraySet,
  typedArraySlice,
  uncurryGetter,
  uncurryThis,
  weakMapGet,
  weakMapSet,
} from '../base/primordials.ts';
import { isDictionary } from '../base/shapes.ts';
import { Passage } from './byte-streams.ts';
import { define, guardClass, named, parameterError } from './native-shape.ts';

type Scope = typeof globalThis & Record<string, unknown>;
type IsOff = (flag: string) => boolean;

const CONTROLLERS =
  'ReadableByteStreamController ReadableStreamBYOBRequest ReadableStreamDefaultController ' +
  'TransformStreamDefaultController WritableStreamDefaultController';
const LATER: readonly (readonly [flag: string, names: string])[] = [
  ['streams_enable_constructors', CONTROLLERS],
  ['global_navigator', 'Navigator navigator'],
  ['enable_weak_ref', 'WeakRef FinalizationRegistry'],
  ['expose_global_message_channel', 'MessageChannel MessagePort'],
];

/** Names of the scope that came later than the program. */
export function laterNames(isOff: IsOff): string[] {
  return LATER.flatMap(([flag, names]) => (isOff(flag) ? names.split(' ') : []));
}

/** Names of the scope that went before there was RPC; they stand on the prototype of all workers' scopes. */
export function formerNames(isOff: IsOff): Record<string, unknown> {
  if (!isOff('no_global_importscripts')) return {};
  const importScripts = () => {
    throw new Error("Failed to execute 'importScripts' on 'WorkerGlobalScope': the method is not implemented.");
  };
  return { importScripts: named('importScripts', importScripts) };
}

/** Changes the browser's classes, where they stand; before the scope is made of them. */
export function undoInClasses(scope: Scope, isOff: IsOff): void {
  if (isOff('transformstream_enable_standard_constructor')) handOn(scope);
  if (isOff('streams_enable_constructors')) refuseStreams(scope);
  if (isOff('urlsearchparams_delete_has_value_arg')) forgetValues(scope.URLSearchParams.prototype);
  if (isOff('crypto_preserve_public_exponent')) bufferExponents(scope.CryptoKey.prototype);
  if (isOff('streams_byob_reader_detaches_buffer')) keepBuffers(scope.ReadableStreamBYOBReader.prototype);
}

const REFUSED = (name: string) =>
  `To use the new ${name}() constructor, enable the streams_enable_constructors compatibility flag. Refer to the docs for more information: https://developers.cloudflare.com/workers/platform/compatibility-dates/#compatibility-flags`;

function refuseStreams(scope: Scope): void {
  for (const name of ['ReadableStream', 'WritableStream'] as const) {
    const refuse = () => {
      throw new Error(REFUSED(name));
    };
    if (name === 'ReadableStream') define(scope[name], 'from', named('from', refuse));
    guardClass(scope, name, refuse);
  }
}

/** A TransformStream hands bytes on, whatever it is given. */
function handOn(scope: Scope): void {
  const prototype = scope.TransformStream.prototype;
  const passages = new WeakMap<object, Passage>();
  guardClass(scope, 'TransformStream', (target, args, newTarget) => {
    const transformer = args[0];
    if (!isDictionary(transformer)) {
      throw parameterError('', 'TransformStream', 1, 'Transformer', 'construct');
    }
    const made = reflectConstruct(target, [], newTarget) as object;
    weakMapSet(passages, made, new Passage(undefined, undefined));
    return made;
  });
  for (const side of ['readable', 'writable'] as const) {
    const native = uncurryGetter<unknown>(prototype, side) as (stream: unknown) => unknown;
    const get = { get: named(`get ${side}`, sideOf(passages, side, native)) }.get;
    objectDefineProperty(prototype, side, { get, enumerable: true, configurable: true });
  }
}

function sideOf(
  passages: WeakMap<object, Passage>,
  side: 'readable' | 'writable',
  native: (stream: unknown) => unknown,
) {
  return function (this: unknown): unknown {
    const passage = weakMapGet(passages, this as object);
    return passage ? passage[side] : native(this);
  };
}

/** A parameter is meant by its name alone. */
function forgetValues(prototype: URLSearchParams): void {
  for (const name of ['has', 'delete'] as const) {
    const native = uncurryThis(prototype[name] as (name: string) => unknown) as (of: unknown, name: unknown) => unknown;
    const own = {
      [name](this: unknown, ...args: unknown[]): unknown {
        if (args.length === 0) throw parameterError(name, 'URLSearchParams', 1, 'string');
        return native(this, args[0]);
      },
    };
    define(prototype, name, named(name, own[name] as () => unknown));
  }
}

/** The exponent of an RSA key is shown as a buffer. */
function bufferExponents(prototype: CryptoKey): void {
  const native = uncurryGetter<object>(prototype, 'algorithm') as (key: unknown) => object;
  const own = {
    get algorithm(): object {
      const algorithm = native(this) as { publicExponent?: Uint8Array };
      const { publicExponent } = algorithm;
      if (publicExponent === undefined) return algorithm;
      return { ...algorithm, publicExponent: typedArrayBuffer(typedArraySlice(publicExponent)) };
    },
  };
  const get = Object.getOwnPropertyDescriptor(own, 'algorithm')?.get as () => unknown;
  objectDefineProperty(prototype, 'algorithm', { get, enumerable: true, configurable: true });
}

type View = ArrayBufferView<ArrayBuffer> & { readonly length: number };
type Result = { done: boolean; value: View | undefined };

/** A buffer that is read into stays whose it is. */
function keepBuffers(prototype: ReadableStreamBYOBReader): void {
  const read = uncurryThis(prototype.read as (view: unknown, options?: unknown) => Promise<Result>);
  const own = {
    async read(this: unknown, view?: unknown, options?: unknown): Promise<Result> {
      if (!arrayBufferIsView(view)) return read(this, view, options);
      const { buffer, byteOffset, length } = view as View;
      const Kind = view.constructor as new (...args: unknown[]) => View;
      const { done, value } = await read(this, new Kind(buffer.slice(0), byteOffset, length), options);
      if (!value) return { done, value };
      const part = new NativeUint8Array(value.buffer, value.byteOffset, value.byteLength);
      typedArraySet(new NativeUint8Array(buffer), part, byteOffset);
      return { done, value: new Kind(buffer, byteOffset, value.length) };
    },
  };
  define(prototype, 'read', named('read', own.read, 1));
}

/** What a program cannot name by itself. */
export function takeNames(from: readonly object[], names: readonly string[]): void {
  for (const name of names) for (const on of from) reflectDeleteProperty(on, name);
}

/**
 * The platform's functions, taken before user code can change them.
 *
 * Promise: what is exported here is what the platform had when this module loaded. A program that later replaces
 * `Object.keys` or `Map.prototype.forEach` changes its own calls and none of ours. Methods are *uncurried*: their
 * `this` is the first argument, so no prototype is looked at when they are called.
 *
 * Keep each list in alphabetical order.
 */

type AnyMethod = (this: never, ...args: never[]) => unknown;

type Uncurried<F extends AnyMethod> = F extends (this: infer _T, ...args: infer A) => infer R
  ? (self: unknown, ...args: A) => R
  : never;

/** Makes `f.call(self, ...args)` a plain function `(self, ...args)`. */
export const uncurryThis: <F extends AnyMethod>(method: F) => Uncurried<F> = Function.prototype.bind.bind(
  Function.prototype.call,
) as never;

/** The getter of an accessor property as a plain function; undefined when there is none. */
export function uncurryGetter<R>(prototype: object, key: PropertyKey): ((self: unknown) => R) | undefined {
  const get = Object.getOwnPropertyDescriptor(prototype, key)?.get;
  return get && (uncurryThis(get) as (self: unknown) => R);
}

/** As `uncurryGetter`, for accessors that every platform we run on has. */
function getter<R>(prototype: object, key: PropertyKey): (self: unknown) => R {
  return uncurryGetter<R>(prototype, key) as (self: unknown) => R;
}

const typedArrayPrototype: object = Object.getPrototypeOf(Uint8Array.prototype);

// Constructors: a program may put something else in their places.
export const NativeDataView = DataView;
export const NativeInt32Array = Int32Array;
export const NativeMap = Map;
export const NativePromise = Promise;
export const NativeReadableStream = ReadableStream;
export const NativeSet = Set;
export const NativeUint8Array = Uint8Array;
export const NativeUint16Array = Uint16Array;
export const NativeUint32Array = Uint32Array;
export const NativeWritableStream = WritableStream;

// Static functions.
export const arrayBufferIsView = ArrayBuffer.isView;
export const arrayIsArray = Array.isArray;
export const bigintOf = BigInt as (value: number | string) => bigint;
export const mathCeil = Math.ceil;
export const mathFloor = Math.floor;
export const mathMax = Math.max;
export const mathMin = Math.min;
export const mathTrunc = Math.trunc;
export const numberIsFinite = Number.isFinite;
export const numberIsNaN = Number.isNaN;
export const numberIsSafeInteger = Number.isSafeInteger;
export const numberOf = Number as (value: unknown) => number;
export const numberParseInt = Number.parseInt;
export const objectCreate = Object.create as (prototype: object | null) => object;
export const objectDefineProperty = Object.defineProperty;
export const objectGetOwnPropertyDescriptor = Object.getOwnPropertyDescriptor;
export const objectGetOwnPropertyNames = Object.getOwnPropertyNames;
export const objectGetPrototypeOf = Object.getPrototypeOf as (value: object) => object | null;
export const objectHasOwn = Object.hasOwn;
export const objectIsExtensible = Object.isExtensible;
export const objectKeys = Object.keys as (value: object) => string[];
export const objectPrototype: object = Object.prototype;
export const objectSetPrototypeOf = Object.setPrototypeOf as <T>(value: T, prototype: object | null) => T;
export const promiseReject = Promise.reject.bind(Promise) as <T = never>(reason: unknown) => Promise<T>;
export const promiseResolve = Promise.resolve.bind(Promise) as <T = void>(value?: T) => Promise<T>;
export const reflectApply = Reflect.apply as (target: unknown, self: unknown, args: ArrayLike<unknown>) => unknown;
export const reflectConstruct = Reflect.construct;
export const reflectDeleteProperty = Reflect.deleteProperty;
export const reflectGet = Reflect.get as (target: object, key: PropertyKey, receiver?: unknown) => unknown;
export const reflectOwnKeys = Reflect.ownKeys;
export const reflectHas = Reflect.has;
export const reflectSet = Reflect.set as (
  target: object,
  key: PropertyKey,
  value: unknown,
  receiver?: unknown,
) => boolean;
export const stringFromCharCode = String.fromCharCode;
export const stringOf = String as (value: unknown) => string;

/** The same with types. A call that spreads its arguments would go through them by an iterator. */
export const callWith = Reflect.apply as <R>(
  method: (...args: never[]) => R,
  self: unknown,
  args: readonly unknown[],
) => R;

const NativeProxy = Proxy;

/** A Proxy whose handler inherits nothing: a program can put traps on `Object.prototype`, and a trap is given the target. */
export function makeProxy<T extends object>(target: T, handler: ProxyHandler<T>): T {
  return new NativeProxy(target, objectSetPrototypeOf(handler, null) as ProxyHandler<T>);
}

const NativeDate = Date;
const dateToIsoString = uncurryThis(Date.prototype.toISOString);

/** As the platform writes a moment down. @param timeMs since 1970 */
export const isoTime = (timeMs: number): string => dateToIsoString(new NativeDate(timeMs));

const arrayPrototype = Array.prototype;

/**
 * Puts `value` at the end, and nobody who put a setter for an index on a prototype hears of it. To define the element always would
 * be as safe, and costs half a microsecond (measured, Chromium) instead of 40 nanoseconds.
 */
export function arrayAppend<T>(array: T[], value: T): void {
  const at = array.length;
  const isPlain =
    objectGetPrototypeOf(array) === arrayPrototype && objectGetPrototypeOf(arrayPrototype) === objectPrototype;
  if (isPlain && !(at in arrayPrototype)) array[at] = value;
  else {
    objectDefineProperty(array, at, {
      __proto__: null,
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    } as PropertyDescriptor);
  }
}

// Methods.
export const arrayJoin = uncurryThis(Array.prototype.join) as (array: readonly unknown[], separator: string) => string;
export const arrayShift = uncurryThis(Array.prototype.shift) as <T>(array: T[]) => T | undefined;
export const arraySort = uncurryThis(Array.prototype.sort) as <T>(
  array: T[],
  compare?: (left: T, right: T) => number,
) => T[];
export const bigintToString = uncurryThis(BigInt.prototype.toString);
export const bigintValueOf = uncurryThis(BigInt.prototype.valueOf);
export const booleanValueOf = uncurryThis(Boolean.prototype.valueOf);
export const dataViewGetInt16 = uncurryThis(DataView.prototype.getInt16);
export const dataViewSetBigInt64 = uncurryThis(DataView.prototype.setBigInt64);
export const dataViewSetUint32 = uncurryThis(DataView.prototype.setUint32);
export const dateGetTime = uncurryThis(Date.prototype.getTime);
export const functionBind = uncurryThis(Function.prototype.bind) as (
  method: (...args: never[]) => unknown,
  self: unknown,
) => () => unknown;
export const functionToString = uncurryThis(Function.prototype.toString);
export const mapClear = uncurryThis(Map.prototype.clear) as (map: Map<unknown, unknown>) => void;
export const mapDelete = uncurryThis(Map.prototype.delete) as <K>(map: Map<K, unknown>, key: K) => boolean;
export const mapEntries = uncurryThis(Map.prototype.entries) as <K, V>(map: Map<K, V>) => MapIterator<[K, V]>;
export const mapForEach = uncurryThis(Map.prototype.forEach) as <K, V>(
  map: Map<K, V>,
  visit: (value: V, key: K) => void,
) => void;
export const mapGet = uncurryThis(Map.prototype.get) as <K, V>(map: Map<K, V>, key: K) => V | undefined;
export const mapHas = uncurryThis(Map.prototype.has) as <K>(map: Map<K, unknown>, key: K) => boolean;
export const mapIteratorNext = uncurryThis(
  (Object.getPrototypeOf(new Map().entries()) as { next: AnyMethod }).next,
) as <T>(iterator: MapIterator<T>) => IteratorResult<T, undefined>;
export const mapSet = uncurryThis(Map.prototype.set) as <K, V>(map: Map<K, V>, key: K, value: V) => Map<K, V>;
export const numberToString = uncurryThis(Number.prototype.toString) as (value: number, radix?: number) => string;
export const numberValueOf = uncurryThis(Number.prototype.valueOf);
export const objectIsPrototypeOf = uncurryThis(Object.prototype.isPrototypeOf) as (
  prototype: object,
  value: unknown,
) => boolean;
export const objectToString = uncurryThis(Object.prototype.toString);
export const promiseFinally = uncurryThis(Promise.prototype.finally) as <T>(
  promise: Promise<T>,
  settled?: () => void,
) => Promise<T>;
export const promiseThen = uncurryThis(Promise.prototype.then) as <T>(
  promise: Promise<T>,
  fulfilled?: (value: T) => unknown,
  rejected?: (reason: unknown) => unknown,
) => Promise<unknown>;
export const readableGetReader = uncurryThis(ReadableStream.prototype.getReader) as (
  stream: ReadableStream,
) => ReadableStreamDefaultReader<unknown>;
export const readableLocked = uncurryGetter<boolean>(ReadableStream.prototype, 'locked') as (s: unknown) => boolean;
export const writableLocked = uncurryGetter<boolean>(WritableStream.prototype, 'locked') as (s: unknown) => boolean;
export const readerCancel = uncurryThis(ReadableStreamDefaultReader.prototype.cancel) as (
  reader: ReadableStreamDefaultReader<unknown>,
  reason?: unknown,
) => Promise<void>;
export const readerRead = uncurryThis(ReadableStreamDefaultReader.prototype.read) as unknown as (
  reader: ReadableStreamDefaultReader<unknown>,
) => Promise<ReadableStreamReadResult<unknown>>;
export const regExpExec = uncurryThis(RegExp.prototype.exec) as (
  pattern: RegExp,
  text: string,
) => RegExpExecArray | null;
export const setAdd = uncurryThis(Set.prototype.add) as <T>(set: Set<T>, value: T) => Set<T>;
export const setClear = uncurryThis(Set.prototype.clear);
export const setDelete = uncurryThis(Set.prototype.delete) as <T>(set: Set<T>, value: T) => boolean;
export const setForEach = uncurryThis(Set.prototype.forEach) as <T>(set: Set<T>, visit: (value: T) => void) => void;
export const setHas = uncurryThis(Set.prototype.has) as <T>(set: Set<T>, value: T) => boolean;
export const stringCharCodeAt = uncurryThis(String.prototype.charCodeAt) as (text: string, index: number) => number;
export const stringCodePointAt = uncurryThis(String.prototype.codePointAt) as (
  text: string,
  index: number,
) => number | undefined;
export const stringIndexOf = uncurryThis(String.prototype.indexOf) as (text: string, part: string) => number;
const isWellFormed = (String.prototype as { isWellFormed?: () => boolean }).isWellFormed;
/** not before Chromium 111, Firefox 119, Safari 16.4 */
export const stringIsWellFormed = isWellFormed && uncurryThis(isWellFormed);
export const stringPadStart = uncurryThis(String.prototype.padStart);
export const stringSlice = uncurryThis(String.prototype.slice) as (text: string, from: number, to?: number) => string;
export const stringToLowerCase = uncurryThis(String.prototype.toLowerCase) as (text: string) => string;
export const stringToUpperCase = uncurryThis(String.prototype.toUpperCase) as (text: string) => string;
export const stringValueOf = uncurryThis(String.prototype.valueOf);
export const symbolToString = uncurryThis(Symbol.prototype.toString);
export const symbolValueOf = uncurryThis(Symbol.prototype.valueOf);
export const textDecoderDecode = uncurryThis(TextDecoder.prototype.decode);
export const textEncoderEncode = uncurryThis(TextEncoder.prototype.encode);
export const textEncoderEncodeInto = uncurryThis(TextEncoder.prototype.encodeInto);
export const typedArrayFill = uncurryThis(Uint8Array.prototype.fill);
export const typedArrayIndexOf = uncurryThis(Uint8Array.prototype.indexOf);
export const typedArraySet = uncurryThis(Uint8Array.prototype.set);
export const typedArraySort = uncurryThis(Uint32Array.prototype.sort);
export const weakMapGet = uncurryThis(WeakMap.prototype.get) as <K extends WeakKey, V>(
  map: WeakMap<K, V>,
  key: K,
) => V | undefined;
export const weakMapHas = uncurryThis(WeakMap.prototype.has);
export const weakMapSet = uncurryThis(WeakMap.prototype.set) as <K extends WeakKey, V>(
  map: WeakMap<K, V>,
  key: K,
  value: V,
) => unknown;
export const weakSetAdd = uncurryThis(WeakSet.prototype.add);
export const weakSetHas = uncurryThis(WeakSet.prototype.has);

// Getters. Each throws a TypeError for a value without the internal slot: the brand checks stand on that.
export const arrayBufferByteLength = getter<number>(ArrayBuffer.prototype, 'byteLength');
export const dataViewBuffer = getter<ArrayBuffer>(DataView.prototype, 'buffer');
export const dataViewByteLength = getter<number>(DataView.prototype, 'byteLength');
export const dataViewByteOffset = getter<number>(DataView.prototype, 'byteOffset');
export const domExceptionCode = getter<number>(DOMException.prototype, 'code');
export const domExceptionMessage = getter<string>(DOMException.prototype, 'message');
export const domExceptionName = getter<string>(DOMException.prototype, 'name');
export const mapSize = getter<number>(Map.prototype, 'size');
export const addListener = uncurryThis(EventTarget.prototype.addEventListener) as (
  target: unknown,
  type: string,
  hear: (event: Event) => void,
) => void;
export const stopEvent = uncurryThis(Event.prototype.stopImmediatePropagation);
export const messageData = getter<unknown>(MessageEvent.prototype, 'data');
export const regExpFlags = getter<string>(RegExp.prototype, 'flags');
export const regExpSource = getter<string>(RegExp.prototype, 'source');
export const setSize = getter<number>(Set.prototype, 'size');
export const typedArrayBuffer = getter<ArrayBuffer>(typedArrayPrototype, 'buffer');
export const typedArrayByteLength = getter<number>(typedArrayPrototype, 'byteLength');
export const typedArrayByteOffset = getter<number>(typedArrayPrototype, 'byteOffset');
export const typedArrayLength = getter<number>(typedArrayPrototype, 'length');
/** The type's name such as `Uint8Array`; undefined, never an error, for anything else. */
export const typedArrayTag = getter<string | undefined>(typedArrayPrototype, Symbol.toStringTag);

/** What the methods of these names do to bytes, but without asking for a constructor: that is a property, and a program can change it. */
export function typedArraySubarray(bytes: unknown, start = 0, end?: number): Uint8Array<ArrayBuffer> {
  const length = typedArrayLength(bytes);
  const last = end === undefined || end > length ? length : end;
  const first = start > last ? last : start;
  return new NativeUint8Array(typedArrayBuffer(bytes), typedArrayByteOffset(bytes) + first, last - first);
}

export function typedArraySlice(bytes: unknown, start = 0, end?: number): Uint8Array<ArrayBuffer> {
  const shown = typedArraySubarray(bytes, start, end);
  const copy = new NativeUint8Array(typedArrayLength(shown));
  typedArraySet(copy, shown);
  return copy;
}

export function wordsSlice(words: Uint32Array, start = 0, end = typedArrayLength(words)): Uint32Array<ArrayBuffer> {
  const copy = new NativeUint32Array(end - start);
  typedArraySet(
    copy,
    new NativeUint32Array(typedArrayBuffer(words), typedArrayByteOffset(words) + start * WORD_BYTES, end - start),
  );
  return copy;
}

const WORD_BYTES = 4;

// Younger than the oldest platform we run on: undefined there.
const resize = (ArrayBuffer.prototype as { resize?: (this: ArrayBuffer, length: number) => void }).resize;
export const arrayBufferDetached = uncurryGetter<boolean>(ArrayBuffer.prototype, 'detached');
export const arrayBufferMaxByteLength = uncurryGetter<number>(ArrayBuffer.prototype, 'maxByteLength');
export const arrayBufferResizable = uncurryGetter<boolean>(ArrayBuffer.prototype, 'resizable');
export const arrayBufferResize = resize && uncurryThis(resize);
const transfer = (ArrayBuffer.prototype as { transfer?: (this: ArrayBuffer, length: number) => ArrayBuffer }).transfer;
export const arrayBufferTransfer = transfer && uncurryThis(transfer);
/** Undefined also where the page is not isolated: then a program has no name for the class. */
export const sharedArrayBufferByteLength =
  typeof SharedArrayBuffer === 'function'
    ? uncurryGetter<number>(SharedArrayBuffer.prototype, 'byteLength')
    : undefined;

/**
 * The vocabulary of V8's value serialization, format version 15, and of the two host objects that workerd writes
 * for errors.
 *
 * Promise: numbers only; every one was seen in bytes that node:v8 or workerd wrote.
 */

/** First bytes of every value: the version tag and the version. */
export const VERSION_TAG = 0xff;
export const FORMAT_VERSION = 15;
/** Older versions that differ from 15 in nothing that we read, except that 13 has no flags behind a view. */
export const OLDEST_READABLE_VERSION = 13;
export const FIRST_VERSION_WITH_VIEW_FLAGS = 14;

/**
 * How deep values may nest that are written: one number for all kinds, and so small that what was written can be read. While that
 * code is not yet compiled, the stack of a worker in Chromium holds 1,000 levels of reading and 1,200 of writing, and not 1,200 of
 * reading (seen). Where it ends earlier (a caller that is deep already), the errors are the same.
 *
 * DIFFERS: workerd ends at what its stack holds: it refuses to write more than about 3,600 levels (RangeError,
 * `Maximum call stack size exceeded`) and to read more than about 2,400 nested objects.
 */
export const DEPTH_MAX = 1_000;
/** How deep values may nest that are read, where the stack holds so much: workerd wrote them. */
export const READ_DEPTH_MAX = 2_000;
/** A native error weighs this much more than an object: reading one takes that much more stack. */
export const NATIVE_ERROR_DEPTH = 2;

/** One ASCII character each; the character is V8's own name for it. */
export const Tag = {
  padding: 0x00,
  arrayBuffer: 0x42, // B
  arrayBufferView: 0x56, // V
  beginDenseArray: 0x41, // A
  beginMap: 0x3b, // ;
  beginObject: 0x6f, // o
  beginSet: 0x27, // '
  beginSparseArray: 0x61, // a
  bigint: 0x5a, // Z
  bigintObject: 0x7a, // z
  date: 0x44, // D
  double: 0x4e, // N
  endDenseArray: 0x24, // $
  endMap: 0x3a, // :
  endObject: 0x7b, // {
  endSet: 0x2c, // ,
  endSparseArray: 0x40, // @
  error: 0x72, // r
  false: 0x46, // F
  falseObject: 0x78, // x
  hole: 0x2d, // -
  hostObject: 0x5c, // \
  int32: 0x49, // I
  null: 0x30, // 0
  numberObject: 0x6e, // n
  objectCount: 0x3f, // ?
  objectReference: 0x5e, // ^
  oneByteString: 0x22, // "
  regExp: 0x52, // R
  resizableArrayBuffer: 0x7e, // ~
  stringObject: 0x73, // s
  transferredArrayBuffer: 0x74, // t
  true: 0x54, // T
  trueObject: 0x79, // y
  twoByteString: 0x63, // c
  uint32: 0x55, // U
  undefined: 0x5f, // _
  utf8String: 0x53, // S
} as const;

/** Second byte of a view; the element's size in bytes stands in `VIEW_ELEMENT_BYTES`. */
export const VIEW_TAGS: ReadonlyMap<string, number> = new Map([
  ['Int8Array', 0x62], // b
  ['Uint8Array', 0x42], // B
  ['Uint8ClampedArray', 0x43], // C
  ['Int16Array', 0x77], // w
  ['Uint16Array', 0x57], // W
  ['Int32Array', 0x64], // d
  ['Uint32Array', 0x44], // D
  ['Float16Array', 0x68], // h
  ['Float32Array', 0x66], // f
  ['Float64Array', 0x46], // F
  ['BigInt64Array', 0x71], // q
  ['BigUint64Array', 0x51], // Q
  ['DataView', 0x3f], // ?
]);

/** Flags behind a view, from version 14. */
export const VIEW_LENGTH_TRACKING = 1;
export const VIEW_OF_RESIZABLE = 2;

/** Bits of a RegExp's flags, by flag letter. 64 (`l`, linear) is V8's experiment and never read. */
export const REGEXP_FLAGS: readonly (readonly [letter: string, bit: number])[] = [
  ['d', 128],
  ['g', 1],
  ['i', 2],
  ['m', 4],
  ['s', 32],
  ['u', 16],
  ['v', 256],
  ['y', 8],
];

/** Inside V8's own error (`r`): one of the prototypes or none, then message, stack and cause, each or not. */
export const ErrorTag = {
  cause: 0x63, // c
  end: 0x2e, // .
  message: 0x6d, // m
  stack: 0x73, // s
} as const;

export const ERROR_PROTOTYPE_TAGS: ReadonlyMap<string, number> = new Map([
  ['EvalError', 0x45], // E
  ['RangeError', 0x52], // R
  ['ReferenceError', 0x46], // F
  ['SyntaxError', 0x53], // S
  ['TypeError', 0x54], // T
  ['URIError', 0x55], // U
]);

/**
 * The first number of a host object says what it is. These two are read and written here; every other number is
 * the delegate's. What workerd writes besides, for a delegate that wants the same bytes:
 *
 *     4 Headers   guard, count, then per header: name code (0: own name follows), [name], value.
 *                 Guard is 3 for each Headers seen, those of a Request or Response too. Codes 1..47 stand for common names.
 *     5 Request   url, then a value: the init object {method, headers, body, redirect, fetcher, cf, cache, integrity,
 *                 signal, encodeResponseBody}, undefined where it is the default, body null
 *     6 Response  a value: the body (null), then a value: {status, statusText, headers, cf, webSocket, encodeBody}
 *    15 Blob      type, then length and bytes
 *
 * Names, header values, urls and types are UTF-8 behind a length in bytes.
 */
export const HostTag = { domException: 8, nativeError: 10 } as const;

/** workerd's code for an error's class in a `nativeError`; 0 is any other name, which then follows. */
export const NATIVE_ERROR_CODES: ReadonlyMap<string, number> = new Map([
  ['Error', 1],
  ['TypeError', 2],
  ['RangeError', 3],
  ['ReferenceError', 4],
  ['SyntaxError', 5],
  ['WasmCompileError', 6],
  ['WasmLinkError', 7],
  ['WasmRuntimeError', 8],
  ['WasmSuspendError', 9],
  ['EvalError', 10],
  ['URIError', 11],
  ['AggregateError', 12],
  ['SuppressedError', 13],
]);

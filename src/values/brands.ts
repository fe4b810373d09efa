/**
 * What an object really is: the kind that V8's structured clone sees.
 *
 * Promise: an answer comes from internal slots, never from a class name, `Symbol.toStringTag` or a prototype alone. A
 * prototype only says which slot to try first. No property of the object that user code could observe is read, but
 * `Symbol.toStringTag`.
 *
 * Limits: script cannot tell a Proxy from an object, nor see the slots of promises, iterators and generators (for those
 * the prototype decides). Built-ins without a tag of their own (Map, Set, ArrayBuffer …) whose prototype was replaced
 * by `Object.prototype` or a plain class's count as plain: looking would cost every plain object dearly.
 */
import {
  arrayBufferByteLength,
  arrayBufferIsView,
  bigintValueOf,
  booleanValueOf,
  dateGetTime,
  domExceptionCode,
  mapGet,
  mapSize,
  NativeUint8Array,
  numberValueOf,
  objectGetOwnPropertyDescriptor,
  objectGetPrototypeOf,
  objectHasOwn,
  objectIsExtensible,
  objectKeys,
  objectToString,
  regExpSource,
  setSize,
  stringValueOf,
  symbolValueOf,
  typedArrayBuffer,
  weakMapHas,
  weakSetAdd,
  weakSetHas,
} from '../base/primordials.ts';
import { weakRefDeref } from '../base/weak-references.ts';

/**
 * `plain`: its prototype is `Object.prototype`. `instance`: any other ordinary object, platform objects included.
 * `refused`: a built-in that no structured clone takes.
 */
export type Brand =
  | 'plain'
  | 'instance'
  | 'arrayBuffer'
  | 'view'
  | 'date'
  | 'map'
  | 'set'
  | 'regExp'
  | 'error'
  | 'domException'
  | 'number'
  | 'string'
  | 'boolean'
  | 'bigint'
  | 'refused';

/** Throws or returns false when the value lacks the slot; anything else says that it has it. */
type SlotCheck = (value: object) => unknown;

const regExpPrototype: object = RegExp.prototype;
const errorPrototype: object = Error.prototype;
const isNativeError = (Error as { isError?: (value: unknown) => boolean }).isError;
type CheckedBrand = Exclude<Brand, 'plain' | 'instance' | 'refused'>;

const checks: Readonly<Record<CheckedBrand, SlotCheck>> = {
  view: arrayBufferIsView,
  date: dateGetTime,
  map: mapSize,
  set: setSize,
  arrayBuffer: arrayBufferByteLength,
  error: isError,
  regExp: (value) => regExpSource(value) !== undefined && value !== regExpPrototype,
  domException: domExceptionCode,
  number: numberValueOf,
  string: stringValueOf,
  boolean: (value) => typeof booleanValueOf(value) === 'boolean',
  bigint: bigintValueOf,
};
const checkedBrands = Object.keys(checks) as CheckedBrand[];

const refusals: readonly SlotCheck[] = [
  symbolValueOf,
  (value) => typeof weakMapHas(value, value) === 'boolean',
  (value) => typeof weakSetHas(value as WeakSet<object>, value) === 'boolean',
  weakRefDeref,
  isShared,
];

const brandByPrototype = new Map<object, CheckedBrand>([
  [Date.prototype, 'date'],
  [Map.prototype, 'map'],
  [Set.prototype, 'set'],
  [ArrayBuffer.prototype, 'arrayBuffer'],
  [RegExp.prototype, 'regExp'],
  [DOMException.prototype, 'domException'],
  [Number.prototype, 'number'],
  [String.prototype, 'string'],
  [Boolean.prototype, 'boolean'],
  [BigInt.prototype, 'bigint'],
  [DataView.prototype, 'view'],
  ...[Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError, AggregateError].map(
    (type) => [type.prototype, 'error'] as const,
  ),
  ...[Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array].map(
    (type) => [type.prototype, 'view'] as const,
  ),
  ...[Float32Array, Float64Array, BigInt64Array, BigUint64Array].map((type) => [type.prototype, 'view'] as const),
]);

const scope: object = globalThis;
const objectPrototype: object = Object.prototype;
const refusedPrototypes = findRefusedPrototypes();
/** Prototypes of which one instance was looked at closely and found ordinary: its siblings are believed. */
const ordinaryPrototypes = new WeakSet<object>([objectPrototype]);

/** The kind of an object that is neither callable nor an array. */
export function brandOf(value: object): Brand {
  const prototype = objectGetPrototypeOf(value);
  const tag = objectToString(value) as string;
  if (prototype === objectPrototype && tag === '[object Object]') return 'plain';
  const guess = prototype && mapGet(brandByPrototype, prototype);
  if (guess !== undefined && guess !== null && holds(checks[guess], value)) return guess;
  return lookClosely(value, prototype, tag);
}

function lookClosely(value: object, prototype: object | null, tag: string): Brand {
  const isTagged = typeof (value as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag] === 'string';
  // Untagged, `Object.prototype.toString` itself tells Date, RegExp, Error and the wrappers from the rest.
  const looksOrdinary = isTagged || tag === '[object Object]';
  const isBelieved = prototype === null ? objectKeys(value).length > 0 : weakSetHas(ordinaryPrototypes, prototype);
  if (!looksOrdinary || !isBelieved || tag === '[object Module]') {
    if (!isTagged && tag === '[object Arguments]') return 'refused';
    if (value === scope) return 'refused';
    for (let i = 0; i < checkedBrands.length; i++) {
      const brand = checkedBrands[i] as CheckedBrand;
      if (holds(checks[brand], value)) return brand;
    }
    for (let i = 0; i < refusals.length; i++) if (holds(refusals[i] as SlotCheck, value)) return 'refused';
    if (isModuleNamespace(value, prototype, tag)) return 'refused';
    for (let link = prototype; link !== null; link = objectGetPrototypeOf(link)) {
      if (weakSetHas(refusedPrototypes, link)) return 'refused';
    }
    if (prototype !== null) weakSetAdd(ordinaryPrototypes, prototype);
  }
  return prototype === objectPrototype ? 'plain' : 'instance';
}

function holds(check: SlotCheck, value: object): boolean {
  try {
    return check(value) !== false;
  } catch {
    return false; // a TypeError of the platform's own getter: the slot is not there
  }
}

/** Without `Error.isError` a tagged error is known by V8's own `stack` on an heir of Error. */
function isError(value: object): boolean {
  if (isNativeError) return isNativeError(value) && !holds(checks.domException, value);
  if (typeof (value as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag] !== 'string') {
    return objectToString(value) === '[object Error]';
  }
  if (holds(checks.domException, value) || !objectHasOwn(value, 'stack')) return false;
  for (let link = objectGetPrototypeOf(value); link !== null; link = objectGetPrototypeOf(link)) {
    if (link === errorPrototype) return true;
  }
  return false;
}

/** Also where the page has no name for the class: WebAssembly's memory is one nevertheless. */
function isShared(value: object): boolean {
  if (objectToString(value) !== '[object SharedArrayBuffer]') return false;
  return (typedArrayBuffer(new NativeUint8Array(value as SharedArrayBuffer)) as unknown) === value;
}

function isModuleNamespace(value: object, prototype: object | null, tag: string): boolean {
  if (prototype !== null || tag !== '[object Module]' || objectIsExtensible(value)) return false;
  return objectGetOwnPropertyDescriptor(value, Symbol.toStringTag)?.configurable === false;
}

/** Prototypes of built-ins whose slots cannot be asked for without a side effect. */
function findRefusedPrototypes(): WeakSet<object> {
  const found: unknown[] = [
    Promise.prototype,
    FinalizationRegistry.prototype,
    Object.getPrototypeOf(function* () {}).prototype,
    Object.getPrototypeOf(async function* () {}).prototype,
    Object.getPrototypeOf([].values()),
    Object.getPrototypeOf(new Map().values()),
    Object.getPrototypeOf(new Set().values()),
    Object.getPrototypeOf(''[Symbol.iterator]()),
    Object.getPrototypeOf(''.matchAll(/a/g)),
  ];
  const helper = ([].values() as { map?: (f: (x: unknown) => unknown) => object }).map?.((x) => x);
  if (helper) found.push(Object.getPrototypeOf(helper));
  const spaces: object[] = [Intl];
  if (typeof WebAssembly === 'object') spaces.push(WebAssembly);
  for (const space of spaces) {
    for (const name of Object.getOwnPropertyNames(space)) {
      const type: unknown = (space as Record<string, unknown>)[name];
      if (typeof type === 'function' && !(type.prototype instanceof Error)) found.push(type.prototype);
    }
  }
  return new WeakSet(found.filter((prototype) => typeof prototype === 'object' && prototype !== null) as object[]);
}

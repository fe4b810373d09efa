/**
 * `node:util/types`: what a value is, whatever its class claims.
 *
 * A proxy cannot be told from its target here, and a value of the platform's own by nothing but its tag.
 */
import { keptKey } from './crypto-kept-keys.ts';

type Test = (value: unknown) => boolean;

const tagOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);
const isObjectLike = (value: unknown): value is object => typeof value === 'object' && value !== null;
const typedArrayTag = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype) as object,
  Symbol.toStringTag,
)?.get as (this: unknown) => string | undefined;
const typedArray =
  (name: string): Test =>
  (value) =>
    typedArrayTag.call(value) === name;
/** True when calling `method` on the value is not refused. */
const branded =
  (method: (this: never, ...args: never[]) => unknown, ...args: unknown[]): Test =>
  (value) => {
    if (!isObjectLike(value)) return false;
    try {
      Reflect.apply(method, value, args);
      return true;
    } catch {
      return false; // the method refuses whatever is not of its class
    }
  };
const getterOf = (prototype: object, key: string) =>
  Object.getOwnPropertyDescriptor(prototype, key)?.get as (this: never) => unknown;
const tagged =
  (...tags: string[]): Test =>
  (value) =>
    isObjectLike(value) && tags.includes(tagOf(value));

export const isAnyArrayBuffer: Test = (value) => isArrayBuffer(value) || isSharedArrayBuffer(value);
export const isArgumentsObject: Test = tagged('Arguments');
export const isArrayBuffer: Test = branded(getterOf(ArrayBuffer.prototype, 'byteLength'));
export const isArrayBufferView: Test = (value) => ArrayBuffer.isView(value);
const functionTest =
  (tag: string): Test =>
  (value) =>
    typeof value === 'function' && tagOf(value) === tag;
export const isAsyncFunction: Test = (value) =>
  functionTest('AsyncFunction')(value) || functionTest('AsyncGeneratorFunction')(value);
export const isBigInt64Array = typedArray('BigInt64Array');
export const isBigIntObject: Test = branded(BigInt.prototype.valueOf);
export const isBigUint64Array = typedArray('BigUint64Array');
export const isBooleanObject: Test = branded(Boolean.prototype.valueOf);
export const isBoxedPrimitive: Test = (value) =>
  [isNumberObject, isStringObject, isBooleanObject, isBigIntObject, isSymbolObject].some((test) => test(value));
export const isCryptoKey: Test = tagged('CryptoKey');
export const isDataView: Test = (value) => ArrayBuffer.isView(value) && typedArrayTag.call(value) === undefined;
export const isDate: Test = branded(Date.prototype.getTime);
export const isExternal: Test = () => false;
export const isFloat16Array = typedArray('Float16Array');
export const isFloat32Array = typedArray('Float32Array');
export const isFloat64Array = typedArray('Float64Array');
export const isGeneratorFunction: Test = (value) =>
  functionTest('GeneratorFunction')(value) || functionTest('AsyncGeneratorFunction')(value);
export const isGeneratorObject: Test = tagged('Generator', 'AsyncGenerator');
export const isInt16Array = typedArray('Int16Array');
export const isInt32Array = typedArray('Int32Array');
export const isInt8Array = typedArray('Int8Array');
export const isKeyObject: Test = (value) => keptKey(value) !== undefined;
export const isMap: Test = branded(getterOf(Map.prototype, 'size'));
export const isMapIterator: Test = tagged('Map Iterator');
export const isModuleNamespaceObject: Test = tagged('Module');
export const isNativeError: Test = (value) =>
  value instanceof Error || (isObjectLike(value) && tagOf(value) === 'Error');
export const isNumberObject: Test = branded(Number.prototype.valueOf);
export const isPromise: Test = (value) => isObjectLike(value) && tagOf(value) === 'Promise';
export const isProxy: Test = () => false;
export const isRegExp: Test = branded(getterOf(RegExp.prototype, 'source'));
export const isSet: Test = branded(getterOf(Set.prototype, 'size'));
export const isSetIterator: Test = tagged('Set Iterator');
export const isSharedArrayBuffer: Test = tagged('SharedArrayBuffer');
export const isStringObject: Test = branded(String.prototype.valueOf);
export const isSymbolObject: Test = branded(Symbol.prototype.valueOf);
export const isTypedArray: Test = (value) => typedArrayTag.call(value) !== undefined;
export const isUint16Array = typedArray('Uint16Array');
export const isUint32Array = typedArray('Uint32Array');
export const isUint8Array = typedArray('Uint8Array');
export const isUint8ClampedArray = typedArray('Uint8ClampedArray');
export const isWeakMap: Test = branded(WeakMap.prototype.has, {});
export const isWeakSet: Test = branded(WeakSet.prototype.has, {});

/** What arguments of `node:crypto` must be, and how Node says that they are not. */
import { codeError, outOfRange, received } from './errors.ts';

export const INT32_MAX = 2 ** 31 - 1;
export const UINT32_MAX = 2 ** 32 - 1;
export const INT32_MIN = -(2 ** 31);
export const BYTES = 'of type string or an instance of Buffer, TypedArray, or DataView';

function place(name: string): string {
  return name.includes('.') ? 'property' : 'argument';
}

export function wrongType(name: string, expected: string, value: unknown): TypeError {
  return codeError(
    TypeError,
    'ERR_INVALID_ARG_TYPE',
    `The "${name}" ${place(name)} must be ${expected}. ${received(value)}`,
  );
}

export function wrongValue(name: string, value: unknown, reason = 'is invalid'): TypeError {
  const shown = typeof value === 'string' ? `'${value}'` : String(value);
  return codeError(TypeError, 'ERR_INVALID_ARG_VALUE', `The ${place(name)} '${name}' ${reason}. Received ${shown}`);
}

export function checkString(name: string, value: unknown): asserts value is string {
  if (typeof value !== 'string') throw wrongType(name, 'of type string', value);
}

export function checkBoolean(name: string, value: unknown): asserts value is boolean {
  if (typeof value !== 'boolean') throw wrongType(name, 'of type boolean', value);
}

export function isBytes(value: unknown): value is string | ArrayBuffer | ArrayBufferView {
  return typeof value === 'string' || ArrayBuffer.isView(value) || value instanceof ArrayBuffer;
}

export function checkObject(name: string, value: unknown): asserts value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrongType(name, 'of type object', value);
}

export function checkFunction(name: string, value: unknown): asserts value is (...args: unknown[]) => void {
  if (typeof value !== 'function') throw wrongType(name, 'of type function', value);
}

export function checkOneOf(name: string, value: unknown, all: readonly (string | number)[]): void {
  if (all.includes(value as string)) return;
  const list = all.map((one) => (typeof one === 'string' ? `'${one}'` : one)).join(', ');
  throw wrongValue(name, value, `must be one of: ${list}`);
}

export function checkInteger(
  name: string,
  value: unknown,
  min: number,
  max: number,
  between = `>= ${min} && <= ${max}`,
): asserts value is number {
  if (typeof value !== 'number') throw wrongType(name, 'of type number', value);
  const range = Number.isInteger(value) ? between : 'an integer';
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw outOfRange(name, range, inThousands(value));
}

/** Node separates the thousands of large whole numbers. */
function inThousands(value: number): string {
  const isLarge = Number.isInteger(value) && Math.abs(value) > 2 ** 32;
  return isLarge ? String(value).replace(/\B(?=(\d{3})+$)/g, '_') : String(value);
}

export function missingArgument(name: string): TypeError {
  return codeError(TypeError, 'ERR_MISSING_ARGS', `The "${name}" argument must be specified`);
}

/** As the platform's own layer refuses what is no bytes. */
export function noBytes(method: string, on: string, index: number): TypeError {
  return new TypeError(`Failed to execute '${method}' on '${on}': parameter ${index} is not of type 'JsBufferSource'.`);
}

/** A class that may be called without `new`, as Node's older ones may. @param name  what it is called, if not as it is */
export function callable<C extends new (...args: never[]) => object>(Class: C, name?: string): C {
  if (name !== undefined) Object.defineProperty(Class, 'name', { value: name });
  const open = new Proxy(Class, { apply: (target, _receiver, args) => new target(...(args as never[])) });
  Object.defineProperty(Class.prototype, 'constructor', { value: open, writable: true, configurable: true });
  return open;
}

/**
 * How the platform words a refusal to clone.
 *
 * Promise: the text is V8's own for the value, on every browser; making it runs user code only where V8 would look at a
 * property too, and whatever that code throws is ignored.
 */
import { notSerializableText } from '../base/platform-objects.ts';
import {
  functionToString,
  objectGetOwnPropertyDescriptor,
  objectToString,
  symbolToString,
} from '../base/primordials.ts';

/** `unserializable-type`: an ordinary object whose class nobody can write. `uncloneable`: V8 itself refuses. */
export type CloneErrorKind = 'unserializable-type' | 'uncloneable';

export function dataCloneError(text: string): DOMException {
  return new DOMException(text, 'DataCloneError');
}

/** The whole sentence for `value`. */
export function cloneErrorText(value: unknown, kind: CloneErrorKind): string {
  return kind === 'uncloneable'
    ? `${describe(value)} could not be cloned.`
    : notSerializableText(constructorName(value as object) ?? 'Object');
}

export const DETACHED_BUFFER_TEXT = 'An ArrayBuffer is detached and could not be cloned.';
/** A view that fell out of its shrunken buffer; V8 prints a typed array then as a nameless object. */
export const OUT_OF_BOUNDS_ARRAY_TEXT = '[object Object] could not be cloned.';
export const OUT_OF_BOUNDS_DATA_VIEW_TEXT = '#<DataView> could not be cloned.';
/** DIFFERS: workerd stores a SharedArrayBuffer as a number that nothing can read back. */
export const SHARED_BUFFER_TEXT = '#<SharedArrayBuffer> could not be cloned.';

const objectPrototypeToString = Object.prototype.toString;

function describe(value: unknown): string {
  if (typeof value === 'symbol') return symbolToString(value) as string;
  if (typeof value === 'function') return describeFunction(value);
  try {
    const text = objectToString(value) as string;
    if ((value as object).toString !== objectPrototypeToString) return text;
    // Iterators have a constructor of their own kind, which V8 passes over; before there was one it was Object.
    const name = text.endsWith(' Iterator]') ? undefined : constructorName(value as object);
    return name ? `#<${name}>` : text;
  } catch {
    return '#<Object>';
  }
}

/** Source text; for built-in and bound functions V8's one line, which other engines spread over three. */
function describeFunction(value: object): string {
  const source = functionToString(value) as string;
  if (!/\{\s*\[native code\]\s*\}$/.test(source)) return source;
  const name = ownName(value);
  return `function ${name.startsWith('bound ') ? '' : name}() { [native code] }`;
}

function constructorName(value: object): string | undefined {
  try {
    const type: unknown = value.constructor;
    return (typeof type === 'function' && ownName(type)) || undefined;
  } catch {
    return undefined;
  }
}

function ownName(type: object): string {
  const name: unknown = objectGetOwnPropertyDescriptor(type, 'name')?.value;
  return typeof name === 'string' ? name : '';
}

/**
 * How V8 shows a value in the texts of its errors.
 *
 * Promise: the same on every browser; making it runs user code only where V8 would look at a property too, and whatever that code
 * throws is ignored.
 */
import { functionToString, objectGetOwnPropertyDescriptor, objectToString, symbolToString } from './primordials.ts';

const objectPrototypeToString = Object.prototype.toString;

/** An object, a function or a symbol. */
export function shownByV8(value: unknown): string {
  if (typeof value === 'symbol') return symbolToString(value) as string;
  if (typeof value === 'function') return describeFunction(value);
  try {
    const text = objectToString(value) as string;
    if ((value as object).toString !== objectPrototypeToString) return text;
    // Iterators have a constructor of their own kind, which V8 passes over; before there was one it was Object.
    const name = text.endsWith(' Iterator]') ? undefined : classNameOf(value as object);
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

/** The name of its constructor, if that says one. */
export function classNameOf(value: object): string | undefined {
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

/**
 * How V8 keeps the elements of an array, as far as its serialization shows it.
 *
 * Promise: every element is read once. Knows no bytes.
 */
import { objectHasOwn, objectIsExtensible } from '../base/primordials.ts';

/**
 * Reads every element once into `elements`, up to the first hole, and says how V8 would keep the array. `doubles`: all
 * are numbers and not all small integers.
 */
export function readElements(array: readonly unknown[], elements: unknown[]): 'sparse' | 'dense' | 'doubles' {
  if (!objectIsExtensible(array)) return 'sparse';
  let allNumbers = true;
  let hasDouble = false;
  let hasUndefined = false;
  for (let i = 0; i < array.length; i++) {
    const element = array[i];
    if (typeof element === 'number') hasDouble ||= !isSmall(element);
    else if (element !== undefined) allNumbers = false;
    else if (objectHasOwn(array, i)) hasUndefined = true;
    else return 'sparse';
    elements[i] = element;
  }
  if (!allNumbers) return 'dense';
  if (hasUndefined) return 'sparse';
  return hasDouble ? 'doubles' : 'dense';
}

/** V8's small integer in workerd's build: 31 bits, and not minus zero. */
export function isSmall(value: number): boolean {
  return (value | 0) === value && value >= -0x40000000 && value <= 0x3fffffff && (value !== 0 || 1 / value > 0);
}

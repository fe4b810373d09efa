/**
 * What the platform's classes have in common as user code sees them: how they are (not) constructed, what their members look
 * like, how an argument becomes a string. Knows nothing of storage.
 */
import { platformObject, shapePrototype } from '../base/platform-objects.ts';
import { objectDefineProperty, objectGetPrototypeOf, stringOf } from '../base/primordials.ts';

/** The prototype of all the platform's iterators; it carries the iterator helpers where the engine has them. */
export const iteratorPrototype = objectGetPrototypeOf(objectGetPrototypeOf([][Symbol.iterator]()) as object) as object;

/** What user code sees as the constructor. */
export type RefusingConstructor = new () => never;

interface Shape {
  readonly name: string;
  /** an iterator class: its parent is the platform's prototype of iterators */
  readonly isIterator?: boolean;
}

/**
 * Makes a class look like the platform's; the constructor that can be reached from an instance refuses. Only who holds the class itself can construct. Instances are refused by serialisation under the name.
 *
 * @returns the constructor that refuses
 */
export function platformClass(
  target: { readonly prototype: object },
  { name, isIterator = false }: Shape,
): RefusingConstructor {
  const { prototype } = target;
  function refusing(): never {
    throw new TypeError('Illegal constructor');
  }
  objectDefineProperty(refusing, 'name', { value: name, configurable: true });
  refusing.prototype = prototype;
  shapePrototype(prototype, name, refusing);
  if (isIterator) Object.setPrototypeOf(prototype, iteratorPrototype);
  platformObject(prototype, name);
  return refusing as unknown as RefusingConstructor;
}

/** @throws TypeError with V8's text, whatever engine this is */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'symbol') throw new TypeError('Cannot convert a Symbol value to a string');
  return stringOf(value);
}

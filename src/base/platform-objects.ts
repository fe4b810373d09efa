/**
 * Which JavaScript objects stand for the platform's own: ids, namespaces, `ctx`, storage.
 *
 * The platform refuses to serialise them by name, and a program must not be able to make one look like plain data, so they
 * are known by identity, or, where there are too many, by that of their prototype. Knows nothing of what they do.
 */
import {
  objectDefineProperty,
  objectGetOwnPropertyDescriptor,
  objectGetPrototypeOf,
  objectPrototype,
  weakMapGet,
  weakMapSet,
} from './primordials.ts';
import { shownByV8 } from './shown-by-v8.ts';

const types = new WeakMap<object, string>();

/** Marks `object` as one of the platform's, or a prototype as that of such objects; gives it back. */
export function platformObject<T extends object>(object: T, type: string): T {
  weakMapSet(types, object, type);
  return object;
}

/** The platform's name of its type, or undefined for what the program made itself. */
export function platformTypeOf(object: object): string | undefined {
  const type = weakMapGet(types, object);
  if (type !== undefined) return type;
  const prototype = objectGetPrototypeOf(object);
  return prototype === null || prototype === objectPrototype ? undefined : weakMapGet(types, prototype);
}

/** Base of a class whose fields may belong to an object that is there already: a function, which no class makes. */
export class FieldsOf {
  constructor(it?: object) {
    // biome-ignore lint/correctness/noConstructorReturn: that is what it is for
    if (it) return it;
  }
}

/**
 * Makes a class's prototype look like one of the platform's: its members enumerable and in the order of the class's text, then the
 * constructor, the tag, and the iterator, a function without a name. A class in JavaScript has its constructor first.
 *
 * @param visible what user code sees as the constructor
 */
export function shapePrototype(prototype: object, tag: string, visible: object): void {
  for (const key of Reflect.ownKeys(prototype)) {
    const found = objectGetOwnPropertyDescriptor(prototype, key);
    if (found && typeof key === 'string' && key !== 'constructor') {
      const isReadOnly = found.get !== undefined && found.set === undefined;
      objectDefineProperty(prototype, key, {
        ...found,
        ...(isReadOnly ? { set: refusingSetter(key) } : {}),
        enumerable: true,
      });
    }
  }
  const hidden = { configurable: true, writable: true };
  const last = (key: PropertyKey, value: unknown) => {
    Reflect.deleteProperty(prototype, key);
    objectDefineProperty(prototype, key, { value, ...hidden });
  };
  const iterate = objectGetOwnPropertyDescriptor(prototype, Symbol.iterator)?.value as object | undefined;
  last('constructor', visible);
  last(Symbol.toStringTag, tag);
  if (!iterate) return;
  objectDefineProperty(iterate, 'name', { value: '', configurable: true });
  last(Symbol.iterator, iterate);
}

/**
 * What is assigned to where there is a getter alone: V8 refuses that in these words where the platform's accessors are read-only,
 * which no script can make them.
 */
export function refusingSetter(key: string): (this: unknown, value: unknown) => never {
  return function (this: unknown): never {
    throw new TypeError(`Cannot assign to read only property '${key}' of object '${shownByV8(this)}'`);
  };
}

/** @see workerd (the text is measured) */
export function notSerializableText(type: string): string {
  return `Could not serialize object of type "${type}". This type does not support serialization.`;
}

export function notSerializable(type: string): DOMException {
  return new DOMException(notSerializableText(type), 'DataCloneError');
}

const ILLEGAL_INVOCATION =
  'Illegal invocation: function called with incorrect `this` reference. See https://developers.cloudflare.com/workers/observability/errors/#illegal-invocation-errors for details.';

/** What a method of the platform throws when its `this` is something else. */
export function illegalInvocation(): TypeError {
  return new TypeError(ILLEGAL_INVOCATION);
}

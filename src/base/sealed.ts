/**
 * What a promise may carry past a hostile program.
 *
 * The language itself shows promises and what they are resolved with: `await` asks each promise for its `constructor`, and
 * `resolve` asks each value for `then`, both along prototypes that a program can patch. No captured method avoids that.
 *
 * Promise: from the box alone nobody comes to what is in it; `unseal` does, and a program has no way to that function. So
 * ports, links, leases and whatever else gives power go through a promise in a box, or not at all.
 */
import { objectSetPrototypeOf } from './primordials.ts';

class Box<T> {
  readonly #content: T;

  constructor(content: T) {
    this.#content = content;
  }

  static isBox(value: object): boolean {
    return #content in value;
  }

  static content<T>(box: Box<T>): T {
    return box.#content;
  }
}

// Not even `constructor` leads back here.
objectSetPrototypeOf(Box.prototype, null);
Reflect.deleteProperty(Box.prototype, 'constructor');

const contentOf = Box.content;
const isBox = Box.isBox;

declare const content: unique symbol;
export interface Sealed<T> {
  readonly [content]: T;
}

export function seal<T>(value: T): Sealed<T> {
  return new Box(value) as unknown as Sealed<T>;
}

export function isSealed(value: unknown): value is Sealed<unknown> {
  return typeof value === 'object' && value !== null && isBox(value);
}

export function unseal<T>(sealed: Sealed<T>): T {
  return contentOf(sealed as unknown as Box<T>);
}

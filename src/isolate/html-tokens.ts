/**
 * What the handlers of an HTMLRewriter are given.
 *
 * Promise: names, order of members and texts are workerd's (1.20260730, as observed); a token does nothing once its
 * handler has ended, and gives nothing of the engine away.
 */
import type { RawComment, RawDoctype, RawDocumentEnd, RawElement, RawEndTag, RawText } from 'durabox:html-glue';
import type { Held } from './html-content.ts';
import { parameterError, shapeClass } from './native-shape.ts';

export type Callback = (...args: unknown[]) => unknown;

class AttributesIterator {
  readonly #of: Held<RawElement>;
  readonly #list: [string, string][];
  #at = 0;

  constructor(of: Held<RawElement>) {
    this.#of = of;
    this.#list = of.raw.attributes;
  }

  next(): IteratorResult<[string, string], undefined> {
    this.#of.assertValid();
    const value = this.#list[this.#at++];
    return value ? { done: false, value } : { done: true, value: undefined };
  }

  [Symbol.iterator](): this {
    return this;
  }
}
shapeClass(AttributesIterator, 'AttributesIterator');

export class Element {
  readonly #held: Held<RawElement>;
  readonly #onEndTag: (handler: Callback) => void;
  #isRemoved = false;

  constructor(held: Held<RawElement>, onEndTag: (handler: Callback) => void) {
    this.#held = held;
    this.#onEndTag = onEndTag;
  }

  get namespaceURI(): string {
    return this.#held.raw.namespaceURI;
  }
  get removed(): boolean {
    return this.#held.raw.removed || this.#isRemoved;
  }
  get attributes(): AttributesIterator {
    return new AttributesIterator(this.#held);
  }
  get tagName(): string {
    return this.#held.raw.tagName;
  }
  set tagName(value: unknown) {
    this.#held.raw.tagName = `${value as string}`;
  }
  getAttribute(name?: unknown): string | null {
    return this.#held.raw.getAttribute(this.#held.text('getAttribute', 1, name));
  }
  hasAttribute(name?: unknown): boolean {
    return this.#held.raw.hasAttribute(this.#held.text('hasAttribute', 1, name));
  }
  setAttribute(name?: unknown, value?: unknown): this {
    const held = this.#held;
    held.raw.setAttribute(held.text('setAttribute', 1, name), held.text('setAttribute', 2, value));
    return this;
  }
  removeAttribute(name?: unknown): this {
    this.#held.raw.removeAttribute(this.#held.text('removeAttribute', 1, name));
    return this;
  }
  before(...args: unknown[]): this {
    this.#held.put('before', args);
    return this;
  }
  after(...args: unknown[]): this {
    this.#held.put('after', args);
    return this;
  }
  prepend(...args: unknown[]): this {
    this.#held.put('prepend', args);
    return this;
  }
  append(...args: unknown[]): this {
    this.#held.put('append', args);
    return this;
  }
  replace(...args: unknown[]): this {
    this.#held.put('replace', args);
    this.#isRemoved = true;
    return this;
  }
  remove(): this {
    this.#held.change((raw) => raw.remove());
    this.#isRemoved = true;
    return this;
  }
  removeAndKeepContent(): this {
    this.#held.change((raw) => raw.removeAndKeepContent());
    this.#isRemoved = true;
    return this;
  }
  setInnerContent(...args: unknown[]): this {
    this.#held.put('setInnerContent', args);
    return this;
  }
  onEndTag(handler?: unknown): void {
    this.#held.assertValid();
    if (typeof handler !== 'function') throw parameterError('onEndTag', 'Element', 1, 'function');
    this.#onEndTag(handler as Callback);
  }
}
shapeClass(Element, 'Element');

export class EndTag {
  readonly #held: Held<RawEndTag>;

  constructor(held: Held<RawEndTag>) {
    this.#held = held;
  }

  get name(): string {
    return this.#held.raw.name;
  }
  set name(value: unknown) {
    this.#held.raw.name = `${value as string}`;
  }
  before(...args: unknown[]): this {
    this.#held.put('before', args);
    return this;
  }
  after(...args: unknown[]): this {
    this.#held.put('after', args);
    return this;
  }
  remove(): this {
    this.#held.change((raw) => raw.remove());
    return this;
  }
}
shapeClass(EndTag, 'EndTag');

export class Text {
  readonly #held: Held<RawText>;
  #isRemoved = false;

  constructor(held: Held<RawText>) {
    this.#held = held;
  }

  get removed(): boolean {
    return this.#held.raw.removed || this.#isRemoved;
  }
  get lastInTextNode(): boolean {
    return this.#held.raw.lastInTextNode;
  }
  get text(): string {
    return this.#held.raw.text;
  }
  before(...args: unknown[]): this {
    this.#held.put('before', args);
    return this;
  }
  after(...args: unknown[]): this {
    this.#held.put('after', args);
    return this;
  }
  replace(...args: unknown[]): this {
    this.#held.put('replace', args);
    this.#isRemoved = true;
    return this;
  }
  remove(): this {
    this.#held.change((raw) => raw.remove());
    this.#isRemoved = true;
    return this;
  }
}
shapeClass(Text, 'Text');

export class Comment {
  readonly #held: Held<RawComment>;

  constructor(held: Held<RawComment>) {
    this.#held = held;
  }

  get removed(): boolean {
    return this.#held.raw.removed;
  }
  get text(): string {
    return this.#held.raw.text;
  }
  set text(value: unknown) {
    this.#held.raw.text = `${value as string}`;
  }
  before(...args: unknown[]): this {
    this.#held.put('before', args);
    return this;
  }
  after(...args: unknown[]): this {
    this.#held.put('after', args);
    return this;
  }
  replace(...args: unknown[]): this {
    this.#held.put('replace', args);
    return this;
  }
  remove(): this {
    this.#held.raw.remove();
    return this;
  }
}
shapeClass(Comment, 'Comment');

export class Doctype {
  readonly #held: Held<RawDoctype>;

  constructor(held: Held<RawDoctype>) {
    this.#held = held;
  }

  get name(): string | null {
    return this.#held.raw.name;
  }
  get publicId(): string | null {
    return this.#held.raw.publicId;
  }
  get systemId(): string | null {
    return this.#held.raw.systemId;
  }
}
shapeClass(Doctype, 'Doctype');

export class DocumentEnd {
  readonly #held: Held<RawDocumentEnd>;

  constructor(held: Held<RawDocumentEnd>) {
    this.#held = held;
  }

  append(...args: unknown[]): this {
    this.#held.put('append', args);
    return this;
  }
}
shapeClass(DocumentEnd, 'DocumentEnd');

/**
 * `HTMLRewriter`: what a Worker rewrites documents with while they pass.
 *
 * Promise: texts and order of the checks are workerd's (1.20260730, as observed). The body that comes out begins to be
 * made at once and waits for its reader; what a handler throws is what its reader gets, and the source is told.
 */
import type { RawComment, RawDoctype, RawDocumentEnd, RawElement, RawEndTag, RawText } from 'durabox:html-glue';
import { readWhole } from '../base/flows.ts';
import { reflectApply } from '../base/primordials.ts';
import type { HtmlHooks } from '../protocol/html-hooks.ts';
import { Held, LOCKED } from './html-content.ts';
import { HtmlEngine } from './html-engine.ts';
import { HtmlPass } from './html-pass.ts';
import { type Callback, Comment, Doctype, DocumentEnd, Element, EndTag, Text } from './html-tokens.ts';
import { type AnyConstructor, fieldError, parameterError, shapeClass } from './native-shape.ts';

type Handlers = Readonly<Record<string, Callback>>;
type Handle<Raw> = (raw: Raw) => unknown;

const ELEMENT_FIELDS = ['element', 'comments', 'text'];
const DOCUMENT_FIELDS = ['doctype', 'comments', 'text', 'end'];
const NativePromise = Promise;

export function makeHtmlRewriter(hooks: HtmlHooks): AnyConstructor {
  let engine: HtmlEngine | undefined;
  const theEngine = () => {
    engine ??= new HtmlEngine();
    return engine;
  };

  class HTMLRewriter {
    readonly #elements: { selector: string; handlers: Handlers; self: unknown }[] = [];
    readonly #documents: { handlers: Handlers; self: unknown }[] = [];

    on(...[selector, handlers]: unknown[]): this {
      if (selector === undefined) throw parameterError('on', 'HTMLRewriter', 1, 'string');
      const text = `${selector as string}`;
      const read = readHandlers('on', 2, 'ElementContentHandlers', handlers, ELEMENT_FIELDS);
      theEngine().checkSelector(text);
      this.#elements.push({ selector: text, handlers: read, self: handlers });
      return this;
    }

    onDocument(...[handlers]: unknown[]): this {
      const read = readHandlers('onDocument', 1, 'DocumentContentHandlers', handlers, DOCUMENT_FIELDS);
      this.#documents.push({ handlers: read, self: handlers });
      return this;
    }

    transform(...[response]: unknown[]): Response {
      if (!hooks.isResponse(response)) throw parameterError('transform', 'HTMLRewriter', 1, 'Response');
      const { body } = response;
      if (body === null) return response;
      if (body.locked || response.bodyUsed) throw new TypeError(LOCKED);
      readWhole(body);
      const pass = new HtmlPass({
        ...{ engine: theEngine(), hooks, source: body.getReader() },
        contentType: response.headers.get('content-type'),
      });
      const given = new Given(pass, hooks);
      for (const { selector, handlers, self } of this.#elements) pass.on(selector, given.ofElements(handlers, self));
      for (const { handlers, self } of this.#documents) pass.onDocument(given.ofDocument(handlers, self));
      return new hooks.Response(pass.readable, response);
    }
  }
  shapeClass(HTMLRewriter, 'HTMLRewriter');
  return HTMLRewriter;
}

function readHandlers(method: string, position: number, type: string, given: unknown, fields: string[]): Handlers {
  if (given === null) return {};
  if (typeof given !== 'object' && typeof given !== 'function') {
    throw parameterError(method, 'HTMLRewriter', position, type);
  }
  const handlers: Record<string, Callback> = {};
  for (const field of fields) {
    const handler = (given as Record<string, unknown>)[field];
    if (handler === undefined) continue;
    if (typeof handler !== 'function') throw fieldError(field, type, 'function');
    handlers[field] = handler as Callback;
  }
  return handlers;
}

/** Makes handlers of the engine's from those of a program. */
class Given {
  readonly #pass: HtmlPass;
  readonly #hooks: HtmlHooks;
  /** handlers run in the asynchronous context of `transform` */
  readonly #enter: ReturnType<HtmlHooks['keepContext']>;

  constructor(pass: HtmlPass, hooks: HtmlHooks) {
    this.#enter = hooks.keepContext();
    this.#pass = pass;
    this.#hooks = hooks;
  }

  ofElements({ element, comments, text }: Handlers, self: unknown): object {
    return {
      ...(element ? { element: this.#element(element, self) } : {}),
      ...this.#ofContent(comments, text, self),
    };
  }

  ofDocument({ doctype, comments, text, end }: Handlers, self: unknown): object {
    return {
      ...(doctype
        ? { doctype: this.#plain(doctype, self, 'Doctype', (held: Held<RawDoctype>) => new Doctype(held)) }
        : {}),
      ...this.#ofContent(comments, text, self),
      ...(end
        ? { end: this.#plain(end, self, 'DocumentEnd', (held: Held<RawDocumentEnd>) => new DocumentEnd(held), false) }
        : {}),
    };
  }

  #ofContent(comments: Callback | undefined, text: Callback | undefined, self: unknown): object {
    return {
      ...(comments
        ? { comments: this.#plain(comments, self, 'Comment', (held: Held<RawComment>) => new Comment(held), false) }
        : {}),
      ...(text ? { text: this.#plain(text, self, 'Text', (held: Held<RawText>) => new Text(held)) } : {}),
    };
  }

  #element(handler: Callback, self: unknown): Handle<RawElement> {
    return (raw) => {
      const held = new Held(raw, 'Element', this.#hooks);
      /** the last one that was given: the platform keeps no other */
      let atEnd: Callback | undefined;
      const onEndTag = (given: Callback) => {
        if (!atEnd)
          held.raw.onEndTag(
            this.#plain(
              (tag) => atEnd?.(tag),
              undefined,
              'EndTag',
              (tag: Held<RawEndTag>) => new EndTag(tag),
            ),
          );
        atEnd = given;
      };
      return this.#run(held, () => reflectApply(handler, self, [new Element(held, onEndTag)]));
    };
  }

  #plain<Raw extends RawComment | RawDoctype | RawDocumentEnd | RawEndTag | RawText>(
    ...[handler, self, type, make, takesStreams]: [
      handler: Callback,
      self: unknown,
      type: string,
      make: (held: Held<Raw>) => object,
      takesStreams?: boolean,
    ]
  ): Handle<Raw> {
    return (raw) => {
      const held = new Held(raw, type, this.#hooks, takesStreams);
      return this.#run(held, () => reflectApply(handler, self, [make(held)]));
    };
  }

  /** A promise only when it must be waited for. What is thrown ends the pass, never the engine's own code. */
  #run<Raw extends { free(): void }>(held: Held<Raw>, call: () => unknown): Promise<void> | undefined {
    if (this.#pass.hasFailed) {
      held.free();
      return undefined;
    }
    try {
      const result = this.#enter(call);
      if (isThenable(result)) return this.#finish(held, result);
      held.invalidate();
      if (held.mustWait) return this.#finish(held, undefined);
    } catch (error) {
      this.#pass.fail(error);
    }
    held.invalidate();
    held.free();
    return undefined;
  }

  async #finish<Raw extends { free(): void }>(held: Held<Raw>, result: unknown): Promise<void> {
    try {
      await (result as PromiseLike<unknown>);
      held.invalidate();
      await held.settle();
    } catch (error) {
      this.#pass.fail(error);
    }
    held.invalidate();
    held.free();
  }
}

function isThenable(value: unknown): boolean {
  if (value instanceof NativePromise) return true;
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

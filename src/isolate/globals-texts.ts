/**
 * The words in which the browser's classes refuse, where programs show or read them.
 *
 * Promise: text and class of these errors are workerd's (1.20260730, as observed); what is not refused is the browser's, and
 * costs a call more. An error that comes out of the program's own code (a `toString`, a getter) stays what it is.
 */
import {
  arrayBufferIsView,
  arrayIsArray,
  callWith,
  makeProxy,
  objectDefineProperty,
  objectGetOwnPropertyDescriptor,
  reflectConstruct,
  reflectDeleteProperty,
  regExpExec,
  textDecoderDecode,
  uncurryGetter,
  uncurryThis,
} from '../base/primordials.ts';
import { isObject } from '../base/shapes.ts';
import { ownExceptionFields } from '../values/errors.ts';
import { type AnyConstructor, define, named, parameterError } from './native-shape.ts';

type Scope = typeof globalThis & Record<string, unknown>;
type Refuse = (args: readonly unknown[]) => Error;

const SCOPE = 'ServiceWorkerGlobalScope';
const BASE64_TEXT =
  "atob() called with invalid base64-encoded data. (Only whitespace, '+', '/', alphanumeric ASCII, and up to two terminal " +
  "'=' signs when the input data length is divisible by 4 are allowed.)";
const LATIN1_TEXT = 'btoa() can only operate on characters in the Latin1 (ISO/IEC 8859-1) range.';

const captureStack = (Error as { captureStackTrace?: (on: object, below: unknown) => void }).captureStackTrace;

export function shapeTexts(scope: Scope): void {
  reword(scope, 'URL', 'USVString', () => new TypeError('Invalid URL string.'));
  reword(scope, 'TextDecoder', undefined, (args) => new RangeError(`"${args[0]}" is not a valid encoding.`));
  shapeOrigin(scope.URL.prototype);
  shapeHref(scope.URL.prototype);
  shapeParameters(scope);
  shapePatterns(scope);
  shapeBlobText(scope.Blob.prototype);
  shapeDecode(scope.TextDecoder.prototype);
  shapeException(scope);
}

/**
 * What the browser's constructor refuses is refused by what `refuse` makes. Texts among the arguments are made first, so
 * whatever fails there is the program's.
 *
 * @param required  type of the first argument, when there must be one
 */
function reword(scope: Scope, name: string, required: string | undefined, refuse: Refuse): void {
  const Native = scope[name] as AnyConstructor | undefined;
  if (!Native) return;
  replaceClass(scope, name, Native, (args, make) => {
    if (required !== undefined && args.length === 0) throw parameterError('', name, 1, required, 'construct');
    const first = required === undefined && args[0] === undefined ? undefined : `${args[0] as string}`;
    const second = name === 'URL' && args[1] !== undefined ? `${args[1] as string}` : args[1];
    try {
      return make(first, second);
    } catch (error) {
      const refusal = refuse(args);
      throw (error as { name?: unknown } | null)?.name === refusal.name ? refusal : error; // the platform gives no cause
    }
  });
}

/** Its fields are its own, and it has a stack, which browsers give only to errors of the language. */
function shapeException(scope: Scope): void {
  const Native = scope.DOMException;
  const guarded = replaceClass(scope, 'DOMException', Native, (args, make) => {
    const made = make(args[0], args[1]) as DOMException;
    if (made.stack === undefined) captureStack?.(made, guarded);
    const stack = objectGetOwnPropertyDescriptor(made, 'stack');
    reflectDeleteProperty(made, 'stack');
    ownExceptionFields(made);
    // It is written down when somebody reads it.
    if (stack) objectDefineProperty(made, 'stack', { ...stack, enumerable: true });
    return made;
  });
}

type Make = (first: unknown, second: unknown) => object;

/** Classes of two arguments at most. `Reflect.construct` takes ten times as long as `new`, so only subclasses go by it. */
function replaceClass(
  scope: Scope,
  name: string,
  Native: AnyConstructor,
  construct: (args: readonly unknown[], make: Make) => object,
): AnyConstructor {
  const Own = Native as new (first: unknown, second: unknown) => object;
  const make: Make = (first, second) => new Own(first, second);
  const guarded: AnyConstructor = makeProxy(Native, {
    construct: (target, args: unknown[], newTarget) =>
      construct(
        args,
        (newTarget as unknown) === guarded
          ? make
          : (...both) => reflectConstruct(target, both, newTarget as AnyConstructor) as object,
      ),
  });
  define(scope, name, guarded);
  define(Native.prototype as object, 'constructor', guarded, false);
  return guarded;
}

/** Only the addresses of the network have an origin, and what a blob's leads to if that is of HTTP. */
function shapeOrigin(prototype: URL): void {
  const origin = uncurryGetter<string>(prototype, 'origin') as (url: unknown) => string;
  const protocol = uncurryGetter<string>(prototype, 'protocol') as (url: unknown) => string;
  const accessor = {
    get origin(): string {
      const text = origin(this);
      const scheme = protocol(this);
      const isOf = scheme === 'blob:' ? HTTP : NETWORK;
      return regExpExec(isOf, text) && scheme !== 'filesystem:' ? text : 'null';
    },
  };
  const get = Object.getOwnPropertyDescriptor(accessor, 'origin')?.get as () => string;
  objectDefineProperty(prototype, 'origin', { get, enumerable: true, configurable: true });
}

/** Who sets no address hears so in the platform's words. */
function shapeHref(prototype: URL): void {
  const native = objectGetOwnPropertyDescriptor(prototype, 'href') as PropertyDescriptor;
  const read = uncurryThis(native.get as () => string);
  const write = uncurryThis(native.set as (text: string) => void);
  const accessor = {
    set href(value: unknown) {
      const text = `${value as string}`;
      try {
        write(this, text);
      } catch {
        read(this); // throws where there is no URL
        throw new TypeError(
          "Failed to set the 'href' property on 'URL': the provided value is not of type 'valid URL string'.",
        );
      }
    },
  };
  const { set } = objectGetOwnPropertyDescriptor(accessor, 'href') as { set: (value: unknown) => void };
  objectDefineProperty(prototype, 'href', { ...native, set });
}

/** Of what goes by its iterator only arrays are looked at: others can be gone through once. */
function shapeParameters(scope: Scope): void {
  replaceClass(scope, 'URLSearchParams', scope.URLSearchParams, (args, make) => {
    const { 0: given } = args;
    if (given === undefined || (typeof given === 'object' && given !== null)) {
      if (arrayIsArray(given)) checkPairs(given);
      return make(given, undefined);
    }
    return make(typeof given === 'function' ? given : `${given as string}`, undefined);
  });
}

function checkPairs(pairs: readonly unknown[]): void {
  for (let i = 0; i < pairs.length; i++) {
    const pair = pairs[i];
    if (!isObject(pair)) throw new TypeError("Incorrect type: the provided value is not of type 'Sequence'.");
    if (arrayIsArray(pair) && pair.length !== 2) throw new TypeError('Invalid URL search params sequence.');
  }
}

const HTTP = /^https?:/;
const NETWORK = /^(?:https?|wss?|ftp):/;

/** Of what the browser refuses in a pattern the platform says nothing; what the program's own code throws is told. */
function shapePatterns(scope: Scope): void {
  const Native = scope['URLPattern'] as AnyConstructor | undefined;
  if (!Native) return;
  const worded = <T>(act: () => T, text: string): T => {
    try {
      return act();
    } catch (error) {
      throw (error as { name?: unknown } | null)?.name === 'TypeError' ? new TypeError(text) : error; // the platform gives no cause
    }
  };
  const guarded: AnyConstructor = makeProxy(Native, {
    construct: (target, args: unknown[], newTarget) =>
      worded(() => reflectConstruct(target, args, newTarget) as object, 'Failed to construct URLPattern'),
  });
  define(scope, 'URLPattern', guarded);
  const prototype = Native.prototype as Record<'test' | 'exec', (...args: unknown[]) => unknown>;
  define(prototype, 'constructor', guarded, false);
  for (const name of ['test', 'exec'] as const) {
    const native = prototype[name];
    const own = {
      [name](this: unknown, ...args: unknown[]) {
        return worded(
          () => callWith(native as (...args: never[]) => unknown, this, args),
          `Failed to ${name} URLPattern`,
        );
      },
    };
    define(prototype, name, named(name, own[name] as () => unknown));
  }
}

const markingDecoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The mark that says how a text is encoded stays in it. */
function shapeBlobText(prototype: Blob): void {
  const read = uncurryThis(prototype.arrayBuffer) as (blob: unknown) => Promise<ArrayBuffer>;
  const own = {
    async text(this: unknown): Promise<string> {
      return textDecoderDecode(markingDecoder, await read(this)) as string;
    },
  };
  define(prototype, 'text', named('text', own.text));
}

function shapeDecode(prototype: TextDecoder): void {
  const native = uncurryThis(prototype.decode) as (self: unknown, bytes?: unknown, options?: unknown) => string;
  const own = {
    decode(this: unknown, bytes?: unknown, options?: unknown): string {
      if (bytes !== undefined && !arrayBufferIsView(bytes) && !(bytes instanceof ArrayBuffer)) {
        throw parameterError('decode', 'TextDecoder', 1, 'Array');
      }
      try {
        return native(this, bytes, options);
      } catch (error) {
        throw (this as { fatal?: unknown }).fatal === true ? new TypeError('Failed to decode input.') : error;
      }
    },
  };
  define(prototype, 'decode', named('decode', own.decode));
}

/** `atob` and `btoa`. */
export function makeBase64(scope: Scope): Record<'atob' | 'btoa', (...args: unknown[]) => string> {
  const make = (name: 'atob' | 'btoa', type: string, refusal: string) => {
    const native = scope[name].bind(scope);
    return named(name, (...args: unknown[]) => {
      if (args.length === 0) throw parameterError(name, SCOPE, 1, type);
      const text = `${args[0] as string}`;
      try {
        return native(text);
      } catch {
        throw new DOMException(refusal, 'InvalidCharacterError'); // its one error
      }
    });
  };
  return { atob: make('atob', 'string', BASE64_TEXT), btoa: make('btoa', 'JsString', LATIN1_TEXT) };
}

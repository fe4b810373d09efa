/**
 * The constructors of streams, as a program calls them.
 *
 * Promise: what is no source, sink or strategy is refused in the platform's words, null is none, and one whose `start` throws is
 * a stream that failed (workerd 1.20260730, as observed). A stream of a program's own source is remembered
 * (base/made-streams.ts). A source of bytes is asked for 4,096 at a time by a reader without a buffer, as on the platform: it may
 * count on a `byobRequest`.
 */
import { MadeStream, rememberMade } from '../base/made-streams.ts';
import { PIECE_BYTES } from '../base/pieces.ts';
import {
  makeProxy,
  promiseReject,
  reflectApply,
  reflectConstruct,
  reflectGet,
  uncurryGetter,
} from '../base/primordials.ts';
import { isObject } from '../base/shapes.ts';
import { type ClassConstruct, guardClass, parameterError } from './native-shape.ts';
import { transforming } from './stream-writers.ts';

const writableOf = uncurryGetter<object>(TransformStream.prototype, 'writable') as (stream: unknown) => object;

type Scope = typeof globalThis & Record<string, unknown>;
type Construct = (args: unknown[]) => object;

const STRATEGY = 'StreamQueuingStrategy';

export function shapeConstructors(scope: Scope): void {
  guard(scope, 'ReadableStream', ['UnderlyingSource', STRATEGY], madeOfSource);
  guard(scope, 'WritableStream', ['UnderlyingSink', STRATEGY], (given, construct) => construct(given));
  guard(scope, 'TransformStream', ['Transformer', STRATEGY, STRATEGY], (given, construct) => {
    if (isObject(given[0])) given[0] = startingLate(given[0]);
    const stream = construct(given);
    transforming(writableOf(stream));
    return stream;
  });
}

/** @param types  what each argument is called where it is refused */
function guard(
  scope: Scope,
  name: string,
  types: readonly string[],
  make: (given: unknown[], construct: Construct) => object,
): void {
  const construct: ClassConstruct = (target, args, newTarget) => {
    const given: unknown[] = [];
    for (let i = 0; i < types.length; i++) {
      const arg = args[i] ?? undefined;
      if (arg !== undefined && !isObject(arg)) throw parameterError('', name, i + 1, types[i] as string, 'construct');
      given[i] = arg;
    }
    return make(given, (checked) => reflectConstruct(target, checked, newTarget) as object);
  };
  guardClass(scope, name, construct, false);
}

function madeOfSource(given: unknown[], construct: Construct): object {
  const source = given[0] as UnderlyingByteSource | undefined;
  const strategy = given[1] as QueuingStrategy | undefined;
  if (source === undefined) return construct([undefined, strategy]);
  let made: MadeStream | undefined;
  const started = (controller: object, pieceBytes: number | undefined) => {
    made = new MadeStream(controller, { pieceBytes });
  };
  const stream = construct([sourceOf(source, started), measuring(strategy, (size) => made?.measured(size))]);
  if (made) rememberMade(stream, made);
  return stream;
}

/** The same strategy, read as the stream reads it, and told how it measures. */
function measuring(strategy: QueuingStrategy | undefined, tell: (size: number) => void): QueuingStrategy | undefined {
  if (strategy === undefined) return undefined;
  const { highWaterMark, size } = strategy;
  if (typeof size !== 'function') return { highWaterMark, size } as unknown as QueuingStrategy;
  return {
    highWaterMark,
    size(chunk) {
      const measure: unknown = reflectApply(size, undefined, [chunk]);
      if (typeof measure === 'number') tell(measure);
      return measure;
    },
  } as QueuingStrategy;
}

type Started = (controller: object, pieceBytes: number | undefined) => void;

/** What the stream reads of a source, in the same order; each of its methods runs on the source that was given. */
function sourceOf(given: UnderlyingByteSource, started: Started): UnderlyingByteSource {
  const { autoAllocateChunkSize, cancel, pull, start, type } = given;
  const pieceBytes = type === undefined ? undefined : Number(autoAllocateChunkSize ?? PIECE_BYTES);
  return {
    autoAllocateChunkSize: autoAllocateChunkSize ?? pieceBytes,
    cancel: on(given, cancel),
    pull: on(given, pull),
    start: isRefused(start)
      ? start
      : (controller: ReadableByteStreamController) => {
          started(controller, pieceBytes);
          return begin(given, start, controller);
        },
    type,
  } as UnderlyingByteSource;
}

/** The same transformer, but what its `start` throws is a rejection. */
function startingLate(given: object): object {
  return makeProxy(given, {
    get(target, key) {
      const value: unknown = reflectGet(target, key);
      if (typeof value !== 'function') return value;
      return key === 'start'
        ? (controller: object) => begin(target, value, controller)
        : (first: unknown, second: unknown) => reflectApply(value, target, [first, second]);
    },
  });
}

/** Whoever makes the stream hears nothing of what is thrown, and its reader does. */
function begin(given: object, start: unknown, controller: object): unknown {
  try {
    return typeof start === 'function' ? reflectApply(start, given, [controller]) : undefined;
  } catch (error) {
    return promiseReject(error);
  }
}

/** What is no function is the browser's to refuse. */
function isRefused(start: unknown): boolean {
  return start !== undefined && typeof start !== 'function';
}

function on(given: object, method: unknown): unknown {
  return typeof method === 'function' ? (argument: unknown) => reflectApply(method, given, [argument]) : method;
}

/**
 * Readers and streams that are read, as a program uses them: what is refused of one that is locked, released or at its end.
 *
 * Promise: the texts are workerd's (1.20260730, as observed).
 */
import { isFlowing, partsFlow } from '../base/flows.ts';
import {
  objectDefineProperty,
  promiseThen,
  readableLocked,
  reflectConstruct,
  uncurryThis,
} from '../base/primordials.ts';
import { pipedError } from '../rpc/byte-streams.ts';
import { type ClassConstruct, define, guardClass, named, parameterError } from './native-shape.ts';
import { LOCKED_READABLE, LOCKED_WRITABLE, refused, refuseReleased, shapeRelease } from './stream-locks.ts';
import { byobReader, cancel, partsAreRead, plainReader, read, readerMethods, releaseMeans } from './stream-reading.ts';
import { isLockedWritable, lifeOf } from './stream-writers.ts';

type Scope = typeof globalThis & Record<string, unknown>;
type Method = (self: unknown, first?: unknown, second?: unknown) => unknown;

const NativeReadable = ReadableStream;

function isLockedReadable(stream: unknown): boolean {
  return stream instanceof NativeReadable && readableLocked(stream);
}

export function shapeReaders(scope: Scope): void {
  const { prototype } = scope.ReadableStream;
  shapeGetReader(prototype);
  shapeTee(prototype);
  shapePipes(prototype);
  shapeCancel(prototype);
  shapeIterating(prototype);
  for (const name of ['ReadableStreamDefaultReader', 'ReadableStreamBYOBReader'] as const) {
    const on = scope[name].prototype as object;
    const methods = readerMethods[name];
    shapeRelease(on, 'reader', releaseMeans(methods));
    shapeReading(on, 'read');
    if (name === 'ReadableStreamBYOBReader') shapeReading(on, 'readAtLeast');
    refuseReleased(on, 'cancel', 'reader', (reader, reason) => cancel(reader, methods.cancel, reason));
    guardClass(scope, name, constructing(name), false);
  }
}

function shapeReading(on: object, name: string): void {
  const native = uncurryThis((on as Record<string, () => unknown>)[name] as () => unknown) as Method;
  refuseReleased(on, name, 'reader', (reader, first, second) => read(reader, native, first, second));
}

function constructing(name: string): ClassConstruct {
  return (target, args, newTarget) => {
    const stream = args[0];
    if (!(stream instanceof NativeReadable)) throw parameterError('', name, 1, 'ReadableStream', 'construct');
    if (readableLocked(stream)) throw new TypeError(LOCKED_READABLE);
    const make = () => reflectConstruct(target, [stream], newTarget) as object;
    return name === 'ReadableStreamDefaultReader' ? plainReader(stream, make) : byobReader(stream, withBuffer(make));
  };
}

function withBuffer<T>(make: () => T): T {
  try {
    return make();
  } catch {
    throw new TypeError('This ReadableStream does not support BYOB reads.');
  }
}

function shapeGetReader(prototype: ReadableStream): void {
  const native = uncurryThis(prototype.getReader) as Method;
  const own = {
    getReader(this: object, options?: unknown) {
      const mode = (options as { mode?: unknown } | null | undefined)?.mode;
      if (mode !== undefined && mode !== 'byob') {
        throw new TypeError("mode must be undefined or 'byob' in call to getReader().");
      }
      if (isLockedReadable(this)) throw new TypeError(LOCKED_READABLE);
      return mode === undefined
        ? plainReader(this, () => native(this) as object)
        : byobReader(
            this,
            withBuffer(() => native(this, { mode }) as object),
          );
    },
  };
  define(prototype, 'getReader', named('getReader', own.getReader));
}

function shapeTee(prototype: ReadableStream): void {
  const native = uncurryThis(prototype.tee) as (stream: unknown) => [ReadableStream, ReadableStream];
  const own = {
    tee(this: object) {
      if (isLockedReadable(this)) throw new TypeError('This ReadableStream is currently locked to a reader,');
      const parts = native(this);
      partsFlow(this, parts);
      partsAreRead(this, parts);
      return parts;
    },
  };
  define(prototype, 'tee', named('tee', own.tee));
}

function shapePipes(prototype: ReadableStream): void {
  const pipeTo = uncurryThis(prototype.pipeTo) as (stream: unknown, to: unknown, options: unknown) => Promise<void>;
  const pipeThrough = uncurryThis(prototype.pipeThrough as () => unknown) as Method;
  const own = {
    pipeTo(this: object, destination?: unknown, options?: unknown) {
      if (isLockedReadable(this)) return refused(LOCKED_READABLE);
      if (isLockedWritable(destination)) return refused('This WritableStream is currently locked to a writer');
      const isClosed = isEnding(destination);
      const piped = pipeTo(this, destination, options);
      if (!isClosed && !isFlowing(this)) return piped;
      return promiseThen(piped, undefined, (error) => {
        throw isClosed ? new TypeError('This destination writable stream is closed.') : pipedError(error, destination);
      });
    },
    pipeThrough(this: object, pair?: unknown, options?: unknown) {
      if (pair === undefined || pair === null) {
        throw parameterError('pipeThrough', 'ReadableStream', 1, 'Transform');
      }
      if (isLockedReadable(this)) throw new TypeError(LOCKED_READABLE);
      if (isLockedWritable((pair as { writable?: unknown }).writable)) throw new TypeError(LOCKED_WRITABLE);
      return pipeThrough(this, pair, options);
    },
  };
  define(prototype, 'pipeTo', named('pipeTo', own.pipeTo));
  define(prototype, 'pipeThrough', named('pipeThrough', own.pipeThrough));
}

function isEnding(destination: unknown): boolean {
  return typeof destination === 'object' && destination !== null && lifeOf(destination) !== 'open';
}

function shapeCancel(prototype: ReadableStream): void {
  const native = uncurryThis(prototype.cancel) as Method;
  const own = {
    cancel(this: object, reason?: unknown) {
      return isLockedReadable(this) ? refused(LOCKED_READABLE) : native(this, reason);
    },
  };
  define(prototype, 'cancel', named('cancel', own.cancel));
}

function shapeIterating(prototype: ReadableStream): void {
  if (prototype.values === undefined) return; // not every browser has it
  const native = uncurryThis(prototype.values as () => unknown) as Method;
  const own = {
    values(this: object, options?: unknown) {
      if (isLockedReadable(this)) throw new TypeError(LOCKED_READABLE);
      return native(this, options);
    },
  };
  const values = named('values', own.values);
  define(prototype, 'values', values);
  objectDefineProperty(prototype, Symbol.asyncIterator, { value: values, configurable: true, writable: true });
}

/**
 * The controllers of a program's own streams: what they refuse once nobody reads any more.
 *
 * Promise: the texts are workerd's (1.20260730, as observed). A stream of bytes that is closed gives the buffers that wait back at
 * once, and has no `byobRequest` any more. A stream of bytes takes a buffer as well as a part of one. What a
 * strategy throws is told to the reader alone.
 */
import { bytesIn } from '../base/bytes.ts';
import { madeStream, streamOfController } from '../base/made-streams.ts';
import {
  arrayBufferIsView,
  objectDefineProperty,
  objectGetOwnPropertyDescriptor,
  typedArrayLength,
  typedArrayTag,
  uncurryGetter,
  uncurryThis,
  weakMapGet,
  weakMapSet,
  weakSetAdd,
  weakSetHas,
} from '../base/primordials.ts';
import { isObject } from '../base/shapes.ts';
import { define, named, parameterError } from './native-shape.ts';
import { endReads } from './stream-reading.ts';

type Scope = typeof globalThis & Record<string, unknown>;
type Size = (controller: unknown) => number | null;
type Enqueue = (controller: unknown, chunk?: unknown) => void;
type Close = (controller: unknown) => void;

const NONE = new Uint8Array(0);
const CLOSED = 'This ReadableStream is closed.';

const byobRequestOf = uncurryGetter<object | null>(ReadableByteStreamController.prototype, 'byobRequest') as (
  controller: unknown,
) => object | null;
const respond = uncurryThis(ReadableStreamBYOBRequest.prototype.respond) as (request: unknown, bytes?: unknown) => void;
/** controllers of bytes that were closed */
const closed = new WeakSet<object>();
/** requests that were answered when their stream was closed; by their holders too? */
const settled = new WeakMap<object, 'unanswered' | 'answered'>();

export function shapeControllers(scope: Scope): void {
  shapeOfChunks(scope.ReadableStreamDefaultController.prototype);
  shapeOfBytes(scope.ReadableByteStreamController.prototype);
  shapeRequests(scope.ReadableByteStreamController.prototype);
  shapeOfTransform(scope.TransformStreamDefaultController.prototype);
  shapeRequest(scope.ReadableStreamBYOBRequest.prototype);
}

function shapeOfChunks(prototype: ReadableStreamDefaultController): void {
  const enqueue = enqueuing(prototype, 'Unable to enqueue');
  const own = {
    enqueue(this: unknown, chunk?: unknown) {
      const failure = enqueue(this, chunk);
      if (failure?.isOfStream) throw failure.error;
    },
  };
  define(prototype, 'enqueue', named('enqueue', own.enqueue));
  shapeClose(prototype);
}

function shapeOfBytes(prototype: ReadableByteStreamController): void {
  const enqueue = enqueuing(prototype, 'This ReadableByteStreamController is closed.');
  const own = {
    enqueue(this: unknown, chunk?: unknown) {
      const isEmptied = typedArrayTag(chunk) !== undefined && typedArrayLength(chunk) === 0; // maybe its buffer is gone
      const bytes = isEmptied ? NONE : bytesIn(chunk);
      if (!bytes) throw parameterError('enqueue', 'ReadableByteStreamController', 1, 'BufferSource');
      if (typedArrayLength(bytes) === 0) throw new TypeError('Cannot enqueue a zero-length ArrayBuffer.');
      const failure = enqueue(this, arrayBufferIsView(chunk) ? chunk : bytes);
      if (failure) throw failure.error;
    },
  };
  define(prototype, 'enqueue', named('enqueue', own.enqueue));
  shapeClose(prototype, settleRequest);
}

/** A browser waits for whoever holds the request to answer it. */
function settleRequest(controller: unknown): void {
  weakSetAdd(closed, controller as object);
  const request = byobRequestOf(controller);
  if (!request) return;
  respond(request, 0);
  weakMapSet(settled, request, 'unanswered');
}

function shapeRequests(prototype: ReadableByteStreamController): void {
  const accessor = {
    get byobRequest(): object | null {
      return isObject(this) && weakSetHas(closed, this) ? null : byobRequestOf(this);
    },
  };
  const get = objectGetOwnPropertyDescriptor(accessor, 'byobRequest')?.get as () => unknown;
  objectDefineProperty(prototype, 'byobRequest', {
    ...objectGetOwnPropertyDescriptor(prototype, 'byobRequest'),
    get,
  });
}

function shapeRequest(prototype: ReadableStreamBYOBRequest): void {
  const withView = uncurryThis(prototype.respondWithNewView) as (request: unknown, view?: unknown) => void;
  const own = {
    respond(this: object, bytesWritten?: unknown) {
      if (answered(this, Number(bytesWritten))) respond(this, bytesWritten);
    },
    respondWithNewView(this: object, view?: unknown) {
      const bytes = bytesIn(view);
      if (answered(this, bytes ? typedArrayLength(bytes) : 0)) withView(this, view);
    },
  };
  define(prototype, 'respond', named('respond', own.respond));
  define(prototype, 'respondWithNewView', named('respondWithNewView', own.respondWithNewView));
}

/** False for a request whose stream was closed: whoever holds it may say once that there is nothing. */
function answered(request: object, size: number): boolean {
  const state = weakMapGet(settled, request);
  switch (state) {
    case undefined:
      return true;
    case 'unanswered':
      if (size !== 0) throw new TypeError('The bytesWritten must be zero after the stream is closed.');
      weakMapSet(settled, request, 'answered');
      return false;
    case 'answered':
      throw new TypeError('This ReadableStreamBYOBRequest has been invalidated.');
    default:
      return state satisfies never;
  }
}

function shapeOfTransform(prototype: TransformStreamDefaultController): void {
  const enqueue = enqueuing(prototype, 'The readable side of this TransformStream is no longer readable.');
  const own = {
    enqueue(this: unknown, chunk?: unknown) {
      const failure = enqueue(this, chunk);
      if (failure) throw failure.error;
    },
  };
  define(prototype, 'enqueue', named('enqueue', own.enqueue));
}

/** `isOfStream`: it takes nothing any more; else the chunk was its undoing. */
type EnqueueFailure = { readonly isOfStream: boolean; readonly error: unknown } | undefined;

/** A stream that fails has no desired size; one that was closed before keeps its own, and is refused by the browser. */
function enqueuing(prototype: object, text: string): (controller: unknown, chunk: unknown) => EnqueueFailure {
  const native = uncurryThis((prototype as { enqueue: Enqueue }).enqueue) as Enqueue;
  const sizeOf = uncurryGetter<number | null>(prototype, 'desiredSize') as Size;
  return (controller, chunk) => {
    const isOver = sizeOf(controller) === null;
    try {
      if (!isOver) native(controller, chunk);
    } catch (error) {
      if (sizeOf(controller) === null) return { isOfStream: false, error };
      return { isOfStream: true, error: new TypeError(text) };
    }
    return isOver ? { isOfStream: true, error: new TypeError(text) } : undefined;
  };
}

function shapeClose(prototype: object, settle?: (controller: unknown) => void): void {
  const native = uncurryThis((prototype as { close: Close }).close) as Close;
  const sizeOf = uncurryGetter<number | null>(prototype, 'desiredSize') as Size;
  const own = {
    close(this: unknown) {
      const hadFailed = sizeOf(this) === null;
      const stream = streamOfController(this as object);
      const isAtEnd = stream && madeStream(stream)?.waiting === 0;
      try {
        native(this);
        if (isAtEnd) endReads(stream);
        settle?.(this);
      } catch (error) {
        // A reader's buffer that is filled in part makes the stream fail, with an error that says so.
        throw !hadFailed && sizeOf(this) === null ? error : new TypeError(CLOSED);
      }
    },
  };
  define(prototype, 'close', named('close', own.close));
}

/**
 * Blobs of messages that came on a WebSocket.
 *
 * Promise: one is read as fast as the platform reads it, within microtasks, so that a program that awaits a message's bytes
 * answers before it sees the next message. A browser reads a Blob in another process, however small it is.
 *
 * Knows nothing of sockets. Blobs that a program makes are read by the browser.
 */
import { promiseResolve, uncurryThis, weakMapGet, weakMapSet } from '../base/primordials.ts';
import { define, named } from './native-shape.ts';

const NativeBlob = Blob;
const NativeBytes = Uint8Array;
const contents = new WeakMap<object, ArrayBuffer>();
const copy = uncurryThis(ArrayBuffer.prototype.slice) as (buffer: ArrayBuffer, from: number) => ArrayBuffer;

/** @param bytes  nobody changes them afterwards */
export function messageBlob(bytes: ArrayBuffer): Blob {
  const blob = new NativeBlob([bytes]);
  weakMapSet(contents, blob, bytes);
  return blob;
}

/** Before what reads a Blob's text is put in its place: that reads it by this. */
export function shapeBlob({ prototype }: typeof Blob): void {
  readBy(prototype, 'arrayBuffer', (bytes) => copy(bytes, 0));
  readBy(prototype, 'bytes', (bytes) => new NativeBytes(copy(bytes, 0)));
}

function readBy(prototype: Blob, name: 'arrayBuffer' | 'bytes', read: (bytes: ArrayBuffer) => unknown): void {
  const native = prototype[name] as ((this: Blob) => Promise<unknown>) | undefined;
  if (!native) return;
  const readNatively = uncurryThis(native) as (blob: Blob) => Promise<unknown>;
  const method = {
    [name](this: Blob): Promise<unknown> {
      const bytes = weakMapGet(contents, this) as ArrayBuffer | undefined;
      return bytes ? promiseResolve(read(bytes)) : readNatively(this);
    },
  }[name] as () => unknown;
  define(prototype, name, named(name, method));
}

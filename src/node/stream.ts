/** `node:stream`: Node's own streams as their people publish them for elsewhere. */
import stream from 'readable-stream/lib/ours/browser.js';
import * as promises from './stream-promises.ts';

const Stream = stream.Stream;

export { promises, Stream };
export const {
  Readable,
  Writable,
  Duplex,
  Transform,
  PassThrough,
  addAbortSignal,
  compose,
  destroy,
  finished,
  isDisturbed,
  isErrored,
  isReadable,
  pipeline,
  _isUint8Array,
  _uint8ArrayToBuffer,
} = stream;
export const { getDefaultHighWaterMark, setDefaultHighWaterMark, isDestroyed, isWritable } = Stream;
Object.defineProperty(Stream, 'promises', { value: promises, writable: true, configurable: true, enumerable: true });
export default Stream;

/**
 * How many bytes a frame is on a cable, for a network that is to be narrow.
 *
 * Promise: counted is what a program gave: texts in UTF-8, and bytes. Our own framing is not: tags (of one letter, and `kind`),
 * numbers, and who caused it; so a WebSocket message of 1000 bytes counts 1000, traced or not. Whatever can be cloned may be
 * asked for, cycles too.
 *
 * Knows nothing of what a message means.
 */
import { utf8Size } from '../base/bytes.ts';
import {
  arrayBufferByteLength,
  arrayBufferIsView,
  arrayIsArray,
  objectKeys,
  setAdd,
  setHas,
} from '../base/primordials.ts';
import type { Frame } from '../protocol/link.ts';

// A user's program may replace the global.
const Buffer = ArrayBuffer;

const isFraming = (key: string): boolean => key.length === 1 || key === 'kind' || key === 'cause';

export function sizeOfFrame(frame: Frame): number {
  switch (frame.k) {
    case 'message':
      return sizeOf(frame.body);
    case 'data':
      return frame.bytes.byteLength;
    case 'abort':
      return frame.error.bytes.byteLength;
    case 'cancel':
    case 'break':
      return frame.error?.bytes.byteLength ?? 0;
    case 'credit':
    case 'end':
    case 'goaway':
      return 0;
    default:
      return frame satisfies never;
  }
}

function sizeOf(body: unknown): number {
  const seen = new Set<object>();
  const rest: unknown[] = [body];
  let bytes = 0;
  while (rest.length > 0) {
    const value = rest[rest.length - 1];
    rest.length--;
    if (typeof value === 'string') bytes += utf8Size(value);
    else if (typeof value === 'object' && value !== null && !setHas(seen, value)) {
      setAdd(seen, value);
      if (arrayBufferIsView(value)) bytes += value.byteLength;
      else if (value instanceof Buffer) bytes += arrayBufferByteLength(value);
      else putParts(value as Record<string, unknown>, rest);
    }
  }
  return bytes;
}

function putParts(value: Record<string, unknown>, rest: unknown[]): void {
  const isList = arrayIsArray(value);
  const keys = objectKeys(value);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    if (isList || !isFraming(key)) rest[rest.length] = value[key];
  }
}

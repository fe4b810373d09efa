/**
 * Reads packets that came off a wire.
 *
 * Promise: `isFor` is true only for packets of this very link from its other end; `decodeFrames` returns frames that
 * are exactly of the shapes in protocol/link.ts, or undefined. What a message's body holds is its reader's business.
 */
import { areAll } from '../base/lists.ts';
import { typedArrayLength } from '../base/primordials.ts';
import type { Frame, Packet, WireError } from '../protocol/link.ts';

export type PacketHeader = Omit<Packet, 'first' | 'frames'>;

type Fields = Readonly<Record<string, unknown>>;

// A user's program may replace the global.
const Bytes = Uint8Array;
const { isArray } = Array;
const { isSafeInteger } = Number;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const isCount = (value: unknown): value is number => isSafeInteger(value) && (value as number) >= 0;
const isPositive = (value: unknown): value is number => isSafeInteger(value) && (value as number) >= 1;
const isWireError = (value: unknown): value is WireError => isFields(value) && value['bytes'] instanceof Bytes;

/** @param own the header with which this end posts */
export function isFor(own: PacketHeader, message: unknown): message is Fields {
  return (
    isFields(message) &&
    message['link'] === own.link &&
    message['account'] === own.account &&
    message['v'] === own.v &&
    message['epoch'] === own.epoch &&
    message['end'] === 1 - own.end
  );
}

export function decodeFrames(message: Fields): Pick<Packet, 'first' | 'frames'> | undefined {
  const { first, frames } = message;
  if (!isPositive(first) || !isArray(frames) || frames.length === 0) return undefined;
  if (!areAll(frames, isFrame)) return undefined;
  return { first, frames: frames as Frame[] };
}

function isFrame(frame: unknown): frame is Frame {
  if (!isFields(frame)) return false;
  switch (frame['k']) {
    case 'message':
      return 'body' in frame;
    case 'data':
      return isPositive(frame['s']) && frame['bytes'] instanceof Bytes && typedArrayLength(frame['bytes']) > 0;
    case 'credit':
      return isPositive(frame['s']) && isPositive(frame['bytes']);
    case 'end':
      return isPositive(frame['s']);
    case 'abort':
      return isPositive(frame['s']) && isWireError(frame['error']);
    case 'cancel':
      return isPositive(frame['s']) && (frame['error'] === undefined || isWireError(frame['error']));
    case 'goaway':
      return isCount(frame['lastDelivered']);
    case 'break':
      return frame['error'] === undefined || isWireError(frame['error']);
    default:
      return false;
  }
}

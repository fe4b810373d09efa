/**
 * How a packet lies on a wire: one flat list.
 *
 *     version | account | link | epoch | end | first | block | kind, content | kind, content | ...
 *
 * Promise: what is written is what is read. `isFor` is true only for packets of this very link from its other end; `readPacket` gives
 * frames that are exactly of the shapes in protocol/link.ts, or undefined. What a message's body holds is its reader's business.
 *
 * Structured clone writes out the name of every property of every object, and makes a buffer for every view: that was a third of
 * what a call in a crowd costs (measured: 64 calls and their answers, 7.8 microseconds each as objects, 3.4 as they lie here). So
 * whoever knows the bodies makes lists of the frequent ones, and the small byte arrays in those lie one behind the other in the
 * block, two bytes of length before each and `null` in their place.
 */
import {
  arrayAppend,
  arrayIsArray,
  NativeUint8Array,
  typedArrayLength,
  typedArraySet,
  typedArraySubarray,
} from '../base/primordials.ts';
import { Queue } from '../base/queue.ts';
import { isBytes, isCount, isPositive } from '../base/shapes.ts';
import type { BodyCodec, Frame, WireError } from '../protocol/link.ts';
import type { Account, Epoch, LinkId } from '../protocol/names.ts';

/** What every packet of one end of a link begins with. */
export interface PacketHeader {
  readonly v: number;
  readonly account: Account;
  readonly link: LinkId;
  readonly epoch: Epoch;
  /** which of the two ends posts it: 0 dialled, 1 answered */
  readonly end: 0 | 1;
}

/** Frames of one link in one direction. `first` numbers the first one, counting from 1. */
export interface Packet {
  readonly first: number;
  readonly frames: Queue<Frame>;
}

export type Packed = unknown[];

const BLOCK = 6;
const FRAMES = 7;

const KIND = {
  message: 0,
  data: 1,
  credit: 2,
  end: 3,
  abort: 4,
  cancel: 5,
  goaway: 6,
  break: 7,
} as const;
/** a message whose body was made a list of */
const PACKED = 8;
/** the same; its byte arrays are in the block */
const BLOCKED = 9;

/** More is copied once more for nothing: a buffer of its own costs about as much as to copy so much. */
const SMALL_BYTES = 1024;

/** A byte array that can lie in the block, and where it is named now. */
interface Small {
  readonly bytes: Uint8Array;
  readonly list: unknown[];
  readonly at: number;
  /** where its frame's kind is, in the packet */
  readonly kindAt: number;
}

export function writePacket(
  { v, account, link, epoch, end }: PacketHeader,
  { first, frames }: Packet,
  codec: BodyCodec | undefined,
): Packed {
  const packed: unknown[] = [v, account, link, epoch, end, first, undefined];
  const smalls = new Queue<Small>();
  for (let node = frames.first; node; node = node.next) {
    const frame = node.value;
    const list = frame.k === 'message' ? codec?.pack(frame.body) : undefined;
    if (list) findSmall(list, packed.length, smalls);
    arrayAppend<unknown>(packed, list ? PACKED : KIND[frame.k]);
    arrayAppend<unknown>(packed, list ?? contentOf(frame));
  }
  // One by itself would only be copied.
  if (smalls.length > 1) packed[BLOCK] = blockOf(smalls, packed);
  return packed;
}

function contentOf(frame: Frame): unknown {
  switch (frame.k) {
    case 'message':
      return frame.body;
    case 'data':
    case 'credit':
      return [frame.s, frame.bytes];
    case 'end':
      return frame.s;
    case 'abort':
      return [frame.s, frame.error.bytes];
    case 'cancel':
      return [frame.s, frame.error?.bytes, frame.takenBytes, frame.isLoss];
    case 'goaway':
      return frame.lastDelivered;
    case 'break':
      return frame.error?.bytes;
    default:
      return frame satisfies never;
  }
}

function findSmall(list: unknown[], kindAt: number, smalls: Queue<Small>): void {
  for (let at = 0; at < list.length; at++) {
    const bytes = list[at];
    if (isBytes(bytes) && typedArrayLength(bytes) <= SMALL_BYTES) smalls.append({ bytes, list, at, kindAt });
  }
}

function blockOf(smalls: Queue<Small>, packed: unknown[]): Uint8Array {
  let length = 0;
  for (let node = smalls.first; node; node = node.next) length += 2 + typedArrayLength(node.value.bytes);
  const block = new NativeUint8Array(length);
  let to = 0;
  for (let node = smalls.first; node; node = node.next) {
    const { bytes, list, at, kindAt } = node.value;
    const size = typedArrayLength(bytes);
    block[to] = size & 0xff;
    block[to + 1] = size >> 8;
    typedArraySet(block, bytes, to + 2);
    to += 2 + size;
    list[at] = null;
    packed[kindAt] = BLOCKED;
  }
  return block;
}

/** @param own the header with which this end posts */
export function isFor(own: PacketHeader, message: unknown): message is Packed {
  return (
    arrayIsArray(message) &&
    message[2] === own.link &&
    message[1] === own.account &&
    message[0] === own.v &&
    message[3] === own.epoch &&
    message[4] === 1 - own.end
  );
}

/** Of a packet that is read: its block, and from where on nothing of it was read. */
interface Reading {
  readonly codec: BodyCodec | undefined;
  readonly block: unknown;
  at: number;
}

export function readPacket(packed: Packed, codec: BodyCodec | undefined): Packet | undefined {
  const first = packed[5];
  if (!isPositive(first) || packed.length <= FRAMES || packed.length % 2 === 0) return undefined;
  const reading: Reading = { codec, block: packed[BLOCK], at: 0 };
  const frames = new Queue<Frame>();
  for (let at = FRAMES; at < packed.length; at += 2) {
    const frame = readFrame(packed[at], packed[at + 1], reading);
    if (!frame) return undefined;
    frames.append(frame);
  }
  return { first, frames };
}

function readFrame(kind: unknown, content: unknown, reading: Reading): Frame | undefined {
  switch (kind) {
    case KIND.message:
      return { k: 'message', body: content };
    case PACKED:
      return arrayIsArray(content) ? readPacked(content, reading) : undefined;
    case BLOCKED:
      return arrayIsArray(content) && unblock(content, reading) ? readPacked(content, reading) : undefined;
    case KIND.data:
    case KIND.credit:
    case KIND.abort:
    case KIND.cancel:
      return arrayIsArray(content) ? readStreamFrame(kind, content) : undefined;
    case KIND.end:
      return isPositive(content) ? { k: 'end', s: content } : undefined;
    case KIND.goaway:
      return isCount(content) ? { k: 'goaway', lastDelivered: content } : undefined;
    case KIND.break:
      return isErrorOrNone(content) ? { k: 'break', error: errorOf(content) } : undefined;
    default:
      return undefined;
  }
}

type StreamKind = (typeof KIND)['data' | 'credit' | 'abort' | 'cancel'];

function readStreamFrame(kind: StreamKind, content: readonly unknown[]): Frame | undefined {
  const s = content[0];
  const what = content[1];
  if (!isPositive(s)) return undefined;
  switch (kind) {
    case KIND.data:
      return isBytes(what) && typedArrayLength(what) > 0 ? { k: 'data', s, bytes: what } : undefined;
    case KIND.credit:
      return isPositive(what) ? { k: 'credit', s, bytes: what } : undefined;
    case KIND.abort:
      return isBytes(what) ? { k: 'abort', s, error: { bytes: what } } : undefined;
    case KIND.cancel: {
      const takenBytes = content[2];
      const isLoss = content[3];
      if (!isErrorOrNone(what) || !isCount(takenBytes)) return undefined;
      if (isLoss !== undefined && typeof isLoss !== 'boolean') return undefined;
      const error = errorOf(what);
      return { k: 'cancel', s, takenBytes, ...(error && { error }), ...(isLoss !== undefined && { isLoss }) };
    }
    default:
      return kind satisfies never;
  }
}

function readPacked(list: unknown[], { codec }: Reading): Frame | undefined {
  const body = codec?.unpack(list);
  return body === undefined ? undefined : { k: 'message', body };
}

/** Puts the byte arrays back. False when there are not so many. */
function unblock(list: unknown[], reading: Reading): boolean {
  const { block } = reading;
  if (!isBytes(block)) return false;
  const end = typedArrayLength(block);
  for (let at = 0; at < list.length; at++) {
    if (list[at] !== null) continue;
    const from = reading.at + 2;
    if (from > end) return false;
    const size = (block[from - 2] as number) | ((block[from - 1] as number) << 8);
    if (from + size > end) return false;
    list[at] = typedArraySubarray(block, from, from + size);
    reading.at = from + size;
  }
  return true;
}

const isErrorOrNone = (value: unknown): value is Uint8Array | undefined => value === undefined || isBytes(value);
const errorOf = (bytes: Uint8Array | undefined): WireError | undefined => bytes && { bytes };

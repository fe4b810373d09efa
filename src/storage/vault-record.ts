/**
 * A record of a log as one value of IndexedDB: a single array of bytes.
 *
 *     head     eight numbers of 64 bits: kind, sequence, epoch, time, pages of the database, alarm, restore, pages of the record
 *     numbers  of its pages, 32 bits each
 *     bytes    of the first `FIRST_PAGES` of them; parts continue them (`vault-rows`)
 *
 * Promise: what is read is what was written. An object with these as properties would be copied, and copied again by the
 * browser to find its keys, property by property and in each commit: that was a third of what handing a commit over took.
 * Numbers are in the machine's order of bytes, as every machine that runs a browser has it: little-endian.
 */
import { SimulatorError } from '../base/errors.ts';
import {
  NativeUint8Array as Bytes,
  numberIsNaN,
  typedArrayBuffer,
  typedArrayByteLength,
  typedArrayByteOffset,
  typedArrayLength,
  typedArraySet,
  typedArraySubarray,
  typedArrayTag,
  NativeUint32Array as Words,
  wordsSlice,
} from '../base/primordials.ts';
import type { Epoch } from '../protocol/names.ts';
import { FIRST_PAGES, type LogRecord } from './object-store.ts';
import { PAGE_SIZE_BYTES } from './pages.ts';

/** Page bytes of one value: beyond 64 KiB Chromium keeps a value in a file of its own. */
export const VALUE_BYTES_MAX = FIRST_PAGES * PAGE_SIZE_BYTES;

const HEAD_FIELDS = 8;
const HEAD_BYTES = HEAD_FIELDS * Float64Array.BYTES_PER_ELEMENT;
const WORD_BYTES = Words.BYTES_PER_ELEMENT;
const COMMIT = 1;
const FENCE = 2;
/** What has no number: no alarm, nothing to restore. */
const NONE = Number.NaN;

// A program may put something else in their places.
const Doubles = Float64Array;

export function encodeRecord(record: LogRecord): Uint8Array<ArrayBuffer> {
  const { numbers } = record;
  const bytes =
    typedArrayLength(record.bytes) > VALUE_BYTES_MAX
      ? typedArraySubarray(record.bytes, 0, VALUE_BYTES_MAX)
      : record.bytes;
  const start = HEAD_BYTES + typedArrayByteLength(numbers);
  const count = typedArrayLength(numbers);
  const row = new Bytes(start + typedArrayLength(bytes));
  const head = new Doubles(typedArrayBuffer(row), 0, HEAD_FIELDS);
  head[0] = record.kind === 'commit' ? COMMIT : FENCE;
  head[1] = record.sequence;
  head[2] = record.epoch;
  head[3] = record.timeMs;
  head[4] = record.pageCount;
  head[5] = record.alarm ?? NONE;
  head[6] = record.restoreTo ?? NONE;
  head[7] = count;
  if (count > 0) typedArraySet(new Words(typedArrayBuffer(row), HEAD_BYTES, count) as never, numbers);
  typedArraySet(row, bytes, start);
  return row;
}

/**
 * The record with so many of its bytes as its own value holds.
 *
 * @throws SimulatorError `storage_damaged` when the bytes are no record
 */
export function decodeRecord(row: Uint8Array<ArrayBuffer>): LogRecord {
  const { kind, sequence, epoch, timeMs, pageCount, alarm, restoreTo, pages } = readHead(row);
  const start = HEAD_BYTES + pages * WORD_BYTES;
  if (typedArrayLength(row) < start) throw damaged();
  return {
    kind,
    sequence,
    epoch,
    timeMs,
    pageCount,
    alarm,
    restoreTo,
    // A copy, because whoever gets the bytes may give their memory back.
    numbers: wordsSlice(new Words(typedArrayBuffer(row), typedArrayByteOffset(row) + HEAD_BYTES, pages)),
    bytes: typedArraySubarray(row, start),
  };
}

type Head = Omit<LogRecord, 'numbers' | 'bytes'> & { readonly pages: number };

/** What is known of a record without its pages. @throws as `decodeRecord` */
export function readHead(row: Uint8Array<ArrayBuffer>): Head {
  if (typedArrayTag(row) !== 'Uint8Array' || typedArrayLength(row) < HEAD_BYTES) throw damaged();
  const head = new Doubles(typedArrayBuffer(row), typedArrayByteOffset(row), HEAD_FIELDS);
  const field = (at: number) => head[at] as number;
  const kind = field(0);
  if (kind !== COMMIT && kind !== FENCE) throw damaged();
  const optional = (at: number) => (numberIsNaN(field(at)) ? null : field(at));
  return {
    kind: kind === COMMIT ? 'commit' : 'fence',
    sequence: field(1),
    epoch: field(2) as Epoch,
    timeMs: field(3),
    pageCount: field(4),
    alarm: optional(5),
    restoreTo: optional(6),
    pages: field(7),
  };
}

const damaged = () => new SimulatorError('storage_damaged', "A record of the object's log is no record.");

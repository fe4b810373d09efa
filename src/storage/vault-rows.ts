/**
 * How a log's records lie in IndexedDB: as rows of bounded size, and how the head is read from the newest of them.
 *
 * Promise: no value is larger than what Chromium keeps in its table; a record's key is the first thing that is added, since
 * it is what fences. Each function makes its requests in a transaction that the caller ends.
 * Knows nothing of when anything is written.
 */
import {
  arrayBufferByteLength,
  mathCeil,
  mathMax,
  NativeUint8Array,
  NativeUint32Array,
  typedArrayBuffer,
  typedArrayByteLength,
  typedArrayLength,
  typedArraySet,
  typedArraySlice,
  typedArraySubarray,
} from '../base/primordials.ts';
import type { Epoch } from '../protocol/names.ts';
import { type Base, EMPTY_BASE, FIRST_PAGES, type LogRecord, type StoreHead } from './object-store.ts';
import * as native from './vault-natives.ts';
import { encodeRecord, readHead, VALUE_BYTES_MAX } from './vault-record.ts';
import { BASE, FENCES, PARTS, RECORDS } from './vault-schema.ts';

/** How many parts continue the first value of so many pages. */
export function partsOf(pages: number): number {
  return pages <= FIRST_PAGES ? 0 : mathCeil(pages / FIRST_PAGES) - 1;
}

/** @param staged  the parts are there already */
export function addRecord(tx: IDBTransaction, record: LogRecord, staged: boolean): void {
  const parts = partsOf(typedArrayLength(record.numbers));
  // First of all: its key is what fences.
  native.storeAdd(native.transactionStore(tx, RECORDS), encodeRecord(record), record.sequence);
  if (!staged && parts > 0)
    putParts(tx, record.sequence, { first: 1, bytes: typedArraySubarray(record.bytes, VALUE_BYTES_MAX) });
}

/** Parts from `first` on, as many as `bytes` makes. */
export function putParts(
  tx: IDBTransaction,
  sequence: number,
  { first, bytes }: { readonly first: number; readonly bytes: Uint8Array },
): void {
  const store = native.transactionStore(tx, PARTS);
  const count = mathCeil(typedArrayLength(bytes) / VALUE_BYTES_MAX);
  // A value is cloned when it is put, so one buffer serves all that are as long.
  const whole = new NativeUint8Array(count > 1 ? VALUE_BYTES_MAX : 0);
  for (let i = 0; i < count; i++) {
    const value = i < count - 1 ? filled(whole, bytes, i) : piece(bytes, i);
    native.storePut(store, value, [sequence, first + i]);
  }
}

export const EMPTY_HEAD: StoreHead = {
  base: EMPTY_BASE,
  sequence: 0,
  epoch: 0 as Epoch,
  timeMs: 0,
  pageCount: 0,
  alarm: null,
  restoreTo: null,
};

/** Adds the fence of a new epoch after `head`. @returns the head with it */
export function addFence(tx: IDBTransaction, head: StoreHead, timeMs: number): StoreHead {
  const fence: LogRecord = {
    kind: 'fence',
    sequence: head.sequence + 1,
    epoch: (head.epoch + 1) as Epoch,
    timeMs: mathMax(head.timeMs, timeMs),
    pageCount: head.pageCount,
    alarm: head.alarm,
    restoreTo: head.restoreTo,
    numbers: new NativeUint32Array(0),
    bytes: new NativeUint8Array(0),
  };
  native.storeAdd(native.transactionStore(tx, RECORDS), encodeRecord(fence), fence.sequence);
  const row = { sequence: fence.sequence, timeMs: fence.timeMs };
  native.storeAdd(native.transactionStore(tx, FENCES), row, fence.epoch);
  return { ...head, sequence: fence.sequence, timeMs: fence.timeMs, epoch: fence.epoch };
}

export interface HeadRequests {
  readonly record: IDBRequest;
  readonly base: IDBRequest;
  readonly fence: IDBRequest;
}

export function requestHead(tx: IDBTransaction): HeadRequests {
  return {
    record: native.storeOpenCursor(native.transactionStore(tx, RECORDS), null, 'prev'),
    base: native.storeGet(native.transactionStore(tx, BASE), BASE),
    fence: native.storeOpenKeyCursor(native.transactionStore(tx, FENCES), null, 'prev'),
  };
}

/** The newest record decides, unless the base is newer: then that record was folded and deleted. */
export function readRequests(requests: HeadRequests): StoreHead {
  const base = (native.requestResult(requests.base) as Base | undefined) ?? EMPTY_BASE;
  const recordCursor = native.requestResult(requests.record);
  const newest = recordCursor ? readHead(native.cursorValue(recordCursor) as Uint8Array<ArrayBuffer>) : undefined;
  const fenceCursor = native.requestResult(requests.fence);
  const epoch = (fenceCursor ? native.cursorKey(fenceCursor) : 0) as Epoch;
  const { sequence, timeMs, pageCount, alarm, restoreTo } = newest && newest.sequence > base.sequence ? newest : base;
  return { base, sequence, epoch, timeMs, pageCount, alarm, restoreTo };
}

/** A copy when the view shows only a part of its buffer: structured clone would store the whole buffer. */
export function exact(view: Uint8Array): Uint8Array {
  return typedArrayByteLength(view) === arrayBufferByteLength(typedArrayBuffer(view)) ? view : typedArraySlice(view);
}

function filled(target: Uint8Array, bytes: Uint8Array, part: number): Uint8Array {
  typedArraySet(target, typedArraySubarray(bytes, part * VALUE_BYTES_MAX, (part + 1) * VALUE_BYTES_MAX), 0);
  return target;
}

function piece(bytes: Uint8Array, part: number): Uint8Array {
  const start = part * VALUE_BYTES_MAX;
  return typedArraySlice(bytes, start, start + VALUE_BYTES_MAX);
}

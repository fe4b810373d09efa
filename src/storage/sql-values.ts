/**
 * Values on their way into SQL and out of it.
 *
 * Promise: numbers go in as REAL, bytes as a copy of what a buffer or view shows, everything else as its string; integers come out
 * rounded to a double, blobs as a buffer of their own. Knows nothing of cursors.
 */
import {
  arrayBufferByteLength,
  arrayBufferIsView,
  dataViewBuffer,
  dataViewByteLength,
  dataViewByteOffset,
  NativeUint8Array,
  sharedArrayBufferByteLength,
  typedArrayBuffer,
  typedArrayByteLength,
  typedArrayByteOffset,
  typedArrayTag,
} from '../base/primordials.ts';
import type { Database } from './database.ts';
import { SQLITE_OK, type Statement } from './engine.ts';
import { textOf } from './platform-class.ts';

export type SqlValue = ArrayBuffer | string | number | null;
export type SqlRow = Record<string, SqlValue>;
/** A binding after coercion. */
export type Bound = Uint8Array | string | number | null;

/** @throws TypeError for what has no string; whatever the program's own conversion throws */
export function coerce(value: unknown): Bound {
  if (typeof value === 'number' || typeof value === 'string') return value;
  if (value === null || value === undefined) return null;
  if (typeof value === 'bigint') throw new TypeError('Cannot convert a BigInt value to a number');
  return (typeof value === 'object' ? bytesOf(value) : undefined) ?? textOf(value);
}

const NO_BYTES = new Uint8Array(0);

/** The bytes that a buffer or a view shows, none when it is detached; undefined for anything else. */
function bytesOf(value: object): Uint8Array | undefined {
  if (arrayBufferIsView(value)) {
    if (typedArrayTag(value) === undefined) return bytesOfDataView(value);
    const length = typedArrayByteLength(value);
    return length === 0 ? NO_BYTES : new NativeUint8Array(typedArrayBuffer(value), typedArrayByteOffset(value), length);
  }
  const length = lengthOfBuffer(value);
  if (length === undefined) return undefined;
  return length === 0 ? NO_BYTES : new NativeUint8Array(value as ArrayBuffer);
}

function bytesOfDataView(view: ArrayBufferView): Uint8Array {
  try {
    return new NativeUint8Array(dataViewBuffer(view), dataViewByteOffset(view), dataViewByteLength(view));
  } catch {
    return NO_BYTES; // detached, or out of its buffer
  }
}

function lengthOfBuffer(value: object): number | undefined {
  try {
    return arrayBufferByteLength(value);
  } catch {
    // Only a getter tells what an object is inside.
  }
  try {
    return sharedArrayBufferByteLength?.(value);
  } catch {
    return undefined;
  }
}

/** @throws Error with the platform's text, for a value that is too big */
export function bind(database: Database, statement: Statement, index: number, value: Bound): void {
  const code =
    value === null
      ? statement.bindNull(index)
      : typeof value === 'number'
        ? statement.bindNumber(index, value)
        : typeof value === 'string'
          ? statement.bindText(index, value)
          : statement.bindBlob(index, value);
  if (code !== SQLITE_OK) throw database.userError();
}

export function column(statement: Statement, index: number): SqlValue {
  switch (statement.columnType(index)) {
    case 1:
    case 2:
      return statement.columnNumber(index);
    case 3:
      return statement.columnText(index);
    case 4:
      return typedArrayBuffer(statement.columnBlob(index));
    default:
      return null;
  }
}

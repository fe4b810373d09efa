/**
 * How large keys and values may be in an object whose class has key-value storage.
 *
 * Promise: the platform's texts and bounds; which bounds hold is a limit, since local workerd checks none.
 *
 * @see workerd: io/actor-storage.h, io/actor-storage.c++
 */
import { encodeText } from '../base/bytes.ts';
import { typedArrayLength } from '../base/primordials.ts';

/** What a serialised value may have beyond the documented size: room for the format's own bytes. */
const VALUE_OVERHEAD_BYTES = 34;
/** UTF-8 bytes of one UTF-16 unit, at most */
const UNIT_BYTES_MAX = 3;

export interface KvSizes {
  readonly kvKeyBytes: number;
  readonly kvValueBytes: number;
}

/** @throws RangeError */
export function checkKeySize(key: string, { kvKeyBytes }: KvSizes): void {
  if (key.length * UNIT_BYTES_MAX <= kvKeyBytes) return;
  const size = typedArrayLength(encodeText(key));
  if (size <= kvKeyBytes) return;
  throw new RangeError(`Keys cannot be larger than ${kvKeyBytes} bytes. A key of size ${size} was provided.`);
}

/** @param value  serialised @throws RangeError */
export function checkValueSize(value: Uint8Array, { kvValueBytes }: KvSizes): void {
  const size = typedArrayLength(value);
  if (size <= kvValueBytes + VALUE_OVERHEAD_BYTES) return;
  throw new RangeError(`Values cannot be larger than ${kvValueBytes} bytes. A value of size ${size} was provided.`);
}

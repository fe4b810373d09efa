/**
 * Forms in a URL's encoding that are not encoded well.
 *
 * Promise: a per cent sign without two digits behind it means what it means on the platform, whose decoder takes as many
 * hexadecimal digits as there are: one digit is a byte, none is nothing (workerd 1.20260730, as observed). All else stays.
 */
import { NativeUint8Array, typedArrayIndexOf, typedArrayLength, typedArraySubarray } from '../base/primordials.ts';

const PERCENT = 0x25;
const AND = 0x26;
const EQUALS = 0x3d;
const ZERO = 0x30;

/** The same form for a decoder that leaves such a sign as it is. */
export function wellEncoded(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (typedArrayIndexOf(bytes, PERCENT) < 0) return bytes;
  const length = typedArrayLength(bytes);
  // One digit becomes two, and a pair of nothing says so.
  const made = new NativeUint8Array(length * 2);
  let end = 0;
  let pair = 0;
  for (let at = 0; at <= length; at++) {
    const byte = bytes[at];
    if (byte === undefined || byte === AND) {
      if (end === pair && at > 0 && bytes[at - 1] === PERCENT) made[end++] = EQUALS;
      if (byte === AND) made[end++] = AND;
      pair = end;
    } else if (byte !== PERCENT) {
      made[end++] = byte;
    } else if (isDigit(bytes[at + 1])) {
      made[end++] = PERCENT;
      if (!isDigit(bytes[at + 2])) made[end++] = ZERO;
    }
  }
  return typedArraySubarray(made, 0, end);
}

function isDigit(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  const lower = byte | 0x20;
  return (byte >= ZERO && byte <= 0x39) || (lower >= 0x61 && lower <= 0x66);
}

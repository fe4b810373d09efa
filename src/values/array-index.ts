/** Array indexes among property keys: the format writes those as numbers. */
import { stringCharCodeAt } from '../base/primordials.ts';

/** The index that `key` is the canonical text of, 0 to 2^32 - 2; -1 for any other key. */
export function arrayIndexOf(key: string): number {
  const length = key.length;
  if (length === 0 || length > 10) return -1;
  let index = stringCharCodeAt(key, 0) - 0x30;
  if (index < 0 || index > 9 || (index === 0 && length > 1)) return -1;
  for (let i = 1; i < length; i++) {
    const digit = stringCharCodeAt(key, i) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    index = index * 10 + digit;
  }
  return index < 0xffffffff ? index : -1;
}

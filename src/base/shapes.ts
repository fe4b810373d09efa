/** What decoders ask of values that anybody can have sent. */
import { numberIsSafeInteger, typedArrayTag } from './primordials.ts';

export const isBytes = (value: unknown): value is Uint8Array => typedArrayTag(value) === 'Uint8Array';
export const isCount = (value: unknown): value is number => numberIsSafeInteger(value) && (value as number) >= 0;
export const isPositive = (value: unknown): value is number => isCount(value) && value > 0;

/**
 * The large parts of a parcel on their way over a link: handed over where the link can do that, copied by it where it cannot.
 *
 * Promise: what was handed over to a peer that never looked at it can be posted again, the same. What somebody at this end still
 * reads is not handed over.
 *
 *     WHOLE --post(), over a link that hands over--> KEPT     each later posting is of a copy
 *       \-------------------------------------------'--drop()--> DROPPED
 *
 * Knows neither messages nor what goes by reference.
 */
import { mapped, sumOf } from '../base/lists.ts';
import {
  arrayAppend,
  arrayBufferByteLength,
  NativeUint8Array,
  typedArrayBuffer,
  typedArrayLength,
  typedArraySet,
  typedArraySlice,
} from '../base/primordials.ts';
import type { SpareMemory } from '../base/spare-memory.ts';
import { INLINE_BODY_BYTES } from '../protocol/limits.ts';
import type { LinkEnd } from '../protocol/link.ts';
import type { Payload } from '../protocol/messages.ts';
import type { Parcel } from './hook.ts';

/** What of a payload or a parcel is by value. */
export type Content = Pick<Payload, 'bytes' | 'buffers'>;

/** One posting: the content, and what of it the link hands over. */
export interface Handed {
  readonly content: Content;
  readonly transfer: Transferable[] | undefined;
}

/** How many bytes it has. */
export function contentSize({ bytes, buffers }: Content): number {
  return typedArrayLength(bytes) + (buffers ? sumOf(buffers, arrayBufferByteLength) : 0);
}

/** Something in it is worth the trouble. */
export function isLarge({ bytes, buffers }: Content): boolean {
  return buffers !== undefined || isLong(bytes);
}

/** Nothing else of what it is taken from. */
export function contentOf({ bytes, buffers }: Content): Content {
  return buffers ? { bytes, buffers } : { bytes };
}

/** For who is not the last to read them. */
export function copyBuffers(buffers: readonly ArrayBuffer[]): ArrayBuffer[] {
  return mapped(buffers, (buffer) => typedArrayBuffer(typedArraySlice(new NativeUint8Array(buffer))));
}

/** What is posted once. */
export function handOver(parcel: Parcel, link: LinkEnd): Handed {
  const content = contentOf(parcel);
  const isFree = link.transfers && isLarge(content) && !parcel.lentBy?.isAsked;
  return { content, transfer: isFree ? partsOf(content) : undefined };
}

/** What may have to be posted again. */
export class KeptHandover {
  readonly #memory: SpareMemory;
  /** undefined: it is kept instead, or was dropped */
  #whole: Content | undefined;
  #kept: KeptContent | undefined;

  constructor(content: Content, memory: SpareMemory) {
    this.#memory = memory;
    this.#whole = contentOf(content);
  }

  /** Called until `drop`. */
  post(link: LinkEnd): Handed {
    const content = this.#kept ? copyOf(this.#kept) : (this.#whole as Content);
    if (!link.transfers) return { content, transfer: undefined };
    this.#kept ??= this.#keep(content);
    this.#whole = undefined;
    return { content, transfer: partsOf(content) };
  }

  /** It will not be posted again. */
  drop(): void {
    const { bytes, buffers } = this.#kept ?? {};
    this.#whole = undefined;
    this.#kept = undefined;
    if (bytes && 'memory' in bytes) this.#memory.give(bytes.memory);
    for (let i = 0; buffers && i < buffers.length; i++) this.#memory.give((buffers[i] as KeptPart).memory);
  }

  #keep({ bytes, buffers }: Content): KeptContent {
    return {
      bytes: isLong(bytes) ? this.#keepPart(bytes) : bytes,
      buffers: buffers && mapped(buffers, (buffer) => this.#keepPart(new NativeUint8Array(buffer))),
    };
  }

  #keepPart(part: Uint8Array): KeptPart {
    const sizeBytes = typedArrayLength(part);
    const memory = this.#memory.take(sizeBytes);
    typedArraySet(memory, part);
    return { memory, sizeBytes };
  }
}

/** A part that was handed over: it lies at the beginning of the memory. */
interface KeptPart {
  readonly memory: Uint8Array<ArrayBuffer>;
  readonly sizeBytes: number;
}

interface KeptContent {
  /** short ones are never handed over */
  readonly bytes: KeptPart | Uint8Array;
  readonly buffers: readonly KeptPart[] | undefined;
}

function copyOf({ bytes, buffers }: KeptContent): Content {
  return contentOf({
    bytes: 'memory' in bytes ? copyOfPart(bytes) : bytes,
    ...(buffers && { buffers: mapped(buffers, (part) => typedArrayBuffer(copyOfPart(part))) }),
  });
}

const copyOfPart = ({ memory, sizeBytes }: KeptPart) => typedArraySlice(memory, 0, sizeBytes);

function partsOf({ bytes, buffers }: Content): Transferable[] {
  const parts: Transferable[] = [];
  if (isLong(bytes)) arrayAppend(parts, typedArrayBuffer(bytes));
  for (let i = 0; buffers && i < buffers.length; i++) arrayAppend(parts, buffers[i] as ArrayBuffer);
  return parts;
}

/** Below this, posting a copy takes no longer (measured up to 32 KiB). */
const isLong = (bytes: Uint8Array): boolean => typedArrayLength(bytes) > INLINE_BODY_BYTES;

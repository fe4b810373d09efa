/**
 * Commits that wait for the one in flight, joined into one.
 *
 * Promise: applying the result gives the bytes that applying each in turn would. Knows nothing of why they wait.
 */
import {
  mapClear,
  mapDelete,
  mapForEach,
  mapGet,
  mapSet,
  mapSize,
  NativeMap,
  NativeUint8Array,
  NativeUint32Array,
  typedArrayLength,
  typedArraySet,
  typedArraySort,
  typedArraySubarray,
} from '../base/primordials.ts';
import { PAGE_SIZE_BYTES, type PageCommit } from './pages.ts';

/** Several commits as one: of each page the newest bytes, pages beyond a later end left out. */
export class MergedCommit {
  readonly #pages = new NativeMap<number, Uint8Array>();
  #pageCount: number | undefined;
  /** the first commit alone needs no merging */
  #single: PageCommit | undefined;

  add(commit: PageCommit): void {
    if (this.#pageCount === undefined) {
      this.#single = commit;
      this.#pageCount = commit.pageCount;
      return;
    }
    if (this.#single) this.#merge(this.#single);
    this.#single = undefined;
    this.#merge(commit);
  }

  take(): PageCommit | undefined {
    const pageCount = this.#pageCount;
    if (pageCount === undefined) return undefined;
    const single = this.#single;
    this.#single = undefined;
    this.#pageCount = undefined;
    if (single) return single;
    const numbers = new NativeUint32Array(mapSize(this.#pages));
    let count = 0;
    mapForEach(this.#pages, (_page, number) => {
      numbers[count++] = number;
    });
    typedArraySort(numbers);
    const bytes = new NativeUint8Array(count * PAGE_SIZE_BYTES);
    for (let i = 0; i < count; i++) {
      typedArraySet(bytes, mapGet(this.#pages, numbers[i] as number) as Uint8Array, i * PAGE_SIZE_BYTES);
    }
    mapClear(this.#pages);
    return { pages: { numbers, bytes }, pageCount };
  }

  #merge({ pages, pageCount }: PageCommit): void {
    if (this.#pageCount !== undefined && pageCount < this.#pageCount) {
      mapForEach(this.#pages, (_page, number) => {
        if (number > pageCount) mapDelete(this.#pages, number);
      });
    }
    this.#pageCount = pageCount;
    const { numbers } = pages;
    const count = typedArrayLength(numbers);
    for (let i = 0; i < count; i++) {
      const number = numbers[i] as number;
      const bytes = typedArraySubarray(pages.bytes, i * PAGE_SIZE_BYTES, (i + 1) * PAGE_SIZE_BYTES) as Uint8Array;
      const held = mapGet(this.#pages, number);
      if (held) typedArraySet(held, bytes);
      else mapSet(this.#pages, number, bytes);
    }
  }
}

/** A commit that changes no page. */
export function emptyCommit(pageCount: number): PageCommit {
  return { pages: { numbers: new NativeUint32Array(0), bytes: new NativeUint8Array(0) }, pageCount };
}

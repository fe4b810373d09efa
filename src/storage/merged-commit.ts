/**
 * Commits that wait for the one in flight, joined into one.
 *
 * Promise: applying the result gives the bytes that applying each in turn would. Knows nothing of why they wait.
 */
import { PAGE_SIZE_BYTES, type PageCommit } from './pages.ts';

/** Several commits as one: of each page the newest bytes, pages beyond a later end left out. */
export class MergedCommit {
  readonly #pages = new Map<number, Uint8Array>();
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
    const numbers = Uint32Array.from(this.#pages.keys()).sort();
    const bytes = new Uint8Array(numbers.length * PAGE_SIZE_BYTES);
    numbers.forEach((number, i) => {
      const page = this.#pages.get(number);
      if (page) bytes.set(page, i * PAGE_SIZE_BYTES);
    });
    this.#pages.clear();
    return { pages: { numbers, bytes }, pageCount };
  }

  #merge({ pages, pageCount }: PageCommit): void {
    if (this.#pageCount !== undefined && pageCount < this.#pageCount) {
      for (const number of this.#pages.keys()) if (number > pageCount) this.#pages.delete(number);
    }
    this.#pageCount = pageCount;
    pages.numbers.forEach((number, i) => {
      const bytes = pages.bytes.subarray(i * PAGE_SIZE_BYTES, (i + 1) * PAGE_SIZE_BYTES);
      const held = this.#pages.get(number);
      if (held) held.set(bytes);
      else this.#pages.set(number, bytes);
    });
  }
}

/** A commit that changes no page. */
export function emptyCommit(pageCount: number): PageCommit {
  return { pages: { numbers: new Uint32Array(0), bytes: new Uint8Array(0) }, pageCount };
}

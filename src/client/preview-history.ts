/**
 * Where a preview has been.
 *
 * Promise: as a browser's session history: a new entry drops what lay ahead; entries that a page made for itself know
 * that they are of one document, so a step between them loads nothing.
 */
import type { Navigation } from '../protocol/preview.ts';

export interface HistoryEntry {
  readonly url: string;
  readonly state: unknown;
  readonly form: Navigation['form'];
  /** number of the document that is, or was, shown */
  readonly document: number;
}

export class History {
  #entries: HistoryEntry[] = [];
  #at = -1;
  #documents = 0;

  get current(): HistoryEntry | undefined {
    return this.#entries[this.#at];
  }

  get length(): number {
    return this.#entries.length;
  }

  has(delta: number): boolean {
    return this.at(delta) !== undefined;
  }

  at(delta: number): HistoryEntry | undefined {
    return this.#entries[this.#at + delta];
  }

  move(delta: number): void {
    if (this.has(delta)) this.#at += delta;
  }

  /** A document is shown that was asked for anew (`push`, `replace`), or again for an entry that there is (`step`). */
  show(
    url: string,
    form: Navigation['form'],
    how: { readonly kind: 'push' | 'replace' } | { readonly kind: 'step'; readonly delta: number },
  ): HistoryEntry {
    this.#documents += 1;
    const document = this.#documents;
    if (how.kind === 'step' && this.has(how.delta)) {
      this.move(how.delta);
      const { state, document: before } = this.current as HistoryEntry;
      // Entries of the same document belong to the new one.
      this.#entries = this.#entries.map((one) => (one.document === before ? { ...one, document } : one));
      return this.#put(this.#at, { url, state, form, document });
    }
    const entry = { url, state: null, form, document };
    return how.kind === 'replace' && this.current ? this.#put(this.#at, entry) : this.#push(entry);
  }

  /** The document that is shown gives itself an address and a state. */
  step(url: string, state: unknown, isReplacing: boolean): void {
    const document = this.current?.document ?? this.#documents;
    const form = isReplacing ? this.current?.form : undefined;
    const entry = { url, state, form, document };
    if (isReplacing && this.current) this.#put(this.#at, entry);
    else this.#push(entry);
  }

  #put(at: number, entry: HistoryEntry): HistoryEntry {
    this.#entries[at] = entry;
    return entry;
  }

  #push(entry: HistoryEntry): HistoryEntry {
    this.#entries.splice(this.#at + 1);
    this.#at = this.#entries.length;
    this.#entries.push(entry);
    return entry;
  }
}

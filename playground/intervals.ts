/**
 * Stretches of a line, found by what they overlap.
 *
 * Promise: a question costs the logarithm of their number and what it finds, however long some of them are. Knows nothing of
 * what they mean.
 */
export interface Stretch {
  readonly from: number;
  /** not before `from` */
  readonly to: number;
}

export class Intervals<T extends Stretch> {
  /** by `from` */
  readonly all: readonly T[];
  /** a binary tree in an array, the root at 1: the greatest `to` of the leaves below */
  readonly #ends: Float64Array;
  readonly #leafCount: number;

  constructor(stretches: readonly T[]) {
    this.all = [...stretches].sort((one, other) => one.from - other.from);
    this.#leafCount = 1;
    while (this.#leafCount < this.all.length) this.#leafCount *= 2;
    this.#ends = new Float64Array(2 * this.#leafCount).fill(Number.NEGATIVE_INFINITY);
    for (const [at, { to }] of this.all.entries()) this.#ends[this.#leafCount + at] = to;
    for (let node = this.#leafCount - 1; node > 0; node--) {
      this.#ends[node] = Math.max(this.#ends[2 * node] as number, this.#ends[2 * node + 1] as number);
    }
  }

  /** Those that touch `from`…`to`, by where they begin; `max` of them at most. */
  overlapping(from: number, to: number, max = Number.POSITIVE_INFINITY): T[] {
    const found: T[] = [];
    const look = (node: number, first: number, count: number): void => {
      const stretch = this.all[first];
      if (!stretch || found.length >= max || stretch.from > to || (this.#ends[node] as number) < from) return;
      if (count === 1) {
        found.push(stretch);
        return;
      }
      look(2 * node, first, count / 2);
      look(2 * node + 1, first + count / 2, count / 2);
    };
    look(1, 0, this.#leafCount);
    return found;
  }
}

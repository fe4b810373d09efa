/**
 * What is known by a number for as long as it lasts: questions on their way, events that run.
 *
 * Promise: as a `Map` from positive whole numbers; whatever a program did to arrays, what was put in is found. A step costs the same
 * however much there is. It takes no memory anew, but when more is in it than ever before.
 *
 * Why no `Map`: V8 makes it a new table after every few entries that came and went, and a table that was replaced leads to the next
 * one. As soon as one of them has grown old, all that come after it are kept with it, and so is what they held, until the whole heap
 * is collected. Measured with a million entries that come and go in an old one: the whole heap is collected sixteen times, and what is
 * young in 0.2 to 2.5 ms each time; of a table that is not replaced, never, and in 0.1 ms.
 *
 * An open table with linear probing; numbers that follow one another are spread over it.
 */
import { arrayAppend, arraySort } from './primordials.ts';

const { imul } = Math;

/** 2^32 divided by the golden ratio: its multiples fall far apart. */
const SPREAD = 0x9e37_79b1;
const NONE = 0;
const BITS_FIRST = 4;

export class Numbered<V> {
  #numbers: number[] = [];
  #values: (V | undefined)[] = [];
  #bits = BITS_FIRST;
  #size = 0;

  constructor() {
    this.#make();
  }

  get size(): number {
    return this.#size;
  }

  get(number: number): V | undefined {
    return this.#values[this.#find(number)];
  }

  /** @param number  at least 1 */
  set(number: number, value: V): void {
    let at = this.#find(number);
    if (this.#numbers[at] === NONE) {
      this.#size++;
      if (this.#size * 2 > this.#numbers.length) {
        this.#grow();
        at = this.#find(number);
      }
      this.#numbers[at] = number;
    }
    this.#values[at] = value;
  }

  /** Gives what was there. */
  take(number: number): V | undefined {
    const at = this.#find(number);
    if (this.#numbers[at] === NONE) return undefined;
    const value = this.#values[at];
    this.#size--;
    this.#close(at);
    return value;
  }

  /** All of it, by ascending numbers; it is empty then. */
  drain(): V[] {
    const numbers: number[] = [];
    for (let at = 0; at < this.#numbers.length; at++) {
      const number = this.#numbers[at] as number;
      if (number !== NONE) arrayAppend(numbers, number);
    }
    arraySort(numbers, (a, b) => a - b);
    const values: V[] = [];
    for (let i = 0; i < numbers.length; i++) arrayAppend(values, this.get(numbers[i] as number) as V);
    this.#size = 0;
    this.#make();
    return values;
  }

  /** Where the number is, or the free place where it would be. */
  #find(number: number): number {
    const mask = this.#numbers.length - 1;
    let at = this.#home(number);
    while (this.#numbers[at] !== number && this.#numbers[at] !== NONE) at = (at + 1) & mask;
    return at;
  }

  #home(number: number): number {
    return imul(number, SPREAD) >>> (32 - this.#bits);
  }

  /** Empties a place: what was pushed past it by others comes nearer to where it belongs. */
  #close(hole: number): void {
    const mask = this.#numbers.length - 1;
    let free = hole;
    for (let at = (hole + 1) & mask; this.#numbers[at] !== NONE; at = (at + 1) & mask) {
      const pushed = (at - this.#home(this.#numbers[at] as number)) & mask;
      if (pushed < ((at - free) & mask)) continue;
      this.#numbers[free] = this.#numbers[at] as number;
      this.#values[free] = this.#values[at];
      free = at;
    }
    this.#numbers[free] = NONE;
    this.#values[free] = undefined;
  }

  #grow(): void {
    const numbers = this.#numbers;
    const values = this.#values;
    this.#bits++;
    this.#make();
    for (let from = 0; from < numbers.length; from++) {
      const number = numbers[from] as number;
      if (number === NONE) continue;
      const at = this.#find(number);
      this.#numbers[at] = number;
      this.#values[at] = values[from];
    }
  }

  /** Every place is there from the beginning: what is written past an array's end may meet a setter of the program's. */
  #make(): void {
    const numbers: number[] = [];
    const values: (V | undefined)[] = [];
    for (let at = 0; at < 2 ** this.#bits; at++) {
      arrayAppend(numbers, NONE);
      arrayAppend(values, undefined);
    }
    this.#numbers = numbers;
    this.#values = values;
  }
}

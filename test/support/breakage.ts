/**
 * One built-in that is broken while the code under test runs, and whole while its store works and whenever a test looks.
 *
 * Promise: in memory all that the code under test does is one chain of microtasks, so nothing of the test's own runs meanwhile but what is here.
 */
import type { ObjectStore } from '../../src/storage/object-store.ts';
import { MemoryObjectStore } from '../../src/storage/vault-memory.ts';
import { type BuiltIn, breakBuiltIn, restoreBuiltIn, watchBuiltIn } from './each-built-in.ts';

/** More than a checkpoint of a few pages takes. */
const MICROTASKS_MAX = 20_000;

const { getOwnPropertyNames } = Object;
const { apply } = Reflect;
const addTo = Set.prototype.add;

export class Breakage {
  readonly #break: () => void;
  readonly #restore: () => void;
  #isOn = false;

  constructor(builtIn: BuiltIn, replacement: (() => unknown) | undefined);
  constructor(doBreak: () => void, doRestore: () => void);
  constructor(what: BuiltIn | (() => void), how: (() => unknown) | undefined) {
    this.#break = typeof what === 'function' ? what : () => breakBuiltIn(what, how);
    this.#restore = typeof what === 'function' ? (how as () => void) : () => restoreBuiltIn(what);
  }

  /**
   * Breaks nothing, and finds out which of these anything looks at: any other, whatever stands in its place, would change nothing.
   *
   * @param touched  filled
   */
  static watching(builtIns: readonly BuiltIn[], touched: Set<BuiltIn>): Breakage {
    return new Breakage(
      () => {
        for (let i = 0; i < builtIns.length; i++) {
          const one = builtIns[i] as BuiltIn;
          watchBuiltIn(one, () => apply(addTo, touched, [one]));
        }
      },
      () => {
        for (let i = 0; i < builtIns.length; i++) restoreBuiltIn(builtIns[i] as BuiltIn);
      },
    );
  }

  /** @returns what became of it; undefined when it waits for what will never come */
  async during(run: () => Promise<unknown> | undefined): Promise<{ readonly error?: unknown } | undefined> {
    let ended: { readonly error?: unknown } | undefined;
    const watched = async () => {
      try {
        await run();
        ended = {};
      } catch (error) {
        ended = { error };
      }
    };
    this.#isOn = true;
    this.begin();
    void watched();
    // A task of its own would let others run among the broken built-ins.
    for (let i = 0; i < MICROTASKS_MAX && !ended; i++) await undefined;
    this.#restore();
    this.#isOn = false;
    return ended;
  }

  begin(): void {
    if (this.#isOn) this.#break();
  }

  end(): void {
    if (this.#isOn) this.#restore();
  }

  /** @param heard  hears of each call when it is done */
  around(store: ObjectStore, heard: (method: string) => void = () => {}): ObjectStore {
    const around: Record<string, unknown> = {};
    for (const name of getOwnPropertyNames(MemoryObjectStore.prototype)) {
      const method = (store as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>)[name];
      if (typeof method !== 'function' || name === 'constructor') continue;
      around[name] = async (argument: unknown) => {
        this.end();
        try {
          return await apply(method, store, [argument]);
        } finally {
          heard(name);
          this.begin();
        }
      };
    }
    return around as unknown as ObjectStore;
  }
}

/**
 * How slow the storage of this machine's objects is on purpose.
 *
 * Promise: what is set for one object holds for it whatever is set for all; it holds for instances that run and for those that
 * start later. Resolved, every instance that runs has heard of it.
 */
import type { ObjectAddress } from '../protocol/names.ts';

export interface SlowObject {
  /** tells the instance, once it is there */
  slowStorage(latencyMs: number): Promise<void>;
}

export class StorageFaults {
  readonly #objects: () => Iterable<readonly [SlowObject, ObjectAddress]>;
  readonly #one = new Map<ObjectAddress, number>();
  #allMs = 0;

  /** @param objects  those of this machine that run or start */
  constructor(objects: () => Iterable<readonly [SlowObject, ObjectAddress]>) {
    this.#objects = objects;
  }

  latencyOf(object: ObjectAddress): number {
    return this.#one.get(object) ?? this.#allMs;
  }

  /** Nothing is slow any more. */
  async clear(): Promise<void> {
    this.#one.clear();
    await this.slow(0);
  }

  /** @param object  left out: all, but for those that were set by themselves */
  async slow(latencyMs: number, object?: ObjectAddress): Promise<void> {
    if (object === undefined) this.#allMs = latencyMs;
    else this.#one.set(object, latencyMs);
    const told: Promise<void>[] = [];
    for (const [instance, address] of this.#objects()) {
      if (object === undefined || object === address) told.push(instance.slowStorage(this.latencyOf(address)));
    }
    await Promise.all(told);
  }
}

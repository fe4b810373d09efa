/**
 * Ends objects on a person's wish: evicts, hibernates, crashes them.
 *
 * Promise: what came of it is said; `problem` says why the last one was refused.
 */
import { type Signal, signal } from '@preact/signals-core';
import type { InspectedObject } from '../src/index.ts';
import { sentenceOf } from './account.ts';
import type { Session } from './session.ts';

export class ObjectActs {
  readonly problem = signal<string | undefined>(undefined);
  readonly #session: () => Session;
  readonly #said: Signal<string>;

  /** @param said  what is read aloud */
  constructor(session: () => Session, said: Signal<string>) {
    this.#session = session;
    this.#said = said;
  }

  evict(object: InspectedObject): Promise<void> {
    const work = this.#session().evict(object);
    return this.#tell(work, `${titleOf(object)} was evicted. What it stored is still there.`);
  }

  /** The one that is looked at. */
  evictSelected(): Promise<void> {
    const { objects, selected } = this.#session();
    const object = objects.value.find(({ id }) => id === selected.value);
    if (object?.state === 'live') return this.evict(object);
    this.#said.value = object
      ? `${titleOf(object)} has no instance in this tab to evict.`
      : 'There is no object to evict yet.';
    return Promise.resolve();
  }

  hibernate(object: InspectedObject): Promise<void> {
    return this.#tell(this.#session().hibernate(object), `${titleOf(object)} hibernates.`);
  }

  crash(object: InspectedObject): Promise<void> {
    const work = this.#session().crash(object);
    return this.#tell(work, `${titleOf(object)} has crashed. What was safe on disk is still there.`);
  }

  async #tell(work: Promise<void>, done: string): Promise<void> {
    this.problem.value = undefined;
    try {
      await work;
      this.#said.value = done;
    } catch (error) {
      this.problem.value = sentenceOf(error);
    }
  }
}

/** The name, or enough of the id to tell it from others. */
export function nameOf({ name, id }: InspectedObject): string {
  return name ?? `${id.slice(0, 8)}…${id.slice(-4)}`;
}

/** With its class. */
export function titleOf(object: InspectedObject): string {
  return `${object.className} ${nameOf(object)}`;
}

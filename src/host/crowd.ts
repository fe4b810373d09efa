/**
 * Which objects go so that others can come.
 *
 * Promise: nobody is made to go who has anything under way; those unused for longest go first. More than the usual number of objects
 * live as long as they all have something to do; if that fills the machine, each goes as soon as it has nothing to do.
 */
import type { TaskSet } from '../base/async.ts';
import { LIVE_OBJECTS } from '../protocol/limits.ts';
import type { Container } from './container.ts';

export interface CrowdOptions {
  /** the objects of this machine */
  objects(): Container[];
  tasks: TaskSet;
}

export class Crowd {
  readonly #options: CrowdOptions;

  constructor(options: CrowdOptions) {
    this.#options = options;
  }

  /** One more is about to start: makes room for it, if somebody can go. */
  admit(): void {
    const { objects, tasks } = this.#options;
    const all = objects();
    const surplus = all.length - LIVE_OBJECTS + 1;
    if (surplus <= 0) return;
    for (const container of longestUnused(all).slice(0, surplus)) tasks.add(container.drain('surplus'));
  }

  /** Isolates wait for others to end. */
  press(): void {
    const { objects, tasks } = this.#options;
    for (const container of longestUnused(objects())) tasks.add(container.drain('pressed'));
  }
}

function longestUnused(containers: Container[]): Container[] {
  return containers.sort((a, b) => a.lastUse - b.lastUse);
}

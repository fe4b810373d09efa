/**
 * Identity: which object was written as which number.
 *
 * Promise: ids count from 0 in the order in which objects begin. Small values never pay for a Map.
 */
import { mapGet, mapSet } from '../base/primordials.ts';

const LISTED_OBJECTS_MAX = 8;
const Map_ = Map;

export class ObjectIds {
  #next = 0;
  readonly #listed: object[] = [];
  readonly #listedIds: number[] = [];
  #table: Map<object, number> | undefined;

  /** -1 for an object not yet seen. */
  idOf(value: object): number {
    if (this.#table) return mapGet(this.#table, value) ?? -1;
    const listed = this.#listed;
    for (let i = 0; i < listed.length; i++) if (listed[i] === value) return this.#listedIds[i] as number;
    return -1;
  }

  add(value: object): void {
    const id = this.#next++;
    if (this.#table) {
      mapSet(this.#table, value, id);
      return;
    }
    const at = this.#listed.length;
    this.#listed[at] = value;
    this.#listedIds[at] = id;
    if (at < LISTED_OBJECTS_MAX) return;
    this.#table = new Map_();
    for (let i = 0; i <= at; i++) mapSet(this.#table, this.#listed[i] as object, this.#listedIds[i] as number);
  }

  /** Takes an id for an object that exists only in the bytes. */
  skip(): void {
    this.#next++;
  }
}

/**
 * What a page may look at and do to objects from outside: `sim.inspect` and `sim.objects`.
 *
 * Promise: the inspector never wakes an object and writes nothing; values are decoded here, in the page, from the bytes
 * that are stored.
 */
import type { HostControl, ObjectInfo } from '../protocol/control.ts';
import type { EndpointId, UniqueKey } from '../protocol/names.ts';
import { type ObjectReference, referenceOf } from './references.ts';

/** A deployment, as `sim.deploy` and the event tell it. */
export interface DeployedInfo {
  /** counts the account's deployments from 1 */
  readonly number: number;
  /** of modules and config; the same code has the same hash */
  readonly hash: string;
}

/** One object that was ever started. `key` refers to it in the other calls. */
export interface InspectedObject {
  readonly className: string;
  readonly id: string;
  readonly name: string | undefined;
  readonly state: ObjectInfo['state'];
  readonly key: ObjectReference;
}

export interface StoredEntry {
  readonly key: string;
  readonly value: unknown;
  /** of the value as it is stored */
  readonly sizeBytes: number;
}

/** Decodes a stored value; platform objects that only an object may hold come as a description. */
export type DecodeStored = (bytes: Uint8Array) => unknown;

type Control = Pick<HostControl, 'listObjects' | 'readEntries' | 'evict' | 'evictAll' | 'crash'>;

export class Inspector {
  readonly #control: Control;
  readonly #decode: DecodeStored;

  constructor(control: Control, decode: DecodeStored) {
    this.#control = control;
    this.#decode = decode;
  }

  /** Every object that was ever started in the account, live or sleeping, by class and then by name or id. */
  async objects(): Promise<InspectedObject[]> {
    const found = await this.#control.listObjects();
    return found.map(({ className, namespace, id, name, state }) => ({
      className,
      id,
      name,
      state,
      key: { namespace, id },
    }));
  }

  /** Stored keys of one object with their values, in key order. @param object a stub, or `key` of `objects()` */
  async entries(object: object): Promise<StoredEntry[]> {
    const { namespace, id } = referenceOf(object);
    const rows = await this.#control.readEntries(namespace as UniqueKey, id);
    return rows.map(({ key, value }) => ({ key, value: this.#decode(value), sizeBytes: value.length }));
  }
}

export class Objects {
  readonly #control: Control;
  readonly #gone: (endpoint: EndpointId) => void;

  constructor(control: Control, gone: (endpoint: EndpointId) => void) {
    this.#control = control;
    this.#gone = gone;
  }

  /** Drops the instance in good order: nothing is lost but its memory. Waits for what is under way. */
  async evict(object: object): Promise<void> {
    const { namespace, id } = referenceOf(object);
    await this.#control.evict(namespace as UniqueKey, id);
  }

  /** Evicts every object of this machine. */
  async evictAll(): Promise<void> {
    await this.#control.evictAll();
  }

  /** Ends the instance at once, as a failed machine would: what was not durable is lost, calls under way break. */
  async crash(object: object): Promise<void> {
    const { namespace, id } = referenceOf(object);
    const endpoint = await this.#control.crash(namespace as UniqueKey, id);
    if (endpoint) this.#gone(endpoint);
  }
}

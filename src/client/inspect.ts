/**
 * What a page may look at from outside: `sim.inspect`.
 *
 * Promise: looking wakes no object, adds no event to one and does not put off its eviction; it writes nothing. Values are
 * decoded here, in the page, from the bytes that are stored; one that cannot be decoded is shown as that, beside the others.
 */
import type { Awake, HostControl, ObjectInfo } from '../protocol/control.ts';
import type { SqlBinding } from '../protocol/edits.ts';
import type {
  AtMoment,
  EntryRange,
  InspectedFacet,
  InspectedHistory,
  InspectedTable,
  QueryResult,
} from '../protocol/inspection.ts';
import type { UniqueKey } from '../protocol/names.ts';
import type { SocketCounts, ThreadSockets } from '../protocol/socket-counts.ts';
import type { InspectorThread } from './inspector-thread.ts';
import { addressOfReference, type ObjectReference, referenceOf } from './references.ts';

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

export interface ObjectState {
  /** undefined: it has no instance on this machine */
  readonly awake: Awake | undefined;
  /** when its alarm is due, ms since 1970, as the disk has it; undefined: none is set */
  readonly alarmMs: number | undefined;
}

export interface StoredEntry {
  readonly key: string;
  /** decoded; undefined when that failed */
  readonly value: unknown;
  /** why `value` could not be decoded; its bytes are in `bytes` then */
  readonly problem?: string;
  readonly bytes?: Uint8Array;
  /** of the value as it is stored */
  readonly sizeBytes: number;
}

export interface QueryOptions extends AtMoment {
  /** rows at most; default 1,000. A result is also cut after 16 MiB. */
  limit?: number;
  /** how long it may take, milliseconds; default 10,000 */
  withinMs?: number;
}

/** Decodes a stored value. */
export type DecodeStored = (bytes: Uint8Array) => unknown;

const QUERY_ROWS = 1_000;
const QUERY_MS = 10_000;
const MOMENTS = 200;
/** The alarm as storage/metadata.ts keeps it, if the object has the table. */
const ALARM = 'SELECT value / 1000000 FROM _cf_METADATA WHERE key = 1 AND value IS NOT NULL';
const ALARM_TABLE = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = '_cf_METADATA'";

export class Inspector {
  readonly #control: Pick<HostControl, 'listObjects' | 'look' | 'countSockets'>;
  readonly #thread: Pick<InspectorThread, 'run'>;
  readonly #decode: DecodeStored;
  readonly #ownSockets: () => SocketCounts;

  constructor(parts: {
    control: Pick<HostControl, 'listObjects' | 'look' | 'countSockets'>;
    thread: Pick<InspectorThread, 'run'>;
    decode: DecodeStored;
    /** of the page */
    ownSockets(): SocketCounts;
  }) {
    this.#control = parts.control;
    this.#thread = parts.thread;
    this.#decode = parts.decode;
    this.#ownSockets = parts.ownSockets;
  }

  /** Every object that was ever started in the account, live or sleeping, by class and then by name or id. */
  async objects(): Promise<InspectedObject[]> {
    const found = await this.#control.listObjects();
    return found.map(({ className, namespace, id, name, state }) => ({
      className,
      id,
      name,
      state,
      key: { namespace, id, name },
    }));
  }

  /**
   * What keeps one object's instance, when it goes by itself, and the alarm that is set.
   *
   * @param object  a stub, or `key` of `objects()`
   */
  async state(object: object): Promise<ObjectState> {
    const { namespace, id } = referenceOf(object);
    const [awake, alarmMs] = await Promise.all([this.#control.look(namespace as UniqueKey, id), this.#alarmOf(object)]);
    return { awake, alarmMs };
  }

  /** How many WebSockets this page, its host and each isolate of this machine have, table by table: all zero when none is open. */
  async sockets(): Promise<ThreadSockets[]> {
    const others = await this.#control.countSockets();
    return [{ thread: 'page', ...this.#ownSockets() }, ...others];
  }

  async #alarmOf(object: object): Promise<number | undefined> {
    const hasTable = await this.query(object, ALARM_TABLE);
    if (hasTable.rows.length === 0) return undefined;
    const [row] = (await this.query(object, ALARM)).rows;
    return row && Number(row[0]);
  }

  /**
   * Stored keys of one object with their values, in key order: the first 1,000, or as many as `limit` says or as fit into
   * 16 MiB. `{ after: <last key> }` gives those that follow.
   *
   * @param object  a stub, or `key` of `objects()`
   */
  async entries(object: object, range: EntryRange = {}): Promise<StoredEntry[]> {
    const address = addressOfReference(object);
    const rows = await this.#thread.run((inspector) => inspector.entries(address, range));
    return rows.map(({ key, value }) => this.#entryOf(key, value));
  }

  /** The same without values. */
  keys(object: object, range: EntryRange = {}): Promise<string[]> {
    const address = addressOfReference(object);
    return this.#thread.run((inspector) => inspector.keys(address, range));
  }

  /**
   * Tables and views of one object with their columns, indexes and triggers, by name; the platform's own are marked.
   *
   * @param options  `counts`: count their rows, which reads all of them
   */
  tables(object: object, options: AtMoment & { counts?: boolean } = {}): Promise<InspectedTable[]> {
    const address = addressOfReference(object);
    const { counts = false, at, facet } = options;
    return this.#thread.run((inspector) => inspector.tables(address, { counts, at, facet }), QUERY_MS);
  }

  /**
   * Runs one SQL statement that only reads, on a copy of what is stored. It may read the platform's tables too (`_cf_KV`).
   * Integers that a number does not hold come as bigints, blobs as `Uint8Array`.
   *
   * @throws SimulatorError `query_refused` for a statement that would write, more than one, or one that took too long
   * @throws Error with SQLite's words
   */
  query(
    object: object,
    sql: string,
    bindings: readonly SqlBinding[] = [],
    { at, facet, limit = QUERY_ROWS, withinMs = QUERY_MS }: QueryOptions = {},
  ): Promise<QueryResult> {
    const address = addressOfReference(object);
    return this.#thread.run((inspector) => inspector.query(address, { sql, bindings, limit, at, facet }), withinMs);
  }

  /**
   * The facets of an object, whoever is above another before it. Each can be looked at, or exported: `{ facet }` says which is
   * meant; one that has stored nothing is an empty database.
   */
  facets(object: object, { at }: Pick<AtMoment, 'at'> = {}): Promise<InspectedFacet[]> {
    const address = addressOfReference(object);
    return this.#thread.run((inspector) => inspector.facets(address, at));
  }

  /**
   * The points of an object's history that are kept: all of them up to `limit` (default 200), else so many, evenly spread. Each
   * can be looked at, or exported, by its `at`, and restored by the object's program by its `bookmark`. Undefined for an object that was never stored.
   */
  moments(object: object, { limit = MOMENTS }: { limit?: number } = {}): Promise<InspectedHistory | undefined> {
    const address = addressOfReference(object);
    return this.#thread.run((inspector) => inspector.moments(address, limit));
  }

  #entryOf(key: string, bytes: Uint8Array): StoredEntry {
    const sizeBytes = bytes.length;
    try {
      return { key, value: this.#decode(bytes), sizeBytes };
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      return { key, value: undefined, problem, bytes, sizeBytes };
    }
  }
}

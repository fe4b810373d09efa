/**
 * An object's storage as its isolate puts it together, with facets beside it, over a log in memory; without gates and links.
 *
 * Promise: `readStored` opens what is stored as the next instance would, and says all of it that a program could see.
 */
import { arrayAppend, promiseThen } from '../../src/base/primordials.ts';
import { openObjectStorage } from '../../src/isolate/object-storage.ts';
import { makeStorage } from '../../src/isolate/storage-api.ts';
import { resolveLimits } from '../../src/protocol/limits.ts';
import { Tracer } from '../../src/protocol/tracer.ts';
import { Committer } from '../../src/storage/committer.ts';
import { Database } from '../../src/storage/database.ts';
import { StorageLatency } from '../../src/storage/latency.ts';
import { Metadata } from '../../src/storage/metadata.ts';
import type { ObjectStore } from '../../src/storage/object-store.ts';
import { MemoryObject, MemoryObjectStore } from '../../src/storage/vault-memory.ts';
import { ROOT } from '../../src/storage/volume.ts';
import { deserialize } from '../../src/values/deserializer.ts';
import { serialize } from '../../src/values/serializer.ts';
import { sharedEngine } from './storage.ts';

const LIMITS = resolveLimits('workerd');
const NOW_MS = 1_000;
const codec = { serialize, deserialize };

interface Turns {
  readonly committer: Committer;
  readonly database: Database;
}

type Face = ReturnType<typeof makeStorage>;

/** One database of an object, as its program has it, and the end of its turns. */
export interface Stored {
  readonly storage: Face;
  readonly committer: Committer;
}

function faceOf({ committer, database }: Turns, metadata: Metadata, bookmarks?: never): Face {
  return makeStorage({
    backend: 'sqlite',
    limits: LIMITS,
    database,
    committer,
    metadata,
    codec,
    now: () => NOW_MS,
    hasAlarmHandler: () => true,
    visibleAlarm: () => metadata.alarm,
    onAlarmSet: () => {},
    deleteAllDeletesAlarm: true,
    capture: () => (deliver) => deliver(),
    comeBack: (deliver) => deliver(),
    criticalSection: (callback) => callback(),
    ...(bookmarks ? { history: { bookmarks, capture: () => (run: () => void) => run() } } : {}),
  });
}

export type StoredObject = Awaited<ReturnType<typeof openStoredObject>>;

/** @param around what stands between the log and the store */
export async function openStoredObject(object: MemoryObject, around = (store: ObjectStore) => store) {
  const store = new MemoryObjectStore({ address: 'a' as never, object, onDestroy: () => {} });
  const engine = await sharedEngine();
  const failures: unknown[] = [];
  const notes: { readonly alarm: number | null; readonly sequence: number }[] = [];
  const hold = (durable: Promise<void>) => void promiseThen(durable, undefined, () => {});
  const onFailed = (error: unknown) => arrayAppend(failures, error);
  const parts = await openObjectStorage({
    durability: 'relaxed',
    store: around(store),
    engine,
    takeEngine: () => {},
    limits: LIMITS,
    latency: new StorageLatency({ now: () => NOW_MS, after: () => ({ cancel: () => {} }) }),
    alarms: {
      async note(alarm, sequence) {
        arrayAppend(notes, { alarm, sequence });
      },
    },
    tracer: new Tracer({ now: () => 0, realNow: () => 0, later: () => {}, hand: () => {} }),
    now: () => NOW_MS,
    onStored: () => {},
    onDurable: () => {},
    onWriteBegan: () => {},
    hold,
    onFailed,
    onFoldFailed: onFailed,
  });
  const { log, database, committer, metadata, bookmarks, volume, queue } = parts;
  const facets: Database[] = [];
  return {
    ...parts,
    storage: faceOf({ committer, database }, metadata, bookmarks as never),
    notes,
    failures,
    /** Opens a facet of that name, as `ctx.facets.get` does when it is used. */
    facet(name: string): Stored {
      const file = volume.ensure(ROOT, name);
      const own = new Database({ engine, file: file.file, limits: LIMITS });
      arrayAppend(facets, own);
      const facetCommitter = new Committer({
        database: own,
        queue,
        place: (commit) => volume.place(file.id, commit),
        onWriteBegan: () => {},
        hold,
        onFailed,
      });
      return {
        storage: faceOf({ committer: facetCommitter, database: own }, new Metadata(own)),
        committer: facetCommitter,
      };
    },
    /** Frees the engine of it; nothing more is written. */
    async end(): Promise<void> {
      for (const one of [database, ...facets]) one.close();
      await log.close().catch(() => {});
    },
  };
}

/** As an object whose instance ended without a word leaves it. */
export function copyOf(object: MemoryObject): MemoryObject {
  const copy = new MemoryObject();
  for (const [sequence, record] of object.records) copy.records.set(sequence, record);
  for (const [key, extent] of object.extents) copy.extents.set(key, extent);
  copy.base = object.base;
  copy.epoch = object.epoch;
  copy.sequence = object.sequence;
  return copy;
}

interface Tables {
  readonly tables: Readonly<Record<string, readonly (readonly unknown[])[]>>;
  readonly kv: readonly (readonly [string, unknown])[];
}

export interface StoredState {
  /** SQLite finds nothing wrong, what the log says of the alarm is so, and the index knows of it */
  readonly isWhole: boolean;
  readonly root: Tables;
  readonly facets: Readonly<Record<string, Tables>>;
  readonly alarm: number | null;
}

/**
 * @param notes what the index was told
 * @throws what opening says when it is damaged
 */
export async function readStored(object: MemoryObject, notes: StoredObject['notes']): Promise<StoredState> {
  const opened = await openStoredObject(copyOf(object));
  const { storage, log, metadata, volume } = opened;
  let isWhole = metadata.alarm === log.alarm && (log.alarm === null || notes.some(({ alarm }) => alarm === log.alarm));
  const read = ({ sql, kv }: Face): Tables => {
    isWhole &&= sql.exec('PRAGMA quick_check').one()['quick_check'] === 'ok';
    const names = [...sql.exec("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").raw()].flat();
    const own = names.filter((name) => !String(name).startsWith('_cf_'));
    const rows = (name: unknown) => [...sql.exec(`SELECT * FROM ${name} ORDER BY 1`).raw()];
    return { tables: Object.fromEntries(own.map((name) => [name, rows(name)])), kv: [...kv.list()] };
  };
  const root = read(storage);
  const facets = Object.fromEntries(volume.under(ROOT).map(({ name }) => [name, read(opened.facet(name).storage)]));
  const { alarm } = metadata;
  await opened.end();
  return { isWhole, root, facets, alarm };
}

/**
 * An object's storage put together: its log opened, its database filled from it, and commits on their way from one to the other.
 *
 * Promise: opening fences every older instance; from then on each commit reaches the log in order, and who waits for it hears when
 * it is durable and simulated slowness is over. Knows nothing of turns or gates: what a commit holds, and what its failure means, is
 * given.
 */
import { promiseThen, typedArrayLength } from '../base/primordials.ts';
import type { AssignedObject } from '../protocol/control.ts';
import type { Tracer } from '../protocol/tracer.ts';
import type { AlarmNotes } from '../storage/alarm-index.ts';
import { Bookmarks } from '../storage/bookmarks.ts';
import { CommitQueue } from '../storage/commit-queue.ts';
import { Committer } from '../storage/committer.ts';
import { Database } from '../storage/database.ts';
import type { Engine } from '../storage/engine.ts';
import type { StorageLimits } from '../storage/guard.ts';
import type { StorageLatency } from '../storage/latency.ts';
import { ObjectLog } from '../storage/log.ts';
import { pagesOf } from '../storage/log-staging.ts';
import { fill } from '../storage/log-state.ts';
import { Metadata } from '../storage/metadata.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { PageFile } from '../storage/page-file.ts';
import { ROOT, Volume } from '../storage/volume.ts';

export interface ObjectStorage {
  readonly log: ObjectLog;
  readonly database: Database;
  readonly metadata: Metadata;
  readonly committer: Committer;
  readonly bookmarks: Bookmarks;
  /** the object's own file, and those of its facets */
  readonly volume: Volume;
  /** the commits of all of them */
  readonly queue: CommitQueue;
}

export interface ObjectStorageOptions {
  readonly durability: AssignedObject['durability'];
  readonly store: ObjectStore;
  readonly engine: Engine;
  /** makes an engine for the suspended database, at once */
  readonly takeEngine: () => void;
  readonly limits: StorageLimits;
  readonly latency: StorageLatency;
  readonly alarms: AlarmNotes;
  readonly tracer: Tracer;
  readonly now: () => number;
  /** a commit was taken by the store; the latency of slow storage may still be to come */
  readonly onStored: () => void;
  /** a commit is durable for all who wait for it */
  readonly onDurable: () => void;
  readonly onWriteBegan: () => void;
  readonly hold: (durable: Promise<void>) => void;
  readonly onFailed: (error: unknown) => void;
  readonly onFoldFailed: (error: unknown) => void;
}

/** @throws SimulatorError what the log says */
export async function openObjectStorage(options: ObjectStorageOptions): Promise<ObjectStorage> {
  // Taken apart, because what is made here lives on and the engine may have to go.
  const { durability, store, engine, takeEngine, limits, latency, alarms, tracer, now } = options;
  const { onStored, onDurable, onWriteBegan, hold, onFailed, onFoldFailed } = options;
  const { log, state } = await ObjectLog.open({ store, now, durability, alarms });
  const pages = new PageFile();
  fill(pages, state);
  const volume = new Volume(pages);
  const queue = new CommitQueue(async (commit) => {
    tracer.note({ kind: 'commit', state: 'began', pages: typedArrayLength(pagesOf(commit).numbers) });
    await log.append(commit);
    const moment = log.head;
    const passed = latency.pass();
    onStored();
    await passed;
    tracer.note({ kind: 'commit', state: 'durable', moment });
    onDurable();
    if (log.isCheckpointDue) void promiseThen(log.checkpointIfDue(), undefined, onFoldFailed);
  });
  const database = new Database({ engine, file: volume.root.file, limits, onNeeded: takeEngine });
  const metadata = new Metadata(database);
  const committer: Committer = new Committer({
    database,
    readAlarm: () => metadata.alarm,
    queue,
    place: (commit) => volume.place(ROOT, commit),
    onDeleteAll: () => volume.removeAll(),
    onWriteBegan,
    hold,
    onFailed,
  });
  const bookmarks = new Bookmarks({ store, log, committer });
  return { log, database, metadata, committer, bookmarks, volume, queue };
}

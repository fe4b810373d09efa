/** An object's storage without its realm: engine, database, committer and both faces, in node. */
import { deserialize, serialize } from 'node:v8';
import { arrayAppend, promiseThen } from '../../src/base/primordials.ts';
import { type LimitsOption, resolveLimits } from '../../src/protocol/limits.ts';
import { CommitQueue } from '../../src/storage/commit-queue.ts';
import { type CommitExtras, Committer, type StagedCommit } from '../../src/storage/committer.ts';
import { Database } from '../../src/storage/database.ts';
import { type Engine, loadEngine } from '../../src/storage/engine.ts';
import { AsyncKv, SyncKvStorage, type ValueCodec } from '../../src/storage/kv.ts';
import { KvRows } from '../../src/storage/kv-rows.ts';
import { Metadata } from '../../src/storage/metadata.ts';
import { PageFile } from '../../src/storage/page-file.ts';
import type { PageCommit } from '../../src/storage/pages.ts';
import { SqlStorage } from '../../src/storage/sql.ts';
import { Transactions } from '../../src/storage/transactions.ts';
import { wovenSqlJs } from '../../tools/row-counts.ts';

let compiled: Promise<WebAssembly.Module> | undefined;
let engine: Promise<Engine> | undefined;

export function sqlJsModule(): Promise<WebAssembly.Module> {
  compiled ??= wovenSqlJs().then((wasm) => WebAssembly.compile(wasm));
  return compiled;
}

/** The test file's one engine; never closed. */
export function sharedEngine(): Promise<Engine> {
  engine ??= sqlJsModule().then((wasm) => loadEngine({ wasm }));
  return engine;
}

export interface StorageOptions {
  file?: PageFile;
  limits?: LimitsOption;
  append?: (commit: StagedCommit) => Promise<unknown>;
  /** default: node's own V8 serialization */
  codec?: ValueCodec;
}

const v8Codec: ValueCodec = {
  serialize: (value) => serialize(value) as Uint8Array,
  deserialize: (bytes) => deserialize(bytes),
};

/** As the log reads it. */
function copyOf(commit: StagedCommit): PageCommit & CommitExtras {
  if (!('lent' in commit)) return commit;
  const { lent, ...rest } = commit;
  return { ...rest, pages: { numbers: lent.numbers, bytes: lent.read(0, lent.numbers.length) } };
}

export async function openStorage({
  file = new PageFile(),
  limits = 'workerd',
  append,
  codec = v8Codec,
}: StorageOptions = {}) {
  const shared = await sharedEngine();
  const database = new Database({ engine: shared, file, limits: resolveLimits(limits) });
  const commits: (PageCommit & CommitExtras)[] = [];
  const holds: Promise<void>[] = [];
  const failures: unknown[] = [];
  let turns = 0;
  const metadata = new Metadata(database);
  const committer = new Committer({
    database,
    readAlarm: () => metadata.alarm,
    queue: new CommitQueue(async (commit) => {
      arrayAppend(commits, copyOf(commit));
      await append?.(commit);
      if ('lent' in commit) commit.lent.end();
    }),
    onWriteBegan: () => turns++,
    hold: (durable) => {
      promiseThen(durable, undefined, () => {});
      arrayAppend(holds, durable);
    },
    onFailed: (error) => failures.push(error),
  });
  const rows = new KvRows(database, committer);
  const sql = new SqlStorage({
    database,
    beforeWrite: () => committer.beforeWrite(),
    onFailure: (error) => committer.checkTransaction(error),
  });
  const kv = new SyncKvStorage({ rows, codec });
  const storage = new AsyncKv({ rows, codec });
  return {
    file,
    database,
    committer,
    metadata,
    transactions: new Transactions({ database, committer }),
    rows,
    sql,
    kv,
    storage,
    commits,
    holds,
    failures,
    engine: shared,
    turns: () => turns,
  };
}

/** What an object stores while its program has broken one built-in of the language: what was acknowledged is there, and whole. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { Edits } from '../../src/isolate/edits.ts';
import { MemoryObject } from '../../src/storage/vault-memory.ts';
import { ROOT } from '../../src/storage/volume.ts';
import { serialize } from '../../src/values/serializer.ts';
import { Breakage } from '../support/breakage.ts';
import { type BuiltIn, builtInsOf, languageGlobals, REPLACEMENTS } from '../support/each-built-in.ts';
import { copyOf, openStoredObject, readStored, type StoredObject } from '../support/stored-object.ts';

const BUILT_INS = builtInsOf(languageGlobals(runInNewContext('globalThis') as object));
const BYTES = new Uint8Array([1, 2, 3]);
const VALUE = { a: [1, 'two', BYTES], b: 'x'.repeat(100) };
const SERIALIZED = serialize(VALUE);
const FIRST_FACET = 'left alone';

/** What a program, or somebody beside it, does to the storage; it is acknowledged when its promise resolves. */
type Deed = (object: StoredObject, bookmark: string) => Promise<unknown>;

const DEEDS: Readonly<Record<string, Deed>> = {
  'turns that are merged': ({ storage, committer }) => {
    storage.sql.exec('INSERT INTO t VALUES (2, ?)', 'two');
    storage.kv.put('k2', VALUE);
    committer.endTurn();
    storage.sql.exec('INSERT INTO t VALUES (3, ?), (4, ?)', 3.5, BYTES);
    storage.kv.delete('k1');
    committer.endTurn();
    storage.sql.exec('UPDATE t SET v = 1');
    committer.endTurn();
    return committer.sync();
  },
  'key by key and many at once': async ({ storage, committer }) => {
    await storage.put('k3', VALUE);
    await storage.put({ k4: 4, k5: VALUE });
    await storage.delete(['k1', 'k4']);
    committer.endTurn();
    await committer.sync();
  },
  transactions: async ({ storage, committer }) => {
    await storage.transaction(async (txn: { put(key: string, value: unknown): Promise<void> }) => {
      await txn.put('k2', VALUE);
      storage.sql.exec('INSERT INTO t VALUES (2, 2)');
    });
    storage.transactionSync(() => {
      storage.sql.exec('INSERT INTO t VALUES (3, 3)');
      try {
        storage.transactionSync(() => {
          storage.sql.exec('INSERT INTO t VALUES (4, 4)');
          throw VALUE;
        });
      } catch (error) {
        if (error !== VALUE) throw error;
      }
    });
    committer.endTurn();
    await committer.sync();
  },
  alarms: async ({ storage, committer }) => {
    await storage.setAlarm(5_000);
    committer.endTurn();
    await storage.setAlarm(4_000);
    storage.kv.put('k2', VALUE);
    committer.endTurn();
    await committer.sync();
    await storage.setAlarm(6_000);
    committer.endTurn();
    await committer.sync();
  },
  deleteAll: async ({ storage, committer }) => {
    storage.kv.put('k2', VALUE);
    await storage.deleteAll();
    storage.kv.put('k3', VALUE);
    committer.endTurn();
    await committer.sync();
  },
  facets: (object) => {
    const { storage, committer, volume, queue } = object;
    const one = object.facet('one');
    const two = object.facet('two');
    one.storage.sql.exec('CREATE TABLE u(a); INSERT INTO u VALUES (1), (2)');
    one.committer.endTurn();
    two.storage.kv.put('of two', VALUE);
    storage.sql.exec('INSERT INTO t VALUES (2, zeroblob(70000))');
    two.committer.endTurn();
    committer.endTurn();
    one.storage.sql.exec('INSERT INTO u VALUES (3)');
    one.committer.endTurn();
    const cloned = volume.clone(ROOT, 'one', 'three');
    if (cloned) queue.add(cloned, { stored() {}, failed() {} });
    const removed = volume.remove(ROOT, 'two');
    if (removed) queue.add(removed, { stored() {}, failed() {} });
    storage.sql.exec('DELETE FROM t WHERE id = 2');
    committer.endTurn();
    return committer.sync();
  },
  'a good end': async ({ storage, committer, log }) => {
    storage.kv.put('k2', VALUE);
    committer.endTurn();
    const closed = log.close();
    await committer.sync();
    await closed;
  },
  'going back': async ({ storage, committer }, bookmark) => {
    storage.sql.exec('INSERT INTO t VALUES (2, 2)');
    committer.endTurn();
    const second = await storage.getCurrentBookmark();
    const first = await storage.getBookmarkForTime(0);
    if (first >= second) throw new Error('a bookmark lies');
    const asked = storage.onNextSessionRestoreBookmark(bookmark);
    // It is written into a turn once the bookmark is found.
    for (let i = 0; i < 100; i++) await undefined;
    committer.endTurn();
    await asked;
  },
  edits: async (object) => {
    const edits = new Edits({ ...object, arrive: (run) => run() });
    const made = async (edit: Parameters<Edits['make']>[0]) => {
      const result = edits.make(edit);
      object.committer.endTurn();
      await result;
    };
    await made({ e: 'put', key: 'k2', value: SERIALIZED });
    await made({ e: 'delete', key: 'k1' });
    await made({ e: 'exec', sql: 'INSERT INTO t VALUES (2, ?), (3, ?)', bindings: ['two', BYTES] });
  },
};

/** Those after which nothing need be left of what was before. */
const ENDING = ['deleteAll', 'going back'];

interface Prepared {
  readonly object: MemoryObject;
  /** of the state in which each deed begins */
  readonly bookmark: string;
}

async function prepare(): Promise<Prepared> {
  const object = new MemoryObject();
  const opened = await openStoredObject(object);
  const { storage, committer } = opened;
  storage.sql.exec('CREATE TABLE t(id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES (1, ?)', 'one');
  storage.kv.put('k1', VALUE);
  const facet = opened.facet(FIRST_FACET);
  facet.storage.sql.exec('CREATE TABLE u(a); INSERT INTO u VALUES (0)');
  committer.endTurn();
  facet.committer.endTurn();
  await committer.sync();
  const bookmark = await storage.getCurrentBookmark();
  storage.kv.put('later', 1);
  committer.endTurn();
  await committer.sync();
  await opened.end();
  return { object, bookmark };
}

type State = Awaited<ReturnType<typeof readStored>>;

interface Played {
  /** it was acknowledged */
  readonly isDone: boolean;
  readonly error?: unknown;
  readonly state: State | undefined;
  readonly damage?: unknown;
}

/** @param breakage left out: nothing is broken */
async function play({ object, bookmark }: Prepared, deed: Deed, breakage?: Breakage): Promise<Played> {
  const copy = copyOf(object);
  const opened = await openStoredObject(copy, (store) => breakage?.around(store) ?? store);
  const ended = breakage
    ? await breakage.during(() => deed(opened, bookmark))
    : await deed(opened, bookmark).then(() => ({}));
  const isDone = ended !== undefined && !('error' in ended);
  try {
    return { ...ended, isDone, state: await readStored(copy, opened.notes) };
  } catch (damage) {
    return { ...ended, isDone, state: undefined, damage };
  } finally {
    await opened.end();
  }
}

/** What was acknowledged before the deed and is none of its business. */
function keepsEarlier({ facets, root }: State): boolean {
  return facets[FIRST_FACET]?.tables['u']?.[0]?.[0] === 0 && root.tables['t']?.[0]?.[0] === 1;
}

const prepared = await prepare();

/** In the place of which some replacements make an answer impossible; nothing is lost then either. */
const STOPPING = [
  // The language asks for it where one promise follows from another.
  'Promise.Symbol(Symbol.species)',
  // The program's own promise becomes that of an asynchronous function.
  'Promise.prototype.then',
  // The language asks for it to say what kind of object a value is.
  'TypedArray.prototype.Symbol(Symbol.toStringTag)',
];

test.each(Object.entries(DEEDS))('%s: whatever a built-in does, what was acknowledged is there', async (name, deed) => {
  const { state: whole, isDone, error } = await play(prepared, deed);
  expect([isDone, error]).toEqual([true, undefined]);
  const touched = new Set<BuiltIn>();
  expect((await play(prepared, deed, Breakage.watching(BUILT_INS, touched))).state).toEqual(whole);
  const damaged: string[] = [];
  const stopped: string[] = [];
  for (const builtIn of touched) {
    for (const [does, replacement] of Object.entries(REPLACEMENTS)) {
      const played = await play(prepared, deed, new Breakage(builtIn, replacement));
      const { state, damage } = played;
      const isRight =
        state?.isWhole &&
        (played.isDone ? isDeepStrictEqual(state, whole) : ENDING.includes(name) || keepsEarlier(state));
      if (!isRight) damaged.push(`${builtIn.name} ${does}${damage ? `: ${damage}` : ''}`);
      if (!played.isDone) stopped.push(builtIn.name);
    }
  }
  expect(damaged).toEqual([]);
  expect(stopped.filter((one) => !STOPPING.includes(one))).toEqual([]);
});

/** What members of ours may be left out, and what is told from another by a member. */
const OPTIONAL = (() => {
  const names = new Set<string>();
  for (const folder of ['storage', 'isolate', 'base', 'values'].map((name) => path.resolve('src', name))) {
    for (const file of readdirSync(folder)) {
      const text = readFileSync(path.join(folder, file), 'utf8');
      for (const [, name] of text.matchAll(/^ +(?:readonly )?(\w+)\?: /gm)) names.add(name as string);
      for (const [, name] of text.matchAll(/'(\w+)' in \w/g)) names.add(name as string);
    }
  }
  return [...names].filter((name) => !(name in Object.prototype) && !(name in Object.getPrototypeOf(Function)));
})();

test.each(Object.entries(DEEDS))('%s: whatever a program puts on the prototype of all objects', async (name, deed) => {
  const { state: whole } = await play(prepared, deed);
  const wrong: string[] = [];
  for (const key of OPTIONAL) {
    const put = (value: unknown) => {
      Object.defineProperty(Object.prototype, key, { value, configurable: true, writable: true });
    };
    for (const value of [1, () => 1]) {
      const breakage = new Breakage(
        () => put(value),
        () => Reflect.deleteProperty(Object.prototype, key),
      );
      const { state, isDone, damage } = await play(prepared, deed, breakage);
      const isRight =
        state?.isWhole && (isDone ? isDeepStrictEqual(state, whole) : ENDING.includes(name) || keepsEarlier(state));
      if (!isRight) wrong.push(`${key}: ${damage ?? JSON.stringify(state)?.slice(0, 200)}`);
    }
  }
  expect(wrong).toEqual([]);
});

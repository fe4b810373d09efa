/**
 * Makes the browser begin a new log under IndexedDB, so that it never writes on behind what a killed browser left half-written.
 *
 * Chromium keeps all databases of an origin in one LevelDB. If it is killed inside a write, the last entry of LevelDB's log is
 * torn. The next start drops that entry, rightly, but then goes on writing in the same file, behind it; the start after
 * that takes the torn entry for damage and drops everything that the origin has stored. Deleting a database, an
 * empty one too, makes LevelDB put its log into a table and begin another file.
 *
 * Where the browser has dropped everything already, this is also who hears of it: the news comes with a session's first new database.
 *
 * Promise: once it resolves, what is written is written to a log that began in this session of the browser. Costs about 5 ms,
 * and no other tab can hold it up. Elsewhere it does nothing. Runs in hosts only. Knows nothing of accounts.
 */
import { deleteDB, openDB } from 'idb';
import { randomName, systemRandom } from '../base/random.ts';

/** No account's or object's database is named so. */
const PREFIX = 'durabox.renewal.';

/**
 * Resolves also when it cannot be done: what prevents this prevents the next write too, and is told there.
 *
 * @returns the browser's words when it has dropped all that the origin had stored; the first to ask after that gets them
 */
export async function renewBrowserLog(): Promise<string | undefined> {
  if (!isOverLevelDb()) return undefined;
  let lost: string | undefined;
  // A name of our own: a tab that is frozen while it has this database open would keep others from deleting it.
  const name = PREFIX + randomName(systemRandom());
  try {
    const made = await openDB(name, 1, {
      upgrade: (_db, _oldVersion, _newVersion, _tx, event) => {
        lost = lossOf(event as IDBVersionChangeEvent & LossTold);
      },
    });
    made.close();
    await deleteDB(name);
    void sweep();
  } catch {
    // As promised.
  }
  return lost;
}

/** What Chromium adds to the event of a new database; it says so once a session, to the first that is opened. */
interface LossTold {
  readonly dataLoss?: 'none' | 'total';
  readonly dataLossMessage?: string;
}

function lossOf({ dataLoss, dataLossMessage }: LossTold): string | undefined {
  return dataLoss === 'total' ? dataLossMessage || 'It does not say why.' : undefined;
}

/** Deletes what was left by those who ended in between; who is still there wants it deleted too. */
async function sweep(): Promise<void> {
  try {
    const all = await indexedDB.databases();
    await Promise.all(all.map(({ name }) => (name?.startsWith(PREFIX) ? deleteDB(name) : undefined)));
  } catch {
    // It is empty, and the next one sweeps it up.
  }
}

/** The browsers with LevelDB under IndexedDB are those that tell when they dropped it. */
function isOverLevelDb(): boolean {
  return typeof IDBVersionChangeEvent === 'function' && 'dataLoss' in IDBVersionChangeEvent.prototype;
}

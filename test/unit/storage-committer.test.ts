/** Turns into commits: what is appended when, what waits for what, and what a failure does. */
import { expect, test } from 'vitest';
import { type Deferred, deferred } from '../../src/base/async.ts';
import { PageFile } from '../../src/storage/page-file.ts';
import { openStorage } from '../support/storage.ts';

/** Storage whose appends end when the test says so. */
async function openSlow() {
  const appends: Deferred<void>[] = [];
  const opened = await openStorage({
    append: () => {
      const append = deferred();
      appends.push(append);
      return append.promise;
    },
  });
  const finish = async (index: number) => {
    appends[index]?.resolve();
    await settle();
  };
  return { ...opened, appends, finish };
}

/** Lets all promises go on. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

test('all writes of a turn, of every kind, are one commit', async () => {
  const { kv, sql, storage, committer, commits, turns } = await openStorage();
  kv.put('a', 1);
  sql.exec('create table t(x); insert into t values(1)');
  await storage.put('b', 2);
  expect(commits).toEqual([]);
  expect(turns()).toBe(1);
  committer.endTurn();
  expect(commits.length).toBe(1);
  await committer.sync();
  kv.put('c', 3);
  committer.endTurn();
  expect([commits.length, turns()]).toEqual([2, 2]);
});

test('a turn that only reads commits nothing and begins nothing', async () => {
  const { kv, sql, committer, commits, turns } = await openStorage();
  kv.get('a');
  sql.exec('select 1').toArray();
  sql.exec('pragma foreign_keys=off');
  committer.endTurn();
  expect([commits.length, turns(), committer.stagedGeneration, committer.isIdle]).toEqual([0, 0, 0, true]);
});

test('the commits alone rebuild the database', async () => {
  const { kv, sql, file, committer, commits } = await openStorage();
  sql.exec('create table t(id integer primary key, b)');
  for (let turn = 0; turn < 30; turn++) {
    kv.put(`key${turn}`, 'x'.repeat(turn * 200));
    sql.exec('insert into t(b) values(?)', 'y'.repeat(5000));
    if (turn % 7 === 6) sql.exec('delete from t where id % 2 = 0');
    committer.endTurn();
  }
  await committer.sync();
  const replica = new PageFile();
  for (const commit of commits) replica.apply(commit);
  expect(Buffer.compare(replica.toBytes(), file.toBytes())).toBe(0);
});

test('one append is in flight; what turns commit meanwhile merges into the next', async () => {
  const { kv, file, committer, commits, finish } = await openSlow();
  for (let turn = 0; turn < 6; turn++) {
    kv.put(`key${turn}`, 'x'.repeat(3000 * turn));
    committer.endTurn();
  }
  expect(commits.length).toBe(1);
  expect([committer.stagedGeneration, committer.durableGeneration]).toEqual([6, 0]);
  await finish(0);
  expect([commits.length, committer.durableGeneration]).toEqual([2, 1]);
  await finish(1);
  expect([commits.length, committer.durableGeneration, committer.isIdle]).toEqual([2, 6, true]);
  const replica = new PageFile();
  for (const commit of commits) replica.apply(commit);
  expect(Buffer.compare(replica.toBytes(), file.toBytes())).toBe(0);
});

test('merging hears of truncation between growth and growth', async () => {
  const { sql, kv, database, file, committer, commits, finish } = await openSlow();
  kv.put('first', 1);
  committer.endTurn();
  sql.exec('create table t(b)');
  for (let i = 0; i < 20; i++) sql.exec('insert into t values(zeroblob(9000))');
  committer.endTurn();
  committer.deleteAll({ writeAlarm: () => {} });
  committer.endTurn();
  sql.exec('create table u(b); insert into u values(zeroblob(20000))');
  committer.endTurn();
  await finish(0);
  await finish(1);
  expect(commits.length).toBe(2);
  const replica = new PageFile();
  for (const commit of commits) replica.apply(commit);
  expect(Buffer.compare(replica.toBytes(), file.toBytes())).toBe(0);
  expect(database.sizeBytes).toBe(file.sizeBytes);
});

test('a generation is durable with its commit, not before and not with later ones', async () => {
  const { kv, committer, finish } = await openSlow();
  const log: string[] = [];
  kv.put('a', 1);
  expect(committer.stagedGeneration).toBe(1);
  void committer.whenDurable(committer.stagedGeneration).then(() => log.push('first'));
  committer.endTurn();
  kv.put('b', 2);
  void committer.whenDurable(committer.stagedGeneration).then(() => log.push('second'));
  await finish(0);
  expect(log).toEqual(['first']);
  expect(committer.durableGeneration).toBe(1);
  committer.endTurn();
  await finish(1);
  expect(log).toEqual(['first', 'second']);
  await committer.sync();
});

test('a turn that began to write and changed nothing is as durable as the commit before it', async () => {
  const { sql, kv, committer, commits, finish } = await openSlow();
  sql.exec('create table t(a)');
  committer.endTurn();
  sql.exec('delete from t where a = 1');
  committer.endTurn();
  expect([committer.stagedGeneration, committer.durableGeneration]).toEqual([2, 0]);
  await finish(0);
  expect([committer.durableGeneration, commits.length]).toEqual([2, 1]);
  sql.exec('delete from t where a = 1');
  committer.endTurn();
  expect([committer.durableGeneration, commits.length]).toEqual([3, 1]);
  kv.put('a', 1);
  expect(committer.isIdle).toBe(false);
});

test('the gate is held once a commit, from the first write that must be confirmed', async () => {
  const { storage, kv, committer, holds } = await openStorage();
  await storage.put('a', 1, { allowUnconfirmed: true });
  expect(holds.length).toBe(0);
  kv.put('b', 1);
  kv.put('c', 1);
  expect(holds.length).toBe(1);
  committer.endTurn();
  await holds[0];
  await storage.put('a', 2, { allowUnconfirmed: true });
  committer.endTurn();
  expect(holds.length).toBe(1);
  await committer.sync();
  expect(committer.isIdle).toBe(true);
});

test('a deferred constraint fails the commit with the platform’s text and loses the turn (trap 5)', async () => {
  const { sql, committer, commits, failures, holds, file } = await openStorage();
  sql.exec(
    'create table p(id integer primary key); create table c(r references p(id) deferrable initially deferred); insert into c values(1)',
  );
  committer.endTurn();
  expect(failures).toEqual([
    new Error(
      'Durable Object was reset and rolled back to its last known good state because the application left the database in a ' +
        'state where constraints were violated: FOREIGN KEY constraint failed: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_FOREIGNKEY)',
    ),
  ]);
  expect(commits).toEqual([]);
  await expect(holds[0]).rejects.toBe(failures[0]);
  expect(() => sql.exec('create table again(a)')).toThrow('Durable Object was reset');
  expect(file.pageCount).toBe(0);
});

test('a turn that is refused leaves those before it on their way, unless they cannot be stored either', async () => {
  for (const isStored of [true, false]) {
    const { sql, kv, committer, failures, holds, appends, finish } = await openSlow();
    kv.put('a', 1);
    committer.endTurn();
    sql.exec(
      'create table p(id integer primary key); create table c(r references p(id) deferrable initially deferred)',
    );
    committer.endTurn();
    sql.exec('insert into c values(1)');
    committer.endTurn();
    expect(failures.length).toBe(1);
    await expect(holds[2]).rejects.toBe(failures[0]);
    await finish(0);
    await expect(holds[0]).resolves.toBeUndefined();
    const fenced = new Error('fenced');
    if (isStored) appends[1]?.resolve();
    else appends[1]?.reject(fenced);
    if (isStored) await expect(holds[1]).resolves.toBeUndefined();
    else await expect(holds[1]).rejects.toBe(fenced);
    expect([failures.length, appends.length]).toEqual([1, 2]);
    await committer.flush();
  }
});

test('a failed append breaks everything that waits, and nothing is appended after it', async () => {
  const { kv, committer, commits, failures, holds, appends } = await openSlow();
  kv.put('a', 1);
  committer.endTurn();
  kv.put('b', 2);
  committer.endTurn();
  kv.put('c', 3);
  const error = new Error('fenced');
  appends[0]?.reject(error);
  await settle();
  expect(failures).toEqual([error]);
  expect(commits.length).toBe(1);
  for (const hold of holds) await expect(hold).rejects.toBe(error);
  await expect(committer.sync()).rejects.toBe(error);
  expect(() => kv.put('d', 4)).toThrow(error);
  committer.endTurn();
  expect(commits.length).toBe(1);
});

test('INSERT OR ROLLBACK loses the turn: that is noticed at once', async () => {
  const { sql, failures, committer, commits } = await openStorage();
  sql.exec('create table t(id integer primary key)');
  committer.endTurn();
  await committer.sync();
  sql.exec('insert into t values(1)');
  expect(() => sql.exec('insert or rollback into t values(1)')).toThrow('UNIQUE constraint failed: t.id');
  expect(failures.length).toBe(1);
  expect(committer.isBroken).toBe(true);
  expect(commits.length).toBe(1);
});

test('an alarm travels with the pages of its turn', async () => {
  const { kv, committer, metadata, commits } = await openStorage();
  const write = (alarm: number | null) => {
    committer.beforeWrite();
    metadata.writeAlarm(alarm);
    committer.touchAlarm();
  };
  kv.put('a', 1);
  write(5000);
  committer.endTurn();
  await committer.sync();
  write(null);
  committer.endTurn();
  await committer.sync();
  kv.put('a', 2);
  committer.endTurn();
  expect(commits.map((commit) => [commit.pages.numbers.length > 0, commit.alarm])).toEqual([
    [true, 5000],
    [true, null],
    [true, undefined],
  ]);
});

test('a restore that is asked for travels with its turn, merges, and is undone with its transaction', async () => {
  const { kv, committer, transactions, commits, finish } = await openSlow();
  kv.put('a', 1);
  committer.endTurn();
  committer.stageRestore(7);
  committer.endTurn();
  kv.put('b', 2);
  committer.endTurn();
  await finish(0);
  await finish(1);
  expect(commits.map((commit) => [commit.pages.numbers.length > 0, commit.restoreTo])).toEqual([
    [true, undefined],
    [true, 7],
  ]);
  const undone = transactions.begin();
  committer.stageRestore(8);
  undone.rollBack();
  expect([commits.length, committer.isIdle]).toEqual([2, true]);
  const kept = transactions.begin();
  committer.stageRestore(null);
  kept.commit();
  await finish(2);
  expect(commits.slice(2).map((commit) => [commit.pages.numbers.length, commit.restoreTo])).toEqual([[0, null]]);
  expect([committer.isIdle, committer.durableGeneration]).toEqual([true, committer.stagedGeneration]);
});

test('an open read cursor does not hinder a commit, and goes on after it', async () => {
  const { sql, kv, committer, failures } = await openStorage();
  sql.exec('create table t(a); insert into t values(1),(2),(3)');
  committer.endTurn();
  const cursor = sql.exec('select a from t');
  cursor.next();
  kv.put('x', 1);
  committer.endTurn();
  expect(failures).toEqual([]);
  expect(cursor.toArray()).toEqual([{ a: 2 }, { a: 3 }]);
});

test('deleteAll ends open cursors with the platform’s text and leaves a database as new (trap 22)', async () => {
  const { sql, kv, committer, commits } = await openStorage();
  kv.put('k', 1);
  sql.exec('create table t(a); insert into t values(1),(2)');
  committer.endTurn();
  await committer.sync();
  const cursor = sql.exec('select * from t');
  cursor.next();
  const list = kv.list();
  committer.deleteAll({ writeAlarm: () => {} });
  expect(() => cursor.toArray()).toThrow('SQLite query was canceled because the database was deleted.');
  expect(() => list.next()).toThrow(/^internal error; reference = [0-9a-v]{24}$/);
  expect(sql.databaseSize).toBe(4096);
  expect(() => sql.exec('select * from t')).toThrow('no such table: t: SQLITE_ERROR');
  expect(kv.get('k')).toBe(undefined);
  committer.endTurn();
  await committer.sync();
  expect(commits.at(-1)).toMatchObject({ pageCount: 0, alarm: null });
});

test('deleteAll is a commit of its own: what the turn wrote before is dropped, what it writes after comes later', async () => {
  const { kv, committer, commits, file } = await openStorage();
  kv.put('before', 1);
  committer.deleteAll({ writeAlarm: () => {} });
  expect(commits.length).toBe(1);
  kv.put('after', 1);
  committer.endTurn();
  await committer.sync();
  const replica = new PageFile();
  for (const commit of commits) replica.apply(commit);
  expect(Buffer.compare(replica.toBytes(), file.toBytes())).toBe(0);
  expect([...kv.list()].map(([key]) => key)).toEqual(['after']);
});

test('an explicit transaction spans turns and is one commit; what the turn wrote before it is another', async () => {
  const { kv, committer, transactions, commits, holds } = await openStorage();
  kv.put('before', 1);
  const outer = transactions.begin();
  expect(commits.length).toBe(1);
  kv.put('a', 1);
  committer.endTurn();
  kv.put('b', 1);
  committer.endTurn();
  const inner = transactions.begin();
  kv.put('c', 1);
  inner.commit();
  committer.endTurn();
  await committer.sync();
  // It waits for the program: nothing of it is to be stored yet.
  expect([commits.length, holds.length, committer.isIdle, committer.isStored]).toEqual([1, 1, false, true]);
  outer.commit();
  expect(committer.isStored).toBe(false);
  await committer.sync();
  expect([commits.length, holds.length, committer.isIdle]).toEqual([2, 2, true]);
});

test('a rolled back transaction leaves no commit, no table and no alarm behind', async () => {
  const { kv, sql, committer, metadata, transactions, commits } = await openStorage();
  const transaction = transactions.begin();
  kv.put('a', 1);
  sql.exec('create table t(x)');
  committer.beforeWrite();
  metadata.writeAlarm(5000);
  committer.touchAlarm();
  transaction.rollBack();
  transaction.rollBack();
  committer.endTurn();
  expect([commits.length, kv.get('a'), metadata.alarm, committer.isIdle]).toEqual([0, undefined, null, true]);
  kv.put('a', 2);
  committer.endTurn();
  expect([kv.get('a'), commits.length, commits[0]?.alarm]).toEqual([2, 1, undefined]);
});

test('a transaction with unconfirmed writes alone holds nothing', async () => {
  const { storage, committer, transactions, holds, commits } = await openStorage();
  const transaction = transactions.begin();
  await storage.put('a', 1, { allowUnconfirmed: true });
  transaction.commit();
  await committer.sync();
  expect([holds.length, commits.length]).toEqual([0, 1]);
});

test('a transaction that SQLite gave up is refused at its end, and the committer is broken without being told of a failure', async () => {
  const { sql, committer, transactions, commits, failures } = await openStorage();
  sql.exec('create table t(a unique); insert into t values(1)');
  committer.endTurn();
  await committer.sync();
  const transaction = transactions.begin();
  expect(() => sql.exec('insert or rollback into t values(1)')).toThrow('UNIQUE');
  expect(() => transaction.commit()).toThrow(/^internal error; reference = /);
  expect([committer.isBroken, failures.length, commits.length]).toEqual([true, 0, 1]);
});

test('transactionSync inside and outside a transaction undoes its own writes alone', async () => {
  const { kv, committer, transactions } = await openStorage();
  const failing = () => {
    kv.put('x', 1);
    throw new RangeError('no');
  };
  expect(() => transactions.runSync(failing)).toThrow(RangeError);
  const transaction = transactions.begin();
  kv.put('kept', 1);
  expect(() => transactions.runSync(() => transactions.runSync(failing))).toThrow(RangeError);
  transaction.commit();
  committer.endTurn();
  await committer.sync();
  expect([...kv.list()].map(([key]) => key)).toEqual(['kept']);
});

test('turns that were committed before one that is refused are stored: what flushes waits for them', async () => {
  const { kv, sql, committer, commits, finish } = await openSlow();
  sql.exec('create table parent(id primary key); create table child(parent references parent)');
  committer.endTurn();
  kv.put('kept', 1);
  committer.endTurn();
  sql.exec('pragma defer_foreign_keys = on');
  sql.exec('insert into child values(1)');
  committer.endTurn();
  let isFlushed = false;
  void committer.flush().then(() => (isFlushed = true));
  await finish(0);
  expect([committer.isBroken, commits.length, isFlushed]).toEqual([true, 2, false]);
  await finish(1);
  expect([commits.length, isFlushed]).toEqual([2, true]);
});

/**
 * The program that the crash test runs.
 *
 * Promise: what an object holds follows from its count alone, so `judge` can tell the state of one count from that of every
 * other, whether it was reached by counting, by emptying or by going back. It stays small: rows and values are replaced in turn.
 */
export const CRASH_PROGRAM = `
import { DurableObject } from 'cloudflare:workers';

const ROWS = 60;
const PARTS = 44;
const BALLAST_BYTES = 1_500_000;
const text = (n) => String(n).repeat(1 + (n * 7919) % 400);
const blob = (n) => new Uint8Array((n * 104729) % 60000).fill(n % 251);
const part = (n, i) => new Uint8Array(30000).fill((n * 31 + i) % 251);
const isSame = (a, b) => a?.length === b.length && a.every((byte, i) => byte === b[i]);
const newest = (count, every, rest) => {
  for (let n = count; n > 0; n--) if (n % every === rest) return n;
};

export class Counter extends DurableObject {
  async increment(isLarge) {
    const { storage } = this.ctx;
    const n = ((await storage.get('count')) ?? 0) + 1;
    storage.sql.exec('CREATE TABLE IF NOT EXISTS entries (n INTEGER PRIMARY KEY, text TEXT NOT NULL)');
    storage.sql.exec('CREATE INDEX IF NOT EXISTS by_text ON entries (text)');
    storage.sql.exec('INSERT INTO entries VALUES (?, ?)', n, text(n));
    storage.sql.exec('DELETE FROM entries WHERE n <= ?', n - ROWS);
    if (n % 5 === 0) storage.kv.put('blob ' + (n % 10), blob(n));
    if (isLarge) for (let i = 0; i < PARTS; i++) storage.kv.put('part ' + (n % 4) + ' ' + i, part(n, i));
    storage.kv.put('is large', isLarge);
    await storage.put('count', n);
    return n;
  }

  async wipe() {
    await this.ctx.storage.deleteAll();
    return 0;
  }

  mark() {
    return this.ctx.storage.getCurrentBookmark();
  }

  async restore(bookmark) {
    try {
      return { undo: await this.ctx.storage.onNextSessionRestoreBookmark(bookmark) };
    } catch (error) {
      if (!/^There is no state of the bookmark .* one can go back/.test(error.message)) throw error;
      return { undo: undefined };
    }
  }

  die() {
    this.ctx.abort('as told');
  }

  /** The abort is the answer: what was waited for before it must be durable by then. */
  async leave(isLarge, bookmark) {
    // Asked for first, and behind a slow commit: it must wait for that, though its state is found at once.
    const restoring = this.restore(bookmark);
    this.ctx.storage.kv.put('ballast', new Uint8Array(BALLAST_BYTES));
    const count = await this.increment(isLarge);
    const { undo } = await restoring;
    if (undo === undefined) return count;
    this.ctx.abort('as told');
  }

  judge() {
    const { kv, sql } = this.ctx.storage;
    const count = kv.get('count') ?? 0;
    const wrong = [];
    for (const { quick_check } of sql.exec('PRAGMA quick_check')) if (quick_check !== 'ok') wrong.push(quick_check);
    if (count === 0) {
      if ([...kv.list()].length > 0) wrong.push('keys without a count');
      if (sql.exec("SELECT name FROM sqlite_master WHERE name = 'entries'").toArray().length > 0) wrong.push('a table without a count');
      return { count, wrong };
    }
    const rows = new Map(sql.exec('SELECT n, text FROM entries').toArray().map((row) => [row.n, row.text]));
    const indexed = sql.exec('SELECT count(*) AS n FROM entries INDEXED BY by_text WHERE text IS NOT NULL').one().n;
    if (indexed !== rows.size) wrong.push('the index has ' + indexed + ' of ' + rows.size);
    for (let n = Math.max(1, count - ROWS + 1); n <= count; n++) {
      if (rows.get(n) !== text(n)) wrong.push('row ' + n);
      rows.delete(n);
    }
    for (const n of rows.keys()) wrong.push('row ' + n + ' that no turn finished');
    for (const rest of [0, 5]) {
      const n = newest(count, 10, rest);
      if (n ? !isSame(kv.get('blob ' + rest), blob(n)) : kv.get('blob ' + rest)) wrong.push('blob ' + rest + ' of ' + n);
    }
    for (let rest = 0; kv.get('is large') && rest < 4; rest++) {
      const n = newest(count, 4, rest);
      for (let i = 0; i < PARTS; i++) {
        const found = kv.get('part ' + rest + ' ' + i);
        if (n ? !isSame(found, part(n, i)) : found) wrong.push('part ' + i + ' of ' + n);
      }
    }
    return { count, wrong };
  }
}

export default { fetch: () => new Response('ok') };
`;

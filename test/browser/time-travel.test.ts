import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { type DurableObjectNamespace, Simulator } from '../../src/index.ts';

const PROGRAM = `
import { DurableObject } from 'cloudflare:workers';
export class Notes extends DurableObject {
  constructor(ctx, env) { super(ctx, env); this.storage = ctx.storage; this.nonce = crypto.randomUUID() }
  write(text) {
    this.storage.sql.exec('CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, text, blob)');
    this.storage.sql.exec('INSERT INTO notes (text, blob) VALUES (?, ?)', text, new TextEncoder().encode(text));
    this.storage.kv.put(text, { text, at: new Date(0) });
  }
  fill(count) { for (let i = 0; i < count; i++) this.write('x'.repeat(2000) + i) }
  empty() { return this.storage.deleteAll() }
  tables() {
    const { sql, kv } = this.storage;
    const made = [...sql.exec("SELECT name FROM sqlite_master WHERE name = 'notes'")].length > 0;
    const rows = made ? [...sql.exec('SELECT id, typeof(text) t, text, hex(blob) h FROM notes ORDER BY id')] : [];
    return { rows, kv: JSON.stringify([...kv.list()]) };
  }
  texts() { return this.tables().rows.map(({ text }) => text) }
  readAlarm() { return this.storage.getAlarm() }
  setAlarm(ms) { return this.storage.setAlarm(ms) }
  mark() { return this.storage.getCurrentBookmark() }
  now() { return Date.now() }
  forTime(ms) { return this.storage.getBookmarkForTime(ms) }
  async between() { this.write('before'); const mark = await this.storage.getCurrentBookmark(); this.write('after'); return mark }
  async inTransaction(text) {
    return this.storage.transaction(async () => { this.write(text); return this.storage.getCurrentBookmark() });
  }
  restore(bookmark) { return this.storage.onNextSessionRestoreBookmark(bookmark) }
  async restoreAndAbort(bookmark) { await this.storage.onNextSessionRestoreBookmark(bookmark); this.ctx.abort('restore') }
  instance() { return this.nonce }
  die() { this.ctx.abort('told to') }
  async alarm() {}
}
export default {};
`;

const config = {
  name: 'notes',
  main: 'index.js',
  compatibility_date: '2026-07-30',
  durable_objects: { bindings: [{ name: 'NOTES', class_name: 'Notes' }] },
  migrations: [{ tag: 'v1', new_sqlite_classes: ['Notes'] }],
};

interface Notes {
  write(text: string): Promise<void>;
  fill(count: number): Promise<void>;
  empty(): Promise<void>;
  tables(): Promise<{ rows: unknown[]; kv: string }>;
  texts(): Promise<string[]>;
  readAlarm(): Promise<number | null>;
  setAlarm(ms: number): Promise<void>;
  mark(): Promise<string>;
  now(): Promise<number>;
  forTime(ms: number): Promise<string>;
  between(): Promise<string>;
  inTransaction(text: string): Promise<string>;
  restore(bookmark: string): Promise<string>;
  restoreAndAbort(bookmark: string): Promise<void>;
  instance(): Promise<string>;
  die(): Promise<void>;
}
interface Env {
  NOTES: DurableObjectNamespace<Notes>;
}

let lastAccount = 0;
const open: Simulator<Env>[] = [];
/** The thread of an instance that aborted takes two seconds to end: the next test need not wait for it. */
const closing: Promise<void>[] = [];
afterEach(() => {
  for (const simulator of open.splice(0)) closing.push(simulator.close());
});
afterAll(async () => {
  await Promise.all(closing);
});

const newAccount = () => `travel-${lastAccount++}-${performance.timeOrigin}`;

/** The object by a stub of its own for each call: one that saw an instance end is of no use for the next. */
function freshly(simulator: Simulator<Env>, name: string): Notes {
  return new Proxy({} as Notes, {
    get: (_target, method: keyof Notes) => (argument: never) => simulator.env.NOTES.getByName(name)[method](argument),
  });
}

/** Ends the instance; what answers next is another one. */
async function restart(notes: Notes): Promise<void> {
  const before = await notes.instance();
  await expect(notes.die()).rejects.toThrow('told to');
  expect(await notes.instance()).not.toBe(before);
}

describe.each(['memory', 'indexeddb'] as const)('going back in time, with storage in %s', (storage) => {
  async function start() {
    const name = newAccount();
    const simulator = await Simulator.open<Env>({ name, modules: { 'index.js': PROGRAM }, config, storage });
    open.push(simulator);
    return { simulator, notes: freshly(simulator, 'a') };
  }

  test('a restore gives the tables of its bookmark, and its undo those of the moment before it', async () => {
    const { notes } = await start();
    await notes.write('a');
    await notes.write('b');
    const then = await notes.tables();
    const mark = await notes.mark();
    await notes.write('c');
    await notes.fill(100);
    const undo = await notes.restore(mark);
    await notes.write('written after the restore was asked for');
    const before = await notes.tables();
    expect(await notes.texts()).toHaveLength(104);
    await restart(notes);
    expect(await notes.tables()).toEqual(then);
    const redo = await notes.restore(undo);
    await restart(notes);
    expect(await notes.tables()).toEqual(before);
    await expect(notes.restoreAndAbort(redo)).rejects.toThrow('restore');
    expect(await notes.tables()).toEqual(then);
    await restart(notes);
    expect(await notes.tables()).toEqual(then);
  });

  test('a bookmark holds what was written before it, and nothing that was written after it', async () => {
    const { notes } = await start();
    const mark = await notes.between();
    expect(await notes.texts()).toEqual(['before', 'after']);
    const inside = await notes.inTransaction('inside');
    await notes.restore(mark);
    await restart(notes);
    expect(await notes.texts()).toEqual(['before']);
    await notes.restore(inside);
    await restart(notes);
    expect(await notes.texts()).toEqual(['before', 'after']);
  });

  test('what deleteAll() took comes back, its alarm too', async () => {
    const { notes } = await start();
    await notes.write('a');
    await notes.setAlarm(4e12);
    const mark = await notes.mark();
    await notes.empty();
    expect(await notes.texts()).toEqual([]);
    const undo = await notes.restore(mark);
    await restart(notes);
    expect(await notes.texts()).toEqual(['a']);
    expect(await notes.readAlarm()).toBe(4e12);
    await notes.restore(undo);
    await restart(notes);
    expect(await notes.texts()).toEqual([]);
    expect(await notes.readAlarm()).toBeNull();
  });

  test('a time finds the state of that time', async () => {
    const { notes } = await start();
    const beforeAll = await notes.now();
    await notes.write('a');
    const between = await notes.now();
    // The clock goes by milliseconds, and so do the times of commits.
    await expect.poll(() => notes.now()).toBeGreaterThan(between);
    await notes.write('b');
    const found = await notes.forTime(between);
    expect(found < (await notes.forTime(8e12))).toBe(true);
    await notes.restore(found);
    await restart(notes);
    expect(await notes.texts()).toEqual(['a']);
    await notes.restore(await notes.forTime(beforeAll - 1000));
    await restart(notes);
    expect(await notes.texts()).toEqual([]);
  });

  test('bookmarks grow, from call to call and from session to session', async () => {
    const { notes } = await start();
    const marks = [await notes.mark(), await notes.mark()];
    await notes.write('a');
    marks.push(await notes.mark(), await notes.restore(marks[0] as string));
    await restart(notes);
    marks.push(await notes.mark());
    expect(marks).toEqual([...new Set(marks)].sort());
    for (const mark of marks) expect(mark).toMatch(/^[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{32}$/);
  });

  test('a restore can be taken back by restoring the end of its own session', async () => {
    const { notes } = await start();
    await notes.write('a');
    const undo = await notes.restore(await notes.mark());
    await notes.write('b');
    expect(await notes.restore(undo)).toBe(undo);
    await restart(notes);
    expect(await notes.texts()).toEqual(['a', 'b']);
  });

  test('what is no bookmark, or none of this object, is refused by name', async () => {
    const { simulator, notes } = await start();
    const other = freshly(simulator, 'other');
    for (let i = 0; i < 5; i++) await other.write('a');
    await expect(notes.restore('yesterday')).rejects.toThrow('"yesterday" is not a bookmark');
    await expect(notes.restore(await other.mark())).rejects.toThrow(
      /There is no state of the bookmark .* in this object/,
    );
    await restart(notes);
    expect(await notes.texts()).toEqual([]);
  });
});

test('a restore that was asked for before the page closed happens when the object is next used', async () => {
  const name = newAccount();
  const begin = () => Simulator.open<Env>({ name, modules: { 'index.js': PROGRAM }, config, storage: 'indexeddb' });
  const first = await begin();
  const notes = freshly(first, 'a');
  await notes.write('a');
  const mark = await notes.mark();
  await notes.write('b');
  const undo = await notes.restore(mark);
  await first.close();
  const second = await begin();
  open.push(second);
  const later = freshly(second, 'a');
  expect(await later.texts()).toEqual(['a']);
  await later.restore(undo);
  await restart(later);
  expect(await later.texts()).toEqual(['a', 'b']);
});

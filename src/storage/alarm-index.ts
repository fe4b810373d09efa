/**
 * The alarm index of an account: which objects have an alarm, and when to look at them.
 *
 * Promise: as long as an object's log says that it has an alarm, the index has an entry for the object that is due no
 * later, whatever thread or tab dies between two steps. So it is written *before* a commit that sets an earlier alarm and
 * *after* one that moves it later or takes it away; each entry says of which commit it is, and what is said of an older
 * commit is ignored (a message of a thread that was replaced may come late).
 *
 * Knows nothing of what an alarm does. A wrong entry costs a look at the object's log, never an alarm.
 */
import { promiseThen } from '../base/primordials.ts';
import type { ObjectAddress, UniqueKey } from '../protocol/names.ts';
import type { Durability } from './object-store.ts';

/** Failed runs of one alarm. */
export interface AlarmRetry {
  /** the alarm that failed, milliseconds since 1970; of another one this says nothing */
  readonly ofMs: number;
  /** failures that count */
  readonly counted: number;
  /** all failures: what the next pause follows */
  readonly failures: number;
  /** when to run it again */
  readonly atMs: number;
}

/** The object that an entry is of. */
export interface AlarmedObject {
  readonly address: ObjectAddress;
  readonly namespace: UniqueKey;
  readonly id: string;
  readonly name?: string | undefined;
}

export interface AlarmEntry extends AlarmedObject {
  /** not later than the alarm in the object's log, milliseconds since 1970 */
  readonly timeMs: number;
  /** of the record in the object's log that has this alarm, or will have it */
  readonly sequence: number;
  readonly retry?: AlarmRetry | undefined;
  /** when to look: `timeMs`, or the time of the retry */
  readonly dueMs: number;
}

/** What the object's log says, or is about to say. */
export interface AlarmNote extends AlarmedObject {
  /** milliseconds since 1970; null: none */
  readonly alarm: number | null;
  readonly sequence: number;
}

export interface AlarmIndex {
  noteAlarm(note: AlarmNote, durability?: Durability): Promise<void>;
  /** Remembers a failure, unless the entry has changed since it was read. */
  noteRetry(entry: AlarmEntry, retry: AlarmRetry): Promise<void>;
  /** At most `count` of the entries that are due at `nowMs`, the earliest first. */
  dueAlarms(nowMs: number, count: number): Promise<AlarmEntry[]>;
  /** When the first entry after `nowMs` is due; undefined when there is none. */
  nextAlarm(nowMs: number): Promise<number | undefined>;
}

/** The entry after a note; undefined: none. */
export function entryAfterNote(entry: AlarmEntry | undefined, note: AlarmNote): AlarmEntry | undefined {
  if (entry && entry.sequence > note.sequence) return entry;
  const { alarm, sequence, address, namespace, id } = note;
  if (alarm === null) return undefined;
  const name = note.name ?? entry?.name;
  const retry = entry?.retry?.ofMs === alarm ? entry.retry : undefined;
  const object = { address, namespace, id, ...(name === undefined ? {} : { name }) };
  return { ...object, timeMs: alarm, sequence, ...(retry ? { retry } : {}), dueMs: retry?.atMs ?? alarm };
}

/** The entry after a failure that was seen while the entry was `seen`. */
export function entryAfterRetry(
  entry: AlarmEntry | undefined,
  seen: AlarmEntry,
  retry: AlarmRetry,
): AlarmEntry | undefined {
  if (entry?.sequence !== seen.sequence || entry.timeMs !== seen.timeMs) return entry;
  return { ...entry, retry, dueMs: retry.atMs };
}

/** Tells the index what one object's log says. */
export interface AlarmNotes {
  /** Resolves when the index says so. */
  note(alarm: number | null, sequence: number): Promise<void>;
}

/**
 * Appends a record with what the index must know before or after it.
 *
 * @throws whatever noting or appending throws; an entry without its record is only looked at once too often
 */
export async function appendWithAlarm(
  notes: AlarmNotes,
  step: { readonly before: number | null; readonly after: number | null; readonly sequence: number },
  append: () => Promise<void>,
): Promise<void> {
  const { before, after, sequence } = step;
  if (before === after) {
    await append(); // not given on: one promise that becomes another asks it for `then`
    return;
  }
  const isEarlier = after !== null && (before === null || after < before);
  if (isEarlier) await notes.note(after, sequence);
  await append();
  // Nobody waits for it; if it is lost, the entry is early, which costs a look.
  if (!isEarlier) void promiseThen(notes.note(after, sequence), undefined, () => {});
}

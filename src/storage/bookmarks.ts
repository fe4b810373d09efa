/**
 * Points of an object's history as its program holds them: strings.
 *
 *     00000003-0000002a-00000007-00000000000000000000000000000000
 *     epoch    sequence calls    nothing
 *
 * Promise: a bookmark compares greater, as text, than every one that was made before it. The state it names holds everything
 * that was written before it was asked for, and nothing that was written after it was given. The end of a session
 * can be named while the session lasts: its sequence is the greatest that there can be.
 *
 * Why the epoch: it tells where a session ended, which is where a restore that was asked for in it can be undone to.
 * Knows nothing of gates; whoever asks delivers the answers.
 */
import { numberParseInt, numberToString, regExpExec, stringPadStart } from '../base/primordials.ts';
import type { Epoch } from '../protocol/names.ts';
import type { Committer } from './committer.ts';
import type { ObjectLog } from './log.ts';
import { epochAt, findSequence } from './log-history.ts';
import { expired } from './log-state.ts';
import { EMPTY_BASE, type ObjectStore } from './object-store.ts';

/** A state, and the session that made it. */
export interface Point {
  readonly epoch: number;
  /** `SESSION_END` names the last one of the epoch */
  readonly sequence: number;
}

/** No log grows so long: it would take 16 TiB of pages. */
const SESSION_END = 0xffff_ffff;
const BOOKMARK = /^([0-9a-f]{8})-([0-9a-f]{8})-[0-9a-f]{8}-[0-9a-f]{32}$/;

export interface BookmarksOptions {
  readonly store: ObjectStore;
  readonly log: ObjectLog;
  readonly committer: Committer;
}

export class Bookmarks {
  readonly #options: BookmarksOptions;
  #calls = 0;

  constructor(options: BookmarksOptions) {
    this.#options = options;
  }

  /**
   * The present, once it is durable: what the turn wrote so far is in it. Inside `transaction()` it is the state before that.
   *
   * @throws what broke the object's storage
   */
  async current(): Promise<string> {
    const { committer, log } = this.#options;
    await committer.sync();
    return bookmarkOf({ epoch: log.epoch, sequence: log.head }, this.#calls++);
  }

  /**
   * The newest state that is not later than `timeMs`: the empty one before the first, the present for a time to come.
   *
   * @throws SimulatorError `bookmark_expired`
   */
  async forTime(timeMs: number): Promise<string> {
    const { store } = this.#options;
    const sequence = (await findSequence(store, timeMs)) ?? 0;
    return bookmarkOf({ epoch: await epochAt(store, sequence), sequence });
  }

  /**
   * The sequence that a bookmark names, which stays readable from now on; null for the end of this session: nothing to restore.
   *
   * @throws TypeError for what is no bookmark; SimulatorError `bookmark_expired` for a state that is not kept, or of which
   * this object knows nothing
   */
  async resolve(bookmark: string): Promise<number | null> {
    const { store, log } = this.#options;
    const point = parse(bookmark);
    if (point.epoch === log.epoch && point.sequence === SESSION_END) return null;
    const at = await locate(store, point, { epoch: log.epoch, sequence: log.head });
    if (at !== undefined && log.pin(at)) return at;
    throw await unknown(store, bookmark);
  }

  /** Stages the restore into the turn's commit; null: none after all. Resolves when it is durable. */
  stageRestore(target: number | null): Promise<void> {
    const { committer } = this.#options;
    committer.stageRestore(target);
    return committer.sync();
  }

  /** The state right before the next session, whatever is still written in this one. */
  get sessionEnd(): string {
    return bookmarkOf({ epoch: this.#options.log.epoch, sequence: SESSION_END });
  }
}

/**
 * The sequence that a bookmark names, for who only reads: the end of a session that lasts is the present.
 *
 * @throws as `Bookmarks.resolve` does
 */
export async function findBookmark(store: ObjectStore, bookmark: string): Promise<number> {
  const point = parse(bookmark);
  const head = await store.readHead();
  const at = head && (await locate(store, point, head));
  if (at === undefined) throw await unknown(store, bookmark);
  return at;
}

/** The bookmark of a state, for the object's program. */
export function bookmarkOf({ epoch, sequence }: Point, calls = 0): string {
  const hex = (value: number, digits: number) => stringPadStart(numberToString(value, 16), digits, '0');
  return `${hex(epoch, 8)}-${hex(sequence, 8)}-${hex(calls, 8)}-${hex(0, 32)}`;
}

/** Undefined when there was no such point in that session. */
async function locate(store: ObjectStore, point: Point, present: Point): Promise<number | undefined> {
  const isNow = point.epoch === present.epoch;
  const next = point.epoch < present.epoch ? await store.findFence((point.epoch + 1) as Epoch) : undefined;
  const end = isNow ? present.sequence : (next ?? 0) - 1;
  if (point.sequence === SESSION_END) return end < 0 ? undefined : end;
  return point.sequence <= end ? point.sequence : undefined;
}

async function unknown(store: ObjectStore, bookmark: string): Promise<Error> {
  const base = (await store.readHead())?.base ?? EMPTY_BASE;
  return expired(base, `state of the bookmark "${bookmark}" in this object`);
}

function parse(bookmark: string): Point {
  const found = regExpExec(BOOKMARK, bookmark);
  const epoch = found?.[1];
  const sequence = found?.[2];
  if (epoch === undefined || sequence === undefined) {
    throw new TypeError(`"${bookmark}" is not a bookmark: getCurrentBookmark() and getBookmarkForTime() give them.`);
  }
  return { epoch: numberParseInt(epoch, 16), sequence: numberParseInt(sequence, 16) };
}

/** What a class without history answers where the platform answers too. */
export const ZERO_BOOKMARK: string = bookmarkOf({ epoch: 0, sequence: 0 });

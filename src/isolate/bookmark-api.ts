/**
 * The methods of `ctx.storage` that go back in time.
 *
 * Promise: an answer comes through the input gate, as that of a timer does, and ends the turn that asked: what is written
 * after `await getCurrentBookmark()` is another commit (as on workerd, measured). `onNextSessionRestoreBookmark` answers when the
 * restore can no longer be lost, so that an `abort()` after it restores.
 *
 * DIFFERS: workerd has bookmarks that only count, and no restore: `getBookmarkForTime` and `onNextSessionRestoreBookmark`
 * work here as the platform documents them.
 */
import { deferred } from '../base/async.ts';
import { type Bookmarks, ZERO_BOOKMARK } from '../storage/bookmarks.ts';
import { timeArgument } from '../storage/date-argument.ts';
import { textOf } from '../storage/platform-class.ts';
import { parameterError } from './native-shape.ts';

export interface History {
  readonly bookmarks: Bookmarks;
  /** Taken when something begins that answers later; delivers the answer. */
  readonly capture: () => (run: () => void) => void;
}

const OWNER = 'DurableObjectStorage';
const NO_HISTORY = "This Durable Object's storage back-end does not implement point-in-time recovery.";

export class BookmarkApi {
  readonly #history: History | undefined;
  readonly #assertOpen: () => void;

  /**
   * @param history  undefined for a class that has none
   * @param assertOpen  throws when the storage was shut down
   */
  constructor(history: History | undefined, assertOpen: () => void) {
    this.#history = history;
    this.#assertOpen = assertOpen;
  }

  async current(): Promise<string> {
    this.#assertOpen();
    if (!this.#history) return ZERO_BOOKMARK;
    return this.#arrived(this.#history.bookmarks.current());
  }

  async forTime(args: readonly unknown[]): Promise<string> {
    this.#assertOpen();
    const timeMs = timeArgument('getBookmarkForTime', args[0]);
    const { bookmarks } = this.#mustHaveHistory();
    return this.#arrived(bookmarks.forTime(timeMs));
  }

  async onNextSessionRestore(args: readonly unknown[]): Promise<string> {
    this.#assertOpen();
    if (args.length === 0) throw parameterError('onNextSessionRestoreBookmark', OWNER, 1, 'string');
    const bookmark = textOf(args[0]);
    const { bookmarks } = this.#mustHaveHistory();
    const target = await this.#arrived(bookmarks.resolve(bookmark));
    await this.#arrived(bookmarks.stageRestore(target));
    return bookmarks.sessionEnd;
  }

  /** Lets an answer of the storage in as what it is: an arrival. */
  #arrived<T>(answer: Promise<T>): Promise<T> {
    const deliver = this.#mustHaveHistory().capture();
    const { promise, resolve, reject } = deferred<T>();
    const wait = async () => {
      try {
        const value = await answer;
        deliver(() => resolve(value));
      } catch (error) {
        deliver(() => reject(error));
      }
    };
    void wait();
    return promise;
  }

  #mustHaveHistory(): History {
    if (!this.#history) throw new Error(NO_HISTORY);
    return this.#history;
  }
}

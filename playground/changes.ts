/**
 * Changes to what the object that is looked at has stored: keys, SQL, all of it from a file or from an earlier moment.
 *
 * Promise: one that is refused changes nothing and says why, as a sentence. The object is not started for it.
 */
import type { EditResult, InspectedObject, StoredEntry } from '../src/index.ts';
import type { Stored } from './stored.ts';

export class Changes {
  readonly #stored: Stored;
  /** objects of which it was said that they may remember what was changed under them */
  readonly #warned = new Set<string>();

  constructor(stored: Stored) {
    this.#stored = stored;
  }

  /** Runs SQL as the object's program would. @throws Error with the platform's words */
  async exec(sql: string): Promise<EditResult> {
    const { account, object } = this.#stored.present();
    try {
      return await account.objects.exec(object.key, sql);
    } finally {
      this.#stored.refresh();
    }
  }

  /** @returns why not, as a sentence */
  async add(key: string, value: unknown): Promise<string | undefined> {
    const { account, object } = this.#stored.present();
    // The first key that begins with it is the key itself, if there is such a key.
    const [first] = await account.inspect.keys(object.key, { prefix: key, limit: 1 });
    if (first === key) return `There is a key "${key}" already.`;
    return this.#change(`"${key}" was added.`, () => account.objects.put(object.key, key, value));
  }

  /** @returns why not, as a sentence */
  async put(key: string, value: unknown): Promise<string | undefined> {
    const { account, object } = this.#stored.present();
    return this.#change(`"${key}" was changed.`, () => account.objects.put(object.key, key, value));
  }

  /** `notice` says what came of it, and offers to take it back. */
  async delete({ key, value, problem }: StoredEntry): Promise<void> {
    const { account, object } = this.#stored.present();
    const undo = async (): Promise<void> => {
      const refused = await this.#change(`"${key}" is back.`, () => account.objects.put(object.key, key, value));
      if (refused) this.#stored.notice.value = { kind: 'problem', sentence: refused, isUnchanged: true };
    };
    const refused = await this.#change(
      `"${key}" was deleted.`,
      () => account.objects.delete(object.key, key),
      problem === undefined ? undo : undefined,
    );
    if (refused) this.#stored.notice.value = { kind: 'problem', sentence: refused, isUnchanged: true };
  }

  /** The `.sqlite` file of the moment that is shown. */
  async download(): Promise<File> {
    const { account, object } = this.#stored.present();
    const at = this.#stored.at.value;
    const bytes = await account.objects.export(object.key, { at: at?.at });
    const when = at
      ? `-${at.timeMs === undefined ? 'empty' : new Date(at.timeMs).toISOString().replaceAll(':', '.')}`
      : '';
    const name = `${object.className}-${object.name ?? object.id}${when}`.replaceAll(/[^\w.-]+/g, '_');
    return new File([bytes], `${name}.sqlite`, { type: 'application/vnd.sqlite3' });
  }

  /**
   * Makes the moment that is shown the present one again, by its file: that is one change more, so nothing of what came
   * between is lost. `notice` says what came of it.
   */
  async restore(): Promise<void> {
    const { account, object } = this.#stored.present();
    const { value: moment } = this.#stored.at;
    const now = this.#stored.history.value.moments.at(-1);
    if (!moment || !now) return;
    try {
      await account.objects.import(object.key, await account.objects.export(object.key, { at: moment.at }));
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.#stored.notice.value = { kind: 'problem', sentence: error.message, isUnchanged: true };
      return;
    }
    this.#stored.goTo(undefined);
    const undo = (): Promise<void> => {
      this.#stored.goTo(now);
      return this.restore();
    };
    this.#stored.notice.value = { kind: 'done', sentence: 'It stores again what it stored then.', undo };
  }

  /** Asks whether these files, a database and perhaps its write-ahead log, shall replace everything. */
  async offer(files: readonly File[]): Promise<void> {
    const wal = files.find(({ name }) => name.endsWith('-wal'));
    const database = files.find((file) => file !== wal);
    if (!database || files.length > (wal ? 2 : 1)) {
      const sentence = 'Give one .sqlite file, and the -wal file beside it if there is one.';
      this.#stored.notice.value = { kind: 'problem', sentence, isUnchanged: true };
      return;
    }
    const file = { database: await database.arrayBuffer(), wal: await wal?.arrayBuffer() };
    const sizeBytes = database.size + (wal?.size ?? 0);
    this.#stored.notice.value = { kind: 'replace', name: database.name, sizeBytes, file };
  }

  /** Does what `offer` asked about; `notice` says what came of it. */
  async replace(): Promise<void> {
    const { value: offered } = this.#stored.notice;
    if (offered?.kind !== 'replace') return;
    const { account, object } = this.#stored.present();
    try {
      await account.objects.import(object.key, offered.file);
      this.#stored.notice.value = { kind: 'done', sentence: `It stores what was in ${offered.name} now.` };
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.#stored.notice.value = { kind: 'problem', sentence: `${offered.name}: ${error.message}`, isUnchanged: true };
    }
    this.#stored.refresh();
  }

  /** @returns why not, as a sentence */
  async #change(done: string, work: () => Promise<unknown>, undo?: () => Promise<void>): Promise<string | undefined> {
    const { object } = this.#stored.present();
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return error.message;
    }
    const sentence = `${done}${this.#warning(object)}`;
    this.#stored.notice.value = { kind: 'done', sentence, ...(undo ? { undo } : {}) };
    this.#stored.refresh();
    return undefined;
  }

  /** Once for each object. */
  #warning({ id, state }: InspectedObject): string {
    if (state === 'sleeping' || this.#warned.has(id)) return '';
    this.#warned.add(id);
    return ' The object is live: what it remembers may be the old value, until it is evicted.';
  }
}

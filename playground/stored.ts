/**
 * What one object has stored, as far as somebody looks at it: its keys or its tables, now or at an earlier moment.
 *
 * Promise: what is shown belongs to one object and one moment; what was read for a wish that has changed meanwhile is
 * dropped. Looking wakes nothing. Knows nothing of how it is changed.
 */
import { batch, computed, type ReadonlySignal, signal } from '@preact/signals-core';
import type {
  InspectedHistory,
  InspectedObject,
  InspectedTable,
  ObjectFile,
  QueryResult,
  StoredEntry,
} from '../src/index.ts';
import { type Account, codeOf, sentenceOf } from './account.ts';

export type StorageView = 'keys' | 'tables' | 'sql';

/** A state that can be looked at. */
export interface Moment {
  /** names it, and counts up */
  readonly at: number;
  /** milliseconds since 1970; undefined for the state before everything */
  readonly timeMs: number | undefined;
}

export interface History {
  /** states that differ, the present one last */
  readonly moments: readonly Moment[];
  /** there are more than these */
  readonly isThinned: boolean;
}

/** One reading: of which object, and when that was. */
export interface Look {
  readonly object: InspectedObject;
  /** undefined: now */
  readonly at: Moment | undefined;
}

export interface KeysLook extends Look {
  readonly entries: readonly StoredEntry[];
  readonly hasMore: boolean;
  /** looked for when there are no keys at all, to say where the data are */
  readonly tableCount: number;
}

export interface TablesLook extends Look {
  readonly tables: readonly InspectedTable[];
  /** of the table that is open, if there is one of that name */
  readonly rows: QueryResult | { readonly problem: string } | undefined;
}

/** What there is to say about the last thing that was done. */
export type Notice =
  | { readonly kind: 'done'; readonly sentence: string; readonly undo?: () => Promise<void> }
  | { readonly kind: 'problem'; readonly sentence: string; readonly isUnchanged: boolean }
  | { readonly kind: 'replace'; readonly name: string; readonly sizeBytes: number; readonly file: ObjectFile };

export interface StoredOptions {
  account(): Account | undefined;
  /** asks for `turnTo` and `read`, soon */
  refresh(): void;
}

const KEYS_PAGE = 1_000;
const ROWS_PAGE = 100;
const NO_HISTORY: History = { moments: [], isThinned: false };

export class Stored {
  readonly view = signal<StorageView>('keys');
  readonly object = signal<InspectedObject | undefined>(undefined);
  readonly keys = signal<KeysLook | undefined>(undefined);
  readonly tables = signal<TablesLook | undefined>(undefined);
  /** why the last reading failed */
  readonly problem = signal<string | undefined>(undefined);
  readonly history = signal<History>(NO_HISTORY);
  /** the moment that is shown; undefined: now, whatever becomes of it */
  readonly at = signal<Moment | undefined>(undefined);
  readonly prefix = signal('');
  readonly openTable = signal<string | undefined>(undefined);
  readonly showsPlatform = signal(false);
  readonly notice = signal<Notice | undefined>(undefined);
  /** why nothing can be changed here; undefined when it can */
  readonly readOnlyReason: ReadonlySignal<string | undefined>;
  readonly #options: StoredOptions;
  /** `at` was not chosen from the history: it may be the present, or forgotten */
  #isVisiting = false;
  #keyPages = 1;
  #rowPages = 1;
  #uncounted = false;
  /** a new one for each change of what is wanted */
  #wish = {};

  constructor(options: StoredOptions) {
    this.#options = options;
    this.readOnlyReason = computed(() =>
      this.at.value === undefined ? undefined : 'What was is only shown. Go back to now to change something.',
    );
  }

  /** Another object is about to be shown. */
  leave(): void {
    batch(() => {
      this.object.value = undefined;
      this.keys.value = undefined;
      this.tables.value = undefined;
      this.problem.value = undefined;
      this.history.value = NO_HISTORY;
      this.at.value = undefined;
      this.prefix.value = '';
      this.openTable.value = undefined;
      this.notice.value = undefined;
    });
    this.#isVisiting = false;
    this.#keyPages = this.#rowPages = 1;
    this.#uncounted = false;
    this.#wish = {};
  }

  turnTo(object: InspectedObject | undefined): void {
    if (this.object.value && this.object.value.id !== object?.id) this.leave();
    this.object.value = object;
  }

  show(view: StorageView): void {
    this.#want(() => {
      this.view.value = view;
      if (this.notice.value?.kind === 'done') this.notice.value = undefined;
    });
  }

  filter(prefix: string): void {
    this.#keyPages = 1;
    this.#want(() => {
      this.prefix.value = prefix;
    });
  }

  moreKeys(): void {
    this.#keyPages += 1;
    this.#want();
  }

  /** Opens a table's rows, or closes them. */
  toggle(table: string): void {
    this.#rowPages = 1;
    this.#want(() => {
      this.openTable.value = this.openTable.value === table ? undefined : table;
    });
  }

  moreRows(): void {
    this.#rowPages += 1;
    this.#want();
  }

  /** @param moment  undefined: now */
  goTo(moment: Moment | undefined): void {
    this.#isVisiting = false;
    this.#want(() => {
      this.at.value = moment;
      this.notice.value = undefined;
      // The other view's are of the moment before.
      if (this.view.value === 'keys') this.tables.value = undefined;
      else this.keys.value = undefined;
    });
  }

  /** Goes to a moment that somebody else knows of; to now, if it is that, or if it is not kept any more, with a notice. */
  visit(moment: Moment): void {
    this.goTo(moment);
    this.#isVisiting = true;
  }

  /** Reads what is wanted, unless something else is wanted by the time it is there. */
  async read(): Promise<void> {
    const account = this.#options.account();
    const object = this.object.value;
    if (!account || !object) return;
    const wish = this.#wish;
    let look: Look = { object, at: this.at.value };
    try {
      const history = historyOf(await account.inspect.moments(object.key));
      if (wish !== this.#wish) return;
      look = { object, at: this.#arrive(history) };
      const [shown, found] =
        this.view.value === 'keys'
          ? ([this.keys, await this.#readKeys(account, look)] as const)
          : ([this.tables, await this.#readTables(account, look)] as const);
      if (wish !== this.#wish) return;
      batch(() => {
        this.history.value = history;
        shown.value = found;
        this.problem.value = undefined;
      });
    } catch (error) {
      if (codeOf(error) === undefined) throw error;
      if (wish === this.#wish) this.problem.value = sentenceOf(error);
      return;
    }
    if (this.view.value !== 'tables' || this.#uncounted) return;
    const tables = await this.#counted(account, look);
    if (tables && wish === this.#wish && this.tables.value) this.tables.value = { ...this.tables.value, tables };
  }

  /** Runs a statement that only reads. @throws Error with SQLite's words */
  query(sql: string): Promise<QueryResult> {
    const { account, object } = this.present();
    return account.inspect.query(object.key, sql, [], { at: this.at.value?.at });
  }

  /** @throws when no object is chosen */
  present(): { account: Account; object: InspectedObject } {
    const account = this.#options.account();
    const object = this.object.peek();
    if (!account || !object) throw new Error('No object is chosen.');
    return { account, object };
  }

  refresh(): void {
    this.#options.refresh();
  }

  /** @returns the moment that is to be shown */
  #arrive({ moments }: History): Moment | undefined {
    const { value } = this.at;
    const [oldest, newest] = [moments[0], moments.at(-1)];
    if (!value || !this.#isVisiting || !oldest || !newest) return value;
    this.#isVisiting = false;
    if (oldest.at <= value.at && value.at < newest.at) return value;
    this.at.value = undefined;
    if (value.at < oldest.at) {
      const sentence = 'That moment is not kept any more. This is what is stored now.';
      this.notice.value = { kind: 'problem', sentence, isUnchanged: false };
    }
    return undefined;
  }

  /** Counting reads everything, so it comes after what can be shown without, and is not tried again where it took too long. */
  async #counted({ inspect }: Account, { object, at }: Look): Promise<readonly InspectedTable[] | undefined> {
    try {
      return await inspect.tables(object.key, { at: at?.at, counts: true });
    } catch (error) {
      if (codeOf(error) === undefined) throw error;
      this.#uncounted = true;
      return undefined;
    }
  }

  #want(change?: () => void): void {
    this.#wish = {};
    if (change) batch(change);
    this.#options.refresh();
  }

  async #readKeys({ inspect }: Account, look: Look): Promise<KeysLook> {
    const { key } = look.object;
    const at = look.at?.at;
    const prefix = this.prefix.value;
    const entries: StoredEntry[] = [];
    let hasMore = true;
    for (let page = 0; page < this.#keyPages && hasMore; page++) {
      entries.push(...(await inspect.entries(key, { at, prefix, after: entries.at(-1)?.key, limit: KEYS_PAGE })));
      // A page of large values is shorter than asked for, so its length does not say whether it is the last one.
      const after = entries.at(-1)?.key;
      hasMore = after !== undefined && (await inspect.keys(key, { at, prefix, after, limit: 1 })).length > 0;
    }
    const isEmpty = entries.length === 0 && prefix === '';
    const tables = isEmpty ? await inspect.tables(key, { at }) : [];
    return { ...look, entries, hasMore, tableCount: tables.filter(({ isPlatform }) => !isPlatform).length };
  }

  async #readTables({ inspect }: Account, look: Look): Promise<TablesLook> {
    const { key } = look.object;
    const at = look.at?.at;
    const before = this.tables.value?.tables ?? [];
    const found = await inspect.tables(key, { at });
    const tables = found.map((table) => ({
      ...table,
      rowCount: before.find(({ name }) => name === table.name)?.rowCount,
    }));
    const open = tables.find(({ name }) => name === this.openTable.value);
    const count = ROWS_PAGE * this.#rowPages;
    return { ...look, tables, rows: open && (await readRows(inspect, key, open, { at, count })) };
  }
}

/** An object that was merely opened is as it was before, so those points are no moments of their own. */
function historyOf(history: InspectedHistory | undefined): History {
  if (!history) return NO_HISTORY;
  const { oldest, now, moments } = history;
  const changes = moments.filter(({ pages }) => pages > 0);
  return { moments: [oldest, ...changes], isThinned: now.at - oldest.at > moments.length };
}

async function readRows(
  inspect: Account['inspect'],
  key: object,
  table: InspectedTable,
  { at, count }: { at: number | undefined; count: number },
): Promise<TablesLook['rows']> {
  try {
    return await inspect.query(key, `SELECT * FROM ${quoted(table.name)}`, [], { at, limit: count });
  } catch (error) {
    // A view may name what is gone, a virtual table's module may be missing: SQLite says so.
    if (!(error instanceof Error)) throw error;
    return { problem: error.message };
  }
}

/** A name as SQL writes it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

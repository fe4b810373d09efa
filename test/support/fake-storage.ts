/**
 * Storage of one fake object, as `sim.inspect` and `sim.objects` would show it.
 *
 * Promise: keys are ordered, paged and filtered as by the library; every change makes a moment that can be shown again. Its
 * SQL is no more than `SELECT * FROM "table"` and `DELETE FROM "table"`; a file is its state as JSON.
 */
import type {
  AtMoment,
  EditResult,
  EntryRange,
  InspectedHistory,
  InspectedTable,
  InspectedValue,
  Objects,
  QueryOptions,
  QueryResult,
  StoredEntry,
} from '../../src/index.ts';

export class FakeError extends Error {
  readonly code: string;
  readonly location: { file: string; line: number; column: number } | undefined;

  constructor(code: string, message: string, location?: FakeError['location']) {
    super(message);
    this.code = code;
    this.location = location;
  }
}

/** What stands where a value cannot be decoded. */
export class Unreadable {
  readonly bytes: Uint8Array;
  readonly problem: string;

  constructor(bytes: Uint8Array, problem: string) {
    this.bytes = bytes;
    this.problem = problem;
  }
}

export interface FakeTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly InspectedValue[])[];
}

interface State {
  readonly keys: ReadonlyMap<string, unknown>;
  readonly tables: ReadonlyMap<string, FakeTable>;
}

const KEY_BYTES_MAX = 2048;

export class FakeStorage {
  /** each has its index as its name */
  readonly #states: { readonly timeMs: number | undefined; readonly state: State }[] = [];
  #state: State = { keys: new Map(), tables: new Map() };
  #expired = 0;

  constructor() {
    this.#states.push({ timeMs: undefined, state: this.#state });
  }

  get keys(): ReadonlyMap<string, unknown> {
    return this.#state.keys;
  }

  put(key: string, value: unknown): void {
    if (key.length > KEY_BYTES_MAX) throw new RangeError(`Keys cannot be larger than ${KEY_BYTES_MAX} bytes.`);
    this.putAll([[key, value]]);
  }

  putAll(entries: Iterable<[string, unknown]>): void {
    this.#commit({ ...this.#state, keys: new Map([...this.#state.keys, ...entries]) });
  }

  delete(key: string): boolean {
    const keys = new Map(this.#state.keys);
    const wasThere = keys.delete(key);
    this.#commit({ ...this.#state, keys });
    return wasThere;
  }

  setTable(name: string, table: FakeTable): void {
    this.#commit({ ...this.#state, tables: new Map([...this.#state.tables, [name, table]]) });
  }

  /** Only the last `count` states can be shown any more. */
  expireAllBut(count: number): void {
    this.#expired = this.#states.length - count;
  }

  moments(): InspectedHistory {
    const all = this.#states.map(({ timeMs }, at) => ({
      at,
      bookmark: `bookmark ${at}`,
      timeMs: timeMs as number,
      pages: 1,
    }));
    const [oldest, ...moments] = all.slice(this.#expired) as [(typeof all)[0], ...typeof all];
    return { oldest, now: moments.at(-1) ?? oldest, moments };
  }

  entries({ at, prefix = '', after, limit = 1_000 }: EntryRange = {}): StoredEntry[] {
    return [...this.#at(at).keys]
      .filter(([key]) => key.startsWith(prefix) && (after === undefined || key > after))
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .slice(0, limit)
      .map(([key, value]) => entryOf(key, value));
  }

  tables({ at, counts = false }: AtMoment & { counts?: boolean } = {}): InspectedTable[] {
    return [...this.#at(at).tables].map(([name, { columns, rows }]) => ({
      ...{ name, kind: 'table', isPlatform: name.startsWith('_cf_'), parts: [] },
      sql: `CREATE TABLE "${name}" (${columns.join(', ')})`,
      columns: columns.map((column) => ({
        ...{ name: column, type: '', isPrimaryKey: false, isNullable: true, default: undefined },
      })),
      rowCount: counts ? rows.length : undefined,
    }));
  }

  query(sql: string, { at, limit = 1_000 }: QueryOptions = {}): QueryResult {
    if (!/^select\b/i.test(sql)) throw new FakeError('query_refused', 'The inspector only reads.');
    const { columns, rows } = tableOf(sql, this.#at(at));
    return { columns, rows: rows.slice(0, limit), isComplete: rows.length <= limit };
  }

  exec(sql: string): EditResult {
    const { columns, rows } = tableOf(sql, this.#state);
    const name = nameIn(sql);
    if (/^select\b/i.test(sql)) return { columns, rows: rows as EditResult['rows'], rowsWritten: 0 };
    this.setTable(name, { columns, rows: [] });
    return { columns: [], rows: [], rowsWritten: rows.length };
  }

  export({ at }: AtMoment = {}): Uint8Array<ArrayBuffer> {
    const { keys } = this.#at(at);
    return new TextEncoder().encode(JSON.stringify([...keys]));
  }

  import(file: Parameters<Objects['import']>[1]): void {
    const { database } = 'database' in file ? file : { database: file };
    const text = new TextDecoder().decode(database);
    if (!text.startsWith('['))
      throw new FakeError('file_invalid', 'The file is not an SQLite database, or it is encrypted.');
    this.#commit({ keys: new Map(JSON.parse(text)), tables: new Map() });
  }

  #commit(state: State): void {
    this.#state = state;
    this.#states.push({ timeMs: Date.now(), state });
  }

  #at(given: AtMoment['at']): State {
    const at = typeof given === 'string' ? Number(given.replace('bookmark ', '')) : given;
    if (at === undefined) return this.#state;
    const found = typeof at === 'number' && at >= this.#expired ? this.#states[at] : undefined;
    if (!found) throw new FakeError('bookmark_expired', 'That moment is not kept any more.');
    return found.state;
  }
}

function entryOf(key: string, value: unknown): StoredEntry {
  if (!(value instanceof Unreadable)) return { key, value, sizeBytes: 2 + String(value).length };
  const { bytes, problem } = value;
  return { key, value: undefined, problem, bytes, sizeBytes: bytes.length };
}

function tableOf(sql: string, { tables }: State): FakeTable {
  const name = nameIn(sql);
  const table = tables.get(name);
  if (!table) throw new Error(`no such table: ${name}: SQLITE_ERROR`);
  return table;
}

function nameIn(sql: string): string {
  return /\bfrom\s+"?(\w+)"?/i.exec(sql)?.[1] ?? '';
}

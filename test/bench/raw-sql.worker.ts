/**
 * The raw limit of SQL: stock sql.js through its own interface, statements prepared once, rows built by hand.
 *
 * What is executed is the program's, word for word (`sqlTexts`); an answer is milliseconds of one row.
 */
import initSqlJs from 'sql.js/dist/sql-wasm-browser.js';
import { sqlTexts as texts } from './program.ts';

export type SqlWork = 'select' | 'insert' | 'scan';

export interface SqlOrder {
  readonly work: SqlWork;
  readonly count: number;
}

type Value = string | number | null;

interface Statement {
  bind(values: readonly Value[]): void;
  step(): boolean;
  get(): Value[];
  reset(): void;
  run(values: readonly Value[]): void;
}

interface Database {
  run(sql: string): void;
  prepare(sql: string): Statement;
}

const scope = globalThis as unknown as Pick<Worker, 'onmessage' | 'postMessage'>;

scope.onmessage = async ({ data: { work, count } }: MessageEvent<SqlOrder>) => {
  const { database, statements } = await opened;
  const start = performance.now();
  if (work === 'select') select(statements.select, count);
  else if (work === 'insert') insert(database, statements.insert, count);
  else scan(statements.scan, count);
  scope.postMessage((performance.now() - start) / count);
};

const opened = (async () => {
  const { Database } = (await initSqlJs({
    locateFile: () => `${self.location.origin}/sql-wasm.wasm`,
  } as never)) as unknown as { Database: new () => Database };
  const database = new Database();
  // Without it, reads outside of a transaction look for other processes each time, and would be ten times slower.
  database.run('PRAGMA locking_mode = exclusive');
  for (const sql of texts.schema) database.run(sql);
  const statements = {
    select: database.prepare(texts.select),
    insert: database.prepare(texts.insert),
    scan: database.prepare(texts.scan),
  };
  return { database, statements };
})();

function select(statement: Statement, count: number): void {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    statement.bind([1 + (i % texts.items)]);
    statement.step();
    const [name, value] = statement.get();
    const row = { name, value };
    sum += row.value as number;
    statement.reset();
  }
  if (sum === 0) throw new Error('nothing was read');
}

function insert(database: Database, statement: Statement, count: number): void {
  database.run(texts.clear);
  database.run('BEGIN');
  for (let i = 0; i < count; i++) statement.run([`name ${i}`, i]);
  database.run('COMMIT');
}

function scan(statement: Statement, count: number): void {
  let sum = 0;
  for (let read = 0; read < count; ) {
    while (statement.step()) {
      const [id, name, value] = statement.get();
      const row = { id, name, value };
      sum += row.value as number;
      read++;
    }
    statement.reset();
  }
  if (sum === 0) throw new Error('nothing was read');
}

/** sql.js as it comes, with nothing of ours: the judge of a file. For node. */
import { createRequire } from 'node:module';

export interface StockDatabase {
  exec(sql: string): { values: unknown[][] }[];
  close(): void;
}

interface StockSqlite {
  readonly Database: new (bytes: Uint8Array) => StockDatabase;
}

/** @returns what gives a file to `use`, and what that returns */
export async function stockSqlite(): Promise<<T>(file: Uint8Array, use: (database: StockDatabase) => T) => T> {
  const initSqlJs = createRequire(import.meta.url)('sql.js') as () => Promise<StockSqlite>;
  const { Database } = await initSqlJs();
  return (file, use) => {
    const database = new Database(file);
    try {
      return use(database);
    } finally {
      database.close();
    }
  };
}

/** `ok`, or what is wrong. */
export function integrityOf(database: StockDatabase): string {
  return String(database.exec('PRAGMA integrity_check')[0]?.values.flat().join('; '));
}

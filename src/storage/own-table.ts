/**
 * A table that the platform keeps in the object's database, made by the first write that needs it.
 *
 * Promise: `isMade` is asked of SQLite once for each schema, so a rollback or a deleteAll that takes the table away is
 * noticed. Knows nothing of what is in the table.
 */
import type { Database } from './database.ts';

export class OwnTable {
  readonly #database: Database;
  readonly #create: string;
  readonly #exists: string;
  /** the schema for which `#isThere` was found out */
  #schema = -1;
  #isThere = false;

  /** @param create the text is visible in sqlite_master, so it is workerd's own */
  constructor(database: Database, name: string, create: string) {
    this.#database = database;
    this.#create = create;
    this.#exists = `SELECT 1 FROM sqlite_master WHERE name = '${name}'`;
  }

  get isMade(): boolean {
    const database = this.#database;
    if (this.#isThere && this.#schema === database.schema) return true;
    const statement = database.internal(this.#exists);
    try {
      this.#isThere = database.step(statement);
      this.#schema = database.schema;
    } finally {
      statement.reset();
    }
    return this.#isThere;
  }

  /** To be called inside a transaction. */
  make(): void {
    if (this.isMade) return;
    this.#database.run(this.#create);
    this.#isThere = true;
  }
}

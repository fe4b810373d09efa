/**
 * Database files on their way in and out of an account.
 *
 * Promise: what goes out is a file that any SQLite opens, with nothing beside it; what comes in was checked whole.
 */
import type { CheckedFile } from '../protocol/edits.ts';
import { resolveLimits } from '../protocol/limits.ts';
import { Database } from '../storage/database.ts';
import type { Engine } from '../storage/engine.ts';
import { Metadata } from '../storage/metadata.ts';
import { PageFile } from '../storage/page-file.ts';
import { checkDatabase, type DatabaseFile, readDatabaseFile } from '../storage/sqlite-file.ts';

/** The text is workerd's own (server/alarm-scheduler.c++); it is what workerd wakes objects by. */
const CREATE_ALARMS = `CREATE TABLE _cf_ALARM (
      actor_id TEXT PRIMARY KEY,
      scheduled_time INTEGER,
      actor_name TEXT
    ) WITHOUT ROWID`;
const NAMES = "SELECT actor_id, actor_name FROM _cf_ALARM WHERE actor_name IS NOT NULL AND actor_name <> ''";
const HAS_NAMES = "SELECT 1 FROM pragma_table_info('_cf_ALARM') WHERE name = 'actor_name'";
const NANOSECONDS = 1_000_000n;

export interface KnownAlarm {
  readonly id: string;
  readonly name: string | undefined;
  /** milliseconds since 1970 */
  readonly alarm: number;
}

export class Files {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** A stored database as a file. */
  write(database: Database): CheckedFile {
    const { file } = database;
    // What was never written to is no file for anybody else.
    if (file.pageCount === 0) return { bytes: this.#make(['PRAGMA user_version = 0', 'VACUUM']), alarm: null };
    return { bytes: file.toBytes() as Uint8Array<ArrayBuffer>, alarm: new Metadata(database).alarm };
  }

  /** @throws SimulatorError `file_invalid` */
  check(from: DatabaseFile): CheckedFile {
    const file = readDatabaseFile(from);
    const { alarm } = checkDatabase({ engine: this.#engine, file, limits: resolveLimits('workerd') });
    return { bytes: file.toBytes() as Uint8Array<ArrayBuffer>, alarm };
  }

  /** Names of objects by id, as far as workerd's list of alarms tells them. @throws SimulatorError `file_invalid` */
  namesIn(from: DatabaseFile): Map<string, string> {
    const database = this.#open(readDatabaseFile(from));
    const names = new Map<string, string>();
    try {
      if (!database.step(database.internal(HAS_NAMES))) return names;
      const statement = database.internal(NAMES);
      while (database.step(statement)) names.set(statement.columnText(0), statement.columnText(1));
      return names;
    } finally {
      database.close();
    }
  }

  /** workerd's list of whom to wake when. */
  alarmTable(alarms: readonly KnownAlarm[]): Uint8Array<ArrayBuffer> {
    const rows = alarms.map(({ id, name, alarm }) => {
      const quoted = name === undefined ? 'NULL' : `'${name.replaceAll("'", "''")}'`;
      return `INSERT INTO _cf_ALARM VALUES ('${id}', ${BigInt(alarm) * NANOSECONDS}, ${quoted})`;
    });
    return this.#make([CREATE_ALARMS, ...rows]);
  }

  #make(statements: readonly string[]): Uint8Array<ArrayBuffer> {
    const file = new PageFile();
    const database = this.#open(file);
    try {
      for (const sql of statements) {
        const statement = database.prepareOwn(sql);
        database.step(statement);
        statement.finalize();
      }
      return file.toBytes() as Uint8Array<ArrayBuffer>;
    } finally {
      database.close();
    }
  }

  #open(file: PageFile): Database {
    return new Database({ engine: this.#engine, file, limits: resolveLimits('workerd') });
  }
}

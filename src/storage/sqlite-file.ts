/**
 * A database file from outside: is it one that an object can go on with?
 *
 * Promise: what is wrong with a file is told in one sentence, as `file_invalid`, before anything of it is used. What passes
 * opens in our engine, is whole in itself, and holds nothing under the platform's names that the platform would not have put
 * there.
 */
import { AssertionError } from '../base/assert.ts';
import { isSimulatorError, SimulatorError } from '../base/errors.ts';
import { Database } from './database.ts';
import type { Engine } from './engine.ts';
import type { StorageLimits } from './guard.ts';
import { Metadata } from './metadata.ts';
import { PageFile } from './page-file.ts';
import { PAGE_SIZE_BYTES } from './pages.ts';
import { readWal } from './wal.ts';

/** 1 GiB: what a page can reasonably hold in memory a few times over, and a tenth of what the platform lets an object keep. */
export const FILE_BYTES_MAX = 1024 ** 3;

const MAGIC = 'SQLite format 3\0';
const PAGE_SIZE_OFFSET = 16;
const CHANGE_COUNTER_OFFSET = 24;
const PAGE_COUNT_OFFSET = 28;
const ENCODING_OFFSET = 56;
const VERSION_VALID_FOR_OFFSET = 92;
const UTF8 = 1;

export interface DatabaseFile {
  readonly bytes: Uint8Array;
  /** the `-wal` file beside it, if there is one */
  readonly wal?: Uint8Array | undefined;
}

/**
 * Joins a file with its write-ahead log and looks at its header.
 *
 * @returns pages that are closed in themselves: rollback journal mode, nothing outside
 * @throws SimulatorError `file_invalid`
 */
export function readDatabaseFile({ bytes, wal }: DatabaseFile, bytesMax = FILE_BYTES_MAX): PageFile {
  if (bytes.length > bytesMax)
    throw invalid(`The file is too big: ${inMiB(bytes.length)} of at most ${inMiB(bytesMax)}.`);
  if (bytes.length > 0) checkFormat(bytes);
  const added = wal && readWal(wal);
  if (bytes.length === 0 && !added) throw invalid('The file is empty: there is no database in it.');
  const surplus = bytes.length % PAGE_SIZE_BYTES;
  // A process that is killed while it copies its log into the file can leave part of a page, which the log still has.
  if (surplus > 0 && !added) {
    throw invalid(`The file is cut off: its ${bytes.length} bytes are not whole pages of ${PAGE_SIZE_BYTES}.`);
  }
  const file = new PageFile();
  // A copy: the file's pages are written to later.
  if (bytes.length > surplus) file.load(1, bytes.slice(0, bytes.length - surplus));
  if (added) file.apply(added);
  const header = file.read(1);
  if (added) checkFormat(header);
  checkLength(header, file);
  leaveWalMode(header);
  return file;
}

/** @param first  at least the first bytes of the file */
function checkFormat(first: Uint8Array): void {
  const isDatabase = [...MAGIC].every((letter, i) => first[i] === letter.charCodeAt(0));
  if (!isDatabase || first.length < 100) {
    throw invalid('The file is not an SQLite database, or it is encrypted.');
  }
  const view = new DataView(first.buffer, first.byteOffset, first.byteLength);
  const said = view.getUint16(PAGE_SIZE_OFFSET);
  const pageSize = said === 1 ? 65_536 : said;
  if (pageSize !== PAGE_SIZE_BYTES) {
    throw invalid(
      `The database has pages of ${pageSize} bytes, and an object's has pages of ${PAGE_SIZE_BYTES}: run "PRAGMA journal_mode = delete; PRAGMA page_size = ${PAGE_SIZE_BYTES}; VACUUM;" on it first.`,
    );
  }
  const encoding = view.getUint32(ENCODING_OFFSET);
  if (encoding !== UTF8 && encoding !== 0) {
    throw invalid(
      'The database keeps its text as UTF-16, and an object keeps it as UTF-8: dump it into a new database first.',
    );
  }
}

/** The header counts the pages, unless a version of SQLite before 3.7 wrote last. */
function checkLength(header: Uint8Array, file: PageFile): void {
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  if (view.getUint32(CHANGE_COUNTER_OFFSET) !== view.getUint32(VERSION_VALID_FOR_OFFSET)) return;
  const counted = view.getUint32(PAGE_COUNT_OFFSET);
  if (counted > file.pageCount) {
    throw invalid(`The file is cut off: it has ${file.pageCount} of the ${counted} pages that its header counts.`);
  }
  if (counted > 0) file.setPageCount(counted);
}

/** Bytes 18 and 19 say that a log may lie beside the file; there is none any more. */
function leaveWalMode(header: Uint8Array): void {
  header[18] = 1;
  header[19] = 1;
}

/** What an object must know of its file. */
export interface FileFacts {
  /** the alarm that is kept in it, milliseconds since 1970 */
  readonly alarm: number | null;
}

/** Tables of the platform, with their columns as `pragma_table_info` gives them (workerd: sqlite-kv.h, sqlite-metadata.h). */
const OWN_TABLES: Readonly<Record<string, string>> = {
  _cf_KV: 'key TEXT 1, value BLOB 0',
  _cf_METADATA: 'key INTEGER 1, value BLOB 0',
};

const OWN_NAMES = "SELECT name, type FROM sqlite_master WHERE lower(substr(name, 1, 4)) = '_cf_'";
const OWN_COLUMNS = "SELECT group_concat(name || ' ' || type || ' ' || pk, ', ') FROM pragma_table_info(?)";

/**
 * Opens the file and checks all of it.
 *
 * @throws SimulatorError `file_invalid`
 */
export function checkDatabase(options: { engine: Engine; file: PageFile; limits: StorageLimits }): FileFacts {
  let database: Database | undefined;
  try {
    database = new Database(options);
    const [problem] = textsOf(database, 'PRAGMA integrity_check(1)');
    if (problem !== 'ok') throw invalid(`The database is damaged: ${oneLine(problem ?? 'it cannot be checked')}.`);
    return { alarm: checkOwnTables(database) };
  } catch (error) {
    if (isSimulatorError(error, 'file_invalid')) throw error;
    if (!(error instanceof Error)) throw error;
    // SQLite reads a damaged schema no further than to say so, and then not even our opening pragmas can be prepared.
    const why = error instanceof AssertionError ? 'its schema cannot be read' : oneLine(error.message);
    throw new SimulatorError('file_invalid', `The database is damaged: ${why}.`, { cause: error });
  } finally {
    database?.close();
  }
}

/** @returns the alarm */
function checkOwnTables(database: Database): number | null {
  const found = textsOf(database, OWN_NAMES);
  for (const name of found) {
    const columns = OWN_TABLES[name];
    if (columns === undefined) {
      throw invalid(
        `The database has "${name}": names that begin with _cf_ are the platform's own, and it knows no such thing.`,
      );
    }
    if (textsOf(database, OWN_COLUMNS, name)[0] !== columns) {
      throw invalid(`The database has a table "${name}" that is not the platform's: its columns are other ones.`);
    }
  }
  return new Metadata(database).alarm;
}

function textsOf(database: Database, sql: string, binding?: string): string[] {
  const statement = database.internal(sql);
  const texts: string[] = [];
  try {
    if (binding !== undefined) database.checkBind(statement.bindText(1, binding));
    while (database.step(statement)) texts.push(statement.columnText(0));
  } finally {
    statement.reset();
  }
  return texts;
}

function invalid(sentence: string): SimulatorError {
  return new SimulatorError('file_invalid', sentence);
}

const oneLine = (text: string): string => text.trim().replace(/\s+/g, ' ').replace(/\.$/, '');
const inMiB = (bytes: number): string => `${Math.ceil(bytes / 1024 ** 2)} MiB`;

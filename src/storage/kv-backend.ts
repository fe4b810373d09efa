/**
 * What an object whose class has key-value storage (`new_classes`, `legacy-kv`) does not have: SQL and synchronous keys.
 *
 * Promise: the same members as with SQLite, which check their arguments and then refuse, with the texts of workerd 1.20260730.
 * All else of its storage is that of every object: local workerd, too, keeps both kinds in the same tables.
 */
import type { SyncKvStorage as Keys } from './kv.ts';
import { checkOptions, wrongType } from './kv-arguments.ts';
import { platformClass, type RefusingConstructor, textOf } from './platform-class.ts';
import type { SqlStorage as Sql } from './sql.ts';
import { shapeSqlStorage } from './sql-cursor.ts';

/** The members of a class, without what is private to it. */
type Face<T> = Pick<T, keyof T>;

/** The missing space is the platform's. */
const NO_SQL =
  "SQL is not enabled for this Durable Object class. To enable it, change `new_classes` to `new_sqlite_classes` within the 'migrations' " +
  'field in your wrangler.jsonc or wrangler.toml file. If using workerd directly,set `enableSql = true` in your workerd config for the ' +
  'class. Note that this change cannot be made after the class is already deployed to production.';
const NO_KEYS =
  "The storage.kv (synchronous KV) API is only available for SQLite-backed Durable Objects, but this object's namespace is not declared " +
  'to use SQLite. You can use the older, asyncronous interface via methods of `storage` itself (e.g. `storage.get()`). Alternatively, to ' +
  "enable SQLite, change `new_classes` to `new_sqlite_classes` within the 'migrations' field in your wrangler.jsonc or wrangler.toml file. " +
  'If using workerd directly, set `enableSql = true` in your workerd config for the class. Note that this change cannot be made after the ' +
  'class is already deployed to production.';
const NO_SYNC_TRANSACTION = 'Durable Object is not backed by SQL.';

/** `ctx.storage.sql`. */
class SqlStorage implements Face<Sql> {
  declare readonly Cursor: RefusingConstructor;
  declare readonly Statement: RefusingConstructor;

  exec(...args: unknown[]): never {
    if (args.length === 0) throw wrongType('exec', 1, 'JsString', 'SqlStorage');
    textOf(args[0]);
    throw new Error(NO_SQL);
  }

  get databaseSize(): number {
    throw new Error(NO_SQL);
  }
}

/** `ctx.storage.kv`. */
class SyncKvStorage implements Face<Keys> {
  get(...args: unknown[]): never {
    return refuseKey('get', args);
  }

  list(...args: unknown[]): never {
    checkOptions('list', 1, args[0], 'ListOptions', 'SyncKvStorage');
    throw new Error(NO_KEYS);
  }

  put(...args: unknown[]): never {
    if (args.length === 1) throw wrongType('put', 2, 'JsValue', 'SyncKvStorage');
    return refuseKey('put', args);
  }

  delete(...args: unknown[]): never {
    return refuseKey('delete', args);
  }
}

function refuseKey(method: string, args: readonly unknown[]): never {
  if (args.length === 0) throw wrongType(method, 1, 'string', 'SyncKvStorage');
  textOf(args[0]);
  throw new Error(NO_KEYS);
}

platformClass(SyncKvStorage, { name: 'SyncKvStorage' });
shapeSqlStorage(SqlStorage);

export const refusingFaces = (): { sql: SqlStorage; sync: SyncKvStorage } => ({
  sql: new SqlStorage(),
  sync: new SyncKvStorage(),
});

/** @see workerd: api/actor-state.c++ (`transactionSync` of a cache that is no SQLite) */
export function refuseSyncTransaction(): never {
  throw new Error(NO_SYNC_TRANSACTION);
}

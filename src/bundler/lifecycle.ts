/**
 * What a config says of its classes' lives: `migrations`, a history, or `exports`, the state that is wanted.
 *
 * Promise: both are checked in themselves and against each other. Whether a class exists is not known here.
 * @see https://developers.cloudflare.com/durable-objects/reference/durable-objects-migrations/
 */
import type { ClassLifecycle, ClassStorage, Migration } from '../protocol/deployment.ts';
import type { ConfigReader } from './config-reader.ts';
import type { ConfigPath } from './config-text.ts';

const MIGRATION_KEYS = [
  ...['tag', 'new_classes', 'new_sqlite_classes', 'renamed_classes', 'deleted_classes', 'transferred_classes'],
];

/** @see https://developers.cloudflare.com/changelog/ (2026-07-09) */
const KV_REFUSED =
  'makes a class with key-value storage, which Cloudflare refuses on new accounts: "Creating new key-value backed Durable Object namespaces is no longer supported on this account. Please create a namespace using a `new_sqlite_classes` migration instead"';

export function readMigrations(reader: ConfigReader): Migration[] {
  const tags = new Set<string>();
  return reader.paths(['migrations']).map((path) => {
    reader.expectKeys(path, MIGRATION_KEYS);
    const tag = reader.string([...path, 'tag']);
    if (tags.has(tag)) throw reader.fault([...path, 'tag'], `is "${tag}", which an earlier migration has taken`);
    tags.add(tag);
    const migration: Migration = {
      tag,
      newClasses: reader.strings([...path, 'new_classes']),
      newSqliteClasses: reader.strings([...path, 'new_sqlite_classes']),
      renamedClasses: reader.paths([...path, 'renamed_classes']).map((item) => ({
        from: reader.string([...item, 'from']),
        to: reader.string([...item, 'to']),
      })),
      deletedClasses: reader.strings([...path, 'deleted_classes']),
      transferredClasses: reader.paths([...path, 'transferred_classes']).map((item) => ({
        from: reader.string([...item, 'from']),
        fromScript: reader.string([...item, 'from_script']),
        to: reader.string([...item, 'to']),
      })),
    };
    if (migration.newClasses.length > 0) reader.warn([...path, 'new_classes'], KV_REFUSED);
    checkLists(reader, path, migration);
    return migration;
  });
}

/** A class may go in one way and come in one way; one that does both in a migration says nothing about the order. */
function checkLists(reader: ConfigReader, path: ConfigPath, migration: Migration): void {
  const { newClasses, newSqliteClasses, renamedClasses, deletedClasses, transferredClasses } = migration;
  const goes: [string, string][] = [
    ...deletedClasses.map((name): [string, string] => ['deleted_classes', name]),
    ...renamedClasses.map(({ from }): [string, string] => ['renamed_classes', from]),
  ];
  const comes: [string, string][] = [
    ...newClasses.map((name): [string, string] => ['new_classes', name]),
    ...newSqliteClasses.map((name): [string, string] => ['new_sqlite_classes', name]),
    ...renamedClasses.map(({ to }): [string, string] => ['renamed_classes', to]),
    ...transferredClasses.map(({ to }): [string, string] => ['transferred_classes', to]),
  ];
  const deletes = deletedClasses.map((name): [string, string] => ['deleted_classes', name]);
  for (const side of [goes, comes, [...deletes, ...comes]]) {
    const listed = new Map<string, string>();
    for (const [list, name] of side) {
      const other = listed.get(name);
      listed.set(name, list);
      if (other === undefined) continue;
      const twice = other === list ? 'twice' : `and "${other}" does too`;
      throw reader.fault(
        [...path, list],
        `names the class ${name} ${twice}: name it once, or make two migrations of it`,
      );
    }
  }
}

/** The classes that exist once all of this has been applied to an empty account, in wrangler's order. */
export function classesAfter(migrations: readonly Migration[], lifecycle: readonly ClassLifecycle[]): Set<string> {
  const classes = new Set<string>();
  for (const migration of migrations) {
    for (const name of migration.deletedClasses) classes.delete(name);
    for (const { from, to } of migration.renamedClasses) {
      classes.delete(from);
      classes.add(to);
    }
    for (const { to } of migration.transferredClasses) classes.add(to);
    for (const name of [...migration.newClasses, ...migration.newSqliteClasses]) classes.add(name);
  }
  for (const entry of lifecycle) {
    if (entry.state === 'created' || entry.state === 'expecting-transfer') classes.add(entry.className);
  }
  return classes;
}

/** The classes that a migration or a declaration has taken away: no binding may name them. */
export function classesGone(migrations: readonly Migration[], lifecycle: readonly ClassLifecycle[]): Set<string> {
  const alive = classesAfter(migrations, lifecycle);
  const named = [
    ...migrations.flatMap((migration) => [
      ...migration.deletedClasses,
      ...migration.renamedClasses.map(({ from }) => from),
    ]),
    ...lifecycle.map((entry) => entry.className),
  ];
  return new Set(named.filter((name) => !alive.has(name)));
}

const STORAGES = ['sqlite', 'legacy-kv'] as const;
/** what an entry may say besides `type` and `state` */
const FIELDS: Record<ClassLifecycle['state'], readonly string[]> = {
  created: ['storage'],
  deleted: [],
  renamed: ['renamed_to'],
  transferred: ['transferred_to'],
  'expecting-transfer': ['storage', 'transfer_from'],
};

export function readLifecycle(reader: ConfigReader): ClassLifecycle[] {
  const names = reader.keys(['exports']);
  const declared = names.filter((name) => reader.get(['exports', name, 'type']) === 'durable-object');
  for (const name of names) {
    if (!declared.includes(name)) readOtherExport(reader, name);
  }
  if (declared.length > 0 && reader.paths(['migrations']).length > 0) {
    throw reader.fault(['exports'], 'cannot be used together with "migrations"; keep one of the two');
  }
  const entries = declared.map((name) => readClass(reader, name));
  for (const entry of entries) if (entry.state === 'renamed') checkRename(reader, entry, entries);
  return entries;
}

function readOtherExport(reader: ConfigReader, name: string): void {
  reader.string(['exports', name, 'type']);
  reader.warn(['exports', name], 'is not a Durable Object class and is ignored');
}

function readClass(reader: ConfigReader, className: string): ClassLifecycle {
  const path = ['exports', className];
  const state = reader.optionalString([...path, 'state']) ?? 'created';
  if (!isState(state)) {
    throw reader.fault([...path, 'state'], `must be one of ${quoted(Object.keys(FIELDS), 'or')} but got "${state}"`);
  }
  const allowed = ['type', 'state', ...FIELDS[state]];
  for (const key of reader.keys(path)) {
    if (!allowed.includes(key)) {
      throw reader.fault([...path, key], `is forbidden on state "${state}", which may have ${quoted(allowed, 'and')}`);
    }
  }
  switch (state) {
    case 'created':
      return { state, className, storage: readStorage(reader, path, state) };
    case 'deleted':
      return { state, className };
    case 'renamed':
      return { state, className, renamedTo: readPartner(reader, [...path, 'renamed_to'], state) };
    case 'transferred':
      return { state, className, transferredTo: readPartner(reader, [...path, 'transferred_to'], state) };
    case 'expecting-transfer':
      return {
        state,
        className,
        storage: readStorage(reader, path, state),
        transferFrom: readPartner(reader, [...path, 'transfer_from'], state),
      };
    default:
      return state satisfies never;
  }
}

function isState(text: string): text is ClassLifecycle['state'] {
  return Object.hasOwn(FIELDS, text);
}

// The words of the faults below are wrangler's own (workers-utils validation.ts).

function readStorage(reader: ConfigReader, path: ConfigPath, state: string): ClassStorage {
  const given = reader.get([...path, 'storage']);
  const storage = STORAGES.find((known) => known === given);
  if (!storage) {
    const rest = `is required for state "${state}" and must be one of ${quoted(STORAGES, 'and')}, but got ${JSON.stringify(given)}`;
    throw reader.fault([...path, 'storage'], rest);
  }
  if (storage === 'legacy-kv' && state === 'created') reader.warn([...path, 'storage'], KV_REFUSED);
  return storage;
}

function readPartner(reader: ConfigReader, field: ConfigPath, state: string): string {
  const value = reader.get(field);
  if (typeof value === 'string' && value !== '') return value;
  throw reader.fault(field, `is required for state "${state}" and must be a non-empty string`);
}

/** The new name of a class is that of an entry which says that the class is there. */
function checkRename(
  reader: ConfigReader,
  { className, renamedTo }: Extract<ClassLifecycle, { state: 'renamed' }>,
  entries: readonly ClassLifecycle[],
): void {
  const field = ['exports', className, 'renamed_to'];
  if (renamedTo === className) throw reader.fault(field, `cannot equal the source class name "${className}"`);
  if (entries.some((entry) => entry.className === renamedTo && entry.state === 'created')) return;
  throw reader.fault(field, `is "${renamedTo}", which needs an entry of its own with state "created"`);
}

function quoted(words: readonly string[], last: 'and' | 'or'): string {
  const texts = words.map((word) => `"${word}"`);
  if (texts.length < 2) return texts.join('');
  return `${texts.slice(0, -1).join(', ')}${texts.length > 2 ? ',' : ''} ${last} ${texts.at(-1)}`;
}

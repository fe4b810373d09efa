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

export function readMigrations(reader: ConfigReader): Migration[] {
  const tags = new Set<string>();
  return reader.paths(['migrations']).map((path) => {
    reader.expectKeys(path, MIGRATION_KEYS);
    const tag = reader.string([...path, 'tag']);
    if (tags.has(tag)) throw reader.fault([...path, 'tag'], `is "${tag}", which an earlier migration has taken`);
    tags.add(tag);
    return {
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
  });
}

/** The classes that exist once all of this has been applied to an empty account. */
export function classesAfter(migrations: readonly Migration[], lifecycle: readonly ClassLifecycle[]): Set<string> {
  const classes = new Set<string>();
  for (const migration of migrations) {
    for (const name of [...migration.newClasses, ...migration.newSqliteClasses]) classes.add(name);
    for (const { from, to } of migration.renamedClasses) {
      classes.delete(from);
      classes.add(to);
    }
    for (const { to } of migration.transferredClasses) classes.add(to);
    for (const name of migration.deletedClasses) classes.delete(name);
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

const STATES = ['created', 'deleted', 'renamed', 'transferred', 'expecting-transfer'] as const;
/** the field that a state needs */
const PARTNER = {
  renamed: 'renamed_to',
  transferred: 'transferred_to',
  'expecting-transfer': 'transfer_from',
} as const;

export function readLifecycle(reader: ConfigReader): ClassLifecycle[] {
  const names = reader.keys(['exports']);
  const declared = names.filter((name) => reader.get(['exports', name, 'type']) === 'durable-object');
  for (const name of names) {
    if (!declared.includes(name)) readOtherExport(reader, name);
  }
  if (declared.length > 0 && reader.paths(['migrations']).length > 0) {
    throw reader.fault(['exports'], 'cannot be used together with "migrations"; keep one of the two');
  }
  return declared.map((name) => readClass(reader, name));
}

function readOtherExport(reader: ConfigReader, name: string): void {
  reader.string(['exports', name, 'type']);
  reader.warn(['exports', name], 'is not a Durable Object class and is ignored');
}

function readClass(reader: ConfigReader, className: string): ClassLifecycle {
  const path = ['exports', className];
  reader.expectKeys(path, ['type', 'state', 'storage', 'renamed_to', 'transferred_to', 'transfer_from']);
  const text = reader.optionalString([...path, 'state']) ?? 'created';
  const state = STATES.find((known) => known === text);
  switch (state) {
    case 'created':
      return { state, className, storage: readStorage(reader, path) };
    case 'deleted':
      return { state, className };
    case 'renamed':
      return { state, className, renamedTo: readPartner(reader, path, state) };
    case 'transferred':
      return { state, className, transferredTo: readPartner(reader, path, state) };
    case 'expecting-transfer':
      return { state, className, storage: readStorage(reader, path), transferFrom: readPartner(reader, path, state) };
    case undefined:
      throw reader.fault([...path, 'state'], `is "${text}" and must be one of ${STATES.join(', ')}`);
    default:
      return state satisfies never;
  }
}

function readStorage(reader: ConfigReader, path: ConfigPath): ClassStorage {
  const storage = reader.optionalString([...path, 'storage']) ?? 'sqlite';
  if (storage === 'sqlite' || storage === 'legacy-kv') return storage;
  throw reader.fault([...path, 'storage'], `is "${storage}" and must be sqlite or legacy-kv`);
}

function readPartner(reader: ConfigReader, path: ConfigPath, state: keyof typeof PARTNER): string {
  const field = [...path, PARTNER[state]];
  const value = reader.get(field);
  if (typeof value === 'string' && value !== '') return value;
  // wrangler's own words (workers-utils validation.ts)
  throw reader.fault(field, `is required for state "${state}" and must be a non-empty string`);
}

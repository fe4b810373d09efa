/**
 * Which classes the scripts of an account have, and in which namespace the objects of each are.
 *
 * Promise: the data follow the class: a class that is renamed or transferred keeps its namespace, and a namespace is
 * never given to a second class, so that what a deleted class left behind is found by nobody.
 *
 * Knows nothing of configs: what is done to a class, and in whose name, is told by `class-history`.
 */
import { SimulatorError } from '../base/errors.ts';
import type { ClassStorage, Migration } from '../protocol/deployment.ts';
import { type UniqueKey, uniqueKey } from '../protocol/names.ts';

/** One class; plain data, kept in the account's database. */
export interface ClassRecord {
  namespace: UniqueKey;
  storage: ClassStorage;
  /** false: it is bound, and neither a migration nor `exports` names it */
  isDeclared: boolean;
}

/** Why a script has no class of a name any more; `by` says what took it: `its migration "v2"`. */
export type Departure =
  | { how: 'deleted'; by: string }
  | { how: 'renamed'; by: string; to: string }
  | { how: 'transferred'; by: string; toScript: string; to: string };

/** What is stored of one script besides its code. It outlives deployments without the script. */
export interface ScriptRecord {
  classes: Map<string, ClassRecord>;
  /** the latest departure of each name; to say what became of it */
  departed: Map<string, Departure>;
  /** migrations that took effect, in their order */
  applied: Migration[];
  /** the config's `exports` map has declared its classes once, and must from then on */
  isDeclarative: boolean;
}

/** Of a whole account. */
export interface ClassLedger {
  scripts: Map<string, ScriptRecord>;
  /** how many namespaces each script and class of first creation got; by the first one's key */
  made: Map<UniqueKey, number>;
  /** namespaces of deleted classes: what may still be in them is to be erased */
  erased: UniqueKey[];
}

/** A class as a sentence must name it, and where the sentence is from: `migration "v2"`. */
export interface ClassStep {
  script: string;
  className: string;
  /** in wrangler's words what is done: `new_sqlite_classes migration` */
  step: string;
  by: string;
}

export function emptyLedger(): ClassLedger {
  return { scripts: new Map(), made: new Map(), erased: [] };
}

/** The record of a script, made when it is its first time. */
export function recordOf(ledger: ClassLedger, script: string): ScriptRecord {
  const known = ledger.scripts.get(script);
  if (known) return known;
  const record: ScriptRecord = { classes: new Map(), departed: new Map(), applied: [], isDeclarative: false };
  ledger.scripts.set(script, record);
  return record;
}

/**
 * Gives a class a namespace that no class ever had. The first one of a script and class is named after them, because ids
 * are derived from that name and must be those of workerd; a later one has a number too.
 */
export function createClass(ledger: ClassLedger, step: ClassStep, storage: ClassStorage): void {
  const { classes } = recordOf(ledger, step.script);
  const known = classes.get(step.className);
  if (known && (known.isDeclared || known.storage !== storage)) throw exists(step, known, storage);
  if (known) {
    known.isDeclared = true;
    return;
  }
  classes.set(step.className, { namespace: newNamespace(ledger, step), storage, isDeclared: true });
}

/** A bound class that the config does not declare. */
export function createUndeclared(ledger: ClassLedger, script: string, className: string): void {
  const { classes } = recordOf(ledger, script);
  if (classes.has(className)) return;
  const namespace = newNamespace(ledger, { script, className });
  classes.set(className, { namespace, storage: 'sqlite', isDeclared: false });
}

export function renameClass(ledger: ClassLedger, step: ClassStep, to: string): void {
  const { classes, departed } = recordOf(ledger, step.script);
  const renamed = mustExist(ledger, step);
  const known = classes.get(to);
  if (known) throw exists({ ...step, className: to }, known);
  classes.delete(step.className);
  departed.set(step.className, { how: 'renamed', by: step.by, to });
  classes.set(to, { ...renamed, isDeclared: true });
}

export function deleteClass(ledger: ClassLedger, step: ClassStep): void {
  const { classes, departed } = recordOf(ledger, step.script);
  const { namespace } = mustExist(ledger, step);
  classes.delete(step.className);
  departed.set(step.className, { how: 'deleted', by: step.by });
  ledger.erased.push(namespace);
}

/** @param step  names the class that is taken, and the script it is taken from */
export function transferClass(ledger: ClassLedger, step: ClassStep, to: { script: string; className: string }): void {
  const source = recordOf(ledger, step.script);
  const target = recordOf(ledger, to.script);
  const moved = mustExist(ledger, step);
  const known = target.classes.get(to.className);
  if (known) throw exists({ ...step, ...to }, known);
  source.classes.delete(step.className);
  source.departed.set(step.className, {
    how: 'transferred',
    by: step.by,
    toScript: to.script,
    to: to.className,
  });
  target.classes.set(to.className, { ...moved, isDeclared: true });
}

/** The end of a sentence about a class that is not there: what became of it, and what to do. */
export function whereItWent(ledger: ClassLedger, script: string, className: string): string {
  const departure = ledger.scripts.get(script)?.departed.get(className);
  switch (departure?.how) {
    case undefined:
      return `which "${script}" does not have`;
    case 'deleted':
      return `which ${departure.by} deleted`;
    case 'renamed':
      return `which ${departure.by} renamed to ${departure.to}`;
    case 'transferred':
      return `which ${departure.by} transferred to ${departure.to} of "${departure.toScript}"`;
    default:
      return departure satisfies never;
  }
}

function newNamespace(ledger: ClassLedger, { script, className }: { script: string; className: string }): UniqueKey {
  const first = uniqueKey(script, className);
  const count = (ledger.made.get(first) ?? 0) + 1;
  ledger.made.set(first, count);
  return count === 1 ? first : (`${first}.${count}` as UniqueKey);
}

function mustExist(ledger: ClassLedger, { script, className, step, by }: ClassStep): ClassRecord {
  const known = ledger.scripts.get(script)?.classes.get(className);
  if (known) return known;
  // The first words are wrangler's (workers-utils durable-object-exports.ts).
  throw new SimulatorError(
    'config_invalid',
    `Cannot apply ${step} to non-existent class ${className}, ${whereItWent(ledger, script, className)}: correct the name in ${by}, or leave it out.`,
  );
}

function exists(
  { script, className, step, by }: ClassStep,
  known: ClassRecord,
  storage: ClassStorage = known.storage,
): SimulatorError {
  const rest =
    storage === known.storage
      ? `which "${script}" has already: give the one in ${by} another name, or leave it out`
      : `which "${script}" has with ${storageName(known.storage)} storage and keeps so: leave it out of ${by}, or delete the class first, with all its objects`;
  return new SimulatorError('config_invalid', `Cannot apply ${step} to existing class ${className}, ${rest}.`);
}

export function storageName(storage: ClassStorage): string {
  return storage === 'sqlite' ? 'SQLite' : 'key-value';
}

/** Every namespace of the account. */
export function ledgerNamespaces(ledger: ClassLedger): UniqueKey[] {
  return [...ledger.scripts.values()].flatMap((script) =>
    [...script.classes.values()].map(({ namespace }) => namespace),
  );
}

/**
 * What a deployment does to the classes of an account: the migrations that were not applied yet, or the state that
 * `exports` declares.
 *
 * Promise: a pure step from one ledger to the next. A history that contradicts itself or the account is refused in one
 * sentence, and the ledger that was stays as it was; a history applied in pieces comes to the same as applied at once.
 *
 * Within a migration classes are deleted, renamed, transferred and created, in this order (wrangler's own). Each script goes
 * as far as it can by itself; then one takes a class of another.
 *
 * @see https://developers.cloudflare.com/durable-objects/reference/durable-objects-migrations/
 */
import { isSimulatorError, SimulatorError } from '../base/errors.ts';
import type { ClassLifecycle, CompiledScript, Migration } from '../protocol/deployment.ts';
import {
  type ClassLedger,
  type ClassStep,
  createClass,
  createUndeclared,
  deleteClass,
  emptyLedger,
  recordOf,
  renameClass,
  type ScriptRecord,
  storageName,
  transferClass,
  whereItWent,
} from './class-ledger.ts';

/** What of a script matters here. */
export type DeclaringScript = Pick<
  CompiledScript,
  'name' | 'bindings' | 'migrations' | 'lifecycle' | 'unlistedClasses' | 'unexported'
>;

/** @throws SimulatorError `config_invalid`, and `before` is as it was */
export function advance(scripts: readonly DeclaringScript[], before: ClassLedger | undefined): ClassLedger {
  const ledger = before ? structuredClone(before) : emptyLedger();
  mustHaveOwnNames(scripts);
  for (const script of scripts) checkContinuation(script, recordOf(ledger, script.name));
  const migrated = migrate(scripts, ledger);
  reconcile(scripts, migrated);
  for (const script of scripts) {
    for (const className of script.unlistedClasses) {
      if (!isExpected(script, className)) createUndeclared(migrated, script.name, className);
    }
  }
  for (const script of scripts) checkCode(script, migrated);
  for (const script of scripts) checkBindings(script, scripts, migrated);
  return migrated;
}

function mustHaveOwnNames(scripts: readonly DeclaringScript[]): void {
  const names = new Set<string>();
  for (const { name } of scripts) {
    if (names.has(name)) throw invalid(`Two Workers have the name "${name}": give each its own.`);
    names.add(name);
  }
}

/** What took effect once must be there still, first, and as it was. */
function checkContinuation(script: DeclaringScript, record: ScriptRecord): void {
  const { name, migrations } = script;
  if (record.isDeclarative) {
    if (migrations.length === 0) return;
    throw invalid(
      `"${name}" has declared its classes by "exports", so "migrations" says nothing any more: keep "exports".`,
    );
  }
  if (script.lifecycle.length > 0) return;
  for (const [index, applied] of record.applied.entries()) {
    const { tag } = applied;
    const at = migrations.findIndex((migration) => migration.tag === tag);
    if (at < 0) {
      throw invalid(
        `The migration "${tag}" of "${name}" was applied and is not in its config any more: put back ${describe(applied)}.`,
      );
    }
    if (at !== index) {
      throw invalid(
        `The migration "${tag}" of "${name}" was applied as number ${index + 1} and stands at number ${at + 1} now: keep the order, and add new migrations at the end.`,
      );
    }
    if (describe(migrations[at] as Migration) === describe(applied)) continue;
    throw invalid(
      `The migration "${tag}" of "${name}" was applied as ${describe(applied)} and says something else now: put that back, and add what is new as a migration with a tag of its own.`,
    );
  }
}

/** A migration as its config had it, names in one order: equal texts are equal migrations. */
function describe(migration: Migration): string {
  const byText = (a: object, b: object) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
  const lists = {
    new_classes: [...migration.newClasses].sort(),
    new_sqlite_classes: [...migration.newSqliteClasses].sort(),
    renamed_classes: migration.renamedClasses.map(({ from, to }) => ({ from, to })),
    deleted_classes: [...migration.deletedClasses].sort(),
    transferred_classes: migration.transferredClasses
      .map(({ from, fromScript, to }) => ({ from, from_script: fromScript, to }))
      .sort(byText),
  };
  const filled = Object.entries(lists).filter(([, list]) => list.length > 0);
  return JSON.stringify({ tag: migration.tag, ...Object.fromEntries(filled) });
}

/** @returns the ledger with every migration in it */
function migrate(scripts: readonly DeclaringScript[], before: ClassLedger): ClassLedger {
  const waiting = new Map<string, readonly Migration[]>();
  for (const { name, migrations } of scripts) {
    waiting.set(name, migrations.slice(recordOf(before, name).applied.length));
  }
  return applyAll(before, waiting);
}

/**
 * Nobody is taken a class that he has own steps for first. Where several could take one, the first order that leads to the
 * end is right: one in which a script is taken a class too early refuses a later step of that script.
 */
function applyAll(before: ClassLedger, steps: ReadonlyMap<string, readonly Migration[]>): ClassLedger {
  let ledger = before;
  let refusal: unknown;
  const waiting = new Map(steps);
  const attempt = (script: string, migration: Migration): ClassLedger | undefined => {
    const trial = structuredClone(ledger);
    try {
      applyMigration(trial, script, migration);
      return trial;
    } catch (error) {
      if (!isSimulatorError(error)) throw error;
      refusal ??= error;
      return undefined;
    }
  };
  for (const [script, [...left]] of waiting) {
    for (let next = left[0]; next && next.transferredClasses.length === 0; next = left[0]) {
      const after = attempt(script, next);
      if (!after) break;
      ledger = after;
      left.shift();
    }
    waiting.set(script, left);
  }
  for (const [script, [next, ...rest]] of waiting) {
    if (!next || next.transferredClasses.length === 0) continue;
    const after = attempt(script, next);
    if (!after) continue;
    try {
      return applyAll(after, new Map(waiting).set(script, rest));
    } catch (error) {
      if (!isSimulatorError(error)) throw error;
      refusal = error; // it came further than those before
    }
  }
  if (refusal !== undefined) throw refusal;
  return ledger;
}

function applyMigration(ledger: ClassLedger, script: string, migration: Migration): void {
  const by = `the migration "${migration.tag}" of "${script}"`;
  const step = (list: string, className: string, from = script): ClassStep => ({
    ...{ script: from, className, by, step: `${list} migration` },
  });
  for (const className of migration.deletedClasses) deleteClass(ledger, step('deleted_classes', className));
  for (const { from, to } of migration.renamedClasses) renameClass(ledger, step('renamed_classes', from), to);
  for (const { from, fromScript, to } of migration.transferredClasses) {
    mustGiveAway(ledger, { script, fromScript, className: from, by });
    transferClass(ledger, step('transferred_classes', from, fromScript), { script, className: to });
  }
  for (const className of migration.newClasses) createClass(ledger, step('new_classes', className), 'legacy-kv');
  for (const className of migration.newSqliteClasses) {
    createClass(ledger, step('new_sqlite_classes', className), 'sqlite');
  }
  recordOf(ledger, script).applied.push(migration);
}

function mustGiveAway(
  ledger: ClassLedger,
  { script, fromScript, className, by }: { script: string; fromScript: string; className: string; by: string },
): void {
  const source = ledger.scripts.get(fromScript);
  const what = `${by} transfers ${className} from "${fromScript}"`;
  if (fromScript === script) throw invalid(`${capital(what)}, itself: use "renamed_classes".`);
  if (!source) throw invalid(`${capital(what)}, which was never deployed here: add that script to the Workers.`);
  if (source.isDeclarative) {
    throw invalid(
      `${capital(what)}, which declares its classes by "exports": say "transferred_to" there and "expecting-transfer" in the "exports" of "${script}".`,
    );
  }
}

/** Brings the classes of all scripts with an `exports` map to what these say: first what goes, then what moves, then what comes. */
function reconcile(scripts: readonly DeclaringScript[], ledger: ClassLedger): void {
  const declaring = scripts.filter(({ name, lifecycle }) => {
    const record = recordOf(ledger, name);
    record.isDeclarative ||= lifecycle.length > 0;
    return record.isDeclarative;
  });
  for (const script of declaring) mustBeComplete(script, recordOf(ledger, script.name));
  for (const script of declaring) {
    for (const entry of script.lifecycle) takeAway(ledger, script, entry);
  }
  for (const script of declaring) {
    for (const entry of script.lifecycle) handOver(ledger, declaring, script, entry);
  }
  for (const script of declaring) {
    for (const entry of script.lifecycle) bringIn(ledger, script, entry);
  }
}

const stepOf = (script: DeclaringScript, { className, state }: ClassLifecycle): ClassStep => ({
  script: script.name,
  className,
  step: `state "${state}"`,
  by: `"exports" of "${script.name}"`,
});

/** `exports` is the whole state: to leave a class out is no way to delete it. */
function mustBeComplete(script: DeclaringScript, { classes }: ScriptRecord): void {
  for (const [className, { isDeclared }] of classes) {
    if (!isDeclared || script.lifecycle.some((entry) => entry.className === className)) continue;
    throw invalid(
      `The "exports" of "${script.name}" leave out the class ${className}, which exists: declare it, with state "deleted" if its objects shall be erased.`,
    );
  }
}

/** An entry about a class that is not there any more has taken effect before. */
function takeAway(ledger: ClassLedger, script: DeclaringScript, entry: ClassLifecycle): void {
  const { classes } = recordOf(ledger, script.name);
  if (!classes.has(entry.className)) return;
  switch (entry.state) {
    case 'deleted':
      deleteClass(ledger, stepOf(script, entry));
      return;
    case 'renamed':
      renameClass(ledger, stepOf(script, entry), entry.renamedTo);
      return;
    case 'created':
    case 'expecting-transfer':
    case 'transferred':
      return;
    default:
      entry satisfies never;
  }
}

/** A transfer takes place when both sides say so. */
function handOver(
  ledger: ClassLedger,
  declaring: readonly DeclaringScript[],
  script: DeclaringScript,
  entry: ClassLifecycle,
): void {
  if (entry.state !== 'transferred') return;
  const { className, transferredTo } = entry;
  const source = recordOf(ledger, script.name).classes.get(className);
  if (!source) return;
  const receiver = declaring.find(({ name }) => name === transferredTo);
  const counterpart = receiver?.lifecycle.find((one) => one.className === className);
  const what = `"exports.${className}" of "${script.name}" transfers the class to "${transferredTo}"`;
  if (!receiver || counterpart?.state !== 'expecting-transfer') {
    throw invalid(
      `${what}, which does not expect it: give that script an entry ${className} with state "expecting-transfer" and transfer_from "${script.name}".`,
    );
  }
  if (counterpart.transferFrom !== script.name) {
    throw invalid(
      `${what}, which expects it from "${counterpart.transferFrom}": let "transferred_to" and "transfer_from" name each other.`,
    );
  }
  if (counterpart.storage !== source.storage) {
    throw invalid(
      `${what}, which expects ${storageName(counterpart.storage)} storage, but the class has ${storageName(source.storage)} storage and keeps it: let both say storage "${source.storage}".`,
    );
  }
  transferClass(ledger, stepOf(script, entry), { script: receiver.name, className });
}

function bringIn(ledger: ClassLedger, script: DeclaringScript, entry: ClassLifecycle): void {
  if (entry.state !== 'created' && entry.state !== 'expecting-transfer') return;
  const { className, storage } = entry;
  const known = recordOf(ledger, script.name).classes.get(className);
  if (known && known.storage !== storage) {
    throw invalid(
      `"exports.${className}.storage" of "${script.name}" is "${storage}", but the class has ${storageName(known.storage)} storage and keeps it: say "${known.storage}".`,
    );
  }
  if (known) known.isDeclared = true;
  else if (entry.state === 'created') createClass(ledger, stepOf(script, entry), storage);
}

/** A class that another script still has to hand over is not made here. */
function isExpected(script: DeclaringScript, className: string): boolean {
  return script.lifecycle.some((entry) => entry.state === 'expecting-transfer' && entry.className === className);
}

/** A class that exists must be in the code. */
function checkCode({ name, unexported }: DeclaringScript, ledger: ClassLedger): void {
  for (const { className, sentence, location } of unexported) {
    if (!recordOf(ledger, name).classes.has(className)) continue;
    throw new SimulatorError('config_invalid', sentence, location ? { location } : {});
  }
}

function checkBindings(script: DeclaringScript, scripts: readonly DeclaringScript[], ledger: ClassLedger): void {
  for (const binding of script.bindings) {
    if (binding.type !== 'durable_object') continue;
    const { name, className, scriptName = script.name } = binding;
    const what = `The binding ${name} of "${script.name}" names`;
    const owner = scripts.find((one) => one.name === scriptName);
    if (!owner) {
      throw invalid(
        `${what} the script "${scriptName}", which is not among the Workers: ${scripts.map((one) => one.name).join(', ')}.`,
      );
    }
    if (recordOf(ledger, scriptName).classes.has(className)) continue;
    if (isExpected(owner, className)) {
      throw invalid(
        `${what} the class ${className}, which "${scriptName}" expects to be transferred and does not have yet: leave the binding out until then.`,
      );
    }
    throw invalid(
      `${what} the class ${className}, ${whereItWent(ledger, scriptName, className)}: remove the binding, or let it name a class that is there.`,
    );
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function invalid(sentence: string): SimulatorError {
  return new SimulatorError('config_invalid', sentence);
}

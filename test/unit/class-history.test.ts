import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SimulatorError } from '../../src/base/errors.ts';
import { advance, type DeclaringScript } from '../../src/host/class-history.ts';
import type { ClassLedger } from '../../src/host/class-ledger.ts';
import type { Binding, ClassLifecycle, Migration } from '../../src/protocol/deployment.ts';

const migration = (tag: string, steps: Partial<Migration> = {}): Migration => ({
  tag,
  ...{ newClasses: [], newSqliteClasses: [], renamedClasses: [], deletedClasses: [], transferredClasses: [] },
  ...steps,
});
const script = (name: string, migrations: Migration[], more: Partial<DeclaringScript> = {}): DeclaringScript => ({
  ...{ name, migrations, bindings: [], lifecycle: [], unlistedClasses: [], unexported: [] },
  ...more,
});
const declaring = (name: string, lifecycle: ClassLifecycle[], more: Partial<DeclaringScript> = {}) =>
  script(name, [], { lifecycle, ...more });
const bind = (name: string, className: string, scriptName?: string): Binding => ({
  ...{ type: 'durable_object', name, className },
  ...(scriptName === undefined ? {} : { scriptName }),
});

const v1 = migration('v1', { newSqliteClasses: ['A'] });
const made = (className: string): ClassLifecycle => ({ state: 'created', className, storage: 'sqlite' });

/** Class to namespace of one script, with the storage where it is not SQLite. */
function classes(ledger: ClassLedger, name = 's'): Record<string, string> {
  const found = [...(ledger.scripts.get(name)?.classes ?? [])];
  return Object.fromEntries(
    found.map(([className, { namespace, storage }]) => [
      className,
      storage === 'sqlite' ? namespace : `${namespace} ${storage}`,
    ]),
  );
}

/** One deployment after the other. */
function deploy(...deployments: DeclaringScript[][]): ClassLedger {
  let ledger: ClassLedger | undefined;
  for (const scripts of deployments) ledger = advance(scripts, ledger);
  return ledger as ClassLedger;
}

/** The last deployment is refused by this sentence, and the ledger before it is as it was. */
function refused(sentence: string, ...deployments: DeclaringScript[][]): void {
  const last = deployments.at(-1) as DeclaringScript[];
  const before = deployments.length > 1 ? deploy(...deployments.slice(0, -1)) : undefined;
  const copy = structuredClone(before);
  let error: unknown;
  try {
    advance(last, before);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(SimulatorError);
  expect([(error as SimulatorError).code, (error as SimulatorError).message]).toEqual(['config_invalid', sentence]);
  expect(before).toEqual(copy);
}

describe('migrations', () => {
  test('make, rename and delete classes; data follow the class', () => {
    const v2 = migration('v2', { renamedClasses: [{ from: 'A', to: 'B' }], newClasses: ['K'] });
    const v3 = migration('v3', { deletedClasses: ['K'] });
    expect(classes(deploy([script('s', [v1])]))).toEqual({ A: 's-A' });
    expect(classes(deploy([script('s', [v1])], [script('s', [v1, v2])]))).toEqual({ B: 's-A', K: 's-K legacy-kv' });
    const ledger = deploy([script('s', [v1, v2])], [script('s', [v1, v2, v3])]);
    expect([classes(ledger), ledger.erased]).toEqual([{ B: 's-A' }, ['s-K']]);
  });

  test('never give a namespace to a second class', () => {
    const renamed = migration('v2', { renamedClasses: [{ from: 'A', to: 'B' }], newSqliteClasses: ['A'] });
    expect(classes(deploy([script('s', [v1, renamed])]))).toEqual({ A: 's-A.2', B: 's-A' });
    const gone = migration('v2', { deletedClasses: ['A'] });
    const again = migration('v3', { newSqliteClasses: ['A'] });
    const ledger = deploy([script('s', [v1, gone, again])]);
    expect([classes(ledger), ledger.erased]).toEqual([{ A: 's-A.2' }, ['s-A']]);
  });

  test('outlive a deployment without the script', () => {
    const ledger = deploy([script('s', [v1])], [script('t', [])], [script('s', [v1])]);
    expect(classes(ledger)).toEqual({ A: 's-A' });
  });

  test('names of Object.prototype are names like others', () => {
    const odd = migration('v1', { newSqliteClasses: ['constructor', '__proto__'] });
    expect([
      ...(deploy([script('s', [odd])])
        .scripts.get('s')
        ?.classes.keys() ?? []),
    ]).toEqual(odd.newSqliteClasses);
    refused(
      'The binding X of "s" names the class toString, which "s" does not have: remove the binding, or let it name a class that is there.',
      [script('s', [odd], { bindings: [bind('X', 'toString')] })],
    );
  });

  test('a bound class that nothing declares is made, and a later migration may name it', () => {
    const bare = script('s', [], { bindings: [bind('X', 'A')], unlistedClasses: ['A'] });
    expect(classes(deploy([bare]))).toEqual({ A: 's-A' });
    expect(classes(deploy([bare], [script('s', [v1])]))).toEqual({ A: 's-A' });
    refused(
      'Cannot apply new_classes migration to existing class A, which "s" has with SQLite storage and keeps so: leave it out of the migration "v1" of "s", or delete the class first, with all its objects.',
      [bare],
      [script('s', [migration('v1', { newClasses: ['A'] })])],
    );
  });

  test('that took effect must be there still, first, and as they were', () => {
    const v2 = migration('v2', { newSqliteClasses: ['B'] });
    refused(
      'The migration "v1" of "s" was applied and is not in its config any more: put back {"tag":"v1","new_sqlite_classes":["A"]}.',
      [script('s', [v1])],
      [script('s', [])],
    );
    refused(
      'The migration "v1" of "s" was applied as number 1 and stands at number 2 now: keep the order, and add new migrations at the end.',
      [script('s', [v1])],
      [script('s', [v2, v1])],
    );
    refused(
      'The migration "v1" of "s" was applied as {"tag":"v1","new_sqlite_classes":["A"]} and says something else now: put that back, and add what is new as a migration with a tag of its own.',
      [script('s', [v1])],
      [script('s', [migration('v1', { newSqliteClasses: ['A', 'B'] })])],
    );
    const turned = (names: string[]) => [script('s', [migration('v1', { newSqliteClasses: names })])];
    expect(classes(deploy(turned(['A', 'B']), turned(['B', 'A'])))).toEqual({ A: 's-A', B: 's-B' });
  });

  test.each<[string, Partial<Migration>]>([
    [
      'Cannot apply new_sqlite_classes migration to existing class A, which "s" has already: give the one in the migration "v2" of "s" another name, or leave it out.',
      { newSqliteClasses: ['A'] },
    ],
    [
      'Cannot apply new_classes migration to existing class A, which "s" has with SQLite storage and keeps so: leave it out of the migration "v2" of "s", or delete the class first, with all its objects.',
      { newClasses: ['A'] },
    ],
    [
      'Cannot apply deleted_classes migration to non-existent class Z, which "s" does not have: correct the name in the migration "v2" of "s", or leave it out.',
      { deletedClasses: ['Z'] },
    ],
    [
      'Cannot apply renamed_classes migration to non-existent class Z, which "s" does not have: correct the name in the migration "v2" of "s", or leave it out.',
      { renamedClasses: [{ from: 'Z', to: 'Y' }] },
    ],
    [
      'Cannot apply renamed_classes migration to existing class B, which "s" has already: give the one in the migration "v2" of "s" another name, or leave it out.',
      { newSqliteClasses: ['C'], renamedClasses: [{ from: 'A', to: 'B' }] },
    ],
    [
      'The migration "v2" of "s" transfers A from "s", itself: use "renamed_classes".',
      { transferredClasses: [{ from: 'A', fromScript: 's', to: 'C' }] },
    ],
    [
      'The migration "v2" of "s" transfers A from "t", which was never deployed here: add that script to the Workers.',
      { transferredClasses: [{ from: 'A', fromScript: 't', to: 'C' }] },
    ],
  ])('are refused: %s', (sentence, steps) => {
    const first = migration('v1', { newSqliteClasses: ['A', 'B'] });
    refused(sentence, [script('s', [first])], [script('s', [first, migration('v2', steps)])]);
    refused(sentence, [script('s', [first, migration('v2', steps)])]);
  });

  test('are refused with what became of the class', () => {
    const gone = migration('v2', { deletedClasses: ['A'] });
    const renamed = migration('v2', { renamedClasses: [{ from: 'A', to: 'B' }] });
    const v3 = migration('v3', { deletedClasses: ['A'] });
    const rest = 'correct the name in the migration "v3" of "s", or leave it out.';
    refused(
      `Cannot apply deleted_classes migration to non-existent class A, which the migration "v2" of "s" deleted: ${rest}`,
      [script('s', [v1, gone, v3])],
    );
    refused(
      `Cannot apply deleted_classes migration to non-existent class A, which the migration "v2" of "s" renamed to B: ${rest}`,
      [script('s', [v1, renamed, v3])],
    );
  });

  test('of code that lacks a class, or of bindings to what is not there, are refused', () => {
    const sentence = '"migrations" makes the class "A", which index.js does not export.';
    refused(sentence, [script('s', [v1], { unexported: [{ className: 'A', sentence }] })]);
    refused('Two Workers have the name "s": give each its own.', [script('s', []), script('s', [])]);
    refused('The binding X of "t" names the script "u", which is not among the Workers: t, s.', [
      script('t', [], { bindings: [bind('X', 'A', 'u')] }),
      script('s', [v1]),
    ]);
    const bound = script('t', [], { bindings: [bind('X', 'A', 's')] });
    refused(
      'The binding X of "t" names the class A, which the migration "v2" of "s" deleted: remove the binding, or let it name a class that is there.',
      [bound, script('s', [v1])],
      [bound, script('s', [v1, migration('v2', { deletedClasses: ['A'] })])],
    );
    // a script that was deployed once and is not now can be bound by nobody
    refused(
      'The binding X of "t" names the script "s", which is not among the Workers: t.',
      [script('s', [v1])],
      [bound],
    );
  });
});

describe('a transfer', () => {
  const take = migration('v1', { transferredClasses: [{ from: 'A', fromScript: 's', to: 'B' }] });

  test('carries the namespace to the other script, whatever the order and in one deployment or two', () => {
    for (const deployments of [
      [[script('t', [take]), script('s', [v1])]],
      [[script('s', [v1]), script('t', [take])]],
      [[script('s', [v1])], [script('s', [v1]), script('t', [take])]],
      [[script('s', [v1])], [script('t', [take])]],
    ]) {
      const ledger = deploy(...deployments);
      expect([classes(ledger), classes(ledger, 't')]).toEqual([{}, { B: 's-A' }]);
    }
  });

  test('frees the name, and a new class of it is another', () => {
    const again = migration('v2', { newSqliteClasses: ['A'] });
    const ledger = deploy([script('s', [v1]), script('t', [take])], [script('s', [v1, again]), script('t', [take])]);
    expect([classes(ledger), classes(ledger, 't')]).toEqual([{ A: 's-A.2' }, { B: 's-A' }]);
    const atOnce = deploy([script('s', [v1, again]), script('t', [take])]);
    expect(atOnce).toEqual(ledger);
  });

  test('waits until the giver has taken its own steps: it is the class of then that goes', () => {
    const gone = migration('v2', { deletedClasses: ['A'] });
    const again = migration('v3', { newSqliteClasses: ['A'] });
    for (const turn of [(list: DeclaringScript[]) => list, (list: DeclaringScript[]) => list.reverse()]) {
      const both = turn([script('s', [v1, gone, again]), script('t', [take])]);
      for (const ledger of [deploy(both), deploy([script('s', [v1])], both)]) {
        expect([classes(ledger), classes(ledger, 't'), ledger.erased]).toEqual([{}, { B: 's-A.2' }, ['s-A']]);
      }
    }
  });

  test('is refused without the class, over a class, and while the giver still binds it', () => {
    const fix = 'or leave it out.';
    refused(
      `Cannot apply transferred_classes migration to non-existent class A, which "s" does not have: correct the name in the migration "v1" of "t", ${fix}`,
      [script('t', [take]), script('s', [])],
    );
    refused(
      `Cannot apply transferred_classes migration to existing class B, which "t" has already: give the one in the migration "v2" of "t" another name, ${fix}`,
      [script('t', [migration('v1', { newSqliteClasses: ['B'] }), { ...take, tag: 'v2' }]), script('s', [v1])],
    );
    refused(
      'The binding X of "s" names the class A, which the migration "v1" of "t" transferred to B of "t": remove the binding, or let it name a class that is there.',
      [script('t', [take]), script('s', [v1], { bindings: [bind('X', 'A')] })],
    );
    refused(
      'The migration "v1" of "t" transfers A from "s", which declares its classes by "exports": say "transferred_to" there and "expecting-transfer" in the "exports" of "t".',
      [declaring('s', [made('A')])],
      [declaring('s', [made('A')]), script('t', [take])],
    );
  });

  test('no longer asks the giver’s code for the class', () => {
    const lacks = { unexported: [{ className: 'A', sentence: 'no A' }] };
    expect(classes(deploy([script('t', [take]), script('s', [v1], lacks)]), 't')).toEqual({ B: 's-A' });
  });
});

describe('the exports map', () => {
  const gone: ClassLifecycle = { state: 'deleted', className: 'A' };
  const renamed: ClassLifecycle = { state: 'renamed', className: 'A', renamedTo: 'B' };
  const given: ClassLifecycle = { state: 'transferred', className: 'A', transferredTo: 't' };
  const expected: ClassLifecycle = {
    ...{ state: 'expecting-transfer', className: 'A', storage: 'sqlite', transferFrom: 's' },
  };

  test('makes, renames and deletes, and may be said again', () => {
    expect(classes(deploy([declaring('s', [made('A')])]))).toEqual({ A: 's-A' });
    const moved = [declaring('s', [renamed, made('B')])];
    expect(classes(deploy([declaring('s', [made('A')])], moved, moved))).toEqual({ B: 's-A' });
    const ledger = deploy([declaring('s', [made('A')])], [declaring('s', [gone])], [declaring('s', [gone])]);
    expect([classes(ledger), ledger.erased]).toEqual([{}, ['s-A']]);
    // on an account that never had the class, what says that it is gone says nothing
    expect(classes(deploy([declaring('s', [renamed, made('B')])]))).toEqual({ B: 's-B' });
  });

  test('takes over from migrations, and not back', () => {
    expect(classes(deploy([script('s', [v1])], [declaring('s', [made('A')])]))).toEqual({ A: 's-A' });
    refused(
      'The "exports" of "s" leave out the class A, which exists: declare it, with state "deleted" if its objects shall be erased.',
      [script('s', [v1])],
      [declaring('s', [made('B')])],
    );
    refused(
      '"s" has declared its classes by "exports", so "migrations" says nothing any more: keep "exports".',
      [script('s', [v1])],
      [declaring('s', [made('A')])],
      [script('s', [v1])],
    );
  });

  test('is refused where it contradicts what is there', () => {
    const kv: ClassLifecycle = { state: 'created', className: 'A', storage: 'legacy-kv' };
    refused(
      '"exports.A.storage" of "s" is "legacy-kv", but the class has SQLite storage and keeps it: say "sqlite".',
      [declaring('s', [made('A')])],
      [declaring('s', [kv])],
    );
    refused(
      'Cannot apply state "renamed" to existing class B, which "s" has already: give the one in "exports" of "s" another name, or leave it out.',
      [declaring('s', [made('A'), made('B')])],
      [declaring('s', [renamed, made('B')])],
    );
    refused(
      'The "exports" of "s" leave out the class A, which exists: declare it, with state "deleted" if its objects shall be erased.',
      [declaring('s', [made('A')])],
      [declaring('s', [])],
    );
  });

  test('transfers a class when both sides say so', () => {
    const both = [declaring('t', [expected]), declaring('s', [given])];
    const ledger = deploy([declaring('s', [made('A')])], both, both);
    expect([classes(ledger), classes(ledger, 't')]).toEqual([{}, { A: 's-A' }]);
    const waiting = deploy([declaring('s', [made('A')])], [declaring('t', [expected]), declaring('s', [made('A')])]);
    expect([classes(waiting), classes(waiting, 't')]).toEqual([{ A: 's-A' }, {}]);
  });

  test('refuses a transfer of one side, to another side, or to another storage', () => {
    const before = [declaring('s', [made('A')])];
    const what = '"exports.A" of "s" transfers the class to "t"';
    const cure = 'give that script an entry A with state "expecting-transfer" and transfer_from "s".';
    refused(`${what}, which does not expect it: ${cure}`, before, [declaring('s', [given])]);
    refused(`${what}, which does not expect it: ${cure}`, before, [
      declaring('s', [given]),
      declaring('t', [made('A')]),
    ]);
    refused(`${what}, which expects it from "u": let "transferred_to" and "transfer_from" name each other.`, before, [
      declaring('s', [given]),
      declaring('t', [{ ...expected, transferFrom: 'u' } as ClassLifecycle]),
    ]);
    refused(
      `${what}, which expects key-value storage, but the class has SQLite storage and keeps it: let both say storage "sqlite".`,
      before,
      [declaring('s', [given]), declaring('t', [{ ...expected, storage: 'legacy-kv' } as ClassLifecycle])],
    );
    refused(
      'The binding X of "t" names the class A, which "t" expects to be transferred and does not have yet: leave the binding out until then.',
      [declaring('s', [made('A')]), declaring('t', [expected], { bindings: [bind('X', 'A')] })],
    );
  });
});

/** A step of one of two scripts, as indices into what is possible when its turn comes. */
const choice = fc.record({
  script: fc.nat(1),
  kind: fc.nat(3),
  pick: fc.nat(20),
  name: fc.constantFrom('A', 'B', 'C'),
});

/** Histories that were once applied in a wrong order. */
const step = (script: number, kind: number, name: string, pick = 0) => ({ script, kind, pick, name });
const FOUND: [ReturnType<typeof step>[], number[], boolean][] = [
  [[step(0, 0, 'A'), step(0, 1, 'A'), step(0, 0, 'A'), step(0, 1, 'A'), step(0, 0, 'A'), step(1, 3, 'A')], [3], true],
  [[step(1, 0, 'B'), step(0, 0, 'C'), step(0, 3, 'A'), step(0, 1, 'A'), step(0, 0, 'C'), step(1, 3, 'A', 1)], [], true],
  [[step(0, 0, 'A'), step(1, 0, 'B'), step(0, 3, 'B'), step(0, 1, 'A'), step(0, 0, 'A'), step(1, 3, 'A', 1)], [], true],
];

test('a history that is applied in pieces comes to the same as applied at once', () => {
  fc.assert(
    fc.property(
      fc.array(choice, { minLength: 1, maxLength: 14 }),
      fc.array(fc.nat(14), { maxLength: 4 }),
      fc.boolean(),
      (choices, cuts, isTurned) => {
        const names = ['s', 't'] as const;
        const has: Record<string, Set<string>> = { s: new Set(), t: new Set() };
        const steps: { script: string; step: Migration }[] = [];
        for (const { script: index, kind, pick, name } of choices) {
          const [own, other] = index === 0 ? names : [names[1], names[0]];
          const mine = has[own] as Set<string>;
          const theirs = has[other] as Set<string>;
          const from = [...(kind === 3 ? theirs : mine)][pick % Math.max(1, kind === 3 ? theirs.size : mine.size)];
          const tag = `${own}${steps.length}`;
          let step: Migration | undefined;
          if (kind === 0 && !mine.has(name)) {
            step = migration(tag, pick % 2 ? { newClasses: [name] } : { newSqliteClasses: [name] });
            mine.add(name);
          } else if (kind === 1 && from !== undefined) {
            step = migration(tag, { deletedClasses: [from] });
            mine.delete(from);
          } else if (kind === 2 && from !== undefined && !mine.has(name)) {
            step = migration(tag, { renamedClasses: [{ from, to: name }] });
            mine.delete(from);
            mine.add(name);
          } else if (kind === 3 && from !== undefined && !mine.has(name)) {
            step = migration(tag, { transferredClasses: [{ from, fromScript: other, to: name }] });
            theirs.delete(from);
            mine.add(name);
          }
          if (step) steps.push({ script: own, step });
        }
        const upTo = (count: number) => {
          const scripts = names.map((name) =>
            script(
              name,
              steps
                .slice(0, count)
                .filter((one) => one.script === name)
                .map((one) => one.step),
            ),
          );
          return isTurned ? scripts.reverse() : scripts;
        };
        const atOnce = advance(upTo(steps.length), undefined);
        const ends = [...cuts.map((cut) => Math.min(cut, steps.length)), steps.length].sort((a, b) => a - b);
        const inPieces = deploy(...ends.map(upTo));
        for (const name of names) expect(classes(inPieces, name)).toEqual(classes(atOnce, name));
        expect(new Set(inPieces.erased)).toEqual(new Set(atOnce.erased));
        // no namespace is anybody's twice, nor anybody's that was erased
        const given = [...names.flatMap((name) => Object.values(classes(atOnce, name))), ...atOnce.erased];
        expect(new Set(given.map((text) => text.split(' ')[0])).size).toBe(given.length);
        for (const name of names) expect(new Set(Object.keys(classes(atOnce, name)))).toEqual(has[name]);
      },
    ),
    { numRuns: 2_000, examples: FOUND },
  );
});

import { expect, test } from 'vitest';
import { SimulatorError } from '../../src/base/errors.ts';
import { bundle } from '../../src/bundler/bundle.ts';
import { LATEST_COMPATIBILITY_DATE } from '../../src/bundler/config.ts';
import type { ProjectInput } from '../../src/protocol/deployment.ts';

const MODULES = { 'src/index.js': 'export class A {} export class B {} export default {};' };

async function open(config: ProjectInput['config'] & (object | string)) {
  return bundle({ modules: MODULES, config }, {});
}

async function said(config: ProjectInput['config'] & (object | string), message: string, modules: object = MODULES) {
  const error = await bundle({ modules: modules as never, config }, {}).catch((one: unknown) => one);
  expect(error).toBeInstanceOf(SimulatorError);
  expect([(error as SimulatorError).code, (error as SimulatorError).message]).toEqual(['config_invalid', message]);
  return (error as SimulatorError).location;
}

test('without a config there is a worker of the newest date, with no bindings', async () => {
  expect(await bundle({ modules: MODULES }, {})).toMatchObject({
    name: 'worker',
    main: 'src/index.js',
    compatibilityDate: LATEST_COMPATIBILITY_DATE,
    compatibilityFlags: [],
    bindings: [],
    migrations: [],
    lifecycle: [],
    unlistedClasses: [],
    crons: [],
    limits: {},
    warnings: [],
    exports: ['A', 'B', 'default'],
  });
});

test('a config file among the modules is used, json before jsonc before toml', async () => {
  const files = { 'wrangler.toml': 'name = "t"', 'wrangler.jsonc': '{ "name": "c", }' };
  const first = await bundle({ modules: { ...MODULES, ...files } }, {});
  expect([first.name, first.warnings]).toEqual([
    'c',
    ['wrangler.jsonc is used and wrangler.toml is not: a project has one config.'],
  ]);
  expect((await bundle({ modules: { ...MODULES, ...files, 'wrangler.json': '{ "name": "j" }' } }, {})).name).toBe('j');
  expect((await bundle({ modules: { ...MODULES, ...files }, config: {} }, {})).name).toBe('worker');
});

test('a text is jsonc when it begins with a brace, comments aside, and toml otherwise', async () => {
  expect((await open('// c\n/* d */ { "name": "j" }')).name).toBe('j');
  expect((await open('# c\nname = "t"')).name).toBe('t');
  expect((await open('')).name).toBe('worker');
});

test('a text that cannot be read says where', async () => {
  expect(await said('{\n  "name": "a"\n  "main": "b"\n}', 'config:3:3: Comma expected.')).toEqual({
    file: 'config',
    line: 3,
    column: 3,
  });
  await said('{ "name": }', 'config:1:11: Value expected.');
  await said('{ "name": "a"', 'config:1:14: Close brace expected.');
  await said('/* */ 3', 'config:1:1: a wrangler config must be an object.');
  expect(await said('name = \nmain = "x"', 'config:1:8: invalid value.')).toEqual({
    file: 'config',
    line: 1,
    column: 8,
  });
  await said(3 as never, 'config: a wrangler config must be an object or a text.');
  const modules = { ...MODULES, 'wrangler.jsonc': '{ "name" }' };
  const error = (await bundle({ modules }, {}).catch((one: unknown) => one)) as SimulatorError;
  expect([error.message, error.location]).toEqual([
    'wrangler.jsonc:1:10: Colon expected.',
    { file: 'wrangler.jsonc', line: 1, column: 10 },
  ]);
});

test('a field of the wrong kind is named by its path, with its place where the text tells', async () => {
  await said({ name: 3 }, 'config: "name" must be a string with something in it.');
  await said(
    { name: 'Upper Case' },
    'config: "name" may hold only lower-case letters, digits, dashes and underscores.',
  );
  await said({ main: '' }, 'config: "main" must be a string with something in it.');
  await said({ compatibility_flags: 'x' }, 'config: "compatibility_flags" must be a list.');
  await said({ compatibility_flags: [1] }, 'config: "compatibility_flags[0]" must be a string with something in it.');
  await said({ durable_objects: [] }, 'config: "durable_objects" must be an object.');
  await said({ durable_objects: { bindings: {} } }, 'config: "durable_objects.bindings" must be a list.');
  await said({ vars: 'x' }, 'config: "vars" must be an object.');
  const text = `{\n  "durable_objects": {\n    "bindings": [{ "name": "A", "class_name": 3 }]\n  }\n}`;
  expect(
    await said(text, 'config:3:47: "durable_objects.bindings[0].class_name" must be a string with something in it.'),
  ).toEqual({
    file: 'config',
    line: 3,
    column: 47,
  });
  await said(
    { durable_objects: { bindings: [{ name: 'A' }] } },
    'config: "durable_objects.bindings[0].class_name" is missing.',
  );
  await said(
    '\n[limits]\ncpu_ms = 0',
    'config:3:1: "limits.cpu_ms" must be a whole number of milliseconds from 1 to 300000.',
  );
  await said(
    { rules: [{ type: 'Txt', globs: ['*'] }] },
    'config: "rules[0].type" is "Txt" and must be one of ESModule, CommonJS, Text, Data, CompiledWasm.',
  );
  await said({ rules: [{ type: 'Text', globs: [] }] }, 'config: "rules[0].globs" must name at least one pattern.');
});

test('dates are dates', async () => {
  const sentence = 'config: "compatibility_date" must be a date of the form YYYY-MM-DD.';
  for (const date of ['2026-1-1', '2026-02-29', '2026-13-01', '2026-00-10', 'soon', 20260101])
    await said({ compatibility_date: date }, sentence);
  await said(
    'compatibility_date = 2026-01-01',
    'config:1:1: "compatibility_date" must be a string, so put the date in quotes.',
  );
  expect((await open({ compatibility_date: '2024-02-29' })).compatibilityDate).toBe('2024-02-29');
  const { warnings } = await open({ compatibility_date: '2031-01-01' });
  expect(warnings).toEqual([
    `config: "compatibility_date" is later than ${LATEST_COMPATIBILITY_DATE}, the newest date known here.`,
  ]);
});

test('unknown keys warn, misspelt ones with the key that was meant, and platform keys pass', async () => {
  const { warnings } = await open({
    compatability_date: '2026-01-01',
    frobnicate: 1,
    account_id: 'x',
    routes: ['a.com/*'],
    kv_namespaces: [{ binding: 'KV', id: '1' }],
    env: { staging: {} },
    migrations: [{ tag: 'v1', new_sqllite_classes: ['A'] }],
    durable_objects: { bindings: [{ name: 'X', class_name: 'A', classname: 'B' }] },
  });
  expect(warnings).toEqual([
    'config: "compatability_date" is not a known key, did you mean "compatibility_date"?',
    'config: "frobnicate" is not a known key and is ignored.',
    'config: "kv_namespaces" is not simulated: what it binds will be missing from env.',
    'config: "env" is not supported yet and is ignored.',
    'config: "durable_objects.bindings[0].classname" is not a known key, did you mean "class_name"?',
    'config: "migrations[0].new_sqllite_classes" is not a known key, did you mean "new_sqlite_classes"?',
    'no migration names the class "A": it gets SQLite storage, as if "new_sqlite_classes" listed it.',
  ]);
});

test('bindings of every kind come out in one shape', async () => {
  const { bindings, crons, limits, unlistedClasses } = await open({
    vars: { TEXT: 'x', NUMBER: 1, NESTED: { list: [true, null] } },
    durable_objects: {
      bindings: [
        { name: 'OTHER', class_name: 'Z', script_name: 'elsewhere' },
        { name: 'OWN', class_name: 'A', script_name: 'worker' },
      ],
    },
    services: [{ binding: 'API', service: 'api', entrypoint: 'Admin', props: { a: 1 } }],
    triggers: { crons: ['*/5 * * * *'] },
    limits: { cpu_ms: 300_000 },
  });
  expect(bindings).toEqual([
    { type: 'var', name: 'TEXT', value: 'x' },
    { type: 'var', name: 'NUMBER', value: 1 },
    { type: 'var', name: 'NESTED', value: { list: [true, null] } },
    { type: 'service', name: 'API', service: 'api', entrypoint: 'Admin', props: { a: 1 } },
    { type: 'durable_object', name: 'OTHER', className: 'Z', scriptName: 'elsewhere' },
    { type: 'durable_object', name: 'OWN', className: 'A', scriptName: 'worker' },
  ]);
  expect([crons, limits, unlistedClasses]).toEqual([['*/5 * * * *'], { cpuMs: 300_000 }, ['A']]);
  await said(
    { vars: { X: 1 }, durable_objects: { bindings: [{ name: 'X', class_name: 'A' }] } },
    'config: "durable_objects.bindings[0]" binds "X", which another binding has taken.',
  );
  const dated = await open('[vars]\nWHEN = 2026-01-01T00:00:00Z');
  expect(dated.bindings).toEqual([{ type: 'var', name: 'WHEN', value: '2026-01-01T00:00:00.000Z' }]);
});

test('migrations come out complete and in order', async () => {
  const { migrations, unlistedClasses } = await open({
    durable_objects: {
      bindings: [
        { name: 'A', class_name: 'A' },
        { name: 'B', class_name: 'B' },
      ],
    },
    migrations: [
      { tag: 'v1', new_classes: ['Old'], new_sqlite_classes: ['Gone'] },
      {
        tag: 'v2',
        renamed_classes: [{ from: 'Old', to: 'A' }],
        deleted_classes: ['Gone'],
        transferred_classes: [{ from: 'X', from_script: 's', to: 'B' }],
      },
    ],
  });
  expect(migrations).toEqual([
    {
      tag: 'v1',
      newClasses: ['Old'],
      newSqliteClasses: ['Gone'],
      renamedClasses: [],
      deletedClasses: [],
      transferredClasses: [],
    },
    {
      tag: 'v2',
      newClasses: [],
      newSqliteClasses: [],
      renamedClasses: [{ from: 'Old', to: 'A' }],
      deletedClasses: ['Gone'],
      transferredClasses: [{ from: 'X', fromScript: 's', to: 'B' }],
    },
  ]);
  expect(unlistedClasses).toEqual([]);
  await said({ migrations: [{}] }, 'config: "migrations[0].tag" is missing.');
  await said(
    { migrations: [{ tag: 'a' }, { tag: 'a' }] },
    'config: "migrations[1].tag" is "a", which an earlier migration has taken.',
  );
  await said(
    { migrations: [{ tag: 'a', renamed_classes: [{ from: 'A' }] }] },
    'config: "migrations[0].renamed_classes[0].to" is missing.',
  );
});

test('a bound class must exist in the code and in the history', async () => {
  const bind = (name: string) => ({ durable_objects: { bindings: [{ name: 'ROOM', class_name: name }] } });
  await said(bind('Rom'), 'binding "ROOM" names the class "Rom", which src/index.js does not export.');
  const room = { 'src/index.js': 'export { Room } from "./room.js";', 'src/room.js': 'export class Room {}' };
  await said(
    bind('Rom'),
    'binding "ROOM" names the class "Rom", which src/index.js does not export, did you mean "Room"?',
    room,
  );
  const text = '{ "durable_objects": { "bindings": [\n{ "name": "ROOM", "class_name": "Nope" }] } }';
  expect(
    await said(text, 'config:2:33: binding "ROOM" names the class "Nope", which src/index.js does not export.'),
  ).toEqual({
    file: 'config',
    line: 2,
    column: 33,
  });
  await said(
    {
      ...bind('A'),
      migrations: [
        { tag: '1', new_sqlite_classes: ['A'] },
        { tag: '2', deleted_classes: ['A'] },
      ],
    },
    'binding "ROOM" names the class "A", which the config itself has deleted, renamed or transferred.',
  );
  // Whether such a class exists when all is applied is known where it is deployed.
  expect((await open({ migrations: [{ tag: '1', new_sqlite_classes: ['Nope', 'a'] }] })).unexported).toEqual([
    { className: 'Nope', sentence: 'config: "migrations" makes the class "Nope", which src/index.js does not export.' },
    {
      className: 'a',
      sentence: 'config: "migrations" makes the class "a", which src/index.js does not export, did you mean "A"?',
    },
  ]);
  // through `export *`, over two files and a cycle, and through one that cannot be followed
  const star = {
    'src/index.js': 'export * from "./b.js";',
    'src/b.js': 'export * from "./index.js"; export class Rom {}',
  };
  expect((await bundle({ modules: star, config: bind('Rom') }, {})).exports).toEqual(['Rom']);
  const unknown = { 'src/index.js': 'export * from "cloudflare:workers";' };
  expect((await bundle({ modules: unknown, config: bind('Rom') }, {})).unlistedClasses).toEqual(['Rom']);
});

test('the order within a migration is wrangler\u2019s, and a class goes in one way and comes in one way', async () => {
  // A class may be made under a name that the same migration sets free by renaming.
  const freed = { tag: 'v2', renamed_classes: [{ from: 'A', to: 'B' }], new_sqlite_classes: ['A'] };
  const { unlistedClasses } = await open({
    durable_objects: { bindings: [{ name: 'ROOM', class_name: 'A' }] },
    migrations: [{ tag: 'v1', new_sqlite_classes: ['A'] }, freed],
  });
  expect(unlistedClasses).toEqual([]);
  const refused = (migration: object, sentence: string) =>
    said({ migrations: [{ tag: 'v1', ...migration }] }, `config: "migrations[0].${sentence}`);
  const cure = 'name it once, or make two migrations of it.';
  await refused(
    { new_classes: ['A'], new_sqlite_classes: ['A'] },
    `new_sqlite_classes" names the class A and "new_classes" does too: ${cure}`,
  );
  await refused({ new_sqlite_classes: ['A', 'A'] }, `new_sqlite_classes" names the class A twice: ${cure}`);
  await refused(
    { deleted_classes: ['A'], new_sqlite_classes: ['A'] },
    `new_sqlite_classes" names the class A and "deleted_classes" does too: ${cure}`,
  );
  await refused(
    { deleted_classes: ['A'], renamed_classes: [{ from: 'A', to: 'B' }] },
    `renamed_classes" names the class A and "deleted_classes" does too: ${cure}`,
  );
  await refused(
    { new_sqlite_classes: ['B'], transferred_classes: [{ from: 'A', from_script: 's', to: 'B' }] },
    `transferred_classes" names the class B and "new_sqlite_classes" does too: ${cure}`,
  );
});

test('a class with key-value storage warns that the platform refuses it on new accounts', async () => {
  const { warnings } = await open({ migrations: [{ tag: 'v1', new_classes: ['A'] }] });
  expect(warnings).toEqual([
    'config: "migrations[0].new_classes" makes a class with key-value storage, which Cloudflare refuses on new accounts: "Creating new key-value backed Durable Object namespaces is no longer supported on this account. Please create a namespace using a `new_sqlite_classes` migration instead".',
  ]);
  expect((await open({ exports: { A: { type: 'durable-object', storage: 'legacy-kv' } } })).warnings).toHaveLength(1);
});

test('how instances are replaced is read and checked', async () => {
  const update = (strategy: object) => ({ durable_objects: { bindings: [], code_update_strategy: strategy } });
  const read = async (strategy: object) => (await open(update(strategy))).codeUpdate;
  expect((await open({})).codeUpdate).toBeUndefined();
  expect(await read({ mode: 'immediate' })).toEqual({ mode: 'immediate' });
  expect(await read({ mode: 'deferred' })).toEqual({ mode: 'deferred' });
  expect(await read({ mode: 'deferred', max_delay: 1.5 })).toEqual({ mode: 'deferred', maxDelayMs: 1500 });
  expect(await read({ mode: 'deferred', max_delay: 300 })).toEqual({ mode: 'deferred', maxDelayMs: 300_000 });
  const { codeUpdate, warnings } = await open(update({ mode: 'deferred', max_delay: 86_400 }));
  expect(codeUpdate).toEqual({ mode: 'deferred', maxDelayMs: 300_000 });
  expect(warnings).toEqual(['config: "durable_objects.code_update_strategy.max_delay" counts as 300 seconds.']);
  const field = 'config: "durable_objects.code_update_strategy';
  await said(update({}), `${field}.mode" is missing.`);
  await said(update({ mode: 'later' }), `${field}.mode" is "later" and must be one of immediate, deferred.`);
  await said(
    update({ mode: 'immediate', max_delay: 1 }),
    `${field}.max_delay" is for mode "deferred" only; "immediate" knows no delay.`,
  );
  for (const max_delay of [-1, 86_401, Number.NaN, '5']) {
    await said(update({ mode: 'deferred', max_delay }), `${field}.max_delay" must be between 0 and 86400 seconds.`);
  }
});

test('the exports map declares what becomes of classes', async () => {
  const { lifecycle, unlistedClasses } = await open({
    durable_objects: {
      bindings: [
        { name: 'A', class_name: 'A' },
        { name: 'B', class_name: 'B' },
      ],
    },
    exports: {
      A: { type: 'durable-object', storage: 'sqlite' },
      B: { type: 'durable-object', state: 'expecting-transfer', storage: 'legacy-kv', transfer_from: 'other' },
      C: { type: 'durable-object', state: 'deleted' },
      D: { type: 'durable-object', state: 'renamed', renamed_to: 'A' },
      E: { type: 'durable-object', state: 'transferred', transferred_to: 'other' },
    },
  });
  expect(lifecycle).toEqual([
    { state: 'created', className: 'A', storage: 'sqlite' },
    { state: 'expecting-transfer', className: 'B', storage: 'legacy-kv', transferFrom: 'other' },
    { state: 'deleted', className: 'C' },
    { state: 'renamed', className: 'D', renamedTo: 'A' },
    { state: 'transferred', className: 'E', transferredTo: 'other' },
  ]);
  expect(unlistedClasses).toEqual([]);
  const declare = (fields: object) => ({ exports: { X: { type: 'durable-object', ...fields } } });
  await said(
    declare({ state: 'renamed' }),
    'config: "exports.X.renamed_to" is required for state "renamed" and must be a non-empty string.',
  );
  await said(
    declare({ state: 'transferred', transferred_to: '' }),
    'config: "exports.X.transferred_to" is required for state "transferred" and must be a non-empty string.',
  );
  await said(
    declare({ state: 'expecting-transfer', storage: 'sqlite' }),
    'config: "exports.X.transfer_from" is required for state "expecting-transfer" and must be a non-empty string.',
  );
  await said(
    declare({ state: 'gone' }),
    'config: "exports.X.state" must be one of "created", "deleted", "renamed", "transferred", or "expecting-transfer" but got "gone".',
  );
  await said(
    declare({ storage: 'disk' }),
    'config: "exports.X.storage" is required for state "created" and must be one of "sqlite" and "legacy-kv", but got "disk".',
  );
  await said(
    declare({ state: 'expecting-transfer', transfer_from: 'other' }),
    'config: "exports.X.storage" is required for state "expecting-transfer" and must be one of "sqlite" and "legacy-kv", but got undefined.',
  );
  await said(
    declare({ state: 'deleted', storage: 'sqlite' }),
    'config: "exports.X.storage" is forbidden on state "deleted", which may have "type" and "state".',
  );
  await said(
    declare({ state: 'renamed', renamed_to: 'X' }),
    'config: "exports.X.renamed_to" cannot equal the source class name "X".',
  );
  await said(
    declare({ state: 'renamed', renamed_to: 'A' }),
    'config: "exports.X.renamed_to" is "A", which needs an entry of its own with state "created".',
  );
  await said(
    { ...declare({}), migrations: [{ tag: 'a' }] },
    'config: "exports" cannot be used together with "migrations"; keep one of the two.',
  );
  expect((await open(declare({ storage: 'sqlite' }))).unexported).toEqual([
    { className: 'X', sentence: 'config: "exports" makes the class "X", which src/index.js does not export.' },
  ]);
});

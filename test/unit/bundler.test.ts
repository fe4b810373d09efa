import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SimulatorError } from '../../src/base/errors.ts';
import { bundle } from '../../src/bundler/bundle.ts';
import type { Library } from '../../src/bundler/library.ts';
import type { CompiledModule, ProjectInput } from '../../src/protocol/deployment.ts';
import { openBench, runPrograms, writeCompiled } from '../support/run-modules.ts';

const tools = { loadTypeScript: async () => (await import('typescript')).default };

/** Two modules of Node and a part that both need. */
const loadNodeModules = async (): Promise<Library> => {
  const one = (path: string, ...needs: string[]) => ({
    kind: 'esm' as const,
    path,
    code: needs.map((need) => `import '${need}';`).join(''),
    imports: needs.map((need) => ({ start: 7, end: 9 + need.length, to: { module: need }, dynamic: false })),
  });
  const part = 'node:+part';
  return {
    modules: [
      one(part),
      one('node:async_hooks'),
      one('node:path/posix', part),
      one('node:events', part),
      one('node:globals', part),
    ],
  };
};

async function faultOf(input: ProjectInput, given: Parameters<typeof bundle>[1] = {}): Promise<SimulatorError> {
  const outcome = await bundle(input, given).catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(SimulatorError);
  return outcome as SimulatorError;
}

async function said(modules: ProjectInput['modules'], fault: string, given: Parameters<typeof bundle>[1] = {}) {
  const error = await faultOf({ modules }, given);
  expect([error.code, error.message]).toEqual(['bundle_failed', fault]);
  const place = /^(.*?):(\d+):(\d+): /.exec(fault);
  const [file, line, column] = place ? place.slice(1) : [];
  expect(error.location).toEqual(place ? { file, line: Number(line), column: Number(column) } : undefined);
}

function script(modules: readonly CompiledModule[], path: string): CompiledModule & { kind: 'esm' } {
  const found = modules.find((one) => one.path === path);
  if (found?.kind !== 'esm') throw new Error(`no script ${path}`);
  return found;
}

const PROJECT = {
  'src/index.ts': `import { DurableObject } from 'cloudflare:workers';
import greeting from './texts/greeting.txt';
import config, { limits } from './config.json';
import schema from './schema.sql' ;
import { Room, type Guest } from './room';
import { Lobby } from './lobby.js';
import type { Env } from './types';
import bytes from '../assets/data.bin';
import note from './note.md';
export { Room, Lobby };
export type { Guest };

enum Mood { Calm, Cosmic = 'cosmic' }

export class Counter extends DurableObject<Env> {
  #count: number = 0;
  constructor(ctx: unknown, private readonly label: string) { super(ctx as never, label as never); }
  increment(by?: number): number { return (this.#count += by ?? 1)!; }
  describe() { return \`\${this.label}: \${this.#count as unknown as string}\`; }
}

export default {
  async fetch(): Promise<string> {
    const room = new Room('blue');
    const lazy = await import('./lazy');
    const counter = new Counter({}, 'c');
    counter.increment(2);
    return [greeting.trim(), config.name, limits.rooms, schema, room.enter({ name: 'ann' }), new Lobby().list(),
      lazy.value, counter.describe(), Mood[0], Mood.Cosmic, new Uint8Array(bytes).join(), note].join(' | ');
  },
} satisfies ExportedHandler<Env>;
`,
  'src/room.ts': `import { Lobby } from './lobby';
export interface Guest { name: string }
const all: Room[] = [];
export class Room {
  constructor(public name: string) { all.push(this); }
  enter(guest: Guest): string { return \`\${guest.name} in \${this.name} of \${new Lobby().size()}\`; }
  static all() { return all; }
}
`,
  'src/lobby.ts': `import { Room } from './room';
const all = 'lobby';
export class Lobby {
  size(): number { return Room.all().length; }
  list(): string { return all + ':' + Room.all().map((room) => room.name).join(); }
}
`,
  'src/lazy/index.ts': 'export const value: string = "lazy";',
  'src/types.ts': 'export interface Env { ROOM: unknown }',
  'src/texts/greeting.txt': 'hello\n',
  'src/config.json': '{ "name": "demo", "limits": { "rooms": 3 } }',
  'src/schema.sql': 'CREATE TABLE t (x)',
  'src/note.md': '# note',
  'assets/data.bin': new Uint8Array([0, 1, 2, 3]).subarray(1),
  'src/broken.ts': 'this is not imported and (may be broken',
};

const JSONC = `{
  // the usual
  "name": "demo",
  "main": "src/index.ts",
  "compatibility_date": "2026-01-01",
  "compatibility_flags": ["nodejs_compat"],
  "durable_objects": { "bindings": [
    { "name": "COUNTER", "class_name": "Counter" },
    { "name": "ROOM", "class_name": "Room" },
  ] },
  "migrations": [{ "tag": "v1", "new_sqlite_classes": ["Counter", "Room"] }],
  "rules": [{ "type": "Text", "globs": ["**/*.md"], "fallthrough": true }],
  "vars": { "GREETING": "hi", "DEPTH": { "a": 1 } },
}`;

const TOML = `name = "demo"
main = "src/index.ts"
compatibility_date = "2026-01-01"
compatibility_flags = ["nodejs_compat"]

[[durable_objects.bindings]]
name = "COUNTER"
class_name = "Counter"
[[durable_objects.bindings]]
name = "ROOM"
class_name = "Room"

[[migrations]]
tag = "v1"
new_sqlite_classes = ["Counter", "Room"]

[[rules]]
type = "Text"
globs = ["**/*.md"]
fallthrough = true

[vars]
GREETING = "hi"
DEPTH = { a = 1 }
`;

test('a TypeScript project with a cycle, json, text, bytes and a lazy module runs, from jsonc and from toml', async () => {
  const bench = await openBench();
  try {
    const jsonc = await bundle({ modules: { ...PROJECT, 'wrangler.jsonc': JSONC } }, {});
    const toml = await bundle({ modules: { ...PROJECT, 'wrangler.toml': TOML } }, {});
    expect(structuredClone(toml)).toEqual(jsonc);
    expect(jsonc).toMatchObject({ name: 'demo', main: 'src/index.ts', compatibilityDate: '2026-01-01', warnings: [] });
    expect(jsonc.exports).toEqual(['Counter', 'Lobby', 'Room', 'default']);
    expect(jsonc.bindings).toEqual([
      { type: 'var', name: 'GREETING', value: 'hi' },
      { type: 'var', name: 'DEPTH', value: { a: 1 } },
      { type: 'durable_object', name: 'COUNTER', className: 'Counter' },
      { type: 'durable_object', name: 'ROOM', className: 'Room' },
    ]);
    const externals = { 'cloudflare:workers': 'export class DurableObject {}' };
    const entry = await writeCompiled(join(bench.folder, 'run'), jsonc, externals);
    const [lines] = await runPrograms(bench.folder, [{ entry, ask: 'ns.default.fetch()' }]);
    expect(lines).toEqual([
      'hello | demo | 3 | CREATE TABLE t (x) | ann in blue of 1 | lobby:blue | lazy | c: 2 | Calm | cosmic | 1,2,3 | # note',
    ]);
  } finally {
    await bench.dispose();
  }
});

test('modules come after what they import, and say where each specifier stands', async () => {
  const { modules } = await bundle({ modules: { ...PROJECT, 'wrangler.jsonc': JSONC } }, {});
  const order = modules.map((one) => one.path);
  for (const [index, module] of modules.entries()) {
    for (const { start, end, to, dynamic } of module.imports) {
      if (module.kind === 'esm') expect(module.code.slice(start, end)).toMatch(/^(["'`])[^"'`]+\1$/);
      if ('module' in to && !dynamic) expect(order.indexOf(to.module)).toBeLessThan(index);
    }
  }
  expect(order).not.toContain('src/broken.ts');
  expect(order).not.toContain('src/types.ts');
  const linked = script(modules, 'src/lobby.ts+src/room.ts');
  for (const span of linked.sources ?? []) {
    const wanted = PROJECT[span.path as 'src/room.ts'].split('\n').findIndex((line) => line.includes('export class'));
    const found = linked.code
      .split('\n')
      .findIndex((line) => line.includes(`class ${span.path.includes('room') ? 'Room' : 'Lobby'}`));
    expect(found - wanted).toBe(span.line - 1);
  }
  expect(linked.sources?.map((one) => one.path)).toEqual(['src/lobby.ts', 'src/room.ts']);
});

test('the hash speaks of what is deployed and of nothing else', async () => {
  const hash = async (more: Record<string, string>, config: ProjectInput['config'] = JSONC) =>
    (await bundle({ modules: { ...PROJECT, ...more }, config }, {})).hash;
  const first = await hash({});
  expect(first).toMatch(/^[0-9a-f]{64}$/);
  expect(await hash({ 'unused.ts': 'export {}' })).toBe(first);
  expect(await hash({}, TOML)).toBe(first);
  expect(await hash({ 'src/lazy/index.ts': 'export const value = "other";' })).not.toBe(first);
  expect(await hash({ 'src/config.json': '{ "name": "other", "limits": {} }' })).not.toBe(first);
  expect(await hash({}, JSONC.replace('"hi"', '"ho"'))).not.toBe(first);
});

test('types vanish, also those that are passed on without the word type', async () => {
  const { modules, exports } = await bundle(
    {
      modules: {
        'index.ts': `import type { A } from './types';\nimport { B, value, C } from './types';\nimport { D } from './only-types';
export { A, C };\nexport { B as Q, E, value as again } from './types';\nexport type { F } from './types';
const x: B = value; let d: D;\nexport { x };\nexport interface Local {}\nexport { Local as L };`,
        'types.ts':
          'export type A = 1; export interface B {}; export type C = 1; export type E = 1; export type F = 1; export const value = 1;',
        'only-types.ts': 'export type D = 1;',
      },
    },
    {},
  );
  expect(exports).toEqual(['again', 'x']);
  expect(modules.map((one) => one.path)).toEqual(['types.ts', 'index.ts']);
});

const DIALECT: [what: string, files: Record<string, string>, ask: string][] = [
  [
    'enums',
    {
      'index.ts': 'export enum A { X, Y = 5, Z }\nexport const enum B { S = "s" }\nexport const l = [A.Z, A[5], B.S];',
    },
    'ns.l',
  ],
  [
    'parameter properties',
    {
      'index.ts':
        'class P { z = 1 }\nexport class A extends P { w = 2; constructor(private a: number, readonly b = 2) { super(); } }\nexport const l = new A(1);',
    },
    'ns.l',
  ],
  [
    'parameter properties with all that can be in a list',
    {
      'index.ts':
        // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the program's own template
        'const f = (..._: number[]) => 7;\nexport class A<T extends { x: 1 }> { x = `a${1}c`; #y = (() => { class In { constructor(public deep: T[] = [], _private?: number) {} } return new In(); })(); constructor(private a: { b: number }, readonly: number, readonly b = f(1, 2), protected override readonly c?: string) { this.readonly = readonly + this.#y.deep.length; } readonly: number }\nexport const l = [new A({ b: 1 }, 2)];',
    },
    'ns.l',
  ],
  [
    'fields',
    {
      'index.ts':
        'class P { x = 1; y = 2; }\nexport class A extends P { x!: number; declare y: number; static s?: string; #p = 3; get p() { return this.#p } }\nexport const l = [Object.keys(new A()), Object.keys(A), new A().p];',
    },
    'ns.l',
  ],
  [
    'generics and casts',
    {
      'index.ts':
        'const id = <T,>(x: T): T => x; const a = <string>id<string>("a"); const o = { m<T>(this: Set<T>) { return this.size } };\nexport const l = [a!, o.m.call(new Set([1])), ((x?: number) => x ?? 3)() satisfies number, 1 < 2 as boolean];',
    },
    'ns.l',
  ],
  [
    'overloads and abstract',
    {
      'index.ts':
        'export function f(a: string): void;\nexport function f(a: unknown) { return a }\nexport abstract class A { abstract m(): void; protected n?(): void; o(): number { return 1 } }\nexport class B extends A { override m() {} }\nexport const l = [f(1), new B().o(), Object.keys(B.prototype)];',
    },
    'ns.l',
  ],
  [
    'jsx',
    {
      'index.tsx':
        'const React = { createElement: (...a: unknown[]) => a, Fragment: "f" };\nexport const l = <><div id={"x" as string} {...{ y: 1 }}>it\'s {1}<b/></div></>;',
    },
    'ns.l',
  ],
  [
    'modules',
    {
      'index.ts':
        'import * as n from "./a"; import d, { type T, b } from "./a"; import { c } from "./b.js";\nexport * as all from "./a"; export const l: T[] = [n.b, d, b, c];',
      'a.ts': 'export type T = any; export const b = 1; export default class {} ',
      'b.ts': 'export const c = 2; export default interface X {}',
    },
    'ns.l.length',
  ],
];

test('the fast compiler and TypeScript make programs that say the same', async () => {
  const bench = await openBench();
  try {
    const runs: { entry: string; ask: string }[] = [];
    for (const [index, [, files, ask]] of DIALECT.entries()) {
      const fast = await bundle({ modules: files }, {});
      // a namespace in every file sends it the long way
      const marked = Object.fromEntries(
        Object.entries(files).map(([path, text]) => [path, `${text}\nnamespace Marker { 1 }`]),
      );
      const slow = await bundle({ modules: marked }, tools);
      runs.push({ entry: await writeCompiled(join(bench.folder, `f${index}`), fast), ask });
      runs.push({ entry: await writeCompiled(join(bench.folder, `s${index}`), slow), ask });
    }
    const lines = await runPrograms(bench.folder, runs);
    for (const [index, [what]] of DIALECT.entries()) {
      expect({ what, lines: lines[2 * index] }).toEqual({ what, lines: lines[2 * index + 1] });
      expect(lines[2 * index]?.[0], what).not.toMatch(/^thrown/);
    }
  } finally {
    await bench.dispose();
  }
});

test('namespaces, decorators, accessor and import aliases go through TypeScript and keep their lines', async () => {
  const source = `
/* a comment
   of two lines */
namespace A {

  export const x = 1;
  export namespace Inner { export const y = \`two
lines\`; }
}
import B = A.Inner;

function twice(method: (this: C) => number, _: unknown) {
  return function (this: C) { return method.call(this) * 2; };
}

class C {
  accessor field = 3;

  @twice
  m() {
    return this.field + A.x;
  }

  fail() {
    throw new Error('line 25');
  }
}
export const found = [new C().m(), B.y, (() => { try { new C().fail(); } catch (e) { return /:(\\d+):\\d+\\)?$/m.exec((e as Error).stack!)![1]; } })()];
`;
  const bench = await openBench();
  try {
    const compiled = await bundle({ modules: { 'index.ts': source } }, tools);
    const entry = await writeCompiled(join(bench.folder, 'run'), compiled);
    const [lines] = await runPrograms(bench.folder, [{ entry, ask: 'ns.found' }]);
    expect(lines).toEqual([JSON.stringify([8, 'two\nlines', '25'])]);
  } finally {
    await bench.dispose();
  }
});

test('words that only look like TypeScript syntax do not load TypeScript', async () => {
  const source = `declare namespace A { namespace B { const x: 1 } }
declare global { interface X {} }
declare module 'foo' { namespace Z {} }
let namespace = 1, module = { accessor: 2 }; /* namespace X {} */
const o = { namespace, module, text: "namespace X {}", at: '@decorated' };
type T = { namespace: string; module: { a: 1 } };
export const l = [o.namespace, module.accessor, /namespace X {}/.test(o.text), \`namespace \${namespace} {}\`];`;
  const loads: string[] = [];
  await bundle({ modules: { 'index.ts': source } }, { loadTypeScript: async () => loads.push('loaded') as never });
  expect(loads).toEqual([]);
});

test('a file that the fast compiler refuses is what TypeScript makes of it, and what neither takes is where the first stumbled', async () => {
  const bench = await openBench();
  try {
    const modules = { 'index.ts': 'const a = 1, c = 3;\nexport const l = [a as unknown as number < c];' };
    const compiled = await bundle({ modules }, tools);
    const entry = await writeCompiled(join(bench.folder, 'r'), compiled);
    expect(await runPrograms(bench.folder, [{ entry, ask: 'ns.l' }])).toEqual([['[true]']]);
  } finally {
    await bench.dispose();
  }
  const broken = { 'index.ts': 'export const a = 1;\nexport const b: = 2;' };
  for (const given of [{}, tools]) {
    await expect(bundle({ modules: broken }, given)).rejects.toMatchObject({ location: { line: 2, column: 17 } });
  }
});

test("comments of a file say what its JSX is made of, before the project's config does", async () => {
  const bench = await openBench();
  try {
    const h = 'export const h = (...a: unknown[]) => a; export const F = "f";';
    const compiled = await bundle(
      {
        modules: {
          'index.ts': "export { l } from './a'; export { m } from './b';",
          'h.ts': h,
          'a.tsx': `import { h, F } from './h';\n/** @jsx h */ /** @jsxFrag F */\nexport const l = <><b/></>;`,
          'b.tsx': `/**\n * @jsxRuntime automatic\n * @jsxImportSource own\n */\nexport const m = <i id="1"/>;`,
          'node_modules/own/package.json': '{ "exports": { "./jsx-runtime": "./r.js" } }',
          'node_modules/own/r.js': 'export const jsx = (...a) => a;',
          'tsconfig.json': '{ "compilerOptions": { "jsxFactory": "nobody" } }',
        },
      },
      {},
    );
    const [lines] = await runPrograms(bench.folder, [
      { entry: await writeCompiled(join(bench.folder, 'r'), compiled), ask: '[ns.l, ns.m.slice(0, 2)]' },
    ]);
    expect(lines).toEqual([
      JSON.stringify([
        ['f', null, ['b', null]],
        ['i', { id: '1' }],
      ]),
    ]);
  } finally {
    await bench.dispose();
  }
});

test('old decorators and assigned fields follow the tsconfig', async () => {
  const bench = await openBench();
  try {
    const compiled = await bundle(
      {
        modules: {
          'index.ts': `function note(_: object, key: string, index: number) { (globalThis as any).say(key, index); }
class Base { ctx = 'kept'; }
export class A extends Base { ctx: string; m(@note x: number) {} }
export const l = new A().ctx;`,
          'tsconfig.json': '{ "compilerOptions": { "target": "ES2021", /* old */ "experimentalDecorators": true, } }',
        },
      },
      tools,
    );
    const [lines] = await runPrograms(bench.folder, [
      { entry: await writeCompiled(join(bench.folder, 'r'), compiled), ask: 'ns.l' },
    ]);
    expect(lines).toEqual(['m 0', 'kept']);
  } finally {
    await bench.dispose();
  }
});

test('a program that imports AsyncLocalStorage is compiled without async functions', async () => {
  const modules = {
    'index.js':
      "import { AsyncLocalStorage } from 'node:async_hooks';\nimport { f } from './f.js';\nexport const s = new AsyncLocalStorage();\nexport { f };",
    'f.js': 'export async function f() {\n  await 1;\n}',
  };
  const config = { compatibility_flags: ['nodejs_als'] };
  const given = { ...tools, loadNodeModules };
  const { modules: lowered, carriesContexts } = await bundle({ modules, config }, given);
  expect(carriesContexts).toBe(true);
  expect(script(lowered, 'f.js').code).not.toMatch(/\basync\b|\bawait\b/);
  const { warnings } = await bundle({ modules, config }, { loadNodeModules });
  expect(warnings).toEqual([
    'the program follows asynchronous contexts (node:async_hooks, withEnv): without the TypeScript compiler they are lost at each await.',
  ]);
});

test('specifiers find files as TypeScript and wrangler would', async () => {
  const { modules } = await bundle(
    {
      modules: {
        './src/index.ts': `import './a'; import './b.js'; import './c/'; import '.././d.mjs'; import '/e.js'; import './f.js'; import '.'; import './g'; export {}`,
        'src/a.ts': '',
        'src/b.ts': '',
        'src/c/index.js': '',
        'd.mts': '',
        'e.js': '',
        'src/f.js': '',
        'src/f.ts': 'never(read',
        'src/g/index.ts': '',
      },
    },
    {},
  );
  expect(modules.map((one) => one.path).sort()).toEqual(
    [
      'd.mts',
      'e.js',
      'src/a.ts',
      'src/b.ts',
      'src/c/index.js',
      'src/f.js',
      'src/g/index.ts',
      'src/index.ts',
      'src/index.ts',
    ].sort(),
  );
});

test('a script carries the modules of Node that it imports, and what those need', async () => {
  const code = `import { env } from 'cloudflare:workers'; import p from 'path/posix'; import('node:fs'); env(p);`;
  const config = { compatibility_flags: ['nodejs_compat'] };
  const { modules, prelude } = await bundle({ modules: { 'index.js': code }, config }, { loadNodeModules });
  expect(modules.map((one) => one.path)).toEqual(['node:+part', 'node:path/posix', 'index.js']);
  expect(script(modules, 'index.js').imports.map((one) => one.to)).toEqual([
    { external: 'cloudflare:workers' },
    { module: 'node:path/posix' },
    { external: 'node:fs' },
  ]);
  expect(prelude).toEqual([]);
});

test('the globals of Node come before a program that names one, by date and flag', async () => {
  const project = (code: string, date: string) => ({
    modules: { 'index.js': code },
    config: { compatibility_flags: ['nodejs_compat'], compatibility_date: date },
  });
  const preludeOf = async (code: string, date = '2026-01-01') =>
    (await bundle(project(code, date), { loadNodeModules })).prelude;
  expect(await preludeOf('export default () => Buffer.from([])')).toEqual(['node:globals']);
  expect(await preludeOf("export default globalThis['process']")).toEqual(['node:globals']);
  expect(await preludeOf('export default () => Buffer.from([])', '2024-09-22')).toEqual([]);
  expect(await preludeOf('const Buffer = 1; export default Buffer')).toEqual([]);
});

test('a script carries HTMLRewriter when its code names it, and is warned when it cannot be had', async () => {
  const loadHtmlRewriter = async (): Promise<Library> => ({
    modules: [
      { kind: 'wasm', path: 'durabox:html-rewriter.wasm', bytes: new ArrayBuffer(4), imports: [] },
      {
        ...{ kind: 'esm' as const, path: 'durabox:html-rewriter', code: "import 'durabox:html-rewriter.wasm'" },
        imports: [{ start: 7, end: 35, to: { module: 'durabox:html-rewriter.wasm' }, dynamic: false }],
      },
    ],
  });
  const carried = async (code: string) => {
    const { modules, prelude } = await bundle({ modules: { 'index.js': code } }, { loadHtmlRewriter });
    return [modules.length, prelude];
  };
  expect(await carried('export default () => new HTMLRewriter()')).toEqual([3, ['durabox:html-rewriter']]);
  expect(await carried('export default typeof globalThis.HTMLRewriter')).toEqual([3, ['durabox:html-rewriter']]);
  expect(await carried('class HTMLRewriter {} export default new HTMLRewriter()')).toEqual([1, []]);
  expect(await carried('export default 1')).toEqual([1, []]);
  const { warnings } = await bundle({ modules: { 'index.js': 'export default () => new HTMLRewriter()' } }, {});
  expect(warnings).toEqual(['the program names HTMLRewriter, which was not given: it cannot be constructed.']);
});

test('a module of Node that may not or cannot be had is named', async () => {
  await said(
    { 'index.js': "import 'node:buffer'" },
    'index.js:1:8: index.js imports "node:buffer": add "nodejs_compat" to "compatibility_flags" in the config.',
  );
  const config = { compatibility_flags: ['nodejs_compat'] };
  const error = await faultOf({ modules: { 'index.js': "import 'node:test'" }, config }, { loadNodeModules });
  expect([error.code, error.message]).toEqual([
    'not_supported',
    'index.js imports "node:test", which Durabox does not support yet.',
  ]);
});

test('import attributes go, since the loader makes a script of everything', async () => {
  const { modules } = await bundle(
    {
      modules: {
        'index.js': `import a from './a.json' with { type: 'json' }; (1);\nexport const l = () => import('./a.json', { with: { type: 'json' } });\nexport default a;`,
        'a.json': '{}',
      },
    },
    {},
  );
  expect(script(modules, 'index.js').code.replace(/ +/g, ' ')).toBe(
    `import a from './a.json'; (1);\nexport const l = () => import('./a.json' );\nexport default a;`,
  );
});

test('rules of the config decide what a file is', async () => {
  const modules = {
    'index.js': `import a from './a.txt'; import b from './b.md'; import c from './c.html'; export default [a, b, c];`,
    'a.txt': 'a',
    'b.md': 'b',
    'c.html': 'c',
  };
  const rule = (type: string, glob: string, fallthrough?: boolean) => ({
    rules: [{ type, globs: [glob], fallthrough }],
  });
  const kinds = async (config: ProjectInput['config'] & object) =>
    (await bundle({ modules, config }, {})).modules.map((one) => one.kind);
  expect(await kinds(rule('Text', '**/*.md', true))).toEqual(['text', 'text', 'text', 'esm']);
  expect(await kinds({ rules: [{ type: 'Data', globs: ['*.{md,txt}'] }] })).toEqual(['data', 'data', 'text', 'esm']);
  // without fallthrough the default rule of the same type is gone
  const error = await faultOf({ modules, config: rule('Text', '**/*.md') });
  expect(error.message).toBe(
    'index.js:1:15: index.js imports a.txt, and no module rule says what it is; add one to "rules" in the config.',
  );
});

test('syntax errors name file, line and column of what the user wrote', async () => {
  await said(
    {
      'src/index.ts': `import './counter';`,
      'src/counter.ts': 'export class A {\n  x: number = 1;\n  foo(a: string { }\n}',
    },
    'src/counter.ts:3:17: Unexpected token, expected ",".',
  );
  await said({ 'index.js': '// fine\r\nlet b = = 2;' }, 'index.js:2:9: Unexpected token.');
  await said(
    { 'index.ts': 'const other: Map<string, number> = new Map(); const other = 2;' },
    "index.ts:1:53: Identifier 'other' has already been declared.",
  );
  await said({ 'index.ts': 'namespace A {\n  const x = ;\n}' }, 'index.ts:2:13: Unexpected token.', tools);
  await said({ 'index.ts': '@dec class A {\n  x = (1;\n}' }, 'index.ts:2:9: Unexpected token, expected ",".', tools);
  await said(
    { 'index.js': `import d from './d.json'; d();`, 'd.json': '{\n  "a": 1,\n}' },
    'd.json:3:1: Property name expected.',
  );
  await said({ 'index.js': 'export { nothing };' }, "index.js:1:10: Export 'nothing' is not defined.");
});

test('syntax that needs TypeScript says so when there is none', async () => {
  await said(
    { 'index.ts': 'namespace A { 1 }' },
    'index.ts uses "namespace A", which needs the TypeScript compiler, and none was given.',
  );
  await said(
    { 'index.ts': '@d class A {}' },
    'index.ts uses decorators, which needs the TypeScript compiler, and none was given.',
  );
  await said(
    { 'index.ts': 'class A { constructor(@d x) {} }' },
    'index.ts uses decorators, which needs the TypeScript compiler, and none was given.',
  );
  await said(
    { 'index.ts': 'class A { accessor x = 1 }' },
    'index.ts uses "accessor" fields, which needs the TypeScript compiler, and none was given.',
  );
});

test('imports that lead nowhere are one sentence each', async () => {
  await said(
    { 'src/index.ts': `\nimport { C } from './countr'; new C();`, 'src/counter.ts': '' },
    'src/index.ts:2:19: cannot find the module "./countr" that src/index.ts imports, did you mean "./counter"?',
  );
  await said({ 'index.ts': `import './zzz';` }, 'index.ts:1:8: cannot find the module "./zzz" that index.ts imports.');
  await said({ 'index.ts': `import '../x';` }, 'index.ts:1:8: "../x" in index.ts points outside the project.');
  await said(
    { 'index.ts': `import { z } from 'zod'; z();` },
    'index.ts:1:19: index.ts imports "zod", and the package "zod" is not among the modules: add its files under "node_modules/zod/".',
  );
  await said(
    { 'index.ts': `export const l = () => import('@scope/pkg/sub');` },
    'index.ts:1:31: index.ts imports "@scope/pkg/sub", and the package "@scope/pkg" is not among the modules: add its files under "node_modules/@scope/pkg/".',
  );
  await said(
    { 'index.ts': `import 'https://example.com/x.js';` },
    'index.ts:1:8: cannot import "https://example.com/x.js" in index.ts: only files of the project, cloudflare:* and node:* modules can be imported.',
  );
  await said(
    { 'index.ts': `import { Conter } from './b'; new Conter();`, 'b.ts': 'export class Counter {}' },
    'index.ts:1:10: b.ts does not export "Conter", did you mean "Counter"?',
  );
  await said(
    { 'index.ts': `import B from './b'; new B();`, 'b.ts': 'export class Counter {}' },
    'index.ts:1:8: b.ts has no default export.',
  );
  await said({ 'index.js': `export { x } from './b.js';`, 'b.js': '' }, 'index.js:1:10: b.js does not export "x".');
  await said(
    {
      'index.js': `import { x } from './b.js';`,
      'b.js': `export * from './c.js'; export * from './d.js';`,
      'c.js': 'export const x = 1',
      'd.js': 'export const x = 2',
    },
    'index.js:1:10: "x" comes to b.js from two modules through "export *", so it has no meaning.',
  );
});

test('what is not supported says so', async () => {
  await said(
    { 'index.js': `module.exports = require('./x');` },
    'index.js is a CommonJS module, which an entry cannot be; use import and export.',
  );
  await said(
    { 'index.ts': `import x = require('./x'); x();` },
    'index.ts:1:1: "import x = require()" is CommonJS, which is not supported; use import and export.',
  );
  await said(
    { 'index.ts': 'export = 3;' },
    'index.ts:1:1: "export =" is CommonJS, which is not supported; use import and export.',
  );
  await said(
    { 'index.js': `import w from './a.wasm'; w();`, 'a.wasm': 'text' },
    'a.wasm is WebAssembly and must be given as bytes, not as a string.',
  );
  await said(
    {
      'index.js': `import './b.js';\nawait 1; export const x = 1;`,
      'b.js': `import { x } from './index.js'; export const y = () => x;`,
    },
    'index.js:2:1: top-level await is not supported in an import cycle with b.js.',
  );
  await said(
    { 'index.js': `import './b.js'; export let x = 1;`, 'b.js': `import { x } from './index.js';\nx = 2;` },
    'b.js:2:1: "x" is imported and cannot be assigned to.',
  );
  const { warnings } = await bundle({ modules: { 'index.js': '\nexport const load = (x) => import(x);' } }, {});
  expect(warnings).toEqual([
    'index.js:2: import() of a computed name finds modules of the platform and none of the project: only literal names are bundled.',
  ]);
});

test('top-level await outside a cycle is left alone', async () => {
  const bench = await openBench();
  try {
    const compiled = await bundle(
      {
        modules: {
          'index.ts': `import { x } from './x';\nexport const y: number = await x + 1;`,
          'x.ts': 'export const x = await Promise.resolve(1);',
        },
      },
      {},
    );
    const [lines] = await runPrograms(bench.folder, [
      { entry: await writeCompiled(join(bench.folder, 'r'), compiled), ask: 'ns.y' },
    ]);
    expect(lines).toEqual(['2']);
  } finally {
    await bench.dispose();
  }
});

test('the entry is what main says, or the usual file, or the only script', async () => {
  const mainOf = async (paths: string[], more: Partial<ProjectInput> = {}) =>
    (await bundle({ modules: Object.fromEntries(paths.map((path) => [path, ''])), ...more }, {})).main;
  expect(await mainOf(['src/index.js', 'src/index.ts', 'index.ts'])).toBe('src/index.ts');
  expect(await mainOf(['index.mjs', 'a.ts'])).toBe('index.mjs');
  expect(await mainOf(['worker.js', 'a.ts'])).toBe('worker.js');
  expect(await mainOf(['only.ts', 'readme.md'])).toBe('only.ts');
  expect(await mainOf(['a.ts', 'b.ts'], { main: './b.ts' })).toBe('b.ts');
  expect(await mainOf(['a.ts', 'b.ts'], { main: 'a.ts', config: { main: 'b.ts' } })).toBe('a.ts');
  expect(await mainOf(['a.ts', 'b.ts'], { config: 'main = "./b.ts"' })).toBe('b.ts');
  await said({ 'a.ts': '', 'b.ts': '' }, 'no entry was found: set "main" to one of the modules (a.ts, b.ts).');
  await said({ 'a.md': '' }, 'no entry was found: set "main" to one of the modules (there is no script among them).');
  const asked = await faultOf({ modules: { 'a.ts': '', 'b.ts': '' }, main: 'c.ts' });
  expect([asked.code, asked.message]).toEqual([
    'bundle_failed',
    'the entry "c.ts" that "main" names is not among the modules (a.ts, b.ts).',
  ]);
  const configured = await faultOf({ modules: { 'a.ts': '', 'wrangler.toml': 'main = "c.ts"' } });
  expect([configured.code, configured.message]).toEqual([
    'config_invalid',
    'the entry "c.ts" that "main" in wrangler.toml names is not among the modules (a.ts).',
  ]);
  const text = await faultOf({ modules: { 'a.txt': '', 'b.ts': '' }, main: 'a.txt' });
  expect(text.message).toBe('the entry a.txt must be an ES module.');
});

test('paths and contents are checked', async () => {
  await said({ '../up.ts': '' }, '"../up.ts" is not a path inside the project.');
  await said({ 'a.ts': '', './a.ts': '' }, 'two modules have the path "a.ts".');
  await said({ 'a.ts': 3 as never }, 'module "a.ts" must be a string, an ArrayBuffer or a view of one.');
  const { main } = await bundle({ modules: { 'a.ts': new TextEncoder().encode('\uFEFFexport {}').buffer } }, {});
  expect(main).toBe('a.ts');
});

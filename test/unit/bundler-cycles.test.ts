import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Random, seededRandom } from '../../src/base/random.ts';
import { bundle } from '../../src/bundler/bundle.ts';
import { openBench, runPrograms, writeCompiled, writeNative } from '../support/run-modules.ts';

interface Case {
  what: string;
  files: Record<string, string>;
  ask?: string;
}

const CASES: Case[] = [
  {
    what: 'bindings are live in both directions',
    files: {
      'a.js': `import { b, setB } from './b.js'; export let a = 1; export function setA(v) { a = v; } say('a sees', b); setB(5); say(b);`,
      'b.js': `import { a, setA } from './a.js'; export let b = 2; export function setB(v) { b = v; } setTimeout(() => {}, 0); export const peek = () => a; export function poke() { setA(9); return a; }`,
      'main.js': `import { a, setA } from './a.js'; import { b, peek, poke } from './b.js'; say(a, b, peek()); setA(3); say(a, peek()); say(poke(), a);`,
    },
  },
  {
    what: 'a function is callable before its module has run',
    files: {
      'main.js': `import './b.js'; export function early(x) { return x + 1; } export async function later() {} export function* many() { yield 1; } say('main');`,
      'b.js': `import { early, many } from './main.js'; say('b', early(1), [...many()], early.name);`,
    },
  },
  {
    what: 'let, const and classes are in their dead zone until their module has run',
    files: {
      'main.js': `import './b.js'; export let x = 1; export const y = 2; export class Z {} export default class {} say(x, y, typeof Z);`,
      'b.js': `import D, { x, y, Z } from './main.js'; for (const f of [() => x, () => y, () => new Z(), () => class extends Z {}]) { try { f(); say('no error'); } catch (e) { say(e.name, e.message); } } try { D; } catch (e) { say(e.name); }`,
    },
  },
  {
    what: 'a class that is extended too early stops the program',
    files: {
      'main.js': `import { B } from './b.js'; export class A {} say(new B());`,
      'b.js': `import { A } from './main.js'; export class B extends A {}`,
    },
  },
  {
    what: 'default exports keep their name and life',
    files: {
      'main.js': `import f, { g } from './b.js'; import k from './c.js'; export default class { static who = 'main'; hi() { return g(); } } say(f(), f.name, k.name, new k().v);`,
      'b.js': `import M from './main.js'; import E from './c.js'; export default function () { try { return M.who; } catch (e) { return e.name; } } export const g = () => [M.name, E.name];`,
      'c.js': `import M from './main.js'; import f from './b.js'; export default class { v = f.name; m() { return M; } }`,
    },
    ask: `[new ns.default().hi(), ns.default.name]`,
  },
  {
    what: 'default expressions of every kind',
    files: {
      'main.js': `import b from './b.js'; import c from './c.js'; import d from './d.js'; import e from './e.js'; export default (1, 2); say(b.name, b(), c, d.name, d(), e.name, typeof e);`,
      'b.js': `import './main.js'; export default () => 'arrow'`,
      'c.js': `import './main.js'; let x = 1\nexport default x\nx = 2`,
      'd.js': `import './main.js'; export default (async function named() {}, function () { return 7 })`,
      'e.js': `import './main.js'; export default (class {})`,
    },
  },
  {
    what: 'a default function is hoisted, a renamed default follows its variable',
    files: {
      'main.js': `import f from './b.js'; import g from './main.js'; export default function own() { return 'own'; } say(f(), g === own, own.name); own = 3; say(g);`,
      'b.js': `import own from './main.js'; export default function/* ( */ () { return own() + own.name; }`,
    },
  },
  {
    what: 'a module may import itself',
    files: {
      'main.js': `import * as self from './main.js'; import { n as m } from './main.js'; export let n = 1; n = 2; say(m, Object.keys(self), self.n); export { n as 'odd name', m as again }; self.x`,
    },
    ask: `[ns['odd name'], ns.again, ns.n]`,
  },
  {
    what: 'namespace objects look like the real ones',
    files: {
      'main.js': `import * as b from './b.js'; import * as m from './main.js'; export const z = 1; export { b }; say(Object.keys(b), b.z, 'nope' in b, b.nope, Object.prototype.toString.call(b), Object.isSealed(b), Object.isSealed(b), Reflect.ownKeys(b).length); say(Object.getOwnPropertyDescriptor(b, 'one')); try { b.one = 5 } catch (e) { say(e.name) } try { delete b.one } catch (e) { say(e.name) } try { Object.defineProperty(b, 'one', { value: 3 }) } catch (e) { say(e.name) } say(m.b === b, Object.getPrototypeOf(b), b.add(2), b.one, b.default);`,
      'b.js': `import * as main from './main.js'; export let one = 1; export function add(n) { one += n; return main.z; } export const two = 2; export { z } from './main.js'; export default 'd'; try { main.z } catch (e) { say(e.name, e.message) } try { Object.keys(main) } catch (e) { say(e.name) }`,
    },
    ask: `Object.keys(ns.b)`,
  },
  {
    what: 'export * passes names on, hides conflicts, and never the default',
    files: {
      'main.js': `export * from './b.js'; export * from './c.js'; export * as all from './c.js'; import { fromB, fromC } from './main.js'; export const own = 0; say(fromB, fromC);`,
      'b.js': `export * from './main.js'; export const fromB = 'b'; export const both = 1; export const own = 'hidden'; export default 1;`,
      'c.js': `import { own } from './main.js'; export const fromC = 'c'; export const both = 2; export const lazy = () => own; export default 2;`,
    },
    ask: `[Object.keys(ns), ns.lazy(), ns.all.both]`,
  },
  {
    what: 'names that collide keep their meaning and their name',
    files: {
      'main.js': `import { state as other, Thing as T2, fn as f2, arrow as a2 } from './b.js'; const state = 'main'; class Thing { static self = () => Thing } function fn(other) { return other + state; } const arrow = () => state; let late; late ??= function () {}; const { d = () => 1 } = {}; say(state, other, Thing.name, T2.name, T2.self() === T2, fn.name, f2.name, arrow.name, a2.name, fn('x'), f2('y'), late.name, d.name, { state, other });`,
      'b.js': `import './main.js'; export let state = 'b'; export class Thing { static self = () => Thing } export function fn(x) { return x + state; } export const arrow = () => state; let late; late ??= class {}; const { d = () => 2 } = {}; { let state = 'inner'; say(state, late.name, d.name); } ({ state } = { state: 'assigned' }); [state = () => {}] = []; say(state.name); ({ state = 'z' } = {}); for (state of ['p', 'q']); state += '!';`,
    },
  },
  {
    what: 'a name of one module does not hide a global of another',
    files: {
      'main.js': `import { made } from './b.js'; const Map = 1, Object = 2, say2 = say; say2(Map, Object, made); export const undefinedGlobal = typeof notThere;`,
      'b.js': `import { undefinedGlobal } from './main.js'; export const made = new Map([[1, 2]]).size; const notThere = 1; say(notThere); export const f = () => undefinedGlobal;`,
    },
    ask: 'ns.undefinedGlobal',
  },
  {
    what: 'an imported name is not caught by an inner one',
    files: {
      'main.js': `import { value as v, f as g } from './b.js'; function test(value, f) { const inner = (value$1) => [v, value, value$1, g(), f]; return inner(3); } say(test(1, 2)); try { throw 1 } catch (value) { say(v) } for (let value = 0; value < 1; value++) say(v); class value { m() { return v } } say(new value().m()); label: for (;;) { break label } export const label = 1; switch (1) { case 1: let value = 5; say(v, value) } const fe = function value() { return v }; say(fe()); say(((value, q = () => v) => { var v2; return q() })(8));`,
      'b.js': `import { label } from './main.js'; export const value = 'imported'; export function f() { return 'f'; }`,
    },
  },
  {
    what: 'modules outside run where they would have run',
    files: {
      'main.js': `import './one.js'; import { b } from './b.js'; import './three.js'; export const m = 1; say('main', b());`,
      'b.js': `import { m } from './main.js'; import './two.js'; export const b = () => m; say('b');`,
      'one.js': `say('one');`,
      'two.js': `say('two');`,
      'three.js': `import './four.js'; globalThis.flag = 1; say('three');`,
      'four.js': `say('four', typeof globalThis.flag); delete globalThis.flag;`,
    },
  },
  {
    what: 'a cycle within a cycle, reached twice',
    files: {
      'main.js': `import { p } from './p.js'; import { q } from './q.js'; say('main', p(), q());`,
      'p.js': `import { q } from './q.js'; import { r } from './r.js'; export function p() { return 'p' + r(); } say('p', q());`,
      'q.js': `import { p } from './p.js'; import { s } from './s.js'; export function q() { return 'q' + s(); } say('q');`,
      'r.js': `import { s } from './s.js'; export function r() { return 'r' + s(); } say('r');`,
      's.js': `import { r } from './r.js'; export function s() { return 's'; } say('s', r.name);`,
    },
  },
  {
    what: 'dynamic imports stay lazy, also of a member',
    files: {
      'main.js': `import { load } from './b.js'; export const m = 'm'; say('main'); export const done = load().then((c) => [Object.keys(c), c.c()]);`,
      'b.js': `export const load = () => import('./c.js', {}); say('b');`,
      'c.js': `import { m } from './main.js'; import { d } from './d.js'; export const c = () => d; say('c', m);`,
      'd.js': `import { c } from './c.js'; export const d = () => c; say('d'); export const again = () => import(\`./main.js\`);`,
    },
    ask: 'ns.done',
  },
  {
    what: 'this, arguments, asi and hashbangs',
    files: {
      'main.js': `#!/usr/bin/env node\nimport { b } from './b.js'\n;[1].forEach(() => say(this === undefined))\nlet a = b\nexport { a }\n;(function () { say(arguments.length, a) })(1)\nexport const t = \`line\n\${b}\``,
      'b.js': `import { a } from './main.js'\nexport const b = 'b'\nexport\nconst later = () => a // the end`,
    },
    ask: 'ns.t',
  },
  {
    what: 'assignments of every shape reach the outside',
    files: {
      'main.js': `import { bump } from './b.js'; export let a = 0, b = 0, c = 0; export var v; export function set() { a++; [b, ...c] = [1, 2, 3]; ({ x: v } = { x: bump() }); for (a in { key: 1 }); }`,
      'b.js': `import { a, b } from './main.js'; export const bump = () => [a, b];`,
      'out.js': `import { a, b, c, v, set } from './main.js'; say(a, b, c, v); set(); say(a, b, c, v);`,
    },
  },
];

async function compile(files: Record<string, string>, main: string) {
  return bundle({ modules: files, main }, {});
}

test('a linked cycle does what node does with the separate files', async () => {
  const bench = await openBench();
  try {
    const native: { entry: string; ask?: string }[] = [];
    const linked: { entry: string; ask?: string }[] = [];
    for (const [index, one] of CASES.entries()) {
      const main = 'out.js' in one.files ? 'out.js' : 'main.js';
      const ask = one.ask === undefined ? {} : { ask: one.ask };
      native.push({ entry: await writeNative(join(bench.folder, `n${index}`), one.files, main), ...ask });
      const script = await compile(one.files, main);
      linked.push({ entry: await writeCompiled(join(bench.folder, `l${index}`), script), ...ask });
    }
    const wanted = await runPrograms(bench.folder, native);
    const found = await runPrograms(bench.folder, linked);
    for (const [index, { what }] of CASES.entries()) {
      expect({ what, lines: found[index] }).toEqual({ what, lines: wanted[index] });
      expect(wanted[index]?.length, what).toBeGreaterThan(0);
    }
  } finally {
    await bench.dispose();
  }
});

/** A program of up to five modules with imports at random: of every kind of export, used early and late. */
function randomProgram(random: Random): Record<string, string> {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random.unit() * list.length)] as T;
  const chance = (share: number) => random.unit() < share;
  const count = 2 + Math.floor(random.unit() * 4);
  const paths = Array.from({ length: count }, (_, index) => (index === 0 ? 'main.js' : `m${index}.js`));
  const files: Record<string, string> = {};
  for (const [index, path] of paths.entries()) {
    // few names, so that they collide between modules and with inner ones
    const lines: string[] = [];
    const uses: string[] = [];
    for (const other of paths) {
      if (!chance(0.55)) continue;
      const tag = `${paths.indexOf(other)}`;
      const imports: string[] = [];
      for (const name of ['fn', 'value', 'Thing', 'late']) {
        if (!chance(0.5)) continue;
        const local = chance(0.5) ? `${name}From${tag}` : `x${tag}${name}`;
        imports.push(`${name} as ${local}`);
        uses.push(name === 'fn' ? `${local}(1)` : name === 'Thing' ? `${local}.name` : local);
      }
      if (imports.length > 0) lines.push(`import { ${imports.join(', ')} } from './${other}';`);
      if (chance(0.3)) {
        lines.push(`import star${tag}, * as ns${tag} from './${other}';`);
        uses.push(`typeof star${tag}`, `ns${tag}.value`, `Object.keys(ns${tag})`, `star${tag}.name`);
      }
      if (chance(0.2)) lines.push(`export { value as passed${tag} } from './${other}';`);
      if (chance(0.2)) lines.push(`import './${other}';`);
      if (chance(0.15)) lines.push(`export * from './${other}';`);
    }
    const early = uses.filter(() => chance(0.5));
    const probe = (list: string[]) =>
      list
        .map((use) => `try { say('${index}', ${JSON.stringify(use)}, ${use}) } catch (e) { say('${index}', e.name) }`)
        .join('\n');
    lines.push(`say('start ${index}');`, probe(early));
    const used = pick(["''", ...uses.filter((use) => !use.includes('('))]);
    lines.push(
      `export function fn(value) { const late = value; return ((v) => (typeof v === 'function' ? v.name : v))(${used}) + late; }`,
    );
    lines.push(`${pick(['let', 'var'])} value = '${index}'; export { value };`);
    lines.push(
      pick([
        `export class Thing { static value = value; }`,
        `class Thing {} export { Thing };`,
        `export const Thing = class {};`,
      ]),
    );
    lines.push(
      pick([
        `export const late = () => Thing;`,
        `export let late = 1; late = () => value;`,
        `export var { late = () => 2 } = {};`,
      ]),
    );
    lines.push(
      pick([
        `export default function () {}`,
        `export default class {}`,
        `export default () => 1;`,
        `export default class Thing2 {}`,
        `export default value`,
      ]),
    );
    if (chance(0.5)) lines.push(`value += '!';`);
    lines.push(probe(uses));
    files[path] = lines.join('\n');
  }
  return files;
}

test('two hundred random programs with cycles say the same when they are linked', async () => {
  const bench = await openBench();
  try {
    const random = seededRandom(20_260_730);
    const programs = Array.from({ length: 200 }, () => randomProgram(random));
    const native: { entry: string }[] = [];
    const linked: { entry: string }[] = [];
    let cycles = 0;
    for (const [index, files] of programs.entries()) {
      native.push({ entry: await writeNative(join(bench.folder, `n${index}`), files, 'main.js') });
      const script = await compile(files, 'main.js').catch((error: Error) => error);
      if (script instanceof Error) {
        linked.push({ entry: '' });
        continue;
      }
      if (script.modules.some((one) => one.kind === 'esm' && one.sources)) cycles++;
      linked.push({ entry: await writeCompiled(join(bench.folder, `l${index}`), script) });
    }
    const wanted = await runPrograms(bench.folder, native);
    const found = await runPrograms(
      bench.folder,
      linked.map((one) => (one.entry ? one : { entry: 'data:text/javascript,' })),
    );
    let compared = 0;
    for (const [index, files] of programs.entries()) {
      const isLinkError = wanted[index]?.[0]?.startsWith('thrown SyntaxError');
      // what node refuses to link, the bundler refuses too, and nothing else
      expect({ index, refused: linked[index]?.entry === '', files }).toEqual({
        index,
        refused: isLinkError === true,
        files,
      });
      if (isLinkError) continue;
      compared++;
      expect({ index, lines: found[index], files }).toEqual({ index, lines: wanted[index], files });
    }
    expect(cycles).toBeGreaterThan(100);
    expect(compared).toBeGreaterThan(100);
  } finally {
    await bench.dispose();
  }
});

/**
 * Enforces the law of the house (src/README.md): storeys, one door per platform API, sizes.
 *
 * A failure names the file, the rule and the cure. The rules are also run on small forbidden examples, so that a rule
 * that can no longer fail is itself a failure.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '..');

/** Each folder's storey; a file may import from lower storeys, and from its own folder. */
const STOREYS: Record<string, number> = {
  base: 0,
  values: 1,
  protocol: 1,
  syntax: 1,
  storage: 2,
  rpc: 2,
  sockets: 2,
  gates: 2,
  network: 2,
  meter: 2,
  isolate: 3,
  node: 3,
  host: 3,
  inspector: 3,
  client: 3,
  preview: 3,
  bundler: 3,
  face: 4,
};

/** Who may say the name of a platform API, a library, or a global. */
const IMPORT_DOORS: { match: RegExp; files: RegExp; cure: string }[] = [
  { match: /^sql\.js/, files: /^src\/storage\/engine/, cure: 'sql.js is reached through storage/engine.ts' },
  { match: /^idb$/, files: /^src\/storage\/vault/, cure: 'IndexedDB is reached through storage/vault.ts' },
  {
    match: /^comlink$/,
    files: /^src\/network\/control-port/,
    cure: 'comlink is reached through network/control-port.ts',
  },
  { match: /^fflate$/, files: /^src\/inspector\/zip/, cure: 'zips are read and written in inspector/zip.ts' },
];

const NAME_DOORS: { names: string[]; files: RegExp; cure: string }[] = [
  {
    names: ['BroadcastChannel'],
    files: /^src\/(network\/wire|base\/primordials|isolate\/globals)/,
    cure: 'use network/wire.ts',
  },
  {
    names: ['indexedDB', 'IDBKeyRange'],
    files: /^src\/(storage\/vault|base\/primordials|isolate\/globals)/,
    cure: 'use storage/vault.ts',
  },
  {
    names: ['Worker'],
    files: /^src\/(spawn|host\/pool|isolate\/globals)/,
    cure: 'start realms in spawn.ts and isolates in host/pool.ts',
  },
  {
    names: ['setTimeout', 'setInterval'],
    files: /^src\/(base\/(clock|primordials)|isolate\/(globals|timers)|node\/)/,
    cure: 'take a Clock (base/clock.ts)',
  },
];

const MEMBER_DOORS: { object: string; member: string; files: RegExp; cure: string }[] = [
  { object: 'navigator', member: 'locks', files: /^src\/network\/lease/, cure: 'use network/lease.ts' },
  { object: 'Date', member: 'now', files: /^src\/(base\/(clock|primordials))/, cure: 'take a Clock (base/clock.ts)' },
  {
    object: 'Math',
    member: 'random',
    files: /^src\/(base\/(random|primordials)|isolate\/globals)/,
    cure: 'take a Random (base/random.ts)',
  },
  {
    object: 'crypto',
    member: '*',
    files: /^src\/(base\/(random|primordials)|isolate\/globals|node\/)/,
    cure: 'take a Random (base/random.ts)',
  },
];

const LINES_MAX = 450;
const FUNCTION_LINES_MAX = 80;

interface Source {
  /** from the project's root, `/` between the parts */
  file: string;
  text: string;
}

function sources(folder: string): Source[] {
  return readdirSync(path.join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.ts$/.test(entry.name))
    .map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .sort()
    .map((file) => ({ file, text: readFileSync(path.join(ROOT, file), 'utf8') }));
}

function importsOf(source: Source): string[] {
  return ts.preProcessFile(source.text, true, true).importedFiles.map((one) => one.fileName);
}

function resolve(from: string, specifier: string): string {
  return path.posix.join(path.posix.dirname(from), specifier);
}

function folderOf(file: string): string {
  const parts = file.split('/');
  return parts.length === 2 ? 'face' : (parts[1] as string);
}

function importFaults(all: Source[]): string[] {
  const faults: string[] = [];
  for (const source of all) {
    for (const specifier of importsOf(source)) {
      if (!specifier.startsWith('.')) {
        for (const door of IMPORT_DOORS) {
          if (door.match.test(specifier) && !door.files.test(source.file)) {
            faults.push(`${source.file} imports ${specifier}: ${door.cure}`);
          }
        }
        continue;
      }
      const target = resolve(source.file, specifier);
      if (!specifier.endsWith('.ts')) faults.push(`${source.file} imports ${specifier}: write the ending, .ts`);
      if (source.file.startsWith('playground/')) {
        if (target.startsWith('src/') && target !== 'src/index.ts') {
          faults.push(`${source.file} imports ${target}: the playground is an embedder and knows src/index.ts alone`);
        }
        continue;
      }
      if (!target.startsWith('src/')) {
        faults.push(`${source.file} imports ${target}: src/ imports nothing outside src/`);
        continue;
      }
      const [own, other] = [folderOf(source.file), folderOf(target)];
      if (own === other) continue;
      const [ownStorey, otherStorey] = [STOREYS[own], STOREYS[other]];
      if (ownStorey === undefined || otherStorey === undefined) {
        faults.push(
          `${source.file} imports ${target}: a folder without a storey; add it to src/README.md and to this test`,
        );
      } else if (otherStorey >= ownStorey) {
        const way = otherStorey > ownStorey ? 'upward' : 'sideways';
        faults.push(
          `${source.file} imports ${way} from ${target}: move what both need down, or pass it as an argument`,
        );
      }
    }
  }
  return faults;
}

function cycleFaults(all: Source[]): string[] {
  const edges = new Map(
    all.map((source) => [
      source.file,
      importsOf(source)
        .filter((one) => one.startsWith('.'))
        .map((one) => resolve(source.file, one)),
    ]),
  );
  const faults: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, trail: string[]): void => {
    const at = trail.indexOf(file);
    if (at >= 0) {
      faults.push(`import cycle: ${[...trail.slice(at), file].join(' -> ')}: move what both need into a third file`);
      return;
    }
    if (done.has(file)) return;
    for (const next of edges.get(file) ?? []) visit(next, [...trail, file]);
    done.add(file);
  };
  for (const file of edges.keys()) visit(file, []);
  return faults;
}

function isTypePosition(node: ts.Node): boolean {
  for (let at: ts.Node = node; at.parent; at = at.parent) {
    if (ts.isTypeNode(at)) return true;
    if (ts.isStatement(at) || ts.isExpression(at.parent)) break;
  }
  return ts.isImportSpecifier(node.parent) || ts.isTypeReferenceNode(node.parent);
}

function doorFaults(source: Source): string[] {
  const faults: string[] = [];
  const tree = ts.createSourceFile(source.file, source.text, ts.ScriptTarget.Latest, true);
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && !isTypePosition(node)) {
      const parent = node.parent;
      const isMemberName = ts.isPropertyAccessExpression(parent) && parent.name === node;
      const object = isMemberName ? parent.expression.getText(tree) : undefined;
      const isGlobal = !isMemberName || object === 'globalThis' || object === 'self';
      const declares =
        (ts.isPropertyAssignment(parent) ||
          ts.isPropertySignature(parent) ||
          ts.isMethodDeclaration(parent) ||
          ts.isMethodSignature(parent) ||
          ts.isParameter(parent) ||
          ts.isPropertyDeclaration(parent) ||
          ts.isBindingElement(parent) ||
          ts.isVariableDeclaration(parent)) &&
        parent.name === node;
      if (isGlobal && !declares) {
        for (const door of NAME_DOORS) {
          if (door.names.includes(node.text) && !door.files.test(source.file)) {
            faults.push(`${source.file} uses ${node.text}: ${door.cure}`);
          }
        }
      }
    }
    if (ts.isPropertyAccessExpression(node)) {
      const object = node.expression.getText(tree).replace(/^(globalThis|self)\./, '');
      for (const door of MEMBER_DOORS) {
        if (
          object === door.object &&
          (door.member === '*' || node.name.text === door.member) &&
          !door.files.test(source.file)
        ) {
          faults.push(`${source.file} uses ${object}.${node.name.text}: ${door.cure}`);
        }
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return faults;
}

function sizeFaults(source: Source): string[] {
  const faults: string[] = [];
  const lines = source.text.split('\n').length;
  if (lines > LINES_MAX) faults.push(`${source.file} has ${lines} lines (${LINES_MAX} at most): split it by noun`);
  const tree = ts.createSourceFile(source.file, source.text, ts.ScriptTarget.Latest, true);
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body) {
      const from = tree.getLineAndCharacterOfPosition(node.getStart(tree)).line;
      const to = tree.getLineAndCharacterOfPosition(node.end).line;
      if (to - from + 1 > FUNCTION_LINES_MAX) {
        faults.push(
          `${source.file}:${from + 1} a function of ${to - from + 1} lines (${FUNCTION_LINES_MAX} at most): split it`,
        );
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return faults;
}

function headerFaults(source: Source): string[] {
  return /^\s*\/\*\*/.test(source.text) ? [] : [`${source.file} does not open with what it is and what it promises`];
}

function barrelFaults(source: Source): string[] {
  if (source.file === 'src/index.ts') return [];
  const tree = ts.createSourceFile(source.file, source.text, ts.ScriptTarget.Latest, true);
  const onlyReexports =
    tree.statements.length > 0 && tree.statements.every((one) => ts.isExportDeclaration(one) && one.moduleSpecifier);
  return onlyReexports ? [`${source.file} only re-exports: import from the file that has it`] : [];
}

const src = sources('src');
const all = [...src, ...sources('playground').filter((one) => !one.file.startsWith('playground/examples/'))];

describe('the house', () => {
  test('imports go downward only, through the doors', () => expect(importFaults(all)).toEqual([]));
  test('no import cycles', () => expect(cycleFaults(all)).toEqual([]));
  test('one door per platform API', () => expect(src.flatMap(doorFaults)).toEqual([]));
  test('files and functions fit on a few screens', () => expect(all.flatMap(sizeFaults)).toEqual([]));
  test('every file says what it is', () => expect(src.flatMap(headerFaults)).toEqual([]));
  test('no barrels', () => expect(src.flatMap(barrelFaults)).toEqual([]));
});

describe('the rules can fail', () => {
  const bad = (file: string, text: string): Source => ({ file, text });
  test('a forbidden import', () => {
    expect(importFaults([bad('src/rpc/stub.ts', "import x from 'comlink';")])).toHaveLength(1);
    expect(importFaults([bad('src/isolate/actor.ts', "import x from 'sql.js';")])).toHaveLength(1);
    expect(importFaults([bad('playground/main.ts', "import { x } from '../src/host/host.ts';")])).toHaveLength(1);
  });
  test('an upward and a sideways arrow', () => {
    expect(importFaults([bad('src/base/a.ts', "import { x } from '../rpc/stub.ts';")])[0]).toContain('upward');
    expect(importFaults([bad('src/rpc/a.ts', "import { x } from '../storage/kv.ts';")])[0]).toContain('sideways');
    expect(importFaults([bad('src/host/a.ts', "import { x } from '../isolate/actor.ts';")])[0]).toContain('sideways');
  });
  test('a cycle', () => {
    const cycle = [
      bad('src/rpc/a.ts', "import { x } from './b.ts';"),
      bad('src/rpc/b.ts', "import { x } from './a.ts';"),
    ];
    expect(cycleFaults(cycle)).toEqual([
      'import cycle: src/rpc/a.ts -> src/rpc/b.ts -> src/rpc/a.ts: move what both need into a third file',
    ]);
  });
  test('a platform API used past its door', () => {
    expect(doorFaults(bad('src/host/a.ts', "const c = new BroadcastChannel('x');"))).toHaveLength(1);
    expect(doorFaults(bad('src/host/a.ts', 'const t = Date.now() + Math.random();'))).toHaveLength(2);
    expect(doorFaults(bad('src/host/a.ts', 'navigator.locks.request("x", () => {});'))).toHaveLength(1);
    expect(doorFaults(bad('src/network/link.ts', 'globalThis.setTimeout(() => {}, 1);'))).toHaveLength(1);
    expect(doorFaults(bad('src/host/a.ts', 'const bytes = crypto.getRandomValues(x);'))).toHaveLength(1);
  });
  test('a file without first words, a barrel, a giant', () => {
    expect(headerFaults(bad('src/host/a.ts', 'export const x = 1;'))).toHaveLength(1);
    expect(barrelFaults(bad('src/host/a.ts', "export * from './b.ts';"))).toHaveLength(1);
    expect(sizeFaults(bad('src/host/a.ts', 'x;\n'.repeat(LINES_MAX + 1)))).toHaveLength(1);
    expect(sizeFaults(bad('src/host/a.ts', `function f() {\n${'x;\n'.repeat(FUNCTION_LINES_MAX)}}`))).toHaveLength(1);
  });
});

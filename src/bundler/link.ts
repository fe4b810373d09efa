/**
 * Several modules that import each other, as one module and a front for each.
 *
 * Promise: the members run in the language's order and share one scope, so imports between them are the variables
 * themselves: live in both directions, functions callable before their module has run, `let`, `const` and classes in
 * their dead zone until theirs has. Names that had to change keep their `name`. Each front has its member's path and
 * exports, so nothing outside sees a difference.
 *
 * DIFFERS: a namespace object made inside the group is a look-alike (same keys, same errors) and not identical to the
 * one that modules outside get from the front. A top-level `await` inside an import cycle is refused.
 */
import type { CompiledModule, ImportTarget, ModuleImport, SourceSpan } from '../protocol/deployment.ts';
import { applyEdits } from '../syntax/edits.ts';
import { ExportResolver } from './exports.ts';
import { bundleFailed } from './faults.ts';
import {
  type Graph,
  loadersPlaces,
  placeIn,
  type ScriptNode,
  scriptAt,
  staticTargets,
  targetOf,
} from './graph-nodes.ts';
import { type MemberCode, memberEdits } from './link-member.ts';
import { LinkNames, type Variable } from './link-names.ts';

type Script = CompiledModule & { kind: 'esm' };

/** @param group  paths in the order in which they run @param order  that of all modules */
export function linkGroup(
  graph: Graph,
  group: readonly string[],
  order: readonly string[],
): { linked: Script; fronts: Script[] } {
  const members = group.map((path) => scriptAt(graph, path));
  for (const node of members) refuseAwait(node, group);
  const resolver = new ExportResolver(graph, (path) => group.includes(path));
  const names = new LinkNames(members, resolver);
  const linkedPath = group.length > 3 ? `${group.slice(0, 3).join('+')}+${group.length - 3}-more` : group.join('+');
  const exported = new Map(members.map((node) => [node.path, exportsOf(node.path, resolver)]));
  for (const { variables } of exported.values())
    for (const [name, meaning] of variables) addNamed(names, name, meaning);
  addNamespaceContents(names, resolver, members);
  names.settle();
  const fronts = members.map((node) => front(node.path, linkedPath, exported.get(node.path) as MemberExports, names));
  const linked = linkedModule({ group, order, members, names, resolver, linkedPath, exported });
  return { linked, fronts };
}

interface MemberExports {
  /** by exported name; only variables and namespaces of the group */
  variables: Map<string, Variable['meaning']>;
  /** what the front passes on straight from outside */
  foreign: { exported: string; target: ImportTarget; imported: string }[];
  /** runtime modules under `export *` */
  open: string[];
}

function exportsOf(path: string, resolver: ExportResolver): MemberExports {
  const result: MemberExports = { variables: new Map(), foreign: [], open: [] };
  const { names, open } = resolver.names(path);
  result.open = open;
  for (const exported of names) {
    const meaning = resolver.meaning({ module: path }, exported);
    if (meaning.kind === 'variable' || meaning.kind === 'namespace') result.variables.set(exported, meaning);
    if (meaning.kind === 'foreign')
      result.foreign.push({ exported, target: meaning.target, imported: meaning.imported });
  }
  return result;
}

function refuseAwait(node: ScriptNode, group: readonly string[]): void {
  const { topLevelAwait } = node.info.names;
  if (!topLevelAwait) return;
  const others = group.filter((path) => path !== node.path);
  const cycle = others.length > 0 ? `an import cycle with ${others.join(', ')}` : 'a module that imports itself';
  throw bundleFailed(`top-level await is not supported in ${cycle}.`, placeIn(node, topLevelAwait.start));
}

/** A namespace that is used needs a variable for each thing in it. */
function addNamespaceContents(names: LinkNames, resolver: ExportResolver, members: readonly ScriptNode[]): void {
  const done = new Set<string>();
  for (let isMore = true; isMore; ) {
    isMore = false;
    for (const { meaning } of [...names.variables]) {
      if (meaning.kind !== 'namespace' || done.has(meaning.path)) continue;
      done.add(meaning.path);
      isMore = true;
      const { names: exported, open } = resolver.names(meaning.path);
      if (open.length > 0) {
        const node = members.find((one) => one.path === meaning.path) as ScriptNode;
        throw bundleFailed(
          `${node.path} has "export * from '${open[0]}'" and is imported as a namespace inside an import cycle, which is not supported.`,
        );
      }
      for (const name of exported) {
        const inner = resolver.meaning({ module: meaning.path }, name);
        if (inner.kind === 'variable' || inner.kind === 'namespace' || inner.kind === 'foreign')
          addNamed(names, name, inner);
      }
    }
  }
}

function addNamed(names: LinkNames, name: string, meaning: Variable['meaning']): void {
  const wanted = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) && name !== 'default' ? `${name}$` : 'value$';
  names.add(meaning, wanted);
}

/** Text with specifiers in it. */
class Writer {
  code = '';
  readonly imports: ModuleImport[] = [];

  text(text: string): this {
    this.code += text;
    return this;
  }

  specifier(to: ImportTarget): this {
    const start = this.code.length;
    this.code += JSON.stringify('module' in to ? to.module : to.external);
    this.imports.push({ start, end: this.code.length, to, dynamic: false });
    return this;
  }
}

function front(path: string, linkedPath: string, exported: MemberExports, names: LinkNames): Script {
  const writer = new Writer();
  const list = [...exported.variables].map(([name, meaning]) => `${names.spelling(meaning)} as ${exportName(name)}`);
  writer
    .text(`export { ${list.join(', ')} } from `)
    .specifier({ module: linkedPath })
    .text(';');
  for (const { exported: name, target, imported } of exported.foreign) {
    const what = imported === '*' ? `* as ${exportName(name)}` : `{ ${exportName(imported)} as ${exportName(name)} }`;
    writer.text(`\nexport ${what} from `).specifier(target).text(';');
  }
  for (const external of exported.open) writer.text('\nexport * from ').specifier({ external }).text(';');
  return { kind: 'esm', path, code: writer.code, imports: writer.imports };
}

function exportName(name: string): string {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u.test(name) ? name : JSON.stringify(name);
}

interface Linking {
  group: readonly string[];
  order: readonly string[];
  members: readonly ScriptNode[];
  names: LinkNames;
  resolver: ExportResolver;
  linkedPath: string;
  exported: ReadonlyMap<string, MemberExports>;
}

function linkedModule(linking: Linking): Script {
  const { members, names, resolver, linkedPath } = linking;
  const parts = members.map((node) => memberEdits(node, names, resolver));
  const writer = new Writer();
  writeImports(writer, linking);
  writeExports(writer, linking);
  for (const { functionNames } of parts) {
    for (const [spelling, name] of functionNames) {
      writer.text(
        `Object.defineProperty(${spelling}, "name", { value: ${JSON.stringify(name)}, configurable: true }); `,
      );
    }
  }
  writeNamespaces(writer, linking);
  const sources: SourceSpan[] = [];
  for (const [index, node] of members.entries()) {
    writer.text('\n');
    const line = writer.code.split('\n').length;
    writeMember(writer, node, parts[index] as MemberCode);
    sources.push({ path: node.path, line, count: writer.code.split('\n').length - line + 1 });
    writer.text('\n;');
  }
  return { kind: 'esm', path: linkedPath, code: writer.code, imports: writer.imports, sources };
}

function writeMember(writer: Writer, node: ScriptNode, part: MemberCode): void {
  const { code, moved } = applyEdits(node.code, part.edits);
  const offset = writer.code.length;
  writer.text(code);
  for (const request of node.info.requests.filter((one) => one.isDynamic)) {
    const start = offset + moved(request.start);
    const end = start + (request.end - request.start);
    writer.imports.push({ start, end, to: targetOf(node, request.specifier), dynamic: true });
  }
  writer.imports.push(...loadersPlaces(node, (place) => offset + moved(place)));
}

/** Outside modules in the order in which they run, each imported even when only its effect is wanted. */
function writeImports(writer: Writer, { group, order, members, names }: Linking): void {
  const outside = new Map<string, ImportTarget>();
  for (const target of members.flatMap(staticTargets)) {
    if (!('module' in target && group.includes(target.module))) outside.set(JSON.stringify(target), target);
  }
  const place = (target: ImportTarget) => ('module' in target ? order.indexOf(target.module) : -1);
  const variables = [...names.variables].filter(({ meaning }) => meaning.kind === 'foreign');
  for (const target of [...outside.values()].sort((a, b) => place(a) - place(b))) {
    const own = variables.filter(({ meaning }) => meaning.kind === 'foreign' && isSameTarget(meaning.target, target));
    const list: string[] = [];
    for (const { meaning, spelling } of own) {
      if (meaning.kind !== 'foreign') continue;
      if (meaning.imported === '*') writer.text(`import * as ${spelling} from `).specifier(target).text('; ');
      else list.push(`${exportName(meaning.imported)} as ${spelling}`);
    }
    if (list.length > 0)
      writer
        .text(`import { ${list.join(', ')} } from `)
        .specifier(target)
        .text('; ');
    if (own.length === 0) writer.text('import ').specifier(target).text('; ');
  }
}

function isSameTarget(a: ImportTarget, b: ImportTarget): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function writeExports(writer: Writer, { names, exported }: Linking): void {
  const spellings = new Set(
    [...exported.values()].flatMap(({ variables }) => [...variables.values()].map((one) => names.spelling(one))),
  );
  if (spellings.size > 0) writer.text(`export { ${[...spellings].join(', ')} }; `);
}

/** A namespace exotic object, as near as a proxy comes: sorted keys, live values, dead zones, frozen shape. */
const MAKE_NAMESPACE = `(getters) => {
const shape = Object.create(null);
for (const key of Object.keys(getters).sort()) Object.defineProperty(shape, key, { value: undefined, writable: true, enumerable: true });
Object.preventExtensions(Object.defineProperty(shape, Symbol.toStringTag, { value: "Module" }));
const isKey = (key) => typeof key === "string" && key in getters;
return new Proxy(shape, {
get: (target, key) => (isKey(key) ? getters[key]() : target[key]),
getOwnPropertyDescriptor: (target, key) => {
const found = Reflect.getOwnPropertyDescriptor(target, key);
return isKey(key) ? { ...found, value: getters[key]() } : found;
},
set: () => false,
defineProperty: () => false,
});
}`.replaceAll('\n', ' ');

function writeNamespaces(writer: Writer, { names, resolver }: Linking): void {
  const used = [...names.variables].filter(({ meaning }) => meaning.kind === 'namespace');
  if (used.length === 0) return;
  const make = names.fresh('makeNamespace');
  writer.text(`const ${make} = ${MAKE_NAMESPACE}; `);
  for (const { meaning, spelling } of used) {
    if (meaning.kind !== 'namespace') continue;
    const getters = resolver.names(meaning.path).names.flatMap((name) => {
      const inner = resolver.meaning({ module: meaning.path }, name);
      const isKnown = inner.kind === 'variable' || inner.kind === 'namespace' || inner.kind === 'foreign';
      return isKnown ? [`[${JSON.stringify(name)}]: () => ${names.spelling(inner)}`] : [];
    });
    writer.text(`const ${spelling} = ${make}({ __proto__: null, ${getters.join(', ')} }); `);
  }
}

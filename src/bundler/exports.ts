/**
 * Which variable an export means, through any number of modules.
 *
 * Promise: follows the language's own rules (ResolveExport): a local name, a name passed on, `export *` with its
 * conflicts and its loops. What goes through an `export *` of a runtime module cannot be known and says so.
 * @see https://tc39.es/ecma262/#sec-resolveexport
 */
import type { ImportTarget } from '../protocol/deployment.ts';
import { blank, type Edit } from '../syntax/edits.ts';
import { declaringScope } from '../syntax/scope.ts';
import { bundleFailed, didYouMean, nearest } from './faults.ts';
import { type Graph, placeIn, type ScriptNode, scriptAt, targetOf } from './graph-nodes.ts';
import { DEFAULT_LOCAL, type ExportedName, type ImportedName } from './module-info.ts';

export type Meaning =
  /** the top-level variable `local` of the script at `path` */
  | { kind: 'variable'; path: string; local: string }
  /** the namespace object of the script at `path` */
  | { kind: 'namespace'; path: string }
  /** the export `imported` (`*` for all) of a module that was not looked into */
  | { kind: 'foreign'; target: ImportTarget; imported: string }
  | { kind: 'missing' }
  | { kind: 'ambiguous' }
  | { kind: 'unknown' };

export class ExportResolver {
  readonly #graph: Graph;
  readonly #isInside: (path: string) => boolean;

  /** Modules that are not `isInside` are not looked into: what they export is `foreign`. */
  constructor(graph: Graph, isInside: (path: string) => boolean = () => true) {
    this.#graph = graph;
    this.#isInside = isInside;
  }

  /** What `imported` (`*` for all) of `target` means. */
  meaning(target: ImportTarget, imported: string, seen: ReadonlySet<string> = new Set()): Meaning {
    if ('external' in target) return { kind: 'foreign', target, imported };
    const node = this.#graph.nodes.get(target.module);
    if (node?.kind !== 'esm') {
      const exists = imported === 'default' || imported === '*';
      return exists ? { kind: 'foreign', target, imported } : { kind: 'missing' };
    }
    if (!this.#isInside(node.path)) return { kind: 'foreign', target, imported };
    if (imported === '*') return { kind: 'namespace', path: node.path };
    const step = `${node.path}\0${imported}`;
    if (seen.has(step)) return { kind: 'missing' };
    return this.#exported(node, imported, new Set([...seen, step]));
  }

  /** What the top-level name `local` of `node` means: its own variable, or what it imports. */
  local(node: ScriptNode, local: string, seen: ReadonlySet<string> = new Set()): Meaning {
    const imported = node.info.imports.find((one) => one.local === local);
    if (imported) return this.meaning(targetOf(node, imported.specifier), imported.imported, seen);
    const exists = local === DEFAULT_LOCAL || node.info.names.top.names.has(local);
    return exists ? { kind: 'variable', path: node.path, local } : { kind: 'missing' };
  }

  /** The names that the script at `path` exports, sorted, and the runtime modules that add names to them. */
  names(path: string): { names: string[]; open: string[] } {
    const names = new Set<string>();
    const open = new Set<string>();
    this.#collect(path, names, open, new Set());
    const target = { module: path };
    const isThere = (name: string) => {
      const { kind } = this.meaning(target, name);
      return kind !== 'missing' && kind !== 'ambiguous';
    };
    return { names: [...names].filter(isThere).sort(), open: [...open] };
  }

  #exported(node: ScriptNode, name: string, seen: ReadonlySet<string>): Meaning {
    const own = node.info.exports.find((one) => one.exported === name);
    if (own?.kind === 'local') return this.local(node, own.local, seen);
    if (own) return this.meaning(targetOf(node, own.specifier), own.imported, seen);
    if (name === 'default') return { kind: 'missing' };
    let found: Meaning = { kind: 'missing' };
    let isOpen = false;
    for (const specifier of node.info.stars) {
      const target = targetOf(node, specifier);
      if ('external' in target) {
        isOpen = true;
        continue;
      }
      if (!this.#isInside(target.module) && !this.#outsideHas(target.module, name)) continue;
      const meaning = this.meaning(target, name, seen);
      if (meaning.kind === 'missing') continue;
      if (meaning.kind === 'unknown') isOpen = true;
      else if (found.kind === 'missing') found = meaning;
      else if (!isSame(found, meaning)) return { kind: 'ambiguous' };
    }
    return found.kind === 'missing' && isOpen ? { kind: 'unknown' } : found;
  }

  #outsideHas(path: string, name: string): boolean {
    const { kind } = new ExportResolver(this.#graph).meaning({ module: path }, name);
    return kind !== 'missing' && kind !== 'ambiguous';
  }

  #collect(path: string, names: Set<string>, open: Set<string>, seen: Set<string>, isStar = false): void {
    const node = this.#graph.nodes.get(path);
    if (node?.kind !== 'esm' || seen.has(path)) return;
    seen.add(path);
    for (const { exported } of node.info.exports) if (!isStar || exported !== 'default') names.add(exported);
    for (const specifier of node.info.stars) {
      const target = targetOf(node, specifier);
      if ('module' in target) this.#collect(target.module, names, open, seen, true);
      else open.add(target.external);
    }
  }
}

function isSame(a: Meaning, b: Meaning): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/**
 * Checks that every imported name exists, and takes out the names that only TypeScript's types have (a type passed on
 * without `type` looks like a variable until the file that declares it is read).
 *
 * @throws SimulatorError `bundle_failed` naming the import, its place and the module that lacks the name
 */
export function checkImports(graph: Graph): void {
  const resolver = new ExportResolver(graph);
  const changes: { node: ScriptNode; gone: Set<ImportedName | ExportedName> }[] = [];
  for (const node of graph.nodes.values()) {
    if (node.kind !== 'esm') continue;
    const gone = new Set<ImportedName | ExportedName>();
    for (const one of node.info.imports) {
      if (!isThere(resolver, node, one, () => one.isBraced && !isUsed(node, one.local))) gone.add(one);
    }
    for (const one of node.info.exports) {
      if (one.kind === 'from' && !isThere(resolver, node, one, () => true)) gone.add(one);
      if (one.kind === 'local' && resolver.local(node, one.local).kind === 'missing') gone.add(one);
    }
    if (gone.size > 0) changes.push({ node, gone });
  }
  for (const { node, gone } of changes) takeOut(node, gone);
}

/** Whether code, and not only an `export { … }`, mentions the top-level name. */
function isUsed({ info: { names } }: ScriptNode, local: string): boolean {
  return names.references.some((one) => one.name === local && declaringScope(one) === names.top);
}

function isThere(
  resolver: ExportResolver,
  node: ScriptNode,
  one: ImportedName | (ExportedName & { kind: 'from' }),
  isType: () => boolean,
): boolean {
  const target = targetOf(node, one.specifier);
  const { kind } = resolver.meaning(target, one.imported);
  if (kind !== 'missing' && kind !== 'ambiguous') return true;
  if (node.isTypeScript && kind === 'missing' && isType()) return false;
  const module = 'module' in target ? target.module : target.external;
  const place = placeIn(node, one.start);
  if (kind === 'ambiguous') {
    throw bundleFailed(
      `"${one.imported}" comes to ${module} from two modules through "export *", so it has no meaning.`,
      place,
    );
  }
  const meant = nearest(one.imported, resolver.names(module).names);
  const what = one.imported === 'default' ? 'has no default export' : `does not export "${one.imported}"`;
  throw bundleFailed(`${module} ${what}${didYouMean(meant)}`, place);
}

/** Removes specifiers from the node's code; every other position in it stays as it is. */
function takeOut(node: ScriptNode, gone: ReadonlySet<ImportedName | ExportedName>): void {
  const edits: Edit[] = [...gone].map(({ start, end }) => {
    const comma = /^(?:\s|\/\*[\s\S]*?\*\/|\/\/.*)*,/.exec(node.code.slice(end));
    const stop = end + (comma?.[0].length ?? 0);
    return { start, end: stop, text: blank(node.code.slice(start, stop)) };
  });
  for (const { start, end, text } of edits) node.code = node.code.slice(0, start) + text + node.code.slice(end);
  node.info.imports = node.info.imports.filter((one) => !gone.has(one));
  node.info.exports = node.info.exports.filter((one) => !gone.has(one));
}

/** Names that the entry exports; `isOpen` when a runtime module adds more that cannot be listed. */
export function entryExports(graph: Graph): { names: string[]; isOpen: boolean } {
  const { names, open } = new ExportResolver(graph).names(scriptAt(graph, graph.entry).path);
  return { names, isOpen: open.length > 0 };
}

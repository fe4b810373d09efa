/**
 * CommonJS files in the graph: once everything is read and the kinds are known, each becomes a wrapper, and a front if a
 * module imports it.
 *
 * Promise: a `require` of something that cannot be had fails when it is made, because packages try and go on.
 */
import { must } from '../base/assert.ts';
import type { ImportTarget } from '../protocol/deployment.ts';
import { front, type Required, requiredSpecifiers, seemingExports, wrapped } from './commonjs.ts';
import { parseModule } from './compile.ts';
import type { Graph, ScriptNode } from './graph-nodes.ts';
import { type Library, offers } from './library.ts';
import { readModule } from './module-info.ts';
import { nodeLevel } from './node-level.ts';
import type { Project } from './project.ts';
import { resolveSpecifier } from './resolve.ts';

/** What a package says is not there in a browser: a JSON module without anything. */
export const EMPTY_MODULE = '(empty).json';

export interface CommonJsFile {
  path: string;
  code: string;
  /** by specifier as written; a `fault` is a whole sentence */
  required: Map<string, ImportTarget | { fault: string }>;
}

export function readCommonJs(project: Project, { path, code, info }: ScriptNode): CommonJsFile {
  const required: CommonJsFile['required'] = new Map();
  const hasNode = nodeLevel(project.config) === 'globals';
  for (const specifier of requiredSpecifiers(code, info)) {
    const found = resolveSpecifier(specifier, path, project.files, { kind: 'require', hasNode });
    if ('empty' in found) required.set(specifier, { module: EMPTY_MODULE });
    else required.set(specifier, 'file' in found ? { module: found.file } : found);
  }
  return { path, code, required };
}

/** @param library  the modules of Node, where the project may use them without a prefix */
export function addCommonJs(
  graph: Graph,
  files: ReadonlyMap<string, CommonJsFile>,
  library: Library | undefined,
): void {
  for (const file of files.values()) addWrapper(graph, files, file, library);
  const asked = importedNames(graph, files);
  for (const [path, names] of asked) {
    const { code } = must(files.get(path), path);
    const all = names.has('*') ? [...names, ...seemingExports(code), ...membersSeen(graph, path)] : [...names];
    addScript(graph, path, front(wrapperOf(path), all), new Map([[wrapperOf(path), { module: wrapperOf(path) }]]));
  }
}

function wrapperOf(path: string): string {
  return `${path}?commonjs`;
}

function addWrapper(
  graph: Graph,
  files: ReadonlyMap<string, CommonJsFile>,
  { path, code, required }: CommonJsFile,
  library: Library | undefined,
): void {
  const targets = new Map<string, ImportTarget>();
  const all = [...required].map(([specifier, target]): Required => {
    if ('fault' in target) return { specifier, kind: 'missing', sentence: target.fault };
    if ('external' in target) {
      const { external } = target;
      if (external.startsWith('node:') && !(library && offers(library, external))) {
        const sentence = `${path} requires "${external}", which Durabox does not support yet.`;
        return { specifier, kind: 'missing', sentence };
      }
      graph.externals.add(external);
      targets.set(specifier, target);
      return { specifier, kind: external.startsWith('node:') ? 'value' : 'esm' };
    }
    const isCommonJs = files.has(target.module);
    targets.set(specifier, isCommonJs ? { module: wrapperOf(target.module) } : target);
    if (isCommonJs) return { specifier, kind: 'commonjs' };
    return { specifier, kind: graph.nodes.get(target.module)?.kind === 'esm' ? 'esm' : 'value' };
  });
  addScript(graph, wrapperOf(path), wrapped(code, path, all), targets);
}

function addScript(graph: Graph, path: string, code: string, targets: Map<string, ImportTarget>): void {
  const program = parseModule(code);
  const info = readModule(program);
  graph.nodes.set(path, { kind: 'esm', path, code, program, isTypeScript: false, info, targets });
}

/** For each CommonJS file that a module imports: the names that are asked of it, `*` for all. */
function importedNames(graph: Graph, files: ReadonlyMap<string, CommonJsFile>): Map<string, Set<string>> {
  const asked = new Map<string, Set<string>>();
  for (const node of graph.nodes.values()) {
    if (node.kind !== 'esm' || node.path.endsWith('?commonjs')) continue;
    const ask = (specifier: string, name: string | undefined) => {
      const target = node.targets.get(specifier);
      if (!target || !('module' in target) || !files.has(target.module)) return;
      const names = asked.get(target.module) ?? new Set();
      asked.set(target.module, names);
      if (name !== undefined) names.add(name);
    };
    for (const one of node.info.requests) ask(one.specifier, one.isDynamic ? '*' : undefined);
    for (const one of node.info.imports) ask(one.specifier, one.imported);
    for (const one of node.info.exports) if (one.kind === 'from') ask(one.specifier, one.imported);
    for (const specifier of node.info.stars) ask(specifier, '*');
  }
  return asked;
}

/** `ns.name` in the modules that import all of `path` as `ns`. */
function membersSeen(graph: Graph, path: string): string[] {
  const names: string[] = [];
  for (const node of graph.nodes.values()) {
    if (node.kind !== 'esm') continue;
    for (const { specifier, imported, local } of node.info.imports) {
      const target = node.targets.get(specifier);
      if (imported !== '*' || !target || !('module' in target) || target.module !== path) continue;
      const member = new RegExp(`(?<![\\w$.])${local.replaceAll('$', '\\$')}\\??\\.([A-Za-z_$][\\w$]*)`, 'g');
      for (const match of node.code.matchAll(member)) names.push(match[1] as string);
    }
  }
  return names;
}

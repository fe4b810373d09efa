/**
 * The modules of a project as nodes, and what leads from one to another.
 *
 * Knows nothing of files, or of how a node comes about.
 */
import type { AnyNode, Program } from 'acorn';
import { assert, must } from '../base/assert.ts';
import type { ImportTarget, ModuleImport } from '../protocol/deployment.ts';
import { locate } from './faults.ts';
import type { ModuleInfo } from './module-info.ts';

export interface ScriptNode {
  kind: 'esm';
  path: string;
  code: string;
  program: Program;
  isTypeScript: boolean;
  info: ModuleInfo;
  /** by specifier as written */
  targets: Map<string, ImportTarget>;
}

export type AssetNode =
  | { kind: 'json' | 'text'; path: string; text: string }
  | { kind: 'data' | 'wasm'; path: string; bytes: ArrayBuffer };

export type GraphNode = ScriptNode | AssetNode;

export interface Graph {
  entry: string;
  nodes: Map<string, GraphNode>;
  /** runtime modules that some file imports */
  externals: Set<string>;
  warnings: string[];
}

/** The node at `path`, which must be a script. */
export function scriptAt(graph: Graph, path: string): ScriptNode {
  const node = graph.nodes.get(path);
  assert(node?.kind === 'esm', `${path} is no script`);
  return node;
}

/** Where a position in the compiled code of `node` is in the user's file; the line is exact. */
export function placeIn(node: ScriptNode, position: number) {
  return locate(node.path, node.code, position);
}

/** What a node imports statically, in the order of its text. */
export function staticTargets(node: GraphNode): ImportTarget[] {
  if (node.kind !== 'esm') return [];
  return node.info.requests.filter((request) => !request.isDynamic).map((request) => targetOf(node, request.specifier));
}

export function targetOf(node: ScriptNode, specifier: string): ImportTarget {
  return must(node.targets.get(specifier), `import of ${specifier} in ${node.path}`);
}

/**
 * What the loader replaces and no graph knows: `import()` of something that is not a literal, and `import.meta`.
 *
 * @param moved  where a place of the node's text is now
 */
export function loadersPlaces({ info }: ScriptNode, moved: (place: number) => number): ModuleImport[] {
  const computed = info.computedImports.map((node): ModuleImport => {
    const { start, end } = (node as AnyNode & { type: 'ImportExpression' }).source;
    return { start: moved(start), end: moved(end), to: { computed: true }, dynamic: true };
  });
  const metas = info.names.metas.map(({ start, end }): ModuleImport => {
    return { start: moved(start), end: moved(start) + (end - start), to: { meta: true }, dynamic: false };
  });
  return [...computed, ...metas];
}

/** Whether a module uses one of these names and none of its own, or `member` stands somewhere in its text. */
export function usesGlobals(graph: Graph, names: readonly string[], member: RegExp): boolean {
  for (const node of graph.nodes.values()) {
    if (node.kind !== 'esm') continue;
    const { references, top } = node.info.names;
    if (references.some(({ name }) => names.includes(name) && !top.names.has(name))) return true;
    if (member.test(node.code)) return true;
  }
  return false;
}

/**
 * The modules of a project that the entry reaches, compiled and resolved.
 *
 * Promise: only files that are imported are read, so a broken file that nothing uses breaks nothing; every import of a
 * module here leads to another module here or to one that the runtime brings; the first fault in the order of the
 * imports is the one that is told.
 */
import type { Program } from 'acorn';
import { assert, must } from '../base/assert.ts';
import { utf8 } from '../base/bytes.ts';
import type { ImportTarget, ModuleKind } from '../protocol/deployment.ts';
import { type CompileTools, compile, parseModule } from './compile.ts';
import { jsonFault } from './config-text.ts';
import { bundleFailed, locate } from './faults.ts';
import { type ModuleInfo, type Request, readModule } from './module-info.ts';
import { fileText, type Project } from './project.ts';
import { resolveSpecifier } from './resolve.ts';
import { kindByRules } from './rules.ts';
import type { CompilerSettings } from './tsconfig.ts';

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

/** @throws SimulatorError `bundle_failed` */
export async function loadGraph(project: Project, settings: CompilerSettings, tools: CompileTools): Promise<Graph> {
  const graph: Graph = { entry: project.entry, nodes: new Map(), externals: new Set(), warnings: [] };
  const kindOf = kindByRules(project.config.rules);
  if (kindOf(project.entry) !== 'esm') throw bundleFailed(`the entry ${project.entry} must be an ES module.`);
  const waiting: { path: string; kind: ModuleKind }[] = [{ path: project.entry, kind: 'esm' }];
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const { path, kind } = next;
    if (graph.nodes.has(path)) continue;
    const content = project.files.get(path) as string | Uint8Array;
    if (kind !== 'esm') {
      graph.nodes.set(path, readAsset(kind, path, content));
      continue;
    }
    const node = await readScript(project, path, fileText(content), settings, tools);
    graph.nodes.set(path, node);
    for (const request of node.info.requests) {
      const target = targetOf(node, request.specifier);
      if ('external' in target) graph.externals.add(target.external);
      else
        waiting.push({ path: target.module, kind: requireKind(kindOf(target.module), target.module, node, request) });
    }
    warnOfScript(node, graph);
  }
  openJsonModules(graph);
  return graph;
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

function requireKind(
  kind: ModuleKind | 'commonjs' | undefined,
  path: string,
  importer: ScriptNode,
  request: Request,
): ModuleKind {
  if (kind !== undefined && kind !== 'commonjs') return kind;
  const fault =
    kind === 'commonjs'
      ? `${importer.path} imports ${path}: CommonJS modules are not supported yet.`
      : `${importer.path} imports ${path}, and no module rule says what it is; add one to "rules" in the config.`;
  throw bundleFailed(fault, placeIn(importer, request.start));
}

async function readScript(
  project: Project,
  path: string,
  source: string,
  settings: CompilerSettings,
  tools: CompileTools,
): Promise<ScriptNode> {
  const { code, program, isTypeScript } = await compile(path, source, settings, tools);
  const info = readModule(program);
  const node: ScriptNode = { kind: 'esm', path, code, program, isTypeScript, info, targets: new Map() };
  for (const request of info.requests) resolveRequest(project, node, source, request);
  return node;
}

function resolveRequest(project: Project, node: ScriptNode, source: string, request: Request): void {
  if (node.targets.has(request.specifier)) return;
  const found = resolveSpecifier(request.specifier, node.path, project.files);
  if ('file' in found) node.targets.set(request.specifier, { module: found.file });
  else if ('external' in found) node.targets.set(request.specifier, found);
  else {
    const place = placeIn(node, request.start);
    // in the source the literal may stand in another column
    const line = source.split(/\r\n|[\n\r\u2028\u2029]/)[place.line - 1] ?? '';
    const column = line.indexOf(node.code.slice(request.start, request.end)) + 1;
    throw bundleFailed(found.fault, { ...place, column: column || place.column });
  }
}

function readAsset(kind: Exclude<ModuleKind, 'esm'>, path: string, content: string | Uint8Array): AssetNode {
  switch (kind) {
    case 'text':
      return { kind, path, text: fileText(content) };
    case 'json': {
      const text = fileText(content);
      const fault = jsonFault(text);
      if (fault) throw bundleFailed(`${fault.sentence}.`, locate(path, text, fault.offset));
      return { kind, path, text };
    }
    case 'data':
      return { kind, path, bytes: copyBytes(typeof content === 'string' ? utf8(content) : content) };
    case 'wasm':
      if (typeof content === 'string')
        throw bundleFailed(`${path} is WebAssembly and must be given as bytes, not as a string.`);
      return { kind, path, bytes: copyBytes(content) };
    default:
      return kind satisfies never;
  }
}

/** A buffer of its own: the user's may be changed, or be part of a larger one. */
function copyBytes(bytes: Uint8Array): ArrayBuffer {
  const copy = new ArrayBuffer(bytes.length);
  new Uint8Array(copy).set(bytes);
  return copy;
}

function warnOfScript({ path, info, code }: ScriptNode, graph: Graph): void {
  for (const node of info.computedImports) {
    const { line } = locate(path, code, node.start);
    graph.warnings.push(`${path}:${line}: import() of a computed name will fail: only literal names are bundled.`);
  }
  const isModule = info.requests.some((one) => !one.isDynamic) || info.exports.length > 0 || info.stars.length > 0;
  if (isModule || !/\bmodule\.exports\b|\bexports\.\w+\s*=/.test(code)) return;
  const isGlobal = info.names.references.some(
    ({ name }) => (name === 'module' || name === 'exports') && !info.names.top.names.has(name),
  );
  if (isGlobal) throw bundleFailed(`${path} is a CommonJS module, which is not supported yet; use import and export.`);
}

/** A JSON module of which names are imported, and not only `default`, becomes a script that exports its keys. */
function openJsonModules(graph: Graph): void {
  const opened = new Set<string>();
  for (const node of graph.nodes.values()) {
    if (node.kind !== 'esm') continue;
    const asked = [...node.info.imports, ...node.info.exports.filter((one) => one.kind === 'from')];
    const specifiers = asked.filter((one) => one.imported !== 'default').map((one) => one.specifier);
    for (const specifier of [...specifiers, ...node.info.stars]) {
      const target = targetOf(node, specifier);
      if ('module' in target && graph.nodes.get(target.module)?.kind === 'json') opened.add(target.module);
    }
  }
  for (const path of opened) {
    const asset = graph.nodes.get(path);
    if (asset?.kind === 'json') graph.nodes.set(path, jsonScript(path, asset.text));
  }
}

function jsonScript(path: string, text: string): ScriptNode {
  const value: unknown = JSON.parse(text);
  const keys = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
  const named = keys.filter((key) => key !== 'default' && !/\p{Surrogate}/u.test(key));
  const code = [
    `const json = JSON.parse(${JSON.stringify(text)});`,
    'export default json;',
    ...named.map((key, index) => `const json$${index} = json[${JSON.stringify(key)}];`),
    `export { ${named.map((key, index) => `json$${index} as ${JSON.stringify(key)}`).join(', ')} };`,
  ].join('\n');
  const program = parseModule(code);
  return { kind: 'esm', path, code, program, isTypeScript: false, info: readModule(program), targets: new Map() };
}

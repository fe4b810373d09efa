/**
 * The modules of a project that the entry reaches, compiled and resolved.
 *
 * Promise: only files that are imported are read, so a broken file that nothing uses breaks nothing; every import of a
 * module here leads to another module here or to one that the runtime brings; the first fault in the order of the
 * imports is the one that is told.
 */
import { utf8 } from '../base/bytes.ts';
import type { ModuleKind } from '../protocol/deployment.ts';
import { declaringScope } from '../syntax/scope.ts';
import { isCommonJs } from './commonjs.ts';
import { addCommonJs, type CommonJsFile, EMPTY_MODULE, readCommonJs } from './commonjs-graph.ts';
import { type CompileTools, compile, parseModule } from './compile.ts';
import { jsonFault } from './config-text.ts';
import { bundleFailed, locate } from './faults.ts';
import { type AssetNode, type Graph, placeIn, type ScriptNode, targetOf } from './graph-nodes.ts';
import { type ModuleInfo, type Request, readModule } from './module-info.ts';
import { nodeLevel } from './node-level.ts';
import { fileText, type Project } from './project.ts';
import { resolveSpecifier } from './resolve.ts';
import { kindByRules } from './rules.ts';
import type { CompilerSettings } from './tsconfig.ts';

/** @throws SimulatorError `bundle_failed` */
export async function loadGraph(project: Project, settings: CompilerSettings, tools: CompileTools): Promise<Graph> {
  const graph: Graph = { entry: project.entry, nodes: new Map(), externals: new Set(), warnings: [] };
  const kindOf = kindByRules(project.config.rules);
  if (kindOf(project.entry) !== 'esm') throw bundleFailed(`the entry ${project.entry} must be an ES module.`);
  const commonJs = new Map<string, CommonJsFile>();
  const waiting: { path: string; kind: LoadKind }[] = [{ path: project.entry, kind: 'esm' }];
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const { path, kind } = next;
    if (graph.nodes.has(path) || commonJs.has(path)) continue;
    const content = project.files.get(path) ?? NOTHING;
    if (kind !== 'esm' && kind !== 'commonjs') {
      graph.nodes.set(path, readAsset(kind, path, content));
      continue;
    }
    const node = await readScript(project, path, fileText(content), settings, tools);
    if (kind === 'commonjs' || isCommonJs(node.info)) {
      if (path === graph.entry) {
        throw bundleFailed(`${path} is a CommonJS module, which an entry cannot be; use import and export.`);
      }
      const file = readCommonJs(project, node);
      commonJs.set(path, file);
      for (const target of file.required.values()) {
        if ('module' in target) waiting.push({ path: target.module, kind: kindOf(target.module) ?? 'text' });
      }
      continue;
    }
    graph.nodes.set(path, node);
    for (const request of node.info.requests) {
      const target = targetOf(node, request.specifier);
      if ('external' in target) graph.externals.add(target.external);
      else
        waiting.push({ path: target.module, kind: requireKind(kindOf(target.module), target.module, node, request) });
    }
    warnOfScript(node, graph);
  }
  if (commonJs.size > 0) {
    const library = nodeLevel(project.config) === 'globals' ? await tools.loadNodeModules?.() : undefined;
    addCommonJs(graph, commonJs, library);
  }
  openJsonModules(graph);
  return graph;
}

type LoadKind = ModuleKind | 'commonjs';

/** The text of what a package says is not there in a browser. */
const NOTHING = '{}';

function requireKind(kind: LoadKind | undefined, path: string, importer: ScriptNode, request: Request): LoadKind {
  if (kind !== undefined) return kind;
  throw bundleFailed(
    `${importer.path} imports ${path}, and no module rule says what it is; add one to "rules" in the config.`,
    placeIn(importer, request.start),
  );
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
  const node: ScriptNode = {
    ...{ kind: 'esm', path, program, isTypeScript, info, targets: new Map() },
    code: withNodeEnv(code, info),
  };
  for (const request of info.requests) resolveRequest(project, node, source, request);
  return node;
}

function resolveRequest(project: Project, node: ScriptNode, source: string, request: Request): void {
  if (node.targets.has(request.specifier)) return;
  const found = resolveSpecifier(request.specifier, node.path, project.files, {
    kind: 'import',
    hasNode: nodeLevel(project.config) === 'globals',
  });
  if ('empty' in found) node.targets.set(request.specifier, { module: EMPTY_MODULE });
  else if ('file' in found) node.targets.set(request.specifier, { module: found.file });
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
    graph.warnings.push(
      `${path}:${line}: import() of a computed name finds modules of the platform and none of the project: only literal names are bundled.`,
    );
  }
}

const NODE_ENV = 'process.env.NODE_ENV';

/** As wrangler's bundler does for a deployment; the text has the same length, so no place moves. */
function withNodeEnv(code: string, { names }: ModuleInfo): string {
  if (!code.includes(NODE_ENV)) return code;
  let text = code;
  for (const one of names.references) {
    if (one.name !== 'process' || declaringScope(one) || !code.startsWith(NODE_ENV, one.start)) continue;
    const end = one.start + NODE_ENV.length;
    text = text.slice(0, one.start) + '"production"'.padEnd(NODE_ENV.length) + text.slice(end);
  }
  return text;
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

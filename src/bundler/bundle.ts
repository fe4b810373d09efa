/**
 * A project's files in, a script that can run out.
 *
 * Promise: the same files and config give the same script, hash included; a project with a fault gives one error that
 * says the first one, and no script.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, toHex, utf8 } from '../base/bytes.ts';
import type { CompiledModule, CompiledScript, ProjectInput } from '../protocol/deployment.ts';
import { applyEdits, blank, type Edit, erase } from '../syntax/edits.ts';
import type { CompileTools } from './compile.ts';
import type { NormalConfig } from './config.ts';
import { checkImports, entryExports } from './exports.ts';
import { configInvalid, didYouMean, nearest } from './faults.ts';
import { loadGraph } from './graph.ts';
import { type Graph, type GraphNode, loadersPlaces, type ScriptNode, targetOf } from './graph-nodes.ts';
import { htmlParts } from './html-support.ts';
import { classesAfter, classesGone } from './lifecycle.ts';
import { linkGroup } from './link.ts';
import { type NodeParts, nodeParts } from './node-support.ts';
import { evaluationOrder, linkedGroups } from './order.ts';
import { fileText, openProject, type Project } from './project.ts';
import { compilerSettings } from './tsconfig.ts';

/**
 * Compiles and links a project.
 *
 * @param tools  `loadTypeScript` is called at most once a file, and only for syntax that the fast compiler lacks
 * @throws SimulatorError `config_invalid` (the config, or the config against the code) or `bundle_failed` (the code);
 *   `location` is set when the fault has a place
 */
export async function bundle(input: ProjectInput, tools: CompileTools): Promise<CompiledScript> {
  const project = openProject(input);
  const { config } = project;
  const graph = await loadProject(project, tools);
  checkImports(graph);
  const node = await nodeParts(graph, config, tools.loadNodeModules);
  const html = await htmlParts(graph, tools.loadHtmlRewriter);
  const modules = [...html.modules, ...node.modules, ...buildModules(graph).map((one) => renamed(one, node))];
  const exports = entryExports(graph);
  const checked = checkClasses(project, exports);
  return {
    name: config.name,
    main: project.entry,
    hash: hashOf(project, graph),
    compatibilityDate: config.compatibilityDate,
    compatibilityFlags: config.compatibilityFlags,
    bindings: config.bindings,
    migrations: config.migrations,
    lifecycle: config.lifecycle,
    unlistedClasses: checked.unlisted,
    unexported: checked.unexported,
    ...(config.codeUpdate ? { codeUpdate: config.codeUpdate } : {}),
    crons: config.crons,
    ...(config.routes ? { routes: config.routes } : {}),
    limits: config.limits,
    modules,
    prelude: [...html.prelude, ...node.prelude],
    carriesContexts: followsContexts(graph),
    warnings: [...project.warnings, ...graph.warnings, ...checked.warnings, ...html.warnings],
    exports: exports.names,
  };
}

const ASYNC_HOOKS = 'node:async_hooks';
const WORKERS = 'cloudflare:workers';

/** What `cloudflare:workers` has for the time that a callback takes, its awaits included. */
const SCOPED = /\bwith(?:Env|Exports|EnvAndExports)\b/;

/** Whether anything of the program sets what is to hold through an `await`. */
function followsContexts({ externals, nodes }: Graph): boolean {
  if (externals.has(ASYNC_HOOKS)) return true;
  return externals.has(WORKERS) && [...nodes.values()].some((node) => node.kind === 'esm' && SCOPED.test(node.code));
}

/** Browsers carry no context through `await`, so a program that follows contexts is compiled without `await`. */
async function loadProject(project: Project, tools: CompileTools): Promise<Graph> {
  const tsconfig = project.files.get('tsconfig.json');
  const settings = compilerSettings(tsconfig === undefined ? undefined : fileText(tsconfig), project.config);
  const graph = await loadGraph(project, settings, tools);
  if (!followsContexts(graph)) return graph;
  if (tools.loadTypeScript) return loadGraph(project, { ...settings, lowersAsync: true }, tools);
  graph.warnings.push(
    'the program follows asynchronous contexts (node:async_hooks, withEnv): without the TypeScript compiler they are lost at each await.',
  );
  return graph;
}

function buildModules(graph: Graph): CompiledModule[] {
  const order = evaluationOrder(graph);
  const groups = linkedGroups(graph, order);
  const modules: CompiledModule[] = [];
  for (const path of order) {
    const group = groups.find((members) => members.includes(path));
    if (!group) {
      modules.push(buildModule(graph.nodes.get(path) as GraphNode));
    } else if (group.at(-1) === path) {
      const { linked, fronts } = linkGroup(graph, group, order);
      modules.push(linked, ...fronts);
    }
  }
  return modules;
}

function renamed(module: CompiledModule, { rename }: NodeParts): CompiledModule {
  if (module.kind !== 'esm') return module;
  return {
    ...module,
    imports: module.imports.map((one) => {
      const { to } = one;
      return 'computed' in to || 'meta' in to ? one : { ...one, to: rename(to) };
    }),
  };
}

function buildModule(node: GraphNode): CompiledModule {
  switch (node.kind) {
    case 'esm':
      return buildScript(node);
    case 'json':
    case 'text':
      return { kind: node.kind, path: node.path, text: node.text, imports: [] };
    case 'data':
    case 'wasm':
      return { kind: node.kind, path: node.path, bytes: node.bytes, imports: [] };
    default:
      return node satisfies never;
  }
}

function buildScript(node: ScriptNode): CompiledModule {
  const { requests } = node.info;
  const { code, moved } = applyEdits(
    node.code,
    requests.flatMap((one) => withoutAttributes(node.code, one)),
  );
  const imports = requests.map((one) => {
    const start = moved(one.start);
    const end = start + (one.end - one.start);
    return { start, end, to: targetOf(node, one.specifier), dynamic: one.isDynamic };
  });
  const all = [...imports, ...loadersPlaces(node, moved)];
  return { kind: 'esm', path: node.path, code, imports: all.sort((a, b) => a.start - b.start) };
}

/** What the loader makes of any module is a script, so `with { type: 'json' }` would be refused. */
function withoutAttributes(code: string, request: ScriptNode['info']['requests'][number]): Edit[] {
  const { attributes, isDynamic } = request;
  if (!attributes) return [];
  const { start, end } = attributes;
  return [isDynamic ? { start, end, text: blank(code.slice(start, end)) } : erase(code, start, end)];
}

/** Compares the classes that the config names with what the entry exports. */
function checkClasses(
  { config, configSource, entry }: Project,
  exports: { names: string[]; isOpen: boolean },
): { unlisted: string[]; unexported: CompiledScript['unexported']; warnings: string[] } {
  const isMissing = (name: string) => !exports.isOpen && !exports.names.includes(name);
  const hint = (name: string) =>
    didYouMean(
      nearest(
        name,
        exports.names.filter((one) => one !== 'default'),
      ),
    );
  const alive = classesAfter(config.migrations, config.lifecycle);
  const gone = classesGone(config.migrations, config.lifecycle);
  const unlisted = new Set<string>();
  const objects = config.bindings.filter((one) => one.type === 'durable_object');
  for (const [index, { name, className, scriptName }] of objects.entries()) {
    if (scriptName !== undefined && scriptName !== config.name) continue;
    const place = configSource.locate(['durable_objects', 'bindings', index, 'class_name']);
    if (gone.has(className)) {
      throw configInvalid(
        `binding "${name}" names the class "${className}", which the config itself has deleted, renamed or transferred.`,
        place,
      );
    }
    if (isMissing(className)) {
      throw configInvalid(
        `binding "${name}" names the class "${className}", which ${entry} does not export${hint(className)}`,
        place,
      );
    }
    if (!alive.has(className)) unlisted.add(className);
  }
  const key = config.lifecycle.length > 0 ? 'exports' : 'migrations';
  const unexported = [...alive].filter(isMissing).map((className) => {
    const sentence = `"${key}" makes the class "${className}", which ${entry} does not export${hint(className)}`;
    const place = configSource.locate([key]);
    const { message, location } = configInvalid(place ? sentence : `${configSource.label}: ${sentence}`, place);
    return { className, sentence: message, ...(location ? { location } : {}) };
  });
  const warnings = [...unlisted].map(
    (name) => `no migration names the class "${name}": it gets SQLite storage, as if "new_sqlite_classes" listed it.`,
  );
  return { unlisted: [...unlisted], unexported, warnings };
}

function hashOf(project: Project, graph: Graph): string {
  const parts: Uint8Array[] = [];
  const add = (bytes: Uint8Array) => parts.push(utf8(`${bytes.length}:`), bytes);
  add(utf8(canonicalJson(scriptConfig(project.config, project.entry))));
  for (const path of [...graph.nodes.keys()].sort()) {
    const content = project.files.get(path.replace(/\?commonjs$/, '')) ?? '';
    add(utf8(`${graph.nodes.get(path)?.kind} ${path}`));
    add(typeof content === 'string' ? utf8(content) : content);
  }
  return toHex(sha256(concat(parts)));
}

/** What of the config changes the script: all but the rules, whose effect is in the modules' kinds. */
function scriptConfig({ rules: _, ...config }: NormalConfig, entry: string): unknown {
  return { ...config, main: entry };
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  });
}

/**
 * What a program uses of Node: which modules, and whether it may.
 *
 * Promise: a module that the compatibility date and flags do not give is refused in a sentence that names the flag; one
 * that does not exist here in a sentence that names it. A program that uses nothing of Node costs nothing.
 * @see https://developers.cloudflare.com/workers/runtime-apis/nodejs/
 */
import { SimulatorError } from '../base/errors.ts';
import type { NodeLevel } from '../protocol/compatibility.ts';
import type { CompiledModule, ImportTarget } from '../protocol/deployment.ts';
import type { NormalConfig } from './config.ts';
import { bundleFailed } from './faults.ts';
import { type Graph, placeIn, type ScriptNode, targetOf, usesGlobals } from './graph-nodes.ts';
import { closureOf, type Library, offers } from './library.ts';
import { nodeLevel } from './node-level.ts';

export interface NodeParts {
  modules: CompiledModule[];
  /** evaluated before anything of the program */
  prelude: string[];
  /** where an import leads, once the modules are among the script's own */
  rename(target: ImportTarget): ImportTarget;
}

const GLOBALS_MODULE = 'node:globals';
const MEASURING = ['Entry', 'Mark', 'Measure', 'Observer', 'ObserverEntryList', 'ResourceTiming'];
const GLOBAL_NAMES = [
  ...['Buffer', 'process', 'global', 'setImmediate', 'clearImmediate', 'Performance'],
  ...MEASURING.map((name) => `Performance${name}`),
];
const GLOBAL_MEMBER =
  /\b(?:globalThis|self|global)\s*(?:\?\.|\.|\[\s*['"])(?:Buffer|process|setImmediate|clearImmediate|Performance\w*)\b|\bperformance\s*\??\.\s*(?:mark|measure|getEntries|clear|timerify|eventLoopUtilization|toJSON|setResource)/;

/** @throws SimulatorError `bundle_failed`; `not_supported` for a module of Node that is not here */
export async function nodeParts(
  graph: Graph,
  config: NormalConfig,
  load: (() => Promise<Library>) | undefined,
): Promise<NodeParts> {
  const level = nodeLevel(config);
  const asked = [...graph.externals].filter((one) => one.startsWith('node:'));
  for (const specifier of asked) requireLevel(graph, level, specifier);
  const prelude = level === 'globals' && usesGlobals(graph, GLOBAL_NAMES, GLOBAL_MEMBER) ? [GLOBALS_MODULE] : [];
  if (asked.length + prelude.length === 0) return { modules: [], prelude: [], rename: (target) => target };
  if (!load) {
    throw new SimulatorError('not_supported', `The modules of Node were not given, and ${graph.entry} needs them.`);
  }
  const library = await load();
  const offered = asked.filter((specifier) => requireOffer(graph, library, specifier));
  const modules = closureOf(library, [...offered, ...prelude]);
  const known = new Set(offered);
  return {
    modules,
    prelude,
    rename: (target) => ('external' in target && known.has(target.external) ? { module: target.external } : target),
  };
}

function requireLevel(graph: Graph, level: NodeLevel, specifier: string): void {
  if (level === 'modules' || level === 'globals') return;
  if (level === 'async_hooks' && specifier === 'node:async_hooks') return;
  const { node, start } = importOf(graph, specifier);
  throw bundleFailed(
    `${node.path} imports "${specifier}": add "nodejs_compat" to "compatibility_flags" in the config.`,
    placeIn(node, start),
  );
}

/** An `import()` of what is missing fails when it is made; so does a `require`. */
function requireOffer(graph: Graph, library: Library, specifier: string): boolean {
  if (offers(library, specifier)) return true;
  const { node, start, isDynamic } = importOf(graph, specifier);
  if (isDynamic) return false;
  throw new SimulatorError(
    'not_supported',
    `${node.path} imports "${specifier}", which Durabox does not support yet.`,
    {
      location: placeIn(node, start),
    },
  );
}

/** The first import of `specifier`, a static one if there is any. */
function importOf(graph: Graph, specifier: string): { node: ScriptNode; start: number; isDynamic: boolean } {
  const found = [...graph.nodes.values()].flatMap((node) => {
    if (node.kind !== 'esm') return [];
    return node.info.requests
      .filter((one) => {
        const target = targetOf(node, one.specifier);
        return 'external' in target && target.external === specifier;
      })
      .map(({ start, isDynamic }) => ({ node, start, isDynamic }));
  });
  const first = found.find((one) => !one.isDynamic) ?? found[0];
  if (!first) throw new Error(`nobody imports ${specifier}`);
  return first;
}

/**
 * The order in which modules run, and the groups that must become one module because they import each other.
 *
 * Promise: the order is the language's own (depth first, imports in the order of the text). A group holds one import
 * cycle and whatever runs between its first and its last module: were those left outside, they would run earlier or
 * later than they do natively. Between groups and single modules there is no cycle.
 */
import type { ImportTarget } from '../protocol/deployment.ts';
import { type Graph, staticTargets } from './graph-nodes.ts';

/** All modules, each after what it imports statically (in a cycle: after what was not already on its way). */
export function evaluationOrder(graph: Graph): string[] {
  const order: string[] = [];
  const seen = new Set<string>();
  const lazy: string[] = [graph.entry];
  const visit = (path: string) => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const next of staticModules(graph, path)) visit(next);
    order.push(path);
    for (const next of lazyModules(graph, path)) lazy.push(next);
  };
  for (let root = lazy.shift(); root !== undefined; root = lazy.shift()) visit(root);
  return order;
}

/** Groups of two modules or more, or of one that imports itself; each in the order in which it runs. */
export function linkedGroups(graph: Graph, order: readonly string[]): string[][] {
  const groups: string[][] = [];
  const cycles = importCycles(graph, order).sort((a, b) => b.length - a.length);
  const position = new Map(order.map((path, index) => [path, index]));
  const at = (path: string) => position.get(path) as number;
  const spans = cycles.map((cycle) => ({ cycle, from: Math.min(...cycle.map(at)), to: Math.max(...cycle.map(at)) }));
  spans.sort((a, b) => a.from - b.from || b.to - a.to);
  const grouped = new Set<string>();
  for (const { cycle, from, to } of spans) {
    if (cycle.some((path) => grouped.has(path))) continue;
    const between = order.slice(from, to + 1).filter((path) => graph.nodes.get(path)?.kind === 'esm');
    // a module that awaits cannot be moved into another: the rest then keeps its own order as far as imports force it
    const members = between.some((path) => awaits(graph, path))
      ? between.filter((path) => cycle.includes(path))
      : between;
    for (const path of members) grouped.add(path);
    groups.push(members);
  }
  return groups;
}

export function awaits(graph: Graph, path: string): boolean {
  const node = graph.nodes.get(path);
  return node?.kind === 'esm' && node.info.names.topLevelAwait !== undefined;
}

function staticModules(graph: Graph, path: string): string[] {
  const node = graph.nodes.get(path);
  return node ? staticTargets(node).flatMap(modulePath) : [];
}

function lazyModules(graph: Graph, path: string): string[] {
  const node = graph.nodes.get(path);
  if (node?.kind !== 'esm') return [];
  const dynamic = node.info.requests.filter((request) => request.isDynamic);
  return dynamic.flatMap((request) => modulePath(node.targets.get(request.specifier) as ImportTarget));
}

function modulePath(target: ImportTarget): string[] {
  return 'module' in target ? [target.module] : [];
}

/** Tarjan's strongly connected components, without those of a single module that does not import itself. */
function importCycles(graph: Graph, roots: readonly string[]): string[][] {
  const cycles: string[][] = [];
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const visit = (path: string) => {
    index.set(path, index.size);
    low.set(path, index.get(path) as number);
    stack.push(path);
    for (const next of staticModules(graph, path)) {
      if (!index.has(next)) visit(next);
      if (stack.includes(next)) low.set(path, Math.min(low.get(path) as number, low.get(next) as number));
    }
    if (low.get(path) !== index.get(path)) return;
    const cycle = stack.splice(stack.indexOf(path));
    if (cycle.length > 1 || staticModules(graph, path).includes(path)) cycles.push(cycle);
  };
  for (const path of roots) if (!index.has(path)) visit(path);
  return cycles;
}

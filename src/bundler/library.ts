/**
 * Modules that the runtime brings and a script carries: those of Node that its program imports, HTMLRewriter.
 *
 * Promise: a script carries what it uses and what that imports, nothing else; a program that uses none is not changed.
 */
import { must } from '../base/assert.ts';
import type { CompiledModule } from '../protocol/deployment.ts';

export type LibraryModule = Extract<CompiledModule, { kind: 'esm' } | { bytes: ArrayBuffer }>;

/** Each module after what it imports. Paths are specifiers (`node:buffer`); those with a `+` are parts of several. */
export interface Library {
  modules: LibraryModule[];
}

/** Whether a program may import `specifier`. */
export function offers(library: Library, specifier: string): boolean {
  return !specifier.includes('+') && library.modules.some((one) => one.path === specifier);
}

/** The modules at `paths` and all that they import, in order. */
export function closureOf(library: Library, paths: Iterable<string>): LibraryModule[] {
  const needed = new Set(paths);
  for (const one of [...library.modules].reverse()) {
    if (!needed.has(one.path)) continue;
    for (const { to } of one.imports) if ('module' in to) needed.add(to.module);
  }
  const found = library.modules.filter((one) => needed.has(one.path));
  for (const path of needed)
    must(
      found.find((one) => one.path === path),
      `${path} in the library`,
    );
  return found;
}

/**
 * `HTMLRewriter`, for programs that name it.
 *
 * Promise: a program that does not name it costs nothing. One that does and cannot have it is bundled with a warning,
 * because packages ask whether it is there.
 */
import { HTML_LIBRARY } from '../protocol/html-hooks.ts';
import { type Graph, usesGlobals } from './graph-nodes.ts';
import { closureOf, type Library, type LibraryModule } from './library.ts';

const NAME = 'HTMLRewriter';
const MEMBER = /\b(?:globalThis|self|global)\s*(?:\?\.|\.|\[\s*['"])HTMLRewriter\b/;

export interface HtmlParts {
  readonly modules: LibraryModule[];
  /** evaluated before anything of the program */
  readonly prelude: string[];
  readonly warnings: string[];
}

export async function htmlParts(graph: Graph, load: (() => Promise<Library>) | undefined): Promise<HtmlParts> {
  if (!usesGlobals(graph, [NAME], MEMBER)) return { modules: [], prelude: [], warnings: [] };
  if (!load) {
    const warning = 'the program names HTMLRewriter, which was not given: it cannot be constructed.';
    return { modules: [], prelude: [], warnings: [warning] };
  }
  return { modules: closureOf(await load(), [HTML_LIBRARY]), prelude: [HTML_LIBRARY], warnings: [] };
}

/**
 * What an isolate lends to `HTMLRewriter`, which is loaded with the programs that name it (src/isolate/html-library.ts).
 */
export interface HtmlHooks {
  readonly Response: typeof globalThis.Response;
  isResponse(value: unknown): value is globalThis.Response;
  /** what a handler threw, as the reader of the body gets it: a copy */
  arrived(thrown: unknown): unknown;
  /** Runs something later in the asynchronous context of now. */
  keepContext(): (call: () => unknown) => unknown;
}

/** The specifiers under which it finds its hooks and its engine, and the path of it; no program can write them. */
export const HTML_HOOKS = 'durabox:html';
export const HTML_LIBRARY = 'durabox:html-rewriter';
export const HTML_WASM = 'durabox:html-rewriter.wasm';

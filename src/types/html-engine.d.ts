/** The glue of the package `htmlrewriter`, made into a function by tools/html-rewriter.ts. */
declare module 'durabox:html-glue' {
  interface RawToken {
    free(): void;
  }
  interface RawContent extends RawToken {
    before(content: string, options: { html: boolean }): void;
    after(content: string, options: { html: boolean }): void;
    replace(content: string, options: { html: boolean }): void;
    remove(): void;
    readonly removed: boolean;
  }
  export interface RawElement extends RawContent {
    tagName: string;
    readonly namespaceURI: string;
    readonly attributes: [string, string][];
    getAttribute(name: string): string | null;
    hasAttribute(name: string): boolean;
    setAttribute(name: string, value: string): void;
    removeAttribute(name: string): void;
    prepend(content: string, options: { html: boolean }): void;
    append(content: string, options: { html: boolean }): void;
    setInnerContent(content: string, options: { html: boolean }): void;
    removeAndKeepContent(): void;
    onEndTag(handler: (tag: RawEndTag) => unknown): void;
  }
  export interface RawEndTag extends RawToken {
    name: string;
    before(content: string, options: { html: boolean }): void;
    after(content: string, options: { html: boolean }): void;
    remove(): void;
  }
  export interface RawText extends RawContent {
    readonly text: string;
    readonly lastInTextNode: boolean;
  }
  export interface RawComment extends RawContent {
    text: string;
  }
  export interface RawDoctype extends RawToken {
    readonly name: string | null;
    readonly publicId: string | null;
    readonly systemId: string | null;
  }
  export interface RawDocumentEnd extends RawToken {
    append(content: string, options: { html: boolean }): void;
  }
  export interface RawRewriter {
    /** its place in the engine's memory */
    readonly ptr: number;
    readonly asyncifyStackPtr: number;
    /** @throws TypeError for a selector that it does not understand */
    on(selector: string, handlers: object): void;
    onDocument(handlers: object): void;
    free(): void;
  }
  export interface GlueExports {
    readonly memory: WebAssembly.Memory;
    __wbindgen_malloc(size: number): number;
    __wbindgen_free(at: number, size: number): void;
    htmlrewriter_write(rewriter: number, at: number, length: number): void;
    htmlrewriter_end(rewriter: number): void;
    asyncify_get_state(): number;
    asyncify_start_unwind(at: number): void;
    asyncify_stop_unwind(): void;
    asyncify_start_rewind(at: number): void;
    asyncify_stop_rewind(): void;
  }
  export function instantiate(
    module: WebAssembly.Module,
    awaitPromise: (stack: number, promise: Promise<unknown>) => void,
  ): {
    exports: GlueExports;
    HTMLRewriter: new (sink: (chunk: Uint8Array) => void, options: { enableEsiTags: boolean }) => RawRewriter;
  };
}

declare module 'durabox:html-rewriter.wasm' {
  const module: WebAssembly.Module;
  export default module;
}

/** What the isolate lends; src/protocol/html-hooks.ts says what. */
declare module 'durabox:html' {
  const hooks: unknown;
  export default hooks;
}

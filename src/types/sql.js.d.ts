/** What we use of sql.js: its loader. The raw functions that it adds are typed, and checked, in storage/engine-raw.ts. */
declare module 'sql.js/dist/sql-wasm-browser.js' {
  export interface LoadOptions {
    useOldExtensionFunctions: false;
    instantiateWasm(imports: WebAssembly.Imports, receive: (instance: { exports: object }) => unknown): object;
  }

  /** Resolves with the options object of the realm's *first* call, the raw functions added to it; later calls get the same. */
  export default function initSqlJs(options: LoadOptions): Promise<object>;
}

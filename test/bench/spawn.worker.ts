/** The least that a thread with a database can be: instantiates the compiled sql.js that it is sent and opens a file. */
import initSqlJs from 'sql.js/dist/sql-wasm-browser.js';

const scope = globalThis as unknown as Pick<Worker, 'onmessage' | 'postMessage'>;

scope.onmessage = async ({ data: wasm }: MessageEvent<WebAssembly.Module>) => {
  const sql = (await initSqlJs({
    instantiateWasm(imports: WebAssembly.Imports, receive: (instance: WebAssembly.Instance) => unknown) {
      void WebAssembly.instantiate(wasm, imports).then(receive);
      return {};
    },
  } as never)) as unknown as { Database: new () => { run(sql: string): void } };
  new sql.Database().run('CREATE TABLE t (a)');
  scope.postMessage('ready');
};

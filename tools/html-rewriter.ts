/**
 * Builds `HTMLRewriter` (src/isolate/html-library.ts and the engine of the package `htmlrewriter`) into one file that a
 * bundler fetches when a program names it.
 *
 * Promise: the file is a module whose default export makes a `Library` (src/bundler/library.ts); the engine's WebAssembly
 * is in it, deflated. The package's own glue cannot wait for a handler and starts with a fetch, so it becomes a function
 * that is given the compiled module and what waits; a place of its text that is not as expected is an error.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateRawSync } from 'node:zlib';
import type { Plugin } from 'vite';
import { parseModule } from '../src/bundler/compile.ts';
import type { LibraryModule } from '../src/bundler/library.ts';
import { readModule } from '../src/bundler/module-info.ts';
import { HTML_HOOKS, HTML_LIBRARY, HTML_WASM } from '../src/protocol/html-hooks.ts';
import { buildChunks } from './chunks.ts';

const root = path.resolve(fileURLToPath(new URL('..', import.meta.url)));
const entry = path.join(root, 'src/isolate/html-library.ts');
const glue = path.join(root, 'node_modules/htmlrewriter/dist/html_rewriter.js');
const wasm = path.join(root, 'node_modules/htmlrewriter/dist/html_rewriter_bg.wasm');
const GLUE = 'durabox:html-glue';

/** The package's glue as `instantiate(module, awaitPromise)`. */
export function glueText(text: string): string {
  const cut = (from: string, to: string): void => {
    const start = text.indexOf(from);
    const end = text.indexOf(to, start);
    if (start < 0 || end < 0 || text.indexOf(from, start + 1) >= 0)
      throw new Error(`the glue of htmlrewriter: ${from}`);
    text = text.slice(0, start) + text.slice(end);
  };
  cut("import { awaitPromise } from './asyncify.js';", 'let wasm;');
  cut('async function load(module, imports) {', 'async function init(input) {');
  cut('async function init(input) {', 'const imports = {};');
  cut("if (typeof input === 'string'", 'wasm = instance.exports;');
  cut('init.__wbindgen_wasm_module', 'return wasm;');
  cut('return wasm;', 'export default init;');
  const body = text.replaceAll('export class', 'class').replace(/export default init;\s*$/, '');
  const instance = 'const instance = new WebAssembly.Instance(module, imports);';
  return [
    'const { Promise, TypeError, Uint8Array, Int32Array, TextDecoder, TextEncoder, WebAssembly } = globalThis;',
    'export function instantiate(module, awaitPromise) {',
    body.replace('wasm = instance.exports;', `${instance}\nwasm = instance.exports;`),
    'return { exports: wasm, HTMLRewriter };',
    '}',
  ].join('\n');
}

function plugin(): Plugin {
  return {
    name: 'durabox-html',
    enforce: 'pre',
    resolveId(id) {
      if (id === HTML_HOOKS || id === HTML_WASM) return { id, external: true };
      return id === GLUE ? `\0${id}` : undefined;
    },
    load: (id) => (id === `\0${GLUE}` ? glueText(readFileSync(glue, 'utf8')) : undefined),
  };
}

export async function buildHtmlRewriter(options: { minify: boolean }): Promise<{ code: string; inputs: string[] }> {
  const [chunk] = await buildChunks({
    ...options,
    plugins: [plugin()],
    rolldown: {
      input: entry,
      external: [HTML_HOOKS, HTML_WASM],
      output: { format: 'es', codeSplitting: false, keepNames: true },
    },
  });
  if (!chunk) throw new Error('no chunk of HTMLRewriter');
  const imports = readModule(parseModule(chunk.code)).requests.map(({ specifier, start, end }) => {
    const to = specifier === HTML_HOOKS ? { external: specifier } : { module: HTML_WASM };
    return { start, end, to, dynamic: false };
  });
  const module: LibraryModule = { kind: 'esm', path: HTML_LIBRARY, code: chunk.code, imports };
  return {
    code: libraryText(module, deflateRawSync(readFileSync(wasm), { level: 9 }).toString('base64')),
    inputs: [...Object.keys(chunk.modules).filter((id) => path.isAbsolute(id)), glue, wasm],
  };
}

function libraryText(module: LibraryModule, packed: string): string {
  return `export default async function open() {
  const packed = Uint8Array.from(atob(${JSON.stringify(packed)}), (one) => one.charCodeAt(0));
  const inflated = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  const bytes = await new Response(inflated).arrayBuffer();
  const wasm = { kind: 'wasm', path: ${JSON.stringify(HTML_WASM)}, bytes, imports: [] };
  return { modules: [wasm, ${JSON.stringify(module)}] };
}
`;
}

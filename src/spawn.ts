/**
 * Starts realms: finds the worker files and the wasm, and makes workers of them.
 *
 * Promise: what is fetched and compiled is fetched and compiled once per page, however many simulators it opens. The
 * files are looked for beside this module; where that is another origin, or no URL at all (an opaque frame), workers
 * start from blobs of their text instead.
 *
 * Knows nothing of what a realm does once it runs.
 */
import { SimulatorError } from './base/errors.ts';
import { workerType } from './base/worker-type.ts';

/**
 * Everything that a simulator is started from, as plain data: it may be posted to a frame that can fetch nothing
 * (`connect-src 'none'`) and given there as `realms`.
 */
export interface Realms {
  readonly host: RealmSource;
  readonly isolate: RealmSource;
  readonly bundler: RealmSource;
  /** started when somebody looks into an object, or a file comes in or goes out */
  readonly inspector: RealmSource;
  /** the script of a preview's frame, fetched as text by the first preview */
  readonly preview: RealmSource;
  /** the full TypeScript compiler, loaded by the bundler only when a file needs it; absent: such files are refused */
  readonly typescript?: RealmSource;
  /** the modules of Node, loaded by the bundler only when a program imports one; absent: such programs are refused */
  readonly nodeModules?: RealmSource;
  /** `HTMLRewriter`, loaded by the bundler only when a program names it; absent: it is not there */
  readonly htmlRewriter?: RealmSource;
  /** the script that workers start from whose realm is a file beside it; absent: each starts from its realm itself */
  readonly starter?: { readonly url: string };
  /** sql.js: compiled, or the bytes of it, because a compiled module cannot be posted to another origin */
  readonly wasm: WebAssembly.Module | ArrayBuffer;
}

/** A script without static imports: a URL that a worker may start from, or its text. */
export type RealmSource = { readonly url: string } | { readonly text: string };

const FILES = {
  host: 'host.worker.js',
  isolate: 'isolate.worker.js',
  bundler: 'bundler.worker.js',
  inspector: 'inspector.worker.js',
} as const;
const PREVIEW = 'preview.frame.js';
const TYPESCRIPT = 'typescript.js';
const NODE_MODULES = 'node-modules.js';
const HTML_REWRITER = 'html-rewriter.js';
const STARTER = 'starter.worker.js';
const WASM = 'sql-wasm.wasm';

export interface LoadRealmsOptions {
  /**
   * the folder that the files are served from, as a URL that may be relative to the page; default: the one that this
   * module was loaded from. Say it when a bundler has put this module somewhere else.
   */
  base?: string | URL;
  /** fetch the workers as text and the wasm as bytes, to be posted to a frame that can fetch nothing */
  asText?: boolean;
  /** with `asText`: the TypeScript compiler too (3.5 MB); without it such a frame refuses files that need it */
  withTypeScript?: boolean;
  /** with `asText`: the modules of Node too (0.4 MB); without them such a frame refuses programs that import one */
  withNodeModules?: boolean;
  /** with `asText`: `HTMLRewriter` too (0.4 MB); without it such a frame has none */
  withHtmlRewriter?: boolean;
}

/** by folder and kind */
const loaded = new Map<string, Promise<Realms>>();

/**
 * Finds the worker files and the wasm, once per page and folder.
 *
 * @throws SimulatorError `not_supported` when a file cannot be fetched, `engine_mismatch` when sql.js cannot be compiled; the
 * message names it
 */
export async function loadRealms(options: LoadRealmsOptions = {}): Promise<Realms> {
  const folder = folderOf(options.base);
  const { asText = false } = options;
  const key = `${asText ? 'text' : 'url'} ${folder}`;
  let loading = loaded.get(key);
  if (!loading) {
    loading = asText ? fetchRealms(folder) : findRealms(folder);
    loaded.set(key, loading);
    loading.catch(() => loaded.delete(key)); // the caller hears of it; the next one tries again
  }
  const realms = await loading;
  if (!asText) return realms;
  const text = async (file: string): Promise<RealmSource> => ({ text: await fetchText(new URL(file, folder).href) });
  return {
    ...realms,
    ...(options.withTypeScript ? { typescript: await text(TYPESCRIPT) } : {}),
    ...(options.withNodeModules ? { nodeModules: await text(NODE_MODULES) } : {}),
    ...(options.withHtmlRewriter ? { htmlRewriter: await text(HTML_REWRITER) } : {}),
  };
}

function folderOf(base: string | URL | undefined): string {
  if (base !== undefined) {
    const url = new URL(base, globalThis.location?.href);
    if (!url.pathname.endsWith('/')) url.pathname += '/';
    return url.href;
  }
  // In a variable, or bundlers take it for an asset of their own to rename.
  const here = import.meta.url;
  if (/^(blob|data):/.test(here)) {
    throw new SimulatorError(
      'not_supported',
      'Durabox was loaded from its text, so it cannot find its workers: pass `realms`, made by `loadRealms({ asText: true })` where they can be fetched.',
    );
  }
  return new URL('.', here).href;
}

/** For this page: workers start from their URLs, or from texts where the browser refuses those of another origin. */
async function findRealms(folder: string): Promise<Realms> {
  const at = (file: string) => new URL(file, folder).href;
  const sameOrigin = new URL(folder).origin === globalThis.location?.origin;
  const source = async (file: string): Promise<RealmSource> =>
    sameOrigin ? { url: at(file) } : { text: await fetchText(at(file)) };
  const [host, isolate, bundler, wasm] = await Promise.all([
    source(FILES.host),
    source(FILES.isolate),
    source(FILES.bundler),
    fetchFile(at(WASM)).then(compileResponse),
  ]);
  return {
    ...{ host, isolate, bundler, wasm },
    inspector: { url: at(FILES.inspector) },
    preview: { url: at(PREVIEW) },
    typescript: { url: at(TYPESCRIPT) },
    nodeModules: { url: at(NODE_MODULES) },
    htmlRewriter: { url: at(HTML_REWRITER) },
    ...(sameOrigin ? { starter: { url: at(STARTER) } } : {}),
  };
}

/** For somebody who can fetch nothing. */
async function fetchRealms(folder: string): Promise<Realms> {
  const text = async (file: string): Promise<RealmSource> => ({ text: await fetchText(new URL(file, folder).href) });
  const [host, isolate, bundler, inspector, preview, wasm] = await Promise.all([
    text(FILES.host),
    text(FILES.isolate),
    text(FILES.bundler),
    text(FILES.inspector),
    text(PREVIEW),
    fetchFile(new URL(WASM, folder).href).then((response) => response.arrayBuffer()),
  ]);
  return { host, isolate, bundler, inspector, preview, wasm };
}

async function fetchFile(url: string): Promise<Response> {
  const response = await fetch(url).catch((error: unknown) => {
    throw new SimulatorError('not_supported', `Durabox could not fetch ${url}; is it served, with CORS?`, {
      cause: error,
    });
  });
  if (!response.ok) {
    throw new SimulatorError('not_supported', `Durabox could not fetch ${url}: HTTP ${response.status}.`);
  }
  return response;
}

async function fetchText(url: string): Promise<string> {
  return (await fetchFile(url)).text();
}

async function compileResponse(response: Response): Promise<WebAssembly.Module> {
  const { url } = response;
  // A plain static server may not know the type of .wasm, and compileStreaming insists on it.
  const isStreamed = response.headers.get('content-type') === 'application/wasm';
  return (isStreamed ? WebAssembly.compileStreaming(response) : response.arrayBuffer().then(WebAssembly.compile)).catch(
    (error: unknown) => {
      throw doesNotCompile(url, error);
    },
  );
}

function doesNotCompile(what: string, cause: unknown): SimulatorError {
  const message = `The browser cannot compile ${what}: ${String(cause)}. Is it served whole, as it was built?`;
  return new SimulatorError('engine_mismatch', message, { cause });
}

const compiled = new WeakMap<ArrayBuffer, Promise<WebAssembly.Module>>();

/** The compiled wasm of some realms; bytes are compiled once. */
export function compiledWasm({ wasm }: Realms): Promise<WebAssembly.Module> {
  if (wasm instanceof WebAssembly.Module) return Promise.resolve(wasm);
  let compiling = compiled.get(wasm);
  if (!compiling) {
    compiling = WebAssembly.compile(wasm).catch((error: unknown) => {
      compiled.delete(wasm); // it may have been too much for now
      throw doesNotCompile('the bytes of sql.js', error);
    });
    compiled.set(wasm, compiling);
  }
  return compiling;
}

const texts = new WeakMap<RealmSource, Promise<{ text: string }>>();

/**
 * The same realm in a form that a worker of this page may start from: of another origin only a text is.
 *
 * @throws SimulatorError `not_supported` when that text cannot be fetched
 */
export function startable(source: RealmSource): Promise<RealmSource> {
  if (!('url' in source) || new URL(source.url).origin === globalThis.location?.origin) return Promise.resolve(source);
  return fetchedOnce(source);
}

function fetchedOnce(source: { readonly url: string }): Promise<{ text: string }> {
  let fetching = texts.get(source);
  if (!fetching) {
    fetching = fetchText(source.url).then((text) => ({ text }));
    texts.set(source, fetching);
    fetching.catch(() => texts.delete(source)); // the caller hears of it; the next one tries again
  }
  return fetching;
}

/**
 * The text of a realm, fetched once.
 *
 * @throws SimulatorError `not_supported` when it cannot be fetched
 */
export async function realmText(source: RealmSource): Promise<string> {
  if ('text' in source) return source.text;
  return (await fetchedOnce(source)).text;
}

const blobUrls = new WeakMap<RealmSource, string>();

/** A URL that a worker, or a worker of a worker, can start from. A blob is made once and lives as long as the page. */
export function realmUrl(source: RealmSource): string {
  if ('url' in source) return source.url;
  const known = blobUrls.get(source);
  if (known !== undefined) return known;
  const url = URL.createObjectURL(new Blob([source.text], { type: 'text/javascript' }));
  blobUrls.set(source, url);
  return url;
}

/**
 * A URL that a worker runs one of `realms` from. A file beside the starter is started by it, because then a browser keeps what it
 * has compiled of that file (`starter.worker.ts`).
 */
export function workerUrl({ starter }: Realms, source: RealmSource): string {
  const url = realmUrl(source);
  if (!starter) return url;
  const folder = new URL('.', starter.url).href;
  const file = url.startsWith(folder) ? url.slice(folder.length) : '';
  return /^[\w.-]+$/.test(file) ? `${starter.url}#${file}` : url;
}

/** Starts a realm, `source`, of `realms`. The first message that it gets is `start`, with these ports. */
export function spawnRealm(realms: Realms, source: RealmSource, name: string, ports: readonly MessagePort[]): Worker {
  const worker = new Worker(workerUrl(realms, source), { type: workerType(), name });
  worker.postMessage({ start: ports }, [...ports]);
  return worker;
}

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

/**
 * Everything that a simulator is started from, as plain data: it may be posted to a frame that can fetch nothing
 * (`connect-src 'none'`) and given there as `realms`.
 */
export interface Realms {
  readonly host: RealmSource;
  readonly isolate: RealmSource;
  readonly bundler: RealmSource;
  /** the full TypeScript compiler, fetched by the bundler only when a file needs it; absent: such files are refused */
  readonly typescriptUrl?: string;
  /** sql.js, compiled */
  readonly wasm: WebAssembly.Module;
}

/** A module without static imports: a URL that a worker may start from, or its text. */
export type RealmSource = { readonly url: string } | { readonly text: string };

const FILES = { host: 'host.worker.js', isolate: 'isolate.worker.js', bundler: 'bundler.worker.js' } as const;

let loaded: Promise<Realms> | undefined;

/**
 * Finds the worker files and compiles the wasm, once per page.
 *
 * @param options.asText  fetch every file as text, to be posted to a frame that can fetch nothing
 * @throws SimulatorError `not_supported` when a file cannot be fetched; the message names it
 */
export async function loadRealms(options: { asText?: boolean } = {}): Promise<Realms> {
  loaded ??= findRealms().catch((error: unknown) => {
    loaded = undefined;
    throw error;
  });
  const realms = await loaded;
  if (!options.asText) return realms;
  const [host, isolate, bundler] = await Promise.all([realms.host, realms.isolate, realms.bundler].map(withText));
  return { host, isolate, bundler, wasm: realms.wasm } as Realms;
}

async function findRealms(): Promise<Realms> {
  // In a variable, or bundlers take it for an asset of their own to rename.
  const here = import.meta.url;
  const at = (file: string) => new URL(file, here).href;
  const sameOrigin = new URL(here).origin === globalThis.location?.origin;
  const source = async (file: string): Promise<RealmSource> =>
    sameOrigin ? { url: at(file) } : { text: await fetchText(at(file)) };
  const [host, isolate, bundler, wasm] = await Promise.all([
    source(FILES.host),
    source(FILES.isolate),
    source(FILES.bundler),
    compileWasm(at('sql-wasm.wasm')),
  ]);
  return { host, isolate, bundler, wasm, typescriptUrl: at('typescript.js') };
}

async function withText(source: RealmSource): Promise<RealmSource> {
  return 'text' in source ? source : { text: await fetchText(source.url) };
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

async function compileWasm(url: string): Promise<WebAssembly.Module> {
  const response = await fetchFile(url);
  // A plain static server may not know the type of .wasm, and compileStreaming insists on it.
  if (response.headers.get('content-type') === 'application/wasm') return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}

/** A URL that a worker, or a worker of a worker, can start from. Blobs live as long as the page. */
export function realmUrl(source: RealmSource): string {
  if ('url' in source) return source.url;
  return URL.createObjectURL(new Blob([source.text], { type: 'text/javascript' }));
}

/** Starts a realm. The first message that it gets is `start`, with these ports. */
export function spawnRealm(source: RealmSource, name: string, ports: readonly MessagePort[]): Worker {
  const url = realmUrl(source);
  const worker = new Worker(url, { type: 'module', name });
  worker.postMessage({ start: ports }, [...ports]);
  return worker;
}

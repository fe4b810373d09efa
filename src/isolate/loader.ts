/**
 * Loads the modules of a compiled script by blob URLs and native `import()`.
 *
 * Promise: the program's modules are evaluated as they are written: only the specifiers change, in place, so every line
 * of a stack is right. What a module gets from the runtime (`cloudflare:workers`, data, wasm) is handed over before
 * any of its code runs, and the hand-over is gone by then. An error of the program's own stays what it is.
 *
 * The program may be fetched, parsed and linked long before it may run: every module of it imports one more, which waits
 * at its top level until `prepareModules`' answer is called.
 *
 * Needs `script-src blob:` of a content security policy, and of the platform `Blob`, `URL` and `WebAssembly` as they
 * were when this file was loaded.
 */

import { deferred } from '../base/async.ts';
import { SimulatorError } from '../base/errors.ts';
import { hasAny } from '../base/lists.ts';
import {
  arrayAppend,
  arrayJoin,
  mapGet,
  mapSet,
  mathMax,
  objectSetPrototypeOf,
  uncurryThis,
} from '../base/primordials.ts';
import type { CompiledModule, ImportTarget, ModuleImport } from '../protocol/deployment.ts';
import { ELSEWHERE } from './product-modules.ts';

export interface LoadOptions {
  /** name of the Worker: sources show up in debuggers as `<script>/<path>` */
  script: string;
  /** path of the entry */
  main: string;
  /** a module comes after every module that it imports statically */
  modules: readonly CompiledModule[];
  /** paths of modules that are evaluated before the entry and all that it imports */
  prelude?: readonly string[];
  /** external modules by specifier: names to values; `default` is the default export */
  externals: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** A module's namespace, as `import()` gives it. */
export type ModuleNamespace = Readonly<Record<string, unknown>>;

/** A stretch of a module's text, which may be empty, and what stands there instead. */
interface Edit {
  start: number;
  end: number;
  text: string;
}

type EsmModule = Extract<CompiledModule, { kind: 'esm' }>;

const NativeBlob = Blob;
const createObjectUrl = URL.createObjectURL.bind(URL);
const revokeObjectUrl = URL.revokeObjectURL.bind(URL);
const compileWasm = WebAssembly.compile.bind(WebAssembly);
const parseJson = JSON.parse;
const split = uncurryThis(String.prototype.split as (by: string) => string[]) as (text: string, by: string) => string[];

const startsWith = uncurryThis(String.prototype.startsWith) as (text: string, start: string) => boolean;
const stringify = JSON.stringify;
const PLATFORM = 'cloudflare:';

/** Where the hand-over stands while no code of the program exists yet. */
const HANDOVER = '__durabox_handover__';

/**
 * Loads everything that the entry imports statically; what is imported dynamically is evaluated when the program asks.
 *
 * @throws SimulatorError `not_supported` naming file and specifier, for an external that nobody provides
 * @throws whatever the program's modules throw; a link error names modules by path
 */
export async function loadModules(options: LoadOptions): Promise<ModuleNamespace> {
  return (await prepareModules(options))();
}

/** The same in two steps: everything up to the program's own code, and then that. */
export async function prepareModules(options: LoadOptions): Promise<() => Promise<ModuleNamespace>> {
  checkExternals(options);
  const loading = new Loading(options);
  try {
    await loading.handOver();
  } catch (error) {
    loading.release();
    throw error;
  }
  const main = loading.importMain();
  main.catch(() => {}); // whoever runs the program hears of it
  return async () => {
    loading.mayRun.resolve();
    try {
      return await main;
    } finally {
      loading.release();
    }
  };
}

function checkExternals({ modules, externals, script }: LoadOptions): void {
  for (const module of modules) {
    for (const { to, dynamic } of module.imports) {
      if (!('external' in to) || dynamic || Object.hasOwn(externals, to.external)) continue;
      throw new SimulatorError('not_supported', unsupportedText(`${script}/${module.path}`, to.external), {
        location: { file: module.path, line: 1, column: 1 },
      });
    }
  }
}

/** Whether the platform has the module, though it is not here. */
function isElsewhere(specifier: string): boolean {
  return hasAny(ELSEWHERE, (one) => one === specifier);
}

function unsupportedText(file: string, specifier: string): string {
  return `${file} imports ${JSON.stringify(specifier)}, which Durabox does not support yet.`;
}

class Loading {
  readonly #options: LoadOptions;
  /** blob URL by module path and by external specifier; a specifier always has a colon, and so have the paths of Node's modules */
  readonly #urls = new Map<string, string>();
  /** paths and specifiers whose URL must outlive the load: an `import()` may still ask for it, or for one that imports it */
  readonly #kept = new Set<string>();
  /** specifiers of external modules that are imported, or may be */
  readonly #external = new Set<string>();
  readonly #helperUrls: string[] = [];
  readonly mayRun = deferred();

  constructor(options: LoadOptions) {
    this.#options = options;
    for (const module of options.modules) {
      for (const { to, dynamic } of module.imports) {
        if ('external' in to) this.#external.add(to.external);
        if ('computed' in to) this.#expectAnyExternal();
        else if (dynamic && !('meta' in to)) this.#kept.add(nameOf(to));
      }
    }
    if (this.#kept.size > 0) this.#keepImportsOfKept();
  }

  /** Not what the entry imports too: it is read by then, and the engine finds it by its URL. */
  #keepImportsOfKept(): void {
    const { modules, main, prelude = [] } = this.#options;
    const loaded = new Set([main, ...prelude]);
    spread(modules, loaded);
    const kept = new Set(this.#kept);
    spread(modules, kept);
    for (const name of kept) if (!loaded.has(name)) this.#kept.add(name);
  }

  /** Evaluates the modules that are not the program's code, while there is none of it. */
  async handOver(): Promise<void> {
    const values: Record<string, unknown> = {};
    const texts = new Map<string, string>();
    for (const [specifier, exports] of Object.entries(this.#options.externals)) {
      if (this.#external.has(specifier)) texts.set(specifier, handedOver(values, exports));
    }
    for (const module of this.#options.modules) {
      if (module.kind !== 'esm') texts.set(module.path, handedOver(values, { default: await assetOf(module) }));
    }
    const gate = this.#gate(values);
    for (const [name, text] of texts) this.#urls.set(name, this.#blobUrl(text));
    const scope = globalThis as unknown as Record<string, unknown>;
    scope[HANDOVER] = values;
    try {
      // The gate's own import is not over before the program may run.
      const atGate = Promise.race([gate.isReached, import(/* @vite-ignore */ this.#gateUrl)]);
      await Promise.all([atGate, ...[...this.#urls.values()].map((url) => import(/* @vite-ignore */ url))]);
    } finally {
      delete scope[HANDOVER];
    }
  }

  /** The module at which the program waits until it may run, and where its dynamic imports find their URLs. */
  #gate(values: Record<string, unknown>): { isReached: Promise<void> } {
    const url = (name: string): string => this.#urlOf(name);
    url.computed = (specifier: unknown): string => this.#urlOfComputed(`${specifier as string}`);
    const reached = deferred();
    const text = handedOver(values, { url, reach: reached.resolve, mayRun: this.mayRun.promise });
    this.#gateUrl = this.#blobUrl(`${text}\nit.reach();\nawait it.mayRun;`);
    this.#helperUrls.push(this.#gateUrl);
    return { isReached: reached.promise };
  }

  #gateUrl = '';

  async importMain(): Promise<ModuleNamespace> {
    for (const module of this.#options.modules) {
      if (module.kind === 'esm') this.#urls.set(module.path, this.#blobUrl(this.#textOf(module)));
    }
    try {
      for (const path of this.#options.prelude ?? []) await import(/* @vite-ignore */ this.#urlOf(path));
      return (await import(/* @vite-ignore */ this.#urlOf(this.#options.main))) as ModuleNamespace;
    } catch (error) {
      this.#nameModules(error);
      throw error;
    }
  }

  /** Frees the texts that were read; the engine keeps the modules. */
  release(): void {
    for (const [name, url] of this.#urls) if (!this.#kept.has(name)) revokeObjectUrl(url);
    for (const url of this.#helperUrls) revokeObjectUrl(url);
  }

  #urlOf(name: string): string {
    const known = mapGet(this.#urls, name);
    if (known !== undefined) return known;
    // Only a dynamic import gets here: a static one was refused before anything ran.
    const isNowhere = startsWith(name, PLATFORM) && !isElsewhere(name);
    const url = this.#failing(isNowhere ? `No such module "${name}".` : unsupportedText(this.#options.script, name));
    mapSet(this.#urls, name, url);
    return url;
  }

  /**
   * What a program names only when it runs: a module of the platform, or nothing. The browser would fetch whatever URL it is given.
   * DIFFERS: in workerd a file of the project is found too; wrangler's bundler leaves no such files.
   */
  #urlOfComputed(specifier: string): string {
    if (startsWith(specifier, PLATFORM)) {
      const known = mapGet(this.#urls, specifier);
      if (known !== undefined) return known;
      if (isElsewhere(specifier)) return this.#failing(unsupportedText(this.#options.script, specifier));
    }
    return this.#failing(`No such module "${normalized(specifier)}".`);
  }

  #failing(text: string): string {
    return this.#blobUrl(`throw new Error(${stringify(text)});`);
  }

  #blobUrl(text: string): string {
    return createObjectUrl(new NativeBlob([text], objectSetPrototypeOf({ type: 'text/javascript' }, null)));
  }

  /**
   * The module's text with URLs in place of its specifiers. The target of a dynamic import may come later in the order,
   * so such a specifier becomes a call that looks the URL up. `import.meta` becomes a name of the same length.
   */
  #textOf({ code, imports, path }: EsmModule): string {
    const lookUp = unusedName(code, '__durabox_url');
    const meta = unusedName(code, '__d_meta__$');
    let text = '';
    let at = 0;
    for (const edit of imports.flatMap((one) => this.#edits(one, lookUp, meta)).sort((a, b) => a.start - b.start)) {
      text += code.slice(at, edit.start) + edit.text;
      at = edit.end;
    }
    text += code.slice(at);
    // At the end, because imports are hoisted and no line or column before may move.
    if (!isOfNode(path)) text += `\n;import ${JSON.stringify(this.#gateUrl)};`;
    if (imports.some(({ dynamic }) => dynamic)) {
      text += `\n;import { url as ${lookUp} } from ${JSON.stringify(this.#gateUrl)};`;
    }
    if (imports.some(({ to }) => 'meta' in to)) {
      const url = this.#blobUrl('export const meta = { __proto__: null };'); // empty on the platform; each module has its own
      if (!this.#kept.has(path)) this.#helperUrls.push(url);
      text += `\n;import { meta as ${meta} } from ${JSON.stringify(url)};`;
    }
    return `${text}\n//# sourceURL=${this.#options.script}/${path}\n`;
  }

  /** The name is made when the program runs. */
  #expectAnyExternal(): void {
    for (const name of Object.keys(this.#options.externals)) {
      this.#external.add(name);
      this.#kept.add(name);
    }
  }

  /** What is computed stays where it is, because more places may be inside of it. */
  #edits({ to, dynamic, start, end }: ModuleImport, lookUp: string, meta: string): Edit[] {
    if ('meta' in to) return [{ start, end, text: meta }];
    if ('computed' in to) {
      return [
        { start, end: start, text: `${lookUp}.computed(` },
        { start: end, end, text: ')' },
      ];
    }
    const name = JSON.stringify(dynamic ? nameOf(to) : this.#urlOf(nameOf(to)));
    return [{ start, end, text: dynamic ? `${lookUp}(${name})` : name }];
  }

  /** A link error speaks of blob URLs; the person who reads it knows paths. */
  #nameModules(error: unknown): void {
    if (!(error instanceof SyntaxError)) return;
    for (const key of ['message', 'stack'] as const) {
      let text = error[key];
      if (typeof text !== 'string') continue;
      for (const [name, url] of this.#urls) text = split(text, url).join(name);
      error[key] = text;
    }
  }
}

/** Adds what the named modules import statically, and what that imports. Who imports comes after what it imports. */
function spread(modules: readonly CompiledModule[], names: Set<string>): void {
  for (const { path, imports } of modules.toReversed()) {
    if (!names.has(path)) continue;
    for (const { to, dynamic } of imports) {
      if (!dynamic && ('module' in to || 'external' in to)) names.add(nameOf(to));
    }
  }
}

/** As a path, which is how the platform names what it does not find. */
function normalized(specifier: string): string {
  const parts: string[] = [];
  const given = split(specifier, '/');
  for (let i = 0; i < given.length; i++) {
    const part = given[i] as string;
    if (part === '..') parts.length = mathMax(0, parts.length - 1);
    else if (part !== '' && part !== '.') arrayAppend(parts, part);
  }
  return arrayJoin(parts, '/');
}

/** Not the program's own: it may run before the program does. */
function isOfNode(path: string): boolean {
  return startsWith(path, 'node:') || startsWith(path, 'durabox:');
}

/** Text of a module that exports the given values, which it finds in the hand-over. */
function handedOver(values: Record<string, unknown>, exports: Readonly<Record<string, unknown>>): string {
  const key = String(Object.keys(values).length);
  values[key] = exports;
  const lines = [`const it = globalThis.${HANDOVER}[${key}];`];
  Object.keys(exports).forEach((name, index) => {
    lines.push(`const v${index} = it[${JSON.stringify(name)}]; export { v${index} as ${name} };`);
  });
  return lines.join('\n');
}

async function assetOf(module: Exclude<CompiledModule, { kind: 'esm' }>): Promise<unknown> {
  switch (module.kind) {
    case 'json':
      return parseJson(module.text) as unknown;
    case 'text':
      return module.text;
    case 'data':
      return module.bytes;
    case 'wasm':
      return await compileWasm(module.bytes);
    default:
      return module satisfies never;
  }
}

function nameOf(to: ImportTarget): string {
  return 'module' in to ? to.module : to.external;
}

function unusedName(code: string, wanted: string): string {
  let name = wanted;
  while (code.includes(name)) name += '_';
  return name;
}

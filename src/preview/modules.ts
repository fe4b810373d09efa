/**
 * The modules of a page.
 *
 * Promise: a module and all that it reaches is fetched before it runs, each once; it keeps its address, its order, cycles
 * and live bindings, because the browser links them: each lies at a blob's URL, and an import map leads from addresses to
 * those.
 *
 * DIFFERS: a module that is imported dynamically by a literal is fetched with the one that imports it.
 */

import type { ImportMaps } from './import-map.ts';
import { patchFreeScript } from './made-script.ts';
import { blobUrl, brokenUrl, type Resources } from './resources.ts';
import { rewriteScript, type ScriptImport } from './rewrite.ts';

const SCRIPT_TYPES = /^(text|application)\/((x-)?(java|ecma)script|jscript|livescript)$|^text\/javascript1\.[0-5]$/;

export class Modules {
  readonly #resources: Resources;
  readonly #maps: ImportMaps;
  /** by type and address */
  readonly #urls = new Map<string, Promise<string>>();
  /** from address to blob, not yet told to the browser */
  #news: Record<string, string> = {};

  constructor(resources: Resources, maps: ImportMaps) {
    this.#resources = resources;
    this.#maps = maps;
  }

  resolve(specifier: string, base: string): string | undefined {
    return this.#maps.resolve(specifier, base);
  }

  /** `import(specifier)` in the script at `base`. */
  async load(base: string, specifier: string, options: ImportCallOptions | undefined): Promise<unknown> {
    const url = this.resolve(specifier, base);
    if (url === undefined) {
      throw new TypeError(`Failed to resolve module specifier '${specifier}'`);
    }
    const type = options?.with?.['type'] ?? 'script';
    const at = this.#resources.isOurs(url) ? await this.urlFor({ url, type }) : url;
    this.publish();
    return type === 'script' ? import(/* @vite-ignore */ at) : import(/* @vite-ignore */ at, { with: { type } });
  }

  /** Where a module of ours lies once all that it reaches is there. */
  async urlFor(wanted: ScriptImport): Promise<string> {
    const seen = new Map<string, Promise<string>>();
    await this.#reach(wanted, seen);
    return seen.get(keyOf(wanted)) as Promise<string>;
  }

  /** The text of a module that stands in the page, when all that it reaches is there. */
  async inline(code: string, base: string): Promise<string> {
    const { code: rewritten, imports } = this.#rewrite(code, base);
    await Promise.all(imports.filter(({ url }) => this.#resources.isOurs(url)).map((one) => this.urlFor(one)));
    return rewritten;
  }

  /** What the browser was not told yet, as the text of an import map. */
  takeNews(): string | undefined {
    const news = this.#news;
    this.#news = {};
    return Object.keys(news).length > 0 ? JSON.stringify({ imports: news }) : undefined;
  }

  /** Tells the browser where the newest modules lie. */
  publish(): void {
    const news = this.takeNews();
    if (news !== undefined) patchFreeScript('importmap', news);
  }

  readonly #imports = new Map<string, readonly ScriptImport[]>();

  async #reach(wanted: ScriptImport, seen: Map<string, Promise<string>>): Promise<void> {
    const key = keyOf(wanted);
    if (seen.has(key)) return;
    let making = this.#urls.get(key);
    if (!making) {
      making = this.#make(wanted).then((made) => {
        this.#news[wanted.url] = made;
        return made;
      });
      this.#urls.set(key, making);
    }
    seen.set(key, making);
    await making;
    const imports = this.#imports.get(key) ?? [];
    await Promise.all(imports.filter(({ url }) => this.#resources.isOurs(url)).map((one) => this.#reach(one, seen)));
  }

  async #make(wanted: ScriptImport): Promise<string> {
    const { url, type } = wanted;
    switch (type) {
      case 'json': {
        const text = await this.#resources.text(url, 'json', (mime) => /[/+]json$/.test(mime));
        return text === undefined ? brokenUrl() : blobUrl(text, 'application/json');
      }
      case 'css':
        return this.#resources.urlFor('style', url);
      default: {
        const text = await this.#resources.text(url, 'script', (mime) => SCRIPT_TYPES.test(mime));
        if (text === undefined) return brokenUrl();
        const { code, imports } = this.#rewrite(text, url);
        this.#imports.set(keyOf(wanted), imports);
        return blobUrl(`${code}\n//# sourceURL=${url}`, 'text/javascript');
      }
    }
  }

  #rewrite(code: string, url: string) {
    return rewriteScript(code, 'module', { url, resolve: (specifier, base) => this.resolve(specifier, base) });
  }
}

interface ImportCallOptions {
  readonly with?: Readonly<Record<string, string>>;
}

function keyOf({ url, type }: ScriptImport): string {
  return `${type} ${url}`;
}

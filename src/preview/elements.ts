/**
 * The elements of a page and what they load.
 *
 * Promise: an element that is prepared loads nothing from the network that is the Worker's: the address waits until its
 * blob is there. Scripts read back what was written. Scripts and handlers are rewritten before they run.
 *
 * DIFFERS: selectors and serialized markup see the blobs. Media are loaded whole.
 *
 * Knows nothing of who calls: the first document (document.ts) and whatever scripts do later (mutations.ts).
 */
import { addressAttributesOf, readSrcset, type Use, useOf, writeSrcset } from './addresses.ts';
import type { Modules } from './modules.ts';
import type { Resources } from './resources.ts';
import { rewriteScript } from './rewrite.ts';

const { getAttribute, setAttribute, removeAttribute, querySelectorAll } = Element.prototype;

/** The attribute in which the first document carries what was written. */
const CARRIED = 'data-durabox';

export interface ElementsOptions {
  readonly resources: Resources;
  readonly modules: Modules;
  /** where relative addresses begin */
  readonly base: () => string;
  /** address of the page */
  readonly page: () => string;
}

export class Elements {
  readonly #options: ElementsOptions;
  /** what the page wrote, by attribute */
  readonly #written = new WeakMap<Element, Map<string, string>>();
  readonly #scripts = new WeakSet<Element>();
  /** scripts that keep their order wait for the one before */
  #ordered: Promise<unknown> = Promise.resolve();

  constructor(options: ElementsOptions) {
    this.#options = options;
  }

  /** What the page wrote, where something else stands now. */
  writtenIn(element: Element, name: string): string | undefined {
    this.adopt(element);
    return this.#written.get(element)?.get(name);
  }

  forget(element: Element, name: string): void {
    this.#written.get(element)?.delete(name);
  }

  /** Whether setting this attribute is this file's business. */
  concerns(element: Element, name: string): boolean {
    return name === 'style' || /^on/.test(name) || addressAttributesOf(element).includes(name);
  }

  /** Sets an attribute as the page asks for it. Resolves when what it leads to is there. */
  async set(element: Element, name: string, value: string): Promise<void> {
    this.forget(element, name);
    if (/^on/.test(name)) {
      this.#write(element, name, value, rewriteScript(value, 'handler', this.#context()).code);
    } else if (name === 'style') {
      await this.#setStyle(value, (css) => this.#write(element, name, value, css));
    } else {
      await this.#setAddress(element, name, value);
    }
  }

  /** An element and all in it, before they are put where they load. Resolves when all is there. */
  async prepare(root: Node): Promise<void> {
    const waiting: Promise<void>[] = [];
    if (root instanceof Element) waiting.push(this.prepareOne(root));
    if (root instanceof Element || root instanceof DocumentFragment || root instanceof Document) {
      for (const element of querySelectorAll.call(root, '*')) waiting.push(this.prepareOne(element));
    }
    await Promise.all(waiting);
  }

  /** Writes down in the element itself what is known of it, for a document that is to be parsed again. */
  carry(element: Element): void {
    const written = Object.fromEntries(this.#written.get(element) ?? []);
    if (this.#scripts.has(element) || Object.keys(written).length > 0) {
      setAttribute.call(element, CARRIED, JSON.stringify(written));
    }
  }

  /** Knows again what was carried. */
  adopt(element: Element): boolean {
    const carried = getAttribute.call(element, CARRIED);
    if (carried === null) return false;
    removeAttribute.call(element, CARRIED);
    this.#scripts.add(element);
    const written = new Map(Object.entries(JSON.parse(carried) as Record<string, string>));
    this.#written.set(element, written);
    for (const [name, value] of [...written]) {
      if (/^[=#]/.test(name) || written.has(`=${name}`)) continue;
      void this.set(element, name, value); // it was not there in time
    }
    return true;
  }

  /** One element without what is in it. */
  async prepareOne(element: Element): Promise<void> {
    if (this.adopt(element)) return;
    const waiting: Promise<void>[] = [];
    for (const { name, value } of [...element.attributes]) {
      if (this.concerns(element, name) && !this.#isOwn(element, name, value))
        waiting.push(this.set(element, name, value));
    }
    if (element.localName === 'style') waiting.push(this.prepareSheet(element));
    if (element.localName === 'script') waiting.push(this.#prepareScript(element));
    await Promise.all(waiting);
  }

  /** The text of a `<style>`. */
  async prepareSheet(element: Element): Promise<void> {
    const css = element.textContent ?? '';
    if (!/url\(|@import/i.test(css) || this.writtenIn(element, '#text') === css) return;
    await this.#setStyle(css, (now) => {
      this.#note(element, '#text', now);
      if (element.textContent !== now) element.textContent = now;
    });
  }

  /** A script without an address; each is looked at once. */
  async #prepareScript(element: Element): Promise<void> {
    const text = element.textContent ?? '';
    if (this.#scripts.has(element) || element.hasAttribute('src') || this.writtenIn(element, 'src') !== undefined)
      return;
    if (text.trim() === '') return;
    const type = (getAttribute.call(element, 'type') ?? '').trim().toLowerCase();
    this.#scripts.add(element);
    if (type === 'module') {
      // Without a text it does not start, even when it is put into the document.
      element.textContent = '';
      const code = await this.#options.modules.inline(text, this.#options.base());
      if (element.isConnected) this.#options.modules.publish();
      element.textContent = code;
    } else if (type === '' || /javascript|ecmascript/.test(type)) {
      element.textContent = rewriteScript(text, 'classic', this.#context()).code;
    }
  }

  async #setAddress(element: Element, name: string, value: string): Promise<void> {
    const use = useOf(element, name, (other) => this.writtenIn(element, other) ?? getAttribute.call(element, other));
    const url = this.#absolute(value);
    if (use === undefined || (name !== 'srcset' && (url === undefined || !this.#options.resources.isOurs(url)))) {
      setAttribute.call(element, name, value);
      return;
    }
    const ready = name === 'srcset' ? undefined : this.#ready(use, url as string);
    if (ready !== undefined) {
      this.#write(element, name, value, ready);
      return;
    }
    removeAttribute.call(element, name);
    this.#note(element, name, value);
    if (use === 'none') return;
    const loaded = name === 'srcset' ? await this.#srcset(value) : await this.#load(element, use, url as string);
    // Something else may have been asked for meanwhile.
    if (this.writtenIn(element, name) === value) this.#write(element, name, value, loaded);
  }

  #ready(use: Use, url: string): string | undefined {
    return use === 'module' || use === 'none' ? undefined : this.#options.resources.readyUrl(use, url);
  }

  async #load(element: Element, use: Exclude<Use, 'none'>, url: string): Promise<string> {
    const { modules, resources } = this.#options;
    const before = this.#ordered;
    const keepsOrder = element instanceof HTMLScriptElement && use === 'script' && !element.async;
    const loading = use === 'module' ? modules.urlFor({ url, type: 'script' }) : resources.urlFor(use, url);
    if (keepsOrder) this.#ordered = Promise.all([before, loading]);
    const loaded = await loading;
    if (keepsOrder) await before;
    if (use === 'module' && element.isConnected) modules.publish();
    return loaded;
  }

  async #srcset(value: string): Promise<string> {
    const candidates = await Promise.all(
      readSrcset(value).map(async ({ address, descriptor }) => {
        const url = this.#absolute(address);
        const isOurs = url !== undefined && this.#options.resources.isOurs(url);
        return { address: isOurs ? await this.#options.resources.urlFor('image', url) : address, descriptor };
      }),
    );
    return writeSrcset(candidates);
  }

  async #setStyle(css: string, write: (css: string) => void): Promise<void> {
    const { now, later } = this.#options.resources.styleNow(css, this.#options.base());
    write(now);
    if (later) write(await later);
  }

  #absolute(text: string): string | undefined {
    const base = this.#options.base();
    return URL.canParse(text, base) ? new URL(text, base).href : undefined;
  }

  /** @param stands  what the browser is to see */
  #write(element: Element, name: string, value: string, stands: string): void {
    if (stands !== value) this.#note(element, name, value);
    this.#note(element, `=${name}`, stands);
    setAttribute.call(element, name, stands);
  }

  /** Whether that is what stands there because of us. */
  #isOwn(element: Element, name: string, value: string): boolean {
    return this.writtenIn(element, `=${name}`) === value || value.startsWith('blob:');
  }

  #note(element: Element, name: string, value: string): void {
    const written = this.#written.get(element) ?? new Map<string, string>();
    this.#written.set(element, written.set(name, value));
  }

  #context() {
    return {
      url: this.#options.page(),
      resolve: (specifier: string, base: string) => this.#options.modules.resolve(specifier, base),
    };
  }
}

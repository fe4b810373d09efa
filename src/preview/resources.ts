/**
 * What a page is made of besides its text: fetched from the Worker, and given to the browser as blobs.
 *
 * Promise: each address is asked for once for each use that it has (script, style …), and its blob's URL stays the same, so
 * a module is one module. What did not come has a URL that fails, so the browser tells the element's error itself.
 *
 * The blobs are made here, in the frame: one of another origin cannot be loaded in an opaque one.
 */
import type { Destination } from '../protocol/preview.ts';
import type { Channel } from './channel.ts';
import { type CssAddress, replaceAddresses } from './css.ts';
import { responseOf } from './http.ts';
import type { Place } from './place.ts';

export type Role = 'script' | 'style' | 'image' | 'media' | 'font';

const DESTINATION: Record<Role, Destination> = {
  script: 'script',
  style: 'style',
  image: 'image',
  media: 'video',
  font: 'font',
};

export interface ResourcesOptions {
  readonly channel: Channel;
  readonly place: Place;
  readonly rewrite: (code: string, url: string) => string;
  readonly tell: (problem: string) => void;
}

export class Resources {
  readonly #options: ResourcesOptions;
  readonly #blobs = new Map<string, Promise<string>>();
  readonly #ready = new Map<string, string>();

  constructor(options: ResourcesOptions) {
    this.#options = options;
  }

  isOurs(url: string): boolean {
    return this.#options.place.isOurs(url);
  }

  /** The blob's URL if it is there already. */
  readyUrl(role: Role, url: string): string | undefined {
    return this.#ready.get(keyOf(role, url));
  }

  /** A URL that the browser can load, or one that fails. Never rejects. */
  urlFor(role: Role, url: string): Promise<string> {
    const key = keyOf(role, url);
    let making = this.#blobs.get(key);
    if (!making) {
      making = this.#make(role, url).then((made) => {
        this.#ready.set(key, made);
        return made;
      });
      this.#blobs.set(key, making);
    }
    return making;
  }

  /** The text of something of ours; undefined when it did not come. @param accepts  by content type */
  async text(url: string, destination: Destination, accepts: (type: string) => boolean): Promise<string | undefined> {
    const response = await this.#fetch(url, destination);
    if (!response) return undefined;
    const type = (response.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
    if (response.ok && accepts(type)) return response.text();
    this.#options.tell(`${url} was not used: ${response.ok ? `its type is "${type}"` : `status ${response.status}`}.`);
    return undefined;
  }

  /** A style sheet's text with blobs for its addresses. @param importers  sheets that import this one */
  async style(css: string, base: string, importers: readonly string[] = []): Promise<string> {
    const found: CssAddress[] = [];
    replaceAddresses(css, (address) => {
      found.push(address);
      return undefined;
    });
    const targets = new Map<CssAddress['address'], string>();
    await Promise.all(
      found.map(async ({ address, kind }) => {
        const url = URL.canParse(address, base) ? new URL(address, base).href : undefined;
        if (url === undefined || address.startsWith('#')) return;
        if (!this.isOurs(url)) targets.set(address, url);
        else if (kind === 'url') targets.set(address, await this.urlFor('image', url));
        // Sheets that import each other: the one that is being read is there already.
        else if (!importers.includes(url)) targets.set(address, await this.#importedStyle(url, importers));
      }),
    );
    return replaceAddresses(css, ({ address }) => targets.get(address));
  }

  /** The same at once: what is not there yet is left out, and `later` is all of it. */
  styleNow(css: string, base: string): { now: string; later: Promise<string> | undefined } {
    let isComplete = true;
    const now = replaceAddresses(css, ({ address, kind }) => {
      const url = URL.canParse(address, base) ? new URL(address, base).href : undefined;
      if (url === undefined || address.startsWith('#')) return undefined;
      if (!this.isOurs(url)) return url;
      const ready = kind === 'url' ? this.readyUrl('image', url) : undefined;
      if (ready === undefined) isComplete = false;
      return ready ?? 'data:,';
    });
    return { now, later: isComplete ? undefined : this.style(css, base) };
  }

  async #make(role: Role, url: string): Promise<string> {
    switch (role) {
      case 'script': {
        const code = await this.text(url, 'script', (type) => !/^(image|audio|video)\/|^text\/csv$/.test(type));
        if (code === undefined) return brokenUrl();
        return blobUrl(`${this.#options.rewrite(code, url)}\n//# sourceURL=${url}`, 'text/javascript');
      }
      case 'style':
        return this.#importedStyle(url, []);
      case 'image':
      case 'media':
      case 'font': {
        const response = await this.#fetch(url, DESTINATION[role]);
        if (!response || (role !== 'image' && !response.ok)) return brokenUrl();
        const fragment = url.includes('#') ? url.slice(url.indexOf('#')) : '';
        return URL.createObjectURL(await response.blob()) + fragment;
      }
      default:
        return role satisfies never;
    }
  }

  async #importedStyle(url: string, importers: readonly string[]): Promise<string> {
    const css = await this.text(url, 'style', (type) => type === 'text/css');
    if (css === undefined) return brokenUrl();
    return blobUrl(await this.style(css, url, [...importers, url]), 'text/css');
  }

  async #fetch(url: string, destination: Destination): Promise<Response | undefined> {
    const { channel, tell } = this.#options;
    try {
      const asked = { url: url.replace(/#.*/, ''), method: 'GET', headers: [], body: null } as const;
      return responseOf(await channel.ask({ ...asked, redirect: 'follow', hasCookies: true, destination }), {});
    } catch (error) {
      tell(`${url} did not come: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  }
}

export function blobUrl(content: string, type: string): string {
  return URL.createObjectURL(new Blob([content], { type }));
}

/** One that fails when it is loaded. */
export function brokenUrl(): string {
  const url = blobUrl('', 'text/plain');
  URL.revokeObjectURL(url);
  return url;
}

function keyOf(role: Role, url: string): string {
  return `${role} ${url}`;
}

/**
 * The page's document as the Worker sent it, made fit for the frame.
 *
 * Promise: the text that comes out is what the browser's own parser is given, so scripts run in its order and
 * `DOMContentLoaded` and `load` come by themselves. Scripts and style sheets are there by then; an image that takes
 * longer than a second comes later.
 *
 * DIFFERS: the document is shown when all of it, its scripts and its style sheets have come. A policy of the page
 * (`Content-Security-Policy`) is not enforced: it would forbid the blobs.
 */
import type { Clock } from '../base/clock.ts';
import type { Elements } from './elements.ts';
import type { ImportMaps } from './import-map.ts';
import type { Modules } from './modules.ts';

/** Where relative addresses begin. */
export interface Base {
  readonly href: string;
  /** the page says so itself, so it does not change with the page's address */
  readonly isOwn: boolean;
}

export interface DocumentOptions {
  readonly elements: Elements;
  readonly modules: Modules;
  readonly maps: ImportMaps;
  readonly clock: Clock;
  readonly tell: (problem: string) => void;
  /** `<meta http-equiv=refresh>`: seconds, and where to; undefined: here */
  readonly refresh: (seconds: number, url: string | undefined) => void;
}

const IMAGES_WAIT_MS = 1000;

/** @param url  of the page @param setBase  is told where relative addresses begin, before anything is loaded */
export async function prepareDocument(
  html: string,
  url: string,
  setBase: (base: Base) => void,
  options: DocumentOptions,
): Promise<string> {
  const { elements, modules, clock } = options;
  const made = new DOMParser().parseFromString(html, 'text/html');
  const isOwn = made.querySelector('base[href]') !== null;
  const base = baseOf(made, url);
  setBase({ href: base.href, isOwn });
  readMeta(made, options);
  for (const map of made.querySelectorAll('script[type=importmap i]')) {
    const problem = options.maps.add(map.textContent ?? '', base.href);
    if (problem !== undefined) options.tell(problem);
    map.remove();
  }
  const all = [...made.querySelectorAll('*')];
  // What the parser and the first drawing wait for in a browser too; the rest gets a moment.
  const [needed, others] = [all.filter(isNeeded), all.filter((element) => !isNeeded(element))];
  const late = Promise.all(others.map((element) => elements.prepareOne(element)));
  await Promise.all(needed.map((element) => elements.prepareOne(element)));
  await Promise.race([late, new Promise<void>((resolve) => clock.after(IMAGES_WAIT_MS, resolve))]);
  for (const element of all) elements.carry(element);
  const map = modules.takeNews();
  if (map !== undefined) {
    const script = made.createElement('script');
    script.type = 'importmap';
    script.textContent = map;
    made.head.insertBefore(script, base.nextSibling);
  }
  return doctypeOf(made) + made.documentElement.outerHTML;
}

function isNeeded(element: Element): boolean {
  return element.localName === 'script' || element.localName === 'link' || element.localName === 'style';
}

function baseOf(made: Document, url: string): HTMLBaseElement {
  const own = made.querySelector<HTMLBaseElement>('base[href]');
  const written = own?.getAttribute('href') ?? '';
  const base = own ?? made.createElement('base');
  base.setAttribute('href', URL.canParse(written, url) ? new URL(written, url).href : url);
  made.head.prepend(base);
  return base;
}

function readMeta(made: Document, { tell, refresh }: DocumentOptions): void {
  for (const meta of made.querySelectorAll('meta[http-equiv]')) {
    const kind = meta.getAttribute('http-equiv')?.toLowerCase();
    const content = meta.getAttribute('content') ?? '';
    if (kind === 'content-security-policy') {
      meta.remove();
      tell('The page has a Content-Security-Policy, which the preview does not enforce.');
    } else if (kind === 'refresh') {
      meta.remove();
      const [, seconds, to] = /^\s*(\d+)[^;,]*(?:[;,]\s*(?:url\s*=\s*)?["']?([^"']+))?/i.exec(content) ?? [];
      if (seconds !== undefined) refresh(Number(seconds), to);
    }
  }
}

/** Whether the document has none decides how the browser lays it out. */
function doctypeOf({ doctype }: Document): string {
  if (!doctype) return '';
  const { name, publicId, systemId } = doctype;
  const ids = publicId
    ? ` PUBLIC "${publicId}"${systemId ? ` "${systemId}"` : ''}`
    : systemId
      ? ` SYSTEM "${systemId}"`
      : '';
  return `<!DOCTYPE ${name}${ids}>`;
}

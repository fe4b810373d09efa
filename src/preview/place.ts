/**
 * Where the page is, as its scripts see it: `location`, `history`, `document.URL` and their like.
 *
 * Promise: what these say is the simulated address; what they are told goes to the preview. A step within the document
 * (a fragment, `pushState`) happens here at once, with its events.
 *
 * The browser's own `location` cannot be replaced, so scripts are given this one by name (rewrite.ts).
 */
import type { FrameDocument, Navigation } from '../protocol/preview.ts';
import type { Channel } from './channel.ts';
import { define, patch } from './patch.ts';

export class Place {
  readonly #channel: Channel;
  readonly #referrer: string;
  #url: URL;
  #state: unknown;
  #length: number;
  readonly location: object;
  /** is told each address that the page has without being loaded anew */
  onStep: (url: string) => void = () => {};

  constructor(channel: Channel, { url, referrer, state, historyLength }: FrameDocument) {
    this.#channel = channel;
    this.#url = new URL(url);
    this.#referrer = referrer;
    this.#state = state;
    this.#length = historyLength;
    this.location = makeLocation(this);
  }

  get url(): URL {
    return this.#url;
  }

  get origin(): string {
    return this.#url.origin;
  }

  /** Whether a request for it goes to the Worker. */
  isOurs(url: string): boolean {
    return URL.canParse(url) && new URL(url).origin === this.origin;
  }

  /** @throws DOMException SyntaxError for what is no address */
  absolute(text: string): string {
    if (!URL.canParse(text, document.baseURI)) {
      throw new DOMException(`'${text}' is not a valid URL.`, 'SyntaxError');
    }
    return new URL(text, document.baseURI).href;
  }

  /** As a link or `location` goes there; to a fragment of this document without leaving it. */
  go(text: string, { isReplacing = false, form }: Partial<Navigation> = {}): void {
    const url = this.absolute(text);
    const isFragment = url.includes('#') && url.replace(/#.*/, '') === this.#url.href.replace(/#.*/, '');
    if (isFragment && !form) this.#toFragment(new URL(url), isReplacing);
    else this.#channel.post({ t: 'navigate', to: { url, isReplacing, form } });
  }

  /** To the fragment of the address, if it has one. */
  scroll(): void {
    scrollToFragment(this.#url);
  }

  reload(): void {
    this.#channel.post({ t: 'go', delta: 0 });
  }

  /** Takes the place of what the browser says of the address. */
  install(): void {
    const channel = this.#channel;
    const url = () => this.#url.href;
    define(Document.prototype, 'URL', url);
    define(Document.prototype, 'documentURI', url);
    define(Document.prototype, 'referrer', () => this.#referrer);
    define(Document.prototype, 'domain', () => this.#url.hostname);
    define(window, 'origin', () => this.origin);
    define(window, 'parent', () => window);
    define(window, 'frameElement', () => null);
    define(History.prototype, 'length', () => this.#length);
    define(History.prototype, 'state', () => this.#state);
    const step = (isReplacing: boolean) => (state: unknown, _unused: string, to?: string | URL | null) => {
      const next = new URL(to === undefined || to === null ? url() : this.absolute(String(to)));
      if (next.origin !== this.origin) {
        throw new DOMException(`A history state object with URL '${next.href}' cannot be created.`, 'SecurityError');
      }
      this.#step(next, structuredClone(state), isReplacing);
    };
    patch(History.prototype, 'pushState', () => step(false));
    patch(History.prototype, 'replaceState', () => step(true));
    patch(History.prototype, 'back', () => () => channel.post({ t: 'go', delta: -1 }));
    patch(History.prototype, 'forward', () => () => channel.post({ t: 'go', delta: 1 }));
    patch(History.prototype, 'go', () => (delta?: number) => channel.post({ t: 'go', delta: Math.trunc(delta ?? 0) }));
    channel.on('history', ({ length }) => {
      this.#length = length;
    });
    channel.on('step', ({ url: to, state }) => this.#arrive(new URL(to), state));
  }

  /** The preview went to another entry of this document. */
  #arrive(to: URL, state: unknown): void {
    const from = this.#url.href;
    this.#url = to;
    this.#state = state;
    this.onStep(to.href);
    dispatchEvent(new PopStateEvent('popstate', { state }));
    if (to.hash === new URL(from).hash) return;
    dispatchEvent(new HashChangeEvent('hashchange', { oldURL: from, newURL: to.href }));
    scrollToFragment(to);
  }

  #toFragment(to: URL, isReplacing: boolean): void {
    const from = this.#url.href;
    if (to.href !== from) {
      this.#step(to, null, isReplacing);
      dispatchEvent(new PopStateEvent('popstate', { state: null }));
      queueMicrotask(() => dispatchEvent(new HashChangeEvent('hashchange', { oldURL: from, newURL: to.href })));
    }
    scrollToFragment(to);
  }

  #step(to: URL, state: unknown, isReplacing: boolean): void {
    this.#url = to;
    this.#state = state;
    this.onStep(to.href);
    if (!isReplacing) this.#length += 1;
    this.#channel.post({ t: 'state', url: to.href, state, isReplacing });
  }
}

function scrollToFragment({ hash }: URL): void {
  const name = decodeURIComponent(hash.slice(1));
  const target = name === '' ? undefined : (document.getElementById(name) ?? document.getElementsByName(name)[0]);
  if (target) target.scrollIntoView();
  else if (name === '' || name === 'top') scrollTo(0, 0);
}

/** Before the page has loaded, what a script says about the address takes the place of the page, as in browsers. */
function isEarly(): boolean {
  return document.readyState !== 'complete' && !navigator.userActivation?.isActive;
}

const PARTS = ['protocol', 'host', 'hostname', 'port', 'pathname', 'search', 'hash'] as const;

/** Parts of an address that can be read and set, as the browser's object. */
function makeLocation(place: Place): object {
  const location = Object.create(Location.prototype) as object;
  const own = (name: string, descriptor: PropertyDescriptor): void => {
    Object.defineProperty(location, name, { enumerable: true, ...descriptor });
  };
  const change = (make: (url: URL) => void): void => {
    const next = new URL(place.url);
    make(next);
    place.go(next.href, { isReplacing: isEarly() });
  };
  own('href', { get: () => place.url.href, set: (to: unknown) => place.go(String(to), { isReplacing: isEarly() }) });
  for (const part of PARTS) {
    const set = (to: unknown): void =>
      change((url) => {
        url[part] = String(to);
        if (part === 'hash' && !url.href.includes('#')) url.href = `${url.href}#`;
      });
    own(part, { get: () => place.url[part], set });
  }
  own('origin', { get: () => place.origin });
  own('ancestorOrigins', { get: () => [] });
  own('assign', { value: (to: unknown) => place.go(String(to), { isReplacing: isEarly() }) });
  own('replace', { value: (to: unknown) => place.go(String(to), { isReplacing: true }) });
  own('reload', { value: () => place.reload() });
  own('toString', { value: () => place.url.href });
  own('valueOf', { value: () => location });
  Object.defineProperty(location, Symbol.toPrimitive, { value: () => place.url.href });
  return location;
}

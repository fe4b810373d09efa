/**
 * A browser of its own for the Worker's pages: an opaque frame with an address, a history and cookies.
 *
 * Promise: the page in the frame reaches nothing of the page around it. All it can do is to ask the Worker for what a
 * browser could ask it for (`preview-requests`), and to change its own address, history, cookies and stores. Two previews
 * share nothing.
 *
 * Knows nothing of the simulator but a `fetch` and how to connect.
 */
import { type Cookie, CookieJar } from '../protocol/cookies.ts';
import type { Area, FromFrame, Navigation, Pairs } from '../protocol/preview.ts';
import { type Route, scriptAt } from '../protocol/routes.ts';
import { History } from './preview-history.ts';
import { changeOutside, PreviewPage } from './preview-page.ts';
import { type BrowserRequest, BrowserRequests } from './preview-requests.ts';
import type { SocketEvent } from './preview-sockets.ts';
import { errorView, viewOf } from './preview-view.ts';

export interface PreviewOptions {
  /** what to show first, absolute or relative to `sim.origin`; its origin is the only one that this preview shows; default: `/` */
  url?: string;
}

/** What `preview.on` tells. */
export interface PreviewEvents {
  /** the address, the title, what can be gone back to, or whether it loads is different */
  change: undefined;
  cookies: undefined;
  /** a request of the page or for it was answered */
  answer: { readonly method: string; readonly url: string; readonly status: number };
  /** an uncaught error of the page, or something that a browser would refuse or this one cannot do */
  problem: string;
  /** frames of the page's WebSockets, their opening and end */
  socket: SocketEvent;
}

export interface PreviewParts extends PreviewOptions {
  readonly frame: HTMLIFrameElement;
  readonly origin: string;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly connect: (url: string, protocols: readonly string[], headers: Pairs) => WebSocket;
  /** where the account's Workers are reached now */
  readonly routes: () => readonly Route[];
  /** it was closed */
  readonly onClose: () => void;
  /** text of the frame's script */
  readonly shim: () => Promise<string>;
  /** milliseconds since 1970, by the account's clock */
  readonly now: () => number;
}

type Listener<Name extends keyof PreviewEvents> = (event: PreviewEvents[Name]) => void;

export class Preview {
  readonly frame: HTMLIFrameElement;
  readonly #parts: PreviewParts;
  readonly #jar: CookieJar;
  readonly #requests: BrowserRequests;
  readonly #history = new History();
  readonly #listeners = new Map<string, Set<Listener<never>>>();
  readonly #stores: Record<Area, Pairs> = { local: [], session: [] };
  #page: PreviewPage | undefined;
  #loading: AbortController | undefined;
  #title = '';
  /** of the page that is shown: number among all of this preview's sockets to number within the page */
  readonly #sockets = new Map<number, number>();
  #socketCount = 0;
  #isClosed = false;

  constructor(parts: PreviewParts) {
    this.#parts = parts;
    this.frame = parts.frame;
    this.#jar = new CookieJar(parts.now);
    this.#requests = new BrowserRequests({
      fetch: parts.fetch,
      jar: this.#jar,
      onCookies: () => this.#cookiesChanged(),
    });
    void this.#load({ url: new URL(parts.url ?? '/', parts.origin), form: undefined }, { kind: 'push' });
  }

  /** The address of what is shown, or of what is being loaded first. */
  get url(): string {
    return this.#history.current?.url ?? new URL(this.#parts.url ?? '/', this.#parts.origin).href;
  }

  get title(): string {
    return this.#title;
  }

  get isLoading(): boolean {
    return this.#loading !== undefined;
  }

  get canGoBack(): boolean {
    return this.#history.has(-1);
  }

  get canGoForward(): boolean {
    return this.#history.has(1);
  }

  /** What this browser keeps, in the order of making; scripts of the page do not see all of it. */
  get cookies(): readonly Cookie[] {
    return this.#jar.list();
  }

  clearCookies(): void {
    this.#jar.clear();
    this.#cookiesChanged();
  }

  /** Goes to an address as if a person had typed it. Resolves when something is shown; never rejects. */
  async navigate(url: string): Promise<void> {
    const to = URL.canParse(url, this.url) ? new URL(url, this.url) : undefined;
    if (!to || to.origin !== new URL(this.url).origin) {
      this.#emit('problem', `${url} is not of ${new URL(this.url).origin}, which is all that this preview shows.`);
      return;
    }
    await this.#load({ url: to, form: undefined }, { kind: 'push' });
  }

  async reload(): Promise<void> {
    const { current } = this.#history;
    if (current) await this.#load({ url: new URL(current.url), form: current.form }, { kind: 'step', delta: 0 });
    else await this.navigate(this.url);
  }

  async back(): Promise<void> {
    await this.#go(-1);
  }

  async forward(): Promise<void> {
    await this.#go(1);
  }

  /** Gives up what is being loaded; what is shown stays. */
  stop(): void {
    this.#loading?.abort();
    this.#loading = undefined;
    this.#emit('change', undefined);
  }

  /** Sends a frame on a socket of the page, as the page would. False when it is not open. */
  send(socket: number, data: string | ArrayBuffer): boolean {
    const id = this.#sockets.get(socket);
    return id !== undefined && (this.#page?.send(id, data) ?? false);
  }

  /** Returns what stops it. */
  on<Name extends keyof PreviewEvents>(name: Name, listener: Listener<Name>): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener as Listener<never>));
    return () => listeners.delete(listener as Listener<never>);
  }

  /** Ends the page and empties the frame. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#loading?.abort();
    this.#page?.close();
    changeOutside(this.frame, () => this.frame.removeAttribute('srcdoc'));
    this.#parts.onClose();
  }

  async #go(delta: number): Promise<void> {
    const entry = this.#history.at(delta);
    if (!entry) return;
    if (entry.document === this.#history.current?.document) {
      this.#history.move(delta);
      if (this.#page) this.#page.url = new URL(entry.url);
      this.#page?.post({ t: 'step', url: entry.url, state: entry.state });
      this.#emit('change', undefined);
      return;
    }
    await this.#load({ url: new URL(entry.url), form: entry.form }, { kind: 'step', delta });
  }

  /** Asks for a document, and shows it or why there is none. What was being loaded before is given up. */
  async #load({ url, form, referrer }: Wanted, how: How): Promise<void> {
    if (this.#isClosed) return;
    this.#loading?.abort();
    const loading = new AbortController();
    this.#loading = loading;
    this.#emit('change', undefined);
    const shown = await this.#fetchDocument({ url, form, referrer }, loading.signal);
    if (this.#loading !== loading) return;
    this.#loading = undefined;
    if (shown) this.#show(shown, referrer, how, await this.#parts.shim());
    this.#emit('change', undefined);
  }

  /** Undefined when the page that is shown stays. */
  async #fetchDocument({ url, form, referrer }: Wanted, signal: AbortSignal): Promise<Shown | undefined> {
    const request: BrowserRequest = {
      url,
      method: form?.method ?? 'GET',
      headers: form ? [['content-type', form.type]] : [],
      body: form?.body.slice(0) ?? null,
      redirect: 'follow',
      hasCookies: true,
      destination: 'document',
      referrer,
    };
    try {
      const answer = await this.#requests.send(request, signal);
      if (answer.kind === 'elsewhere') return { url, form, html: elsewhereView(answer.url) };
      const { response } = answer;
      this.#emit('answer', { method: request.method, url: answer.url.href, status: response.status });
      if (response.status === 204 || response.status === 205) return undefined;
      // A form that was answered by a redirect is not sent again by a reload.
      return { url: answer.url, form: answer.method === 'POST' ? form : undefined, html: await viewOf(response) };
    } catch (error) {
      if (signal.aborted) return undefined;
      const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      return { url, form, html: errorView('The Worker did not answer', text) };
    }
  }

  #show(shown: Shown, referrer: URL | undefined, how: How, shim: string): void {
    if (this.#isClosed) return;
    this.#page?.close();
    const entry = this.#history.show(shown.url.href, shown.form, how);
    this.#title = '';
    this.#sockets.clear();
    const first = this.#socketCount;
    const page: PreviewPage = new PreviewPage({
      frame: this.frame,
      shim,
      document: {
        html: shown.html,
        url: shown.url.href,
        referrer: referrer ? referrer.href.replace(/#.*/, '') : '',
        state: entry.state,
        historyLength: this.#history.length,
        cookies: this.#jar.visibleTo(shown.url),
        nowMs: this.#parts.now(),
        stores: { ...this.#stores },
        routes: this.#parts.routes(),
      },
      requests: this.#requests,
      onMessage: (message) => {
        if (this.#page === page) this.#take(message, page);
      },
      onAnswer: ({ method, url }, status) => this.#emit('answer', { method, url: url.href, status }),
      connect: (url, protocols) => this.#connect(url, protocols, page.url),
      onSocket: (id, step) => {
        const socket = first + id;
        this.#socketCount = Math.max(this.#socketCount, socket);
        if (this.#page === page) this.#sockets.set(socket, id);
        this.#emit('socket', { ...step, socket, atMs: this.#parts.now() });
      },
    });
    this.#page = page;
  }

  #connect(url: string, protocols: readonly string[], page: URL): WebSocket {
    const to = new URL(url);
    const isOwn = to.host === page.host;
    if (!isOwn && scriptAt(this.#parts.routes(), to) === undefined) {
      throw new TypeError(`${to.href} is neither of this origin nor a route of this account`);
    }
    // A page that says `wss:` of its own host means this one, whatever its own address begins with.
    const protocol = isOwn ? page.protocol : to.protocol.replace(/^ws/, 'http');
    const http = new URL(`${protocol}//${to.host}${to.pathname}${to.search}`);
    return this.#parts.connect(http.href.replace(/^http/, 'ws'), protocols, this.#requests.socketHeaders(http, page));
  }

  #take(message: Parameters<ConstructorParameters<typeof PreviewPage>[0]['onMessage']>[0], page: PreviewPage): void {
    switch (message.t) {
      case 'navigate':
        this.#leave(message.to, page.url);
        return;
      case 'go':
        if (message.delta === 0) void this.reload();
        else void this.#go(message.delta);
        return;
      case 'state':
        this.#step(message, page);
        return;
      case 'cookie':
        if (this.#jar.setFromScript(page.url, message.text)) this.#emit('cookies', undefined);
        page.showCookies(this.#jar.visibleTo(page.url));
        return;
      case 'store':
        this.#stores[message.area] = message.entries;
        return;
      case 'title':
        this.#title = message.title;
        this.#emit('change', undefined);
        return;
      case 'problem':
        this.#emit('problem', message.text);
        return;
      case 'loaded':
        return;
      default:
        message satisfies never;
    }
  }

  /** The page goes to another one. */
  #leave({ url, isReplacing, form }: Navigation, from: URL): void {
    if (!URL.canParse(url)) return;
    const to = new URL(url);
    if (to.origin === from.origin) {
      void this.#load({ url: to, form, referrer: from }, { kind: isReplacing ? 'replace' : 'push' });
      return;
    }
    this.#emit('problem', `The page leads to ${to.href}, which is not of this preview.`);
  }

  /** The page gives itself another address or state. */
  #step({ url, state, isReplacing }: Extract<FromFrame, { t: 'state' }>, page: PreviewPage): void {
    if (!URL.canParse(url) || new URL(url).origin !== page.url.origin) return;
    page.url = new URL(url);
    this.#history.step(page.url.href, state, isReplacing);
    page.post({ t: 'history', length: this.#history.length });
    this.#emit('change', undefined);
  }

  #cookiesChanged(): void {
    if (this.#page) this.#page.showCookies(this.#jar.visibleTo(this.#page.url));
    this.#emit('cookies', undefined);
  }

  #emit<Name extends keyof PreviewEvents>(name: Name, event: PreviewEvents[Name]): void {
    for (const listener of this.#listeners.get(name) ?? []) (listener as Listener<Name>)(event);
  }
}

interface Wanted {
  readonly url: URL;
  readonly form: Navigation['form'];
  readonly referrer?: URL | undefined;
}

interface Shown {
  readonly url: URL;
  /** what a reload sends again */
  readonly form: Navigation['form'];
  readonly html: string;
}

type How = Parameters<History['show']>[2];

function elsewhereView(url: URL): string {
  return errorView('This leads elsewhere', `The Worker redirects to ${url.href}, which this preview does not show.`);
}

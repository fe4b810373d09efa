/**
 * The frame's own script: makes an empty opaque frame the browser window that the Worker's page believes to be in.
 *
 * Promise: says hello to whoever holds the frame, is given a port, and shows the one document that comes through it. All
 * that the page asks of its origin goes through that port. There is nothing else in the frame that a page could misuse: it
 * reaches no storage, no other window, and nothing of the page around it.
 */
import { must } from '../base/assert.ts';
import { systemClock } from '../base/clock.ts';
import { type Cookie, CookieJar } from '../protocol/cookies.ts';
import { FRAME_HELLO, FRAME_PORT, type FrameDocument } from '../protocol/preview.ts';
import { Channel } from './channel.ts';
import { type Base, prepareDocument } from './document.ts';
import { Elements } from './elements.ts';
import { installEventSource } from './event-source.ts';
import { installFetch } from './http.ts';
import { ImportMaps } from './import-map.ts';
import { Modules } from './modules.ts';
import { installMutations, watchMutations } from './mutations.ts';
import { installNavigation, listenForNavigation } from './navigation.ts';
import { define, provide } from './patch.ts';
import { Place } from './place.ts';
import { Resources } from './resources.ts';
import { FACADE, rewriteScript } from './rewrite.ts';
import { installStores } from './stores.ts';
import { installWebSocket } from './web-socket.ts';
import { installXhr } from './xhr.ts';

const clock = systemClock();
const embedder = window.parent;

/** Opens the page's document anew: the browser drops every listener of the window then. */
const openDocument = document.open.bind(document) as () => Document;
const writeDocument = Document.prototype.write;
const closeDocument = Document.prototype.close;

async function show(channel: Channel, shown: FrameDocument): Promise<void> {
  const tell = (text: string): void => channel.post({ t: 'problem', text: text.slice(0, 10_000) });
  const place = new Place(channel, shown);
  let base: Base = { href: shown.url, isOwn: false };
  const maps = new ImportMaps();
  const resources: Resources = new Resources({
    channel,
    place,
    tell,
    rewrite: (code, url) => rewriteScript(code, 'classic', { url, resolve: (to, from) => maps.resolve(to, from) }).code,
  });
  const modules = new Modules(resources, maps);
  const elements = new Elements({ resources, modules, base: () => base.href, page: () => place.url.href });
  const navigation = { place, tell };
  const html = await prepareDocument(shown.html, shown.url, (to) => (base = to), {
    elements,
    modules,
    maps,
    clock,
    tell,
    refresh: (seconds, url) =>
      clock.after(seconds * 1000, () => (url === undefined ? place.reload() : place.go(url, { isReplacing: true }))),
  });
  place.onStep = (url) => {
    if (base.isOwn) return;
    base = { href: url, isOwn: false };
    document.querySelector('base')?.setAttribute('href', url);
  };
  openDocument();
  place.install();
  installCookies(channel, place, shown);
  installStores(channel, shown.stores);
  const fetch = installFetch(channel, place);
  installXhr(fetch, clock);
  installEventSource(fetch, clock);
  installWebSocket(channel, place, shown.routes);
  installMutations(elements);
  installNavigation(navigation);
  installFacade(place, modules);
  refuseWorkers();
  listenForNavigation(navigation);
  listenForNews(channel, place, tell);
  watchMutations(elements);
  writeDocument.call(document, html);
  closeDocument.call(document);
}

/** What rewritten scripts call. */
function installFacade(place: Place, modules: Modules): void {
  const views = new Map<unknown, object>();
  for (const real of [window, document]) {
    const view = new Proxy(real, {
      get: (target, key) => (key === 'location' ? place.location : Reflect.get(target, key)),
      set(target, key, value) {
        if (key === 'location') place.go(String(value));
        else Reflect.set(target, key, value);
        return true;
      },
    });
    views.set(real, view);
  }
  const facade = {
    of: (value: unknown) => views.get(value) ?? (value === window.top ? views.get(window) : value),
    load: (base: string, specifier: unknown, options?: { with?: Record<string, string> }) =>
      modules.load(base, String(specifier), options),
    resolver: (base: string) => (specifier: unknown) => {
      const url = modules.resolve(String(specifier), base);
      if (url === undefined) throw new TypeError(`Failed to resolve module specifier '${String(specifier)}'`);
      return url;
    },
  };
  define(
    facade,
    'location',
    () => place.location,
    (to: unknown) => place.go(String(to)),
  );
  Object.defineProperty(window, FACADE, { value: Object.freeze(facade) });
}

function installCookies(channel: Channel, place: Place, { cookies, nowMs }: FrameDocument): void {
  const ahead = nowMs - clock.now();
  const jar = new CookieJar(() => clock.now() + ahead);
  jar.replace(cookies);
  channel.on('cookies', (message: { cookies: readonly Cookie[] }) => jar.replace(message.cookies));
  define(
    Document.prototype,
    'cookie',
    () => jar.scriptTextFor(place.url),
    (text: unknown) => {
      // Read back at once; what the preview makes of it follows.
      jar.setFromScript(place.url, String(text));
      channel.post({ t: 'cookie', text: String(text) });
    },
  );
}

function refuseWorkers(): void {
  for (const name of ['Worker', 'SharedWorker']) {
    provide(name, function Refused() {
      throw new DOMException(`The preview has no ${name}.`, 'NotSupportedError');
    });
  }
}

/** Title and uncaught errors, for the page around. */
function listenForNews(channel: Channel, place: Place, tell: (problem: string) => void): void {
  let title = '';
  const look = (): void => {
    if (document.title === title) return;
    title = document.title;
    channel.post({ t: 'title', title });
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true, characterData: true });
  addEventListener('error', (event) => {
    if (event instanceof ErrorEvent) tell(event.message);
  });
  addEventListener('unhandledrejection', ({ reason }) => tell(`Uncaught (in promise) ${String(reason)}`));
  addEventListener('load', () => {
    look();
    channel.post({ t: 'loaded' });
    if (place.url.hash !== '') place.scroll();
  });
}

addEventListener('message', function hear(event) {
  if (event.source !== embedder || event.data !== FRAME_PORT) return;
  removeEventListener('message', hear);
  const channel = new Channel(must(event.ports[0], 'the port to the preview'));
  channel.on('document', ({ document: shown }) => {
    show(channel, shown).catch((error: unknown) => {
      channel.post({ t: 'problem', text: `The page could not be shown: ${String(error)}` });
    });
  });
});
embedder.postMessage(FRAME_HELLO, '*');

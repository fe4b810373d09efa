/**
 * Links and forms of a page in the preview.
 *
 * Promise: what a browser would do after the page's own listeners had their say is done through the preview: a step to a
 * fragment, another page, a form sent as its attributes ask for.
 *
 * DIFFERS: what would open another window or tab opens in this one, and nothing is downloaded.
 */
import { schedule } from '../base/schedule.ts';
import { patch } from './patch.ts';
import type { Place } from './place.ts';

export interface NavigationOptions {
  readonly place: Place;
  readonly tell: (problem: string) => void;
}

/** Once for a frame. */
export function installNavigation({ place, tell }: NavigationOptions): void {
  patch(
    HTMLFormElement.prototype,
    'submit',
    () =>
      function (this: HTMLFormElement) {
        void sendForm(this, null, place, tell);
      },
  );
  patch(
    HTMLElement.prototype,
    'click',
    (native) =>
      function (this: HTMLElement) {
        // A link that is nowhere in the document is followed all the same, and no listener of ours would hear of it.
        const isLoose = this instanceof HTMLAnchorElement && !this.isConnected;
        if (!isLoose) native.call(this);
        else if (this.hasAttribute('href')) follow(this, place, tell);
      },
  );
  const window_ = window as unknown as { open: typeof window.open };
  window_.open = (url) => {
    if (url !== undefined && url !== '') place.go(String(url));
    return null;
  };
  patchStopping(place, tell);
}

/** For a window whose listeners are gone, as after `document.open()`. */
export function listenForNavigation({ place, tell }: NavigationOptions): void {
  for (const type of ['click', 'submit'] as const) {
    // Heard first, so that the last listener of all can be added then.
    addEventListener(
      type,
      (event) => {
        const last = (): void => settle(event, place, tell);
        addEventListener(type, last, { once: true });
        queueMicrotask(() => {
          if (event.eventPhase === Event.NONE) removeEventListener(type, last);
        });
      },
      { capture: true },
    );
  }
}

/** Does what the browser would do now, unless the page does not want it. */
function settle(event: Event, place: Place, tell: (problem: string) => void): void {
  if (event.defaultPrevented) return;
  const act = actionOf(event, place, tell);
  if (!act) return;
  event.preventDefault();
  act();
}

function actionOf(event: Event, place: Place, tell: (problem: string) => void): (() => void) | undefined {
  const [target] = event.composedPath();
  if (event.type === 'submit') {
    const form = target;
    // One that a script made up sends nothing; `requestSubmit` is the browser's.
    if (!(form instanceof HTMLFormElement) || !event.isTrusted) return undefined;
    const { submitter } = event as SubmitEvent;
    if (methodOf(form, submitter) === 'dialog') return undefined;
    return () => void sendForm(form, submitter, place, tell);
  }
  if ((event as MouseEvent).button !== 0) return undefined;
  for (const one of event.composedPath()) {
    const isLink = (one instanceof HTMLAnchorElement || one instanceof HTMLAreaElement) && one.hasAttribute('href');
    if (isLink) return () => follow(one, place, tell);
  }
  return undefined;
}

function follow(link: HTMLAnchorElement | HTMLAreaElement, place: Place, tell: (problem: string) => void): void {
  const { href } = link;
  if (link.hasAttribute('download')) tell(`${href} would be downloaded; the preview downloads nothing.`);
  else if (/^https?:/.test(href)) place.go(href);
  else tell(`The preview does not follow ${href}`);
}

/**
 * A listener that stops an event does not keep the browser from following a link, but it does keep ours from being
 * called: so it is decided at the end of the task instead.
 */
function patchStopping(place: Place, tell: (problem: string) => void): void {
  const decide = (event: Event): void => {
    if (event.defaultPrevented || !(event.type === 'click' || event.type === 'submit')) return;
    const act = actionOf(event, place, tell);
    if (!act) return;
    event.preventDefault();
    let isPrevented = false;
    Object.defineProperty(event, 'defaultPrevented', { get: () => isPrevented });
    Object.defineProperty(event, 'preventDefault', {
      value: () => {
        isPrevented = true;
      },
    });
    schedule(() => {
      if (!isPrevented) act();
    });
  };
  for (const name of ['stopPropagation', 'stopImmediatePropagation'] as const) {
    patch(
      Event.prototype,
      name,
      (native) =>
        function (this: Event) {
          native.call(this);
          decide(this);
        },
    );
  }
}

type Submitter = HTMLElement | null;

function attributeOf(form: HTMLFormElement, submitter: Submitter, name: string): string | null {
  return submitter?.getAttribute(`form${name}`) ?? form.getAttribute(name);
}

function methodOf(form: HTMLFormElement, submitter: Submitter): string {
  return (attributeOf(form, submitter, 'method') ?? 'get').trim().toLowerCase();
}

async function sendForm(
  form: HTMLFormElement,
  submitter: Submitter,
  place: Place,
  tell: (problem: string) => void,
): Promise<void> {
  const isButton = submitter instanceof HTMLButtonElement || submitter instanceof HTMLInputElement;
  const data = new FormData(form, isButton ? submitter : null);
  const action = attributeOf(form, submitter, 'action');
  const url = new URL(action === null || action === '' ? place.url.href : place.absolute(action));
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    tell(`The preview does not send a form to ${url.href}`);
    return;
  }
  const texts = [...data].map(([name, value]): [string, string] => [
    name.replace(/\r?\n|\r/g, '\r\n'),
    (typeof value === 'string' ? value : value.name).replace(/\r?\n|\r/g, '\r\n'),
  ]);
  if (methodOf(form, submitter) !== 'post') {
    url.search = new URLSearchParams(texts).toString();
    place.go(url.href);
    return;
  }
  const body = bodyOf(data, texts, attributeOf(form, submitter, 'enctype'));
  const made = new Response(body.content);
  const type = body.type ?? made.headers.get('content-type') ?? '';
  place.go(url.href, { form: { method: 'POST', type, body: await made.arrayBuffer() } });
}

/** @param texts  the same with names of files instead of files */
function bodyOf(
  data: FormData,
  texts: [string, string][],
  enctype: string | null,
): { content: BodyInit; type?: string } {
  switch ((enctype ?? '').trim().toLowerCase()) {
    case 'multipart/form-data':
      return { content: data };
    case 'text/plain':
      return { content: texts.map(([name, value]) => `${name}=${value}\r\n`).join(''), type: 'text/plain' };
    default:
      return { content: new URLSearchParams(texts).toString(), type: 'application/x-www-form-urlencoded' };
  }
}

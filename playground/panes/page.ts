/**
 * The Worker's pages, each in a browser of its own: address, back, forward, reload, cookies.
 *
 * Promise: a page is what a browser would show, and reaches nothing of this one. Two browsers are two people.
 */
import { effect } from '@preact/signals-core';
import { live } from 'lit/directives/live.js';
import { html, type TemplateResult } from 'lit/html.js';
import type { App } from '../app.ts';
import { BROWSERS_MAX, type Browser } from '../browsers.ts';
import { counted, mount } from '../mount.ts';
import { answerTabs } from './answer-tabs.ts';
import { backIcon, crossIcon, forwardIcon, plusIcon, reloadIcon } from './icons.ts';

export function pagePane(place: HTMLElement, app: App): void {
  const head = part('label-row');
  const stage = part('browsers');
  const empty = part('scroll');
  place.append(head, stage, empty);
  mount(head, () => headOf(app));
  mount(empty, () => emptyOf(app));
  const shown = new Map<Browser, { view: HTMLElement; stop: () => void }>();
  effect(() => {
    const { list } = app.current.browsers;
    const browsers = list.value;
    for (const [browser, { view, stop }] of shown) {
      if (browsers.includes(browser)) continue;
      stop();
      view.remove();
      shown.delete(browser);
    }
    for (const browser of browsers) {
      if (shown.has(browser)) continue;
      const made = browserView(browser, app);
      shown.set(browser, made);
      stage.append(made.view);
    }
    stage.hidden = browsers.length === 0;
    empty.hidden = browsers.length > 0;
  });
}

function headOf(app: App): TemplateResult {
  const { browsers, session } = app.current;
  const { length } = browsers.list.value;
  const add = (): void => {
    const url = browsers.list.value[0]?.url.value ?? '/';
    browsers.begin(browsers.add(), url);
    app.said.value = `${counted(length + 1, 'browser')}, each with cookies of its own.`;
  };
  return html`
    ${answerTabs(app, 'page')}
    <span class="gap"></span>
    <button type="button" class="quiet" ?disabled=${!session.canFetch.value || length >= BROWSERS_MAX}
      title="Another browser is somebody else: it has cookies of its own" @click=${add}>${plusIcon} Another browser</button>
  `;
}

function emptyOf(app: App): TemplateResult {
  const { browsers, session } = app.current;
  return html`
    <p class="empty">
      No browser is open. One shows the HTML that the Worker answers with, and sends its forms, scripts and cookies back to it.
      <button type="button" class="link" ?disabled=${!session.canFetch.value} @click=${() => browsers.show('/')}>Open one</button>
    </p>
  `;
}

function browserView(browser: Browser, app: App): { view: HTMLElement; stop: () => void } {
  const view = part('browser');
  view.role = 'group';
  view.ariaLabel = browser.name;
  const bar = part('browser-bar');
  const note = part('browser-note');
  view.append(bar, browser.frame, note);
  const stops = [mount(bar, () => barOf(browser, app)), mount(note, () => noteOf(browser))];
  return {
    view,
    stop: () => {
      for (const stop of stops) stop();
    },
  };
}

function barOf(browser: Browser, app: App): TemplateResult {
  const { browsers } = app.current;
  const isOnly = browsers.list.value.length === 1;
  const go = (event: Event): void => {
    event.preventDefault();
    const { value } = (event.target as HTMLFormElement).elements.namedItem('address') as HTMLInputElement;
    browser.navigate(value.trim());
  };
  const act = (label: string, icon: TemplateResult | unknown, isOff: boolean, work: () => void): TemplateResult => html`
    <button type="button" class="quiet square" aria-label=${label} title=${label} aria-disabled=${String(isOff)}
      @click=${() => !isOff && work()}>${icon}</button>
  `;
  return html`
    ${act('Back', backIcon, !browser.canGoBack.value, () => browser.back())}
    ${act('Forward', forwardIcon, !browser.canGoForward.value, () => browser.forward())}
    ${act('Reload', reloadIcon, false, () => browser.reload())}
    <form class="browser-address" @submit=${go}>
      <input name="address" aria-label=${`Address of ${browser.name.toLowerCase()}`} .value=${live(pathOf(browser.url.value))} autocomplete="off"
        spellcheck="false" autocapitalize="off" enterkeyhint="go" />
    </form>
    ${cookiesOf(browser)}
    ${isOnly ? '' : act(`Close ${browser.name.toLowerCase()}`, crossIcon, false, () => browsers.remove(browser))}
  `;
}

function cookiesOf(browser: Browser): TemplateResult {
  const cookies = browser.cookies.value;
  return html`
    <details class="cookies">
      <summary class="dim">${counted(cookies.length, 'cookie')}</summary>
      <div class="cookies-card">
        ${
          cookies.length === 0
            ? html`<p class="dim">The Worker has set none in this browser.</p>`
            : html`
                <dl>${cookies.map(
                  ({ name, value, path, isHttpOnly, expiresMs }) => html`
                    <div><dt>${name}</dt><dd>${value}</dd><dd class="dim">${path}${isHttpOnly ? ' · HttpOnly' : ''}${expiresMs === undefined ? '' : ` · until ${new Date(expiresMs).toISOString()}`}</dd></div>
                  `,
                )}</dl>
                <button type="button" class="link" @click=${() => browser.clearCookies()}>Clear</button>
              `
        }
      </div>
    </details>
  `;
}

function noteOf(browser: Browser): TemplateResult {
  const problem = browser.problem.value;
  if (problem !== undefined) return html`<p class="problem" role="status">✕ ${problem}</p>`;
  return browser.isLoading.value ? html`<p class="dim">Loading…</p>` : html``;
}

/** Without the origin, which is always the same. */
function pathOf(url: string): string {
  if (!URL.canParse(url)) return url;
  const { pathname, search, hash } = new URL(url);
  return `${pathname}${search}${hash}`;
}

function part(className: string): HTMLElement {
  const element = document.createElement('div');
  element.className = className;
  return element;
}

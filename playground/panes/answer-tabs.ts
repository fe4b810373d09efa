/**
 * The tabs of the place where answers are shown: the response, the page, the frames of its WebSockets.
 *
 * Promise: each of the three panes has them in its first row, and only one pane is shown, so there is one tab list.
 */
import { html, type TemplateResult } from 'lit/html.js';
import type { App } from '../app.ts';
import { tabOfKey } from './tab-keys.ts';

const VIEWS = [
  { name: 'response', label: 'Response' },
  { name: 'page', label: 'Page' },
  { name: 'frames', label: 'Frames' },
] as const;

type View = (typeof VIEWS)[number]['name'];

/** @param own  whose row it is */
export function answerTabs(app: App, own: View): TemplateResult {
  const label = VIEWS.find(({ name }) => name === own)?.label;
  return html`
    <h2 class="unseen">${label}</h2>
    <div class="segments" role="tablist" aria-label="What came back" @keydown=${(event: KeyboardEvent) => step(event, own, app)}>
      ${VIEWS.map(
        ({ name, label: text }) => html`
          <button type="button" role="tab" data-view=${name} aria-controls=${`answer-${name}`} aria-selected=${String(name === own)}
            tabindex=${name === own ? '0' : '-1'} @click=${() => show(name, app)}>${text}</button>
        `,
      )}
    </div>
  `;
}

function step(event: KeyboardEvent, own: View, app: App): void {
  const name = tabOfKey(event, VIEWS, own);
  if (name) show(name, app);
}

function show(name: View, app: App): void {
  app.current.browsers.view.value = name;
  document.querySelector<HTMLElement>(`#answer-${name} [data-view=${name}]`)?.focus();
}

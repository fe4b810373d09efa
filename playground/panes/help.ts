/**
 * The page's help: which keys do what, and the choice to do without the single ones.
 */
import { effect } from '@preact/signals-core';
import { html, type TemplateResult } from 'lit/html.js';
import type { App } from '../app.ts';
import { mount } from '../mount.ts';
import { KEYS, LIST_KEYS } from '../single-keys.ts';
import { crossIcon } from './icons.ts';

export function helpDialog(place: HTMLDialogElement, app: App): void {
  mount(place, () => {
    const isOn = app.keys.isOn.value;
    return html`
      <div class="help-head">
        <h2 id="help-title">Keys</h2>
        <button type="button" class="quiet square" aria-label="Close the help" @click=${() => place.close()}>${crossIcon}</button>
      </div>
      ${list('Everywhere', isOn ? KEYS : KEYS.filter(({ single }) => single === undefined))}
      <label class="help-choice">
        <input type="checkbox" .checked=${isOn} @change=${(event: Event) => app.keys.turn((event.target as HTMLInputElement).checked)} />
        Single keys: Space, full stop, N, E and question mark
      </label>
      <p class="dim">They do nothing while you type. Turn them off if you speak to your computer, or press keys by accident.</p>
      ${list('In the list of events', LIST_KEYS)}
    `;
  });
  place.setAttribute('aria-labelledby', 'help-title');
  effect(() => {
    if (app.isHelpOpen.value && !place.open) place.showModal();
    else if (!app.isHelpOpen.value && place.open) place.close();
  });
  place.addEventListener('close', () => {
    app.isHelpOpen.value = false;
  });
  // Beside the box is the dialog itself, in front of the page.
  place.addEventListener('click', (event) => {
    if (event.target === place && event.detail > 0) place.close();
  });
}

function list(title: string, keys: typeof KEYS): TemplateResult {
  return html`
    <h3 class="label">${title}</h3>
    <dl class="help-keys">
      ${keys.map(
        (key) => html`<div><dt>${key.keys.map((one) => html`<kbd>${one}</kbd> `)}</dt><dd>${key.does}</dd></div>`,
      )}
    </dl>
  `;
}

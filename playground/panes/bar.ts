/**
 * The bar on top: which example is open, where its data are kept, the clock, light or dark.
 */
import { computed, effect, signal } from '@preact/signals-core';
import { html } from 'lit/html.js';
import type { App } from '../app.ts';
import { mount } from '../mount.ts';
import { clockControls } from './clock.ts';
import { crossIcon, moonIcon, sunIcon } from './icons.ts';

export function barPane(place: HTMLElement, app: App): void {
  const isDark = themeOf(app);
  const clock = clockControls(app);
  const isNoticed = signal(false);
  const memoryReason = computed(() => app.current.session.memoryReason.value);
  mount(place, () => {
    const { workspace } = app.current;
    const choose = (event: Event): void => app.choose((event.target as HTMLSelectElement).value);
    return html`
      <div class="bar-row">
        <span class="wordmark">Durabox</span>
        <label class="picker">
          <span class="unseen">Example</span>
          <select @change=${choose}>
            ${app.examples.map(
              ({ name, title }) =>
                html`<option value=${name} ?selected=${name === workspace.example.name}>${title}</option>`,
            )}
          </select>
        </label>
        <span class="kept dim">${memoryReason.value === undefined ? 'Kept in this browser' : 'Kept until this tab closes'}</span>
        <span class="gap"></span>
        ${clock.template()}
        <button type="button" class="quiet square" aria-label="Dark" aria-pressed=${String(isDark.value)} title=${isDark.value ? 'Light' : 'Dark'} @click=${() => {
          isDark.value = !isDark.value;
          app.keep.write('theme', isDark.value ? 'dark' : 'light');
        }}>${isDark.value ? sunIcon : moonIcon}</button>
      </div>
      ${clock.problem() === undefined ? '' : html`<p class="notice problem" role="alert">${clock.problem()}</p>`}
      ${
        memoryReason.value === undefined || isNoticed.value
          ? ''
          : html`<p class="notice">
              <span>Objects live in memory here and are gone with this tab. ${memoryReason.value}</span>
              <button type="button" class="quiet square" aria-label="Understood" @click=${() => {
                isNoticed.value = true;
              }}>${crossIcon}</button>
            </p>`
      }
    `;
  });
}

/** What was chosen here, else what the system prefers. index.html sets the same before the first paint. */
function themeOf(app: App) {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const isDark = signal((app.keep.read('theme') ?? (system.matches ? 'dark' : 'light')) === 'dark');
  system.addEventListener('change', () => {
    if (app.keep.read('theme') === undefined) isDark.value = system.matches;
  });
  effect(() => {
    document.documentElement.dataset['theme'] = isDark.value ? 'dark' : 'light';
  });
  return isDark;
}

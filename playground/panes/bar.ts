/**
 * The bar on top: which example is open, where its data are kept, the clock, light or dark.
 */
import { computed, effect, type Signal, signal } from '@preact/signals-core';
import { html, nothing, type TemplateResult } from 'lit/html.js';
import type { App } from '../app.ts';
import { mount } from '../mount.ts';
import { clockControls } from './clock.ts';
import { crossIcon, moonIcon, questionIcon, sunIcon } from './icons.ts';

export function barPane(place: HTMLElement, app: App): void {
  const isDark = themeOf(app);
  const clock = clockControls(app);
  const isNoticed = signal(false);
  const isLossNoticed = signal(false);
  const memoryReason = computed(() => app.current.session.memoryReason.value);
  mount(place, () => {
    const { workspace } = app.current;
    const { problem } = app.clock;
    const choose = (event: Event): void => app.choose((event.target as HTMLSelectElement).value);
    return html`
      <div class="bar-row">
        <h1 class="wordmark">Durabox</h1>
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
        ${clock()}
        <button type="button" class="quiet square" aria-label="Keys" aria-haspopup="dialog" title=${`Which keys do what${app.keys.hint('help')}`}
          aria-keyshortcuts=${app.keys.shortcut('help') ?? nothing} @click=${() => {
            app.isHelpOpen.value = true;
          }}>${questionIcon}</button>
        <button type="button" class="quiet square" aria-label="Dark" aria-pressed=${String(isDark.value)} title=${isDark.value ? 'Light' : 'Dark'} @click=${() => {
          isDark.value = !isDark.value;
          app.keep.write('theme', isDark.value ? 'dark' : 'light');
        }}>${isDark.value ? sunIcon : moonIcon}</button>
      </div>
      ${problem.value === undefined ? '' : html`<p class="notice problem" role="alert">${problem.value}</p>`}
      ${app.lostWords.value === undefined || isLossNoticed.value ? '' : lossNotice(app.lostWords.value, isLossNoticed)}
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

/** @param words  the browser's */
function lossNotice(words: string, isNoticed: Signal<boolean>): TemplateResult {
  return html`
    <p class="notice" role="alert" data-loss>
      <span><span class="problem">✕ The browser lost what was stored here, in every example. Objects begin anew.</span> It says: ${words}</span>
      <button type="button" class="quiet square" aria-label="Understood" @click=${() => {
        isNoticed.value = true;
      }}>${crossIcon}</button>
    </p>
  `;
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

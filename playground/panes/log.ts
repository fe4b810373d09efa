/**
 * What Workers and objects wrote to their console.
 *
 * Promise: it follows the newest line, but never moves under the pointer or away from where someone scrolled.
 */
import { effect, signal } from '@preact/signals-core';
import { repeat } from 'lit/directives/repeat.js';
import { html, type TemplateResult } from 'lit/html.js';
import type { App } from '../app.ts';
import { mount, timeOfDay } from '../mount.ts';
import type { Line } from '../session.ts';
import { levelShape } from './icons.ts';

const LEVELS = [
  { name: 'all', label: 'All levels', has: ['debug', 'log', 'info', 'warn', 'error'] },
  { name: 'warn', label: 'Warnings, errors', has: ['warn', 'error'] },
  { name: 'error', label: 'Errors', has: ['error'] },
] as const satisfies readonly { name: string; label: string; has: readonly Line['level'][] }[];

export function logPane(place: HTMLElement, app: App): void {
  const level = signal<(typeof LEVELS)[number]['name']>('all');
  const words = signal('');
  const head = document.createElement('div');
  const list = document.createElement('div');
  head.className = 'label-row';
  list.className = 'scroll log-lines';
  list.tabIndex = 0;
  list.role = 'log';
  list.ariaLabel = 'Log';
  list.ariaLive = 'off';
  place.append(head, list);

  mount(head, () => {
    const { session } = app.current;
    return html`
      <h2 class="label">Log</h2>
      <input class="filter" type="search" aria-label="Filter the log" placeholder="Filter" @input=${(event: Event) => {
        words.value = (event.target as HTMLInputElement).value;
      }} />
      <select aria-label="Levels" @change=${(event: Event) => {
        level.value = (event.target as HTMLSelectElement).value as typeof level.value;
      }}>
        ${LEVELS.map(({ name, label }) => html`<option value=${name}>${label}</option>`)}
      </select>
      <button type="button" class="quiet" @click=${() => session.clearLog()}>Clear</button>
    `;
  });
  mount(list, () => {
    const { session } = app.current;
    const all = session.lines.value;
    const levels: readonly string[] = LEVELS.find(({ name }) => name === level.value)?.has ?? [];
    const wanted = words.value.toLowerCase();
    const shown = all.filter(
      (line) => levels.includes(line.level) && `${line.source} ${line.text}`.toLowerCase().includes(wanted),
    );
    if (shown.length > 0) return html`${repeat(shown, ({ number }) => number, row)}`;
    return html`<p class="empty">${
      all.length > 0 ? 'No line matches the filter.' : 'Nothing logged yet. Call console.log anywhere in the code.'
    }</p>`;
  });
  follow(list, app);
}

function row({ level, text, source, atMs }: Line): TemplateResult {
  return html`
    <div class="line" data-level=${level}>
      <time class="dim number">${timeOfDay(atMs)}</time>
      <span class="level">${levelShape(level)}<span>${level}</span></span>
      <span class="dim source">${source}</span>
      <span class="text">${text}</span>
    </div>
  `;
}

function follow(list: HTMLElement, app: App): void {
  let isInside = false;
  let isAtEnd = true;
  list.addEventListener('pointerenter', () => {
    isInside = true;
  });
  list.addEventListener('pointerleave', () => {
    isInside = false;
  });
  list.addEventListener('scroll', () => {
    isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 24;
  });
  effect(() => {
    app.current.session.lines.value;
    if (isAtEnd && !isInside) list.scrollTop = list.scrollHeight;
  });
}

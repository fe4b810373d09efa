/**
 * The stored keys of one object, read from disk.
 *
 * Promise: looking wakes nothing. A value that changed between two readings pulses once.
 */
import { effect, signal } from '@preact/signals-core';
import { ref } from 'lit/directives/ref.js';
import { repeat } from 'lit/directives/repeat.js';
import { html, render, type TemplateResult } from 'lit/html.js';
import type { StoredEntry } from '../../src/index.ts';
import type { App } from '../app.ts';
import { byteCount, mount } from '../mount.ts';
import type { Kept } from '../session.ts';
import { describe, fingerprint, PARTS_MAX } from '../stored-value.ts';
import { copyIcon } from './icons.ts';
import { nameOf } from './objects.ts';

/** How often each key was seen to change; of one object. */
interface Changes {
  readonly id: string | undefined;
  readonly prints: ReadonlyMap<string, string>;
  readonly counts: ReadonlyMap<string, number>;
}

const DEPTH_MAX = 20;

export function storagePane(place: HTMLElement, app: App): void {
  const changes = signal<Changes>({ id: undefined, prints: new Map(), counts: new Map() });
  effect(() => {
    const { kept, selected } = app.current.session;
    if (kept.value) changes.value = compare(changes.peek(), kept.value);
    else changes.value = { id: selected.value, prints: new Map(), counts: new Map() };
  });
  mount(place, () => {
    const { kept } = app.current.session;
    const object = kept.value?.object;
    return html`
      <div class="label-row">
        <h2 class="label">Stored keys</h2>
        ${object ? html`<span class="file-title" title=${object.id}>${object.className} · ${nameOf(object)}</span>` : ''}
        <span class="gap"></span>
        ${
          object
            ? html`<button type="button" class="quiet square" aria-label="Copy the object's id" title=${`Copy the id ${object.id}`} @click=${async () => {
                await navigator.clipboard.writeText(object.id);
                app.said.value = 'The id was copied.';
              }}>${copyIcon}</button>`
            : ''
        }
      </div>
      <div class="scroll">${kept.value ? entries(kept.value, changes.value) : html`<p class="empty">Choose an object to see what it keeps. Looking does not wake it.</p>`}</div>
      ${kept.value ? html`<p class="foot-note dim">Read from disk. The object was not woken.</p>` : ''}
    `;
  });
}

function entries({ entries: all, problem, object }: Kept, { counts }: Changes): TemplateResult {
  if (problem) return html`<p class="empty problem">${problem}</p>`;
  if (all.length === 0) return html`<p class="empty">${nameOf(object)} has stored nothing.</p>`;
  return html`
    <dl class="entries">
      ${repeat(
        all,
        ({ key }) => key,
        (entry) => row(entry, `${object.id} ${entry.key}`, counts.get(entry.key) ?? 0),
      )}
    </dl>
  `;
}

function row({ key, value, sizeBytes }: StoredEntry, name: string, changeCount: number): TemplateResult {
  return html`
    <div class="entry" data-key=${key} ${ref((place) => pulse(place, name, changeCount))}>
      <dt>${key}</dt>
      <dd>${tree(value)}</dd>
      <dd class="dim entry-size"><span>${describe(value).type}</span> <span class="number">${byteCount(sizeBytes)}</span></dd>
    </div>
  `;
}

/** A line, and its parts when it is opened. They are written only then, so a cycle has no end but costs nothing. */
function tree(value: unknown, depth = 0): TemplateResult {
  const { line, partCount, parts } = describe(value);
  if (partCount === 0 || depth >= DEPTH_MAX) return html`<code>${line}</code>`;
  const write = (details: Element | undefined): void => {
    if (!(details instanceof HTMLDetailsElement) || !details.open) return;
    const written = html`
      ${parts().map(({ label, value: part }) => html`<div class="part"><span class="part-label">${label}</span> ${tree(part, depth + 1)}</div>`)}
      ${partCount > PARTS_MAX ? html`<p class="dim">and ${partCount - PARTS_MAX} more</p>` : ''}
    `;
    render(written, details.lastElementChild as HTMLElement);
  };
  return html`
    <details class="tree" ${ref(write)} @toggle=${(event: Event) => write(event.target as Element)}>
      <summary><code>${line}</code></summary>
      <div class="parts"></div>
    </details>
  `;
}

const pulsed = new WeakMap<Element, { name: string; changeCount: number }>();

/** Once for every change that is seen while the key stands there. */
function pulse(place: Element | undefined, name: string, changeCount: number): void {
  if (!place) return;
  const before = pulsed.get(place);
  pulsed.set(place, { name, changeCount });
  const isChange = before ? before.name === name && before.changeCount < changeCount : changeCount > 0;
  if (!isChange || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
  place.animate([{ backgroundColor: 'var(--pulse)' }, { backgroundColor: 'transparent' }], {
    duration: 900,
    easing: 'ease-out',
  });
}

function compare(before: Changes, { object, entries: all }: Kept): Changes {
  const prints = new Map(all.map(({ key, value }) => [key, fingerprint(value)]));
  if (before.id !== object.id) return { id: object.id, prints, counts: new Map() };
  if (before.prints.size === 0) return { id: object.id, prints, counts: before.counts };
  const counts = new Map(before.counts);
  for (const [key, print] of prints) {
    if (before.prints.get(key) !== print) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return { id: object.id, prints, counts };
}

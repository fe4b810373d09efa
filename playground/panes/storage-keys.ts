/**
 * The keys of the object that is looked at, their values as trees, and forms to change them.
 *
 * Promise: a value that changed between two readings pulses once. A form that is open stays, with what was typed, whatever
 * the program does to its key meanwhile.
 */
import { effect, signal } from '@preact/signals-core';
import { ref } from 'lit/directives/ref.js';
import { repeat } from 'lit/directives/repeat.js';
import { html, type TemplateResult } from 'lit/html.js';
import type { StoredEntry } from '../../src/index.ts';
import type { App } from '../app.ts';
import { jsonProblem } from '../json-value.ts';
import { byteCount, counted, mount } from '../mount.ts';
import { nameOf } from '../object-acts.ts';
import type { KeysLook } from '../stored.ts';
import { describe, fingerprint } from '../stored-value.ts';
import { crossIcon, pencilIcon, plusIcon } from './icons.ts';
import { type Editing, entryForm } from './storage-entry-form.ts';
import { hex } from './storage-grid.ts';
import { valueTree } from './value-tree.ts';

/** How often each key was seen to change; of one object. */
interface Changes {
  /** of which object, and of which part of its keys */
  readonly of: string | undefined;
  readonly prints: ReadonlyMap<string, string>;
  readonly counts: ReadonlyMap<string, number>;
}

const BYTES_SHOWN = 24;

export function keysPanel(place: HTMLElement, app: App): void {
  const changes = signal<Changes>({ of: undefined, prints: new Map(), counts: new Map() });
  const editing = signal<Editing | undefined>(undefined);
  effect(() => {
    const { stored } = app.current.session;
    if (stored.keys.value) changes.value = compare(changes.peek(), stored.keys.value, stored.prefix.peek());
  });
  const keys: Keys = { app, place, changes, editing };
  mount(place, () => {
    const { object, prefix, keys: look, problem } = app.current.session.stored;
    if (!object.value)
      return html`<p class="empty">Choose an object to see what it keeps. Looking does not wake it.</p>`;
    if (problem.value !== undefined) return html`<p class="empty problem">✕ ${problem.value}</p>`;
    const { value } = look;
    if (!value) return html``;
    if (value.entries.length === 0 && prefix.value === '' && !editing.value) return emptiness(value, keys);
    return html`${tools(keys)} ${entriesOf(value, keys)}`;
  });
}

/** What the parts of this panel share. */
interface Keys {
  readonly app: App;
  readonly place: HTMLElement;
  readonly changes: { readonly value: Changes };
  readonly editing: { value: Editing | undefined };
}

function tools(keys: Keys): TemplateResult {
  const { stored } = keys.app.current.session;
  return html`
    <div class="storage-tools">
      <input class="filter" type="search" aria-label="Keys that begin with" placeholder="Begins with" autocapitalize="off" spellcheck="false" .value=${stored.prefix.value}
        @input=${(event: Event) => stored.filter((event.target as HTMLInputElement).value)} />
      ${addButton(keys)}
    </div>
  `;
}

function addButton(keys: Keys): TemplateResult | string {
  const { stored } = keys.app.current.session;
  if (stored.readOnlyReason.value !== undefined) return '';
  return html`<button type="button" class="quiet" data-add @click=${() => open(keys, { key: undefined, value: undefined })}>${plusIcon} Key</button>`;
}

function emptiness({ tableCount, object }: KeysLook, keys: Keys): TemplateResult {
  const { stored } = keys.app.current.session;
  return html`
    <p class="empty">
      ${nameOf(object)} has stored no keys; ctx.storage.put does that.
      ${tableCount > 0 ? html`<button type="button" class="link" @click=${() => stored.show('tables')}>Look at its ${counted(tableCount, 'table')}</button>` : ''}
    </p>
    <div class="storage-tools">${addButton(keys)}</div>
  `;
}

function entriesOf({ entries, hasMore, object }: KeysLook, keys: Keys): TemplateResult {
  const { stored } = keys.app.current.session;
  const form = keys.editing.value?.objectId === object.id ? keys.editing.value : undefined;
  const acts = formActs(keys);
  return html`
    ${form && form.key === undefined ? entryForm(form, acts) : ''}
    <div class="entries" role="list" aria-label="Keys">
      ${repeat(
        form?.key === undefined ? entries : withKey(entries, form.key),
        ({ key }) => key,
        (entry) =>
          form?.key === entry.key
            ? html`<div class="entry" role="listitem" data-key=${entry.key}>${entryForm(form, { now: entry, ...acts })}</div>`
            : row(entry as StoredEntry, object.id, keys),
      )}
    </div>
    ${entries.length === 0 ? html`<p class="empty">No key begins with that.</p>` : ''}
    ${hasMore ? html`<p class="storage-more"><button type="button" class="quiet" @click=${() => stored.moreKeys()}>More keys</button> <span class="dim">after the first ${counted(entries.length, 'key')}</span></p>` : ''}
  `;
}

/** A key whose form is open keeps its place when it is deleted. */
function withKey(entries: readonly StoredEntry[], key: string): readonly (StoredEntry | { readonly key: string })[] {
  if (entries.some((entry) => entry.key === key)) return entries;
  const before = entries.filter((entry) => entry.key < key);
  return [...before, { key }, ...entries.slice(before.length)];
}

function row(entry: StoredEntry, objectId: string, keys: Keys): TemplateResult {
  const { key, value, problem, bytes, sizeBytes } = entry;
  const name = `${objectId} ${key}`;
  const changeCount = keys.changes.value.counts.get(key) ?? 0;
  return html`
    <div class="entry" role="listitem" data-key=${key} ${ref((place) => pulse(place, name, changeCount))}>
      <span class="entry-key">${key === '' ? html`<span class="dim">"" (empty)</span>` : key}</span>
      <div class="entry-value">${problem === undefined ? valueTree(value) : undecoded(problem, bytes)}</div>
      <span class="dim entry-size"><span>${problem === undefined ? describe(value).type : 'unreadable'}</span> <span class="number">${byteCount(sizeBytes)}</span></span>
      ${rowActs(entry, keys)}
    </div>
  `;
}

function undecoded(problem: string, bytes: Uint8Array = new Uint8Array()): TemplateResult {
  const rest = bytes.length > BYTES_SHOWN ? '…' : '';
  return html`<span class="dim">${problem}</span> <code>x'${hex(bytes.subarray(0, BYTES_SHOWN))}${rest}'</code>`;
}

/** An edit only where JSON can say the value. */
function rowActs(entry: StoredEntry, keys: Keys): TemplateResult | string {
  const { stored } = keys.app.current.session;
  if (stored.readOnlyReason.value !== undefined) return '';
  const { key } = entry;
  const reason = entry.problem === undefined ? jsonProblem(entry.value) : 'It cannot be read.';
  return html`
    <span class="entry-acts">
      <button type="button" class="quiet square" data-edit aria-label=${`Edit ${key}`} aria-disabled=${String(reason !== undefined)}
        title=${reason === undefined ? 'Edit' : `${reason} So it is only shown.`} @click=${() => {
          if (reason === undefined) open(keys, { key, value: entry.value });
          else stored.notice.value = { kind: 'done', sentence: `"${key}" is only shown. ${reason}` };
        }}>${pencilIcon}</button>
      <button type="button" class="quiet square" data-delete aria-label=${`Delete ${key}`} title="Delete" @click=${async () => {
        await keys.app.current.session.changes.delete(entry);
        keys.place.parentElement?.querySelector<HTMLElement>('[data-undo]')?.focus();
      }}>${crossIcon}</button>
    </span>
  `;
}

function open({ app, place, editing }: Keys, { key, value }: { key: string | undefined; value: unknown }): void {
  const { object } = app.current.session.stored;
  if (!object.value) return;
  const print = key === undefined ? undefined : fingerprint(value);
  editing.value = { objectId: object.value.id, key, value, print, problem: undefined };
  place.querySelector<HTMLElement>('.entry-form input, .entry-form textarea')?.focus();
}

/** What a form's buttons do. */
function formActs({ app, place, editing }: Keys) {
  const { changes } = app.current.session;
  const back = (key: string | undefined): void => {
    editing.value = undefined;
    const row = key === undefined ? undefined : `[data-key="${CSS.escape(key)}"] [data-edit]`;
    const next = (row && place.querySelector<HTMLElement>(row)) || place.querySelector<HTMLElement>('[data-add]');
    next?.focus();
  };
  return {
    cancel: (form: Editing) => back(form.key),
    save: async (form: Editing, key: string, value: unknown) => {
      const problem = await (form.key === undefined ? changes.add(key, value) : changes.put(key, value));
      if (editing.value?.objectId !== form.objectId || editing.value.key !== form.key) return;
      if (problem === undefined) back(key);
      else editing.value = { ...editing.value, problem };
    },
    refuse: (form: Editing, problem: string) => {
      editing.value = { ...form, problem };
    },
  };
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

function compare(before: Changes, { object, entries }: KeysLook, prefix: string): Changes {
  const of = `${object.id} ${prefix}`;
  const prints = new Map(
    entries.map(({ key, value, bytes }) => [key, bytes ? `bytes ${hex(bytes)}` : fingerprint(value)]),
  );
  if (before.of !== of) return { of, prints, counts: new Map() };
  if (before.prints.size === 0) return { of, prints, counts: before.counts };
  const counts = new Map(before.counts);
  for (const [key, print] of prints) {
    if (before.prints.get(key) !== print) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return { of, prints, counts };
}

/**
 * What one object has stored: its keys, its tables, SQL on it, now or at an earlier moment; as a file, and from one.
 *
 * Promise: looking wakes nothing. The parts of the pane stand still: each of the three views keeps its scroll and its
 * focus while another is shown.
 */
import { effect } from '@preact/signals-core';
import { html, type TemplateResult } from 'lit/html.js';
import type { App } from '../app.ts';
import { mount } from '../mount.ts';
import { nameOf } from '../object-acts.ts';
import type { StorageView } from '../stored.ts';
import { copyIcon, downloadIcon, uploadIcon } from './icons.ts';
import { download, listenForDrops, pickFile } from './storage-file.ts';
import { keysPanel } from './storage-keys.ts';
import { noticeBar } from './storage-notice.ts';
import { sqlPanel } from './storage-sql.ts';
import { tablesPanel } from './storage-tables.ts';
import { timeBar } from './storage-time.ts';
import { tabOfKey } from './tab-keys.ts';

const VIEWS: readonly { name: StorageView; label: string; fill(place: HTMLElement, app: App): void }[] = [
  { name: 'keys', label: 'Keys', fill: keysPanel },
  { name: 'tables', label: 'Tables', fill: tablesPanel },
  { name: 'sql', label: 'SQL', fill: sqlPanel },
];

export function storagePane(place: HTMLElement, app: App): void {
  const head = part('label-row storage-head');
  const notice = part('storage-notice');
  const foot = part('storage-foot');
  place.append(head, notice);
  mount(head, () => headOf(app));
  noticeBar(notice, app);
  for (const { name, label, fill } of VIEWS) {
    const panel = part('storage-panel scroll');
    panel.id = `storage-${name}`;
    panel.role = 'tabpanel';
    panel.tabIndex = 0;
    panel.ariaLabel = label;
    place.append(panel);
    fill(panel, app);
    effect(() => {
      const { view, at } = app.current.session.stored;
      panel.hidden = view.value !== name;
      panel.dataset['past'] = String(at.value !== undefined);
    });
  }
  place.append(foot);
  timeBar(foot, app);
  effect(() => {
    if (app.wish.value?.pane === 'storage') place.focus();
  });
  listenForDrops(place, app);
}

function headOf(app: App): TemplateResult {
  const { stored } = app.current.session;
  const object = stored.object.value;
  const shown = stored.view.value;
  if (!object) return html`<h2 class="label">Storage</h2>`;
  const when = stored.at.value ? ' of this moment' : '';
  return html`
    <h2 class="label">Storage</h2>
    <span class="file-title" title=${`${object.className} · ${nameOf(object)}\n${object.id}`}><span class="dim">${object.className} ·</span> ${nameOf(object)}</span>
    <span class="gap"></span>
    <div class="segments" role="tablist" aria-label="What to look at" @keydown=${(event: KeyboardEvent) => step(event, shown, app)}>
      ${VIEWS.map(
        ({ name, label }) => html`
          <button type="button" role="tab" id=${`storage-tab-${name}`} aria-controls=${`storage-${name}`} aria-selected=${String(name === shown)}
            tabindex=${name === shown ? '0' : '-1'} @click=${() => stored.show(name)}>${label}</button>
        `,
      )}
    </div>
    <span class="storage-acts">
      <button type="button" class="quiet square copy-id" aria-label="Copy the object's id" title=${`Copy the id ${object.id}`} @click=${async () => {
        await navigator.clipboard.writeText(object.id);
        app.said.value = 'The id was copied.';
      }}>${copyIcon}</button>
      <button type="button" class="quiet square" aria-label=${`Download the .sqlite file${when}`} title=${`Download the .sqlite file${when}`} @click=${() => download(app)}>${downloadIcon}</button>
      <button type="button" class="quiet square" aria-label="Upload a .sqlite file" title=${stored.readOnlyReason.value ?? 'Upload a .sqlite file; it can be dropped here, too'}
        ?disabled=${stored.readOnlyReason.value !== undefined} @click=${() => pickFile(app)}>${uploadIcon}</button>
    </span>
  `;
}

function step(event: KeyboardEvent, shown: StorageView, app: App): void {
  const name = tabOfKey(event, VIEWS, shown);
  if (!name) return;
  app.current.session.stored.show(name);
  document.getElementById(`storage-tab-${name}`)?.focus();
}

function part(className: string): HTMLElement {
  const element = document.createElement('div');
  element.className = className;
  return element;
}

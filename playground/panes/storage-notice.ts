/**
 * One line at the top of the storage: what was done and can be taken back, what was refused, what is to be agreed to.
 */
import { html, type TemplateResult } from 'lit/html.js';
import type { App } from '../app.ts';
import { byteCount, mount } from '../mount.ts';
import { nameOf } from '../object-acts.ts';
import { crossIcon } from './icons.ts';

export function noticeBar(place: HTMLElement, app: App): void {
  mount(place, () => {
    const { notice } = app.current.session.stored;
    if (notice.value === undefined) return html``;
    return html`${textOf(app)}`;
  });
}

function textOf(app: App): TemplateResult {
  const { notice, object, replace } = parts(app);
  switch (notice?.kind) {
    case 'done': {
      const { sentence, undo } = notice;
      return html`
        <p class="notice-line" data-kind="done">
          <span role="status">${sentence}</span>
          ${undo ? html`<button type="button" class="link" data-undo @click=${undo}>Undo</button>` : ''}
          <span class="gap"></span>
          ${close(app)}
        </p>
      `;
    }
    case 'problem':
      return html`
        <p class="notice-line" data-kind="problem">
          <span role="alert"><span class="problem">✕ ${notice.sentence}</span> ${notice.isUnchanged ? html`<span class="dim">Nothing was changed.</span>` : ''}</span>
          <span class="gap"></span>
          ${close(app)}
        </p>
      `;
    case 'replace':
      return html`
        <div class="notice-line" data-kind="replace" role="group" aria-label="Replace what is stored?">
          <span>Replace everything that ${object} has stored by ${notice.name}, ${byteCount(notice.sizeBytes)}?</span>
          <span class="notice-acts">
            <button type="button" class="outlined" @click=${replace}>Replace</button>
            <button type="button" class="quiet" @click=${() => dismiss(app)}>Cancel</button>
          </span>
        </div>
      `;
    case undefined:
      return html``;
    default:
      return notice satisfies never;
  }
}

function parts(app: App) {
  const { stored, changes } = app.current.session;
  const { value: object } = stored.object;
  return { notice: stored.notice.value, object: object ? nameOf(object) : '', replace: () => changes.replace() };
}

function close(app: App): TemplateResult {
  return html`<button type="button" class="quiet square" aria-label="Understood" @click=${() => dismiss(app)}>${crossIcon}</button>`;
}

function dismiss(app: App): void {
  app.current.session.stored.notice.value = undefined;
}

/**
 * The form of one key: its value as JSON, or name and value of a new one.
 *
 * Promise: what is typed stays until it is saved or given up, also when it is refused.
 */
import { html, type TemplateResult } from 'lit/html.js';
import type { StoredEntry } from '../../src/index.ts';
import { jsonText, parseJson } from '../json-value.ts';
import { describe, fingerprint } from '../stored-value.ts';

export interface Editing {
  readonly objectId: string;
  /** undefined: a new one */
  readonly key: string | undefined;
  /** as it was when the form was opened */
  readonly value: unknown;
  /** of `value` */
  readonly print: string | undefined;
  /** why it was not saved */
  readonly problem: string | undefined;
}

export interface EntryFormOptions {
  /** the entry as it is stored by now; the key alone when it is not there any more */
  readonly now?: StoredEntry | { readonly key: string };
  save(form: Editing, key: string, value: unknown): void;
  cancel(form: Editing): void;
  refuse(form: Editing, problem: string): void;
}

const LINES_MAX = 12;

export function entryForm(form: Editing, options: EntryFormOptions): TemplateResult {
  const { key, problem } = form;
  const text = key === undefined ? '' : jsonText(form.value);
  const submit = (event: Event): void => {
    event.preventDefault();
    const fields = new FormData((event.target as Element).closest('form') as HTMLFormElement);
    const parsed = parseJson(String(fields.get('value')));
    if ('problem' in parsed) options.refuse(form, parsed.problem);
    else options.save(form, key ?? String(fields.get('key')), parsed.value);
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit(event);
    else if (event.key === 'Escape') options.cancel(form);
    else return;
    event.preventDefault();
  };
  return html`
    <form class="entry-form" data-own-enter @submit=${submit} @keydown=${onKey}>
      ${
        key === undefined
          ? html`<input name="key" aria-label="Name of the new key" placeholder="Key" autocomplete="off" autocapitalize="off" spellcheck="false" />`
          : html`<span class="entry-key">${key}</span>`
      }
      <textarea name="value" aria-label=${key === undefined ? 'Value of the new key, as JSON' : `Value of ${key}, as JSON`} placeholder="Value, as JSON" spellcheck="false" autocapitalize="off"
        rows=${Math.min(LINES_MAX, Math.max(2, text.split('\n').length))} .defaultValue=${text}></textarea>
      ${problem === undefined ? '' : html`<p role="alert"><span class="problem">✕ ${problem}</span> <span class="dim">Nothing was changed.</span></p>`}
      ${meanwhile(form, options)}
      <span class="entry-form-acts">
        <button type="submit" class="outlined" title="Ctrl-Enter or ⌘-Enter">Save</button>
        <button type="button" class="quiet" title="Escape" @click=${() => options.cancel(form)}>Cancel</button>
      </span>
    </form>
  `;
}

/** What the program did to the key while the form was open. */
function meanwhile({ print }: Editing, { now }: EntryFormOptions): TemplateResult | string {
  if (!now) return '';
  if (!('value' in now)) return html`<p class="dim">It was deleted meanwhile. Saving makes it anew.</p>`;
  const { value, problem } = now;
  if (problem === undefined && fingerprint(value) === print) return '';
  return html`<p class="dim">It has changed meanwhile: <code>${problem ?? describe(value).line}</code></p>`;
}

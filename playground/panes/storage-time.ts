/**
 * The line below the storage: which moment is shown, and a slider over those that can be.
 *
 * Promise: at its right end it is now, and stays so whatever is written. Elsewhere it stays at its moment.
 */
import { live } from 'lit/directives/live.js';
import { html, type TemplateResult } from 'lit/html.js';
import type { App } from '../app.ts';
import { counted, momentName, mount } from '../mount.ts';
import type { History, Moment, Stored } from '../stored.ts';

/** More ticks than this would be a bar. */
const TICKS_MAX = 40;

export function timeBar(place: HTMLElement, app: App): void {
  mount(place, () => {
    const { stored, changes } = app.current.session;
    if (!stored.object.value) return html``;
    const history = stored.history.value;
    return html`${history.moments.length > 1 ? slider(history, stored) : ''} ${words(history, stored, () => changes.restore())}`;
  });
}

function slider(history: History, stored: Stored): TemplateResult {
  const { moments } = history;
  const last = moments.length - 1;
  const at = indexOf(history, stored.at.value);
  const go = (event: Event): void => {
    const chosen = Number((event.target as HTMLInputElement).value);
    stored.goTo(chosen === last ? undefined : moments[chosen]);
  };
  return html`
    <input type="range" class="moments" aria-label="Moment" min="0" max=${last} step="1" list="storage-moments" .value=${live(String(at))}
      aria-valuetext=${at === last ? 'Now' : name(moments[at], history)} @input=${go} />
    <datalist id="storage-moments">
      ${moments.length <= TICKS_MAX ? moments.map((_, tick) => html`<option value=${tick}></option>`) : ''}
    </datalist>
  `;
}

function words(history: History, stored: Stored, restore: () => void): TemplateResult {
  const at = stored.at.value;
  if (at === undefined) return html`<p class="moment dim">Now, from disk. The object was not woken.</p>`;
  return html`
    <p class="moment" data-past>
      <span class="moment-name">As of ${name(at, history)}</span>
      <span class="gap"></span>
      <button type="button" class="link" title="Stores again what was stored then; nothing in between is lost" @click=${restore}>Restore</button>
      <button type="button" class="link" data-now @click=${(event: Event) => {
        const slider = (event.target as Element).closest('.storage-foot')?.querySelector<HTMLElement>('.moments');
        stored.goTo(undefined); // and this button is gone
        slider?.focus();
      }}>Now</button>
    </p>
  `;
}

/** One that is gone from the list was older than all in it; one that came after it was read is not there yet. */
function indexOf({ moments }: History, at: Moment | undefined): number {
  if (at === undefined) return moments.length - 1;
  const found = moments.findIndex((moment) => moment.at >= at.at);
  return found < 0 ? moments.length - 1 : found;
}

/** When it was, and how long ago in changes; in a list with gaps those are not known. */
function name(moment: Moment | undefined, history: History): string {
  const when = momentName(moment?.timeMs, Date.now());
  if (history.isThinned) return when;
  return `${when} · ${counted(history.moments.length - 1 - indexOf(history, moment), 'change')} ago`;
}

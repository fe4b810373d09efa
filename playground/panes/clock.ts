/**
 * The account's time, and what moves it: stop and go, on to the next event, faster.
 *
 * Promise: it shows the clock as it is, whoever moved it.
 */
import { signal } from '@preact/signals-core';
import { html, nothing, type TemplateResult } from 'lit/html.js';
import type { AccountClock } from '../account.ts';
import type { App } from '../app.ts';
import { momentName } from '../mount.ts';
import { goIcon, pauseIcon, stepIcon } from './icons.ts';

const RATES = [1, 10, 100];
const LOOK_MS = 250;

/** @returns a template over signals, of nothing when the account has no clock */
export function clockControls(app: App): () => TemplateResult | '' {
  const look = signal({});
  setInterval(() => {
    if (!document.hidden && app.current.session.clock.value) look.value = {};
  }, LOOK_MS);
  return () => {
    look.value;
    const clock = app.current.session.clock.value;
    return clock ? controls(clock, app) : '';
  };
}

function controls(clock: AccountClock, { clock: control, keys }: App): TemplateResult {
  const { isPaused, rate } = clock;
  // Not `disabled`: the focus would be lost by what the button itself does.
  const off = String(control.isMoving.value);
  const rates = RATES.includes(rate) ? RATES : [...RATES, rate].sort((one, other) => one - other);
  return html`
    <div class="clock" role="group" aria-label="Clock" data-paused=${isPaused}>
      <button type="button" class="quiet square" aria-label="Pause the clock" aria-pressed=${String(isPaused)} title=${`${isPaused ? 'Let time go on' : 'Let time stand still'}${keys.hint('pause')}`}
        aria-keyshortcuts=${keys.shortcut('pause') ?? nothing} aria-disabled=${off} @click=${() => control.pauseOrGo()}>${isPaused ? goIcon : pauseIcon}</button>
      <button type="button" class="quiet square" aria-label="Step to the next event" title=${`On to whatever is due next: a timer, an alarm, an eviction${keys.hint('step')}`}
        aria-keyshortcuts=${keys.shortcut('step') ?? nothing} aria-disabled=${off} @click=${() => control.step()}>${stepIcon}</button>
      <select aria-label="Speed of the clock" aria-disabled=${off} @change=${(event: Event) => control.setRate(Number((event.target as HTMLSelectElement).value))}>
        ${rates.map((one) => html`<option value=${one} ?selected=${one === rate}>×${one}</option>`)}
      </select>
      <time class="number dim">${nameOf(clock.now(), isPaused)}</time>
    </div>
  `;
}

/** Milliseconds of a clock that goes cannot be read. */
function nameOf(atMs: number, isExact: boolean): string {
  const name = momentName(atMs, Date.now());
  return isExact ? name : name.slice(0, name.lastIndexOf('.'));
}

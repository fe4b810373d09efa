/**
 * The account's time, and what moves it: stop and go, on to the next event, faster.
 *
 * Promise: it shows the clock as it is, whoever moved it; a move that fails says why.
 */
import { signal } from '@preact/signals-core';
import { html, type TemplateResult } from 'lit/html.js';
import { type AccountClock, sentenceOf } from '../account.ts';
import type { App } from '../app.ts';
import { momentName } from '../mount.ts';
import { goIcon, pauseIcon, stepIcon } from './icons.ts';

const RATES = [1, 10, 100];
const LOOK_MS = 250;

export interface ClockControls {
  /** nothing when the account has no clock */
  template(): TemplateResult | '';
  /** why the last move failed */
  problem(): string | undefined;
}

export function clockControls(app: App): ClockControls {
  const problem = signal<string | undefined>(undefined);
  const isMoving = signal(false);
  const look = signal({});
  setInterval(() => {
    if (!document.hidden && app.current.session.clock.value) look.value = {};
  }, LOOK_MS);

  /** @param move  resolves with what to say */
  const make = async (move: () => Promise<string>): Promise<void> => {
    isMoving.value = true;
    problem.value = undefined;
    try {
      app.said.value = await move();
    } catch (error) {
      problem.value = sentenceOf(error);
    } finally {
      isMoving.value = false;
      app.current.session.refresh();
    }
  };
  return {
    problem: () => problem.value,
    template() {
      look.value;
      const clock = app.current.session.clock.value;
      return clock ? controls(clock, isMoving.value, make) : '';
    },
  };
}

function controls(clock: AccountClock, isMoving: boolean, make: (move: () => Promise<string>) => void): TemplateResult {
  const { isPaused, rate } = clock;
  const rates = RATES.includes(rate) ? RATES : [...RATES, rate].sort((one, other) => one - other);
  const pause = async (): Promise<string> => {
    await (isPaused ? clock.resume() : clock.pause());
    return isPaused ? 'The clock goes on.' : 'The clock is paused.';
  };
  const step = async (): Promise<string> => {
    const toMs = await clock.advanceToNextEvent();
    return toMs === undefined ? 'Nothing is due.' : `It is ${nameOf(toMs, true)} now.`;
  };
  const setRate = async (wanted: number): Promise<string> => {
    await clock.setRate(wanted);
    return `The clock goes ${wanted} times as fast as real time.`;
  };
  return html`
    <div class="clock" role="group" aria-label="Clock" data-paused=${isPaused}>
      <button type="button" class="quiet square" aria-label="Pause the clock" aria-pressed=${String(isPaused)} title=${isPaused ? 'Let time go on' : 'Let time stand still'} ?disabled=${isMoving} @click=${() => make(pause)}>${isPaused ? goIcon : pauseIcon}</button>
      <button type="button" class="quiet square" aria-label="Step to the next event" title="On to whatever is due next: a timer, an alarm, an eviction" ?disabled=${isMoving} @click=${() => make(step)}>${stepIcon}</button>
      <select aria-label="Speed of the clock" ?disabled=${isMoving} @change=${(event: Event) => make(() => setRate(Number((event.target as HTMLSelectElement).value)))}>
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

/**
 * On a narrow screen: which lanes are drawn beside the rows, and the way to the others, by a swipe or two buttons.
 */
import { html } from 'lit/html.js';
import type { App } from '../app.ts';
import { mount } from '../mount.ts';
import { LANES_SHOWN } from '../timeline.ts';
import { goIcon } from './icons.ts';

/** A shorter movement, or one that is as much up as sideways, is none. */
const SWIPE_PX = 48;
const SIDEWAYS = 2;

export function laneStrip(place: HTMLElement, app: App): void {
  mount(place, () => {
    const view = app.current.session.timeline;
    const { lanes } = view.picture.value;
    const first = view.firstLane.value;
    const shown = lanes.slice(first, first + LANES_SHOWN);
    if (lanes.length === 0) return html``;
    const button = (by: 1 | -1, label: string, isLast: boolean) => html`
      <button type="button" class="quiet square" data-by=${by} aria-label=${label} aria-disabled=${String(isLast)} @click=${() => view.shiftLanes(by)}>${goIcon}</button>
    `;
    return html`
      <p class="lane-names" title="Swipe for the others">
        <span class="dim">${lanes.length > LANES_SHOWN ? `Lanes ${first + 1} to ${first + shown.length} of ${lanes.length}:` : 'Lanes:'}</span>
        ${shown.map(({ label }) => label).join(', ')}
      </p>
      ${lanes.length > LANES_SHOWN ? [button(-1, 'The lane before', first === 0), button(1, 'The next lane', first + LANES_SHOWN >= lanes.length)] : ''}
    `;
  });
}

/** A swipe to the left brings the next lane, as it brings the next page. */
export function listenForSwipes(place: HTMLElement, app: App): void {
  let from: { readonly x: number; readonly y: number } | undefined;
  place.addEventListener('pointerdown', ({ pointerType, clientX, clientY }) => {
    from = pointerType === 'touch' ? { x: clientX, y: clientY } : undefined;
  });
  place.addEventListener('pointercancel', () => {
    from = undefined; // it scrolls
  });
  place.addEventListener('pointerup', ({ clientX, clientY }) => {
    if (!from) return;
    const [x, y] = [clientX - from.x, clientY - from.y];
    from = undefined;
    if (Math.abs(x) < SWIPE_PX || Math.abs(x) < SIDEWAYS * Math.abs(y)) return;
    app.current.session.timeline.shiftLanes(x < 0 ? 1 : -1);
  });
}

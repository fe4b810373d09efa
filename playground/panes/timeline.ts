/**
 * The timeline: what happened, drawn and as a list, and the details of the event that is selected.
 *
 * Promise: the drawing, the list and the details have one selection. The sentence about the last run is read aloud when the
 * run is over; single events are not.
 */
import { html, type TemplateResult } from 'lit/html.js';
import type { App } from '../app.ts';
import { mount, timeOfDay } from '../mount.ts';
import { titleOf } from '../object-acts.ts';
import { detailsOf, elapsed, whatOf } from '../timeline-words.ts';
import { crossIcon } from './icons.ts';
import { nameIn, type OpenEvent, timelineCanvas } from './timeline-canvas.ts';
import { laneStrip } from './timeline-lanes.ts';
import { timelineList } from './timeline-list.ts';

const EFFECTS_MAX = 6;

export function timelinePane(place: HTMLElement, app: App): void {
  const part = (className: string): HTMLElement => {
    const made = document.createElement('div');
    made.className = className;
    return made;
  };
  const [head, body, canvas, twin, strip, list, details] = [
    part('label-row timeline-head'),
    part('timeline-body'),
    part('timeline-canvas scroll'),
    part('twin'),
    part('lane-strip'),
    part('twin-list scroll'),
    part('event-details'),
  ] as const;
  details.tabIndex = -1;
  twin.append(strip, list, details);
  body.append(canvas, twin);
  place.append(head, body);
  const empty = part('timeline-empty');
  body.append(empty);
  mount(head, () => headOf(app));
  mount(empty, () => {
    const isEmpty = app.current.session.timeline.picture.value.events.length === 0;
    canvas.hidden = twin.hidden = isEmpty;
    empty.hidden = !isEmpty;
    const [preset] = app.current.workspace.example.presets;
    return html`<p class="dim">
      Nothing has happened yet. Each request, wait and write will be a mark here.
      ${preset ? html`<button type="button" class="link" @click=${() => app.send(preset)}>Send a request</button>` : ''}
    </p>`;
  });
  const isNarrow = matchMedia('(width < 820px)');
  const open: OpenEvent = (event) => {
    const view = app.current.session.timeline;
    view.select(event);
    view.isOpen.value = event >= 0;
    // Where one pane is shown at a time, what is beside this one is not seen: the details lead there.
    if (event >= 0 && !isNarrow.matches) app.showOrigin(event, 'beside');
  };
  timelineCanvas(canvas, app, open);
  laneStrip(strip, app);
  timelineList(list, app, {
    open,
    enter: (event) => {
      open(event);
      details.focus({ preventScroll: true });
    },
  });
  mount(details, () => {
    const { isOpen, place: selected } = app.current.session.timeline;
    details.hidden = !isOpen.value || selected.value < 0;
    return details.hidden ? html`` : detailsBox(app, open, () => list.focus());
  });
  details.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    app.current.session.timeline.isOpen.value = false;
    list.focus();
  });
}

function headOf(app: App): TemplateResult {
  const view = app.current.session.timeline;
  const isEmpty = view.picture.value.events.length === 0;
  return html`
    <h2 class="label">Timeline</h2>
    <p class="timeline-said" role="status">${view.said.value}</p>
    <span class="gap"></span>
    <span class="legend dim" aria-hidden="true">
      <span class="legend-wait"></span> waits <span class="legend-gate"></span> input gate closed
      <span class="legend-gate legend-output"></span> output gate closed
    </span>
    <button type="button" class="quiet timeline-fold" aria-pressed=${String(view.isFolded.value)} title="Leave out what is longer than 2 s and empty" @click=${() => {
      view.isFolded.value = !view.isFolded.value;
    }}>Fold gaps</button>
    <span class="timeline-zoom">
      <button type="button" class="quiet square" aria-label="Less room for time" title="Less room for time" @click=${() => view.zoom(0.5)}>−</button>
      <button type="button" class="quiet square" aria-label="More room for time" title="More room for time" @click=${() => view.zoom(2)}>+</button>
    </span>
    <button type="button" class="quiet" aria-label="Clear the timeline" ?disabled=${isEmpty} @click=${() => view.clear()}>Clear</button>
  `;
}

/** What leads to where the event came from, or why nothing does. */
function origin(event: number, app: App): TemplateResult {
  const place = app.places.of(event, app.current);
  const go = (): void => app.showOrigin(event, 'there');
  switch (place.kind) {
    case 'code': {
      const { file, line } = place.at;
      return html`<button type="button" class="link" data-origin="code" @click=${go}>${place.name}, ${file}, line ${line}</button>`;
    }
    case 'storage':
      return html`<button type="button" class="link" data-origin="storage" @click=${go}>What ${titleOf(place.object)} had stored then</button>`;
    case 'none':
      return html`<span class="dim" data-origin="none">Nowhere to go. ${place.why}</span>`;
    default:
      return place satisfies never;
  }
}

function detailsBox(app: App, open: OpenEvent, leave: () => void): TemplateResult {
  const view = app.current.session.timeline;
  const place = view.place.value;
  const { events, lanes, laneOf, causeOf, effects } = view.picture.value;
  const event = events[place] as (typeof events)[number];
  const name = nameIn(lanes);
  const link = (at: number): TemplateResult => html`
    <button type="button" class="link" @click=${() => open(at)}>${lanes[laneOf[at] as number]?.label} ${whatOf(events[at] as typeof event, name)}</button>
  `;
  const cause = causeOf[place] as number;
  const caused = effects.get(place) ?? [];
  return html`
    <div class="event-title">
      <h3>${lanes[laneOf[place] as number]?.label} ${whatOf(event, name)}</h3>
      <button type="button" class="quiet square" aria-label="Close the details" @click=${() => {
        view.isOpen.value = false;
        leave();
      }}>${crossIcon}</button>
    </div>
    <dl>
      <div><dt>Came from</dt><dd>${origin(place, app)}</dd></div>
      <div><dt>Time</dt><dd class="number">${timeOfDay(event.atMs)}, ${elapsed(event.atMs - (events[0]?.atMs ?? 0))} after the first event</dd></div>
      ${detailsOf(event).map(([what, value]) => html`<div><dt>${what}</dt><dd>${value}</dd></div>`)}
      <div><dt>Caused by</dt><dd>${cause >= 0 ? link(cause) : event.cause ? 'an event that is not kept any more' : 'nothing before it'}</dd></div>
      ${
        caused.length === 0
          ? ''
          : html`<div><dt>Led to</dt><dd>${caused.slice(0, EFFECTS_MAX).map((at) => html`${link(at)}<br />`)}${
              caused.length > EFFECTS_MAX ? `and ${caused.length - EFFECTS_MAX} more` : ''
            }</dd></div>`
      }
    </dl>
  `;
}

/**
 * The timeline as a list: a grid with one row an event, walked by keys, for whoever does not see the drawing. On a narrow screen it is
 * the timeline, with a drawing beside the rows.
 *
 * Promise: every event is a row, at its place. Only rows that are seen are in the page, so that any number of them costs the
 * same; their number and their places are told (`aria-rowcount`, `aria-rowindex`). The focus stays on the grid.
 */
import { effect, signal, untracked } from '@preact/signals-core';
import { repeat } from 'lit/directives/repeat.js';
import { html, render, type TemplateResult } from 'lit/html.js';
import type { App } from '../app.ts';
import { LANES_SHOWN } from '../timeline.ts';
import { FOLD_MS } from '../timeline-axis.ts';
import { pathOf, type Step, type Timeline } from '../timeline-model.ts';
import { elapsed, whatOf } from '../timeline-words.ts';
import { nameIn, type OpenEvent, oncePerFrame } from './timeline-canvas.ts';
import { themeOf } from './timeline-colours.ts';
import { drawGutter, gutterWidth } from './timeline-gutter.ts';
import { listenForSwipes } from './timeline-lanes.ts';

const STEPS: Readonly<Record<string, Step>> = {
  ArrowRight: 'next',
  ArrowLeft: 'previous',
  ArrowUp: 'up',
  ArrowDown: 'down',
  '[': 'cause',
  ']': 'effect',
  Home: 'first',
  End: 'last',
};
/** Rows beyond what is seen, above and below. */
const MORE_ROWS = 6;

export interface ListOptions {
  open: OpenEvent;
  /** the same, and the focus goes to the details */
  enter: OpenEvent;
}

export function timelineList(place: HTMLElement, app: App, { open, enter }: ListOptions): void {
  frame(place);
  const rows = place.querySelector('.twin-rows') as HTMLElement;
  const head = place.querySelector('.twin-head') as HTMLElement;
  const seen = signal({ top: 0, height: 0, rowHeight: 24 });
  const look = (): void => {
    const rowHeight = Number.parseFloat(getComputedStyle(place).getPropertyValue('--row-height')) || 24;
    seen.value = { top: place.scrollTop, height: place.clientHeight, rowHeight };
  };
  let isInside = false;
  let isAtEnd = true;

  effect(() => {
    const { picture, firstLane, place: selected } = app.current.session.timeline;
    const { top, height, rowHeight } = seen.value;
    const isDrawn = (at: number): boolean => {
      const lane = picture.value.laneOf[at] as number;
      return lane >= firstLane.value && lane < firstLane.value + LANES_SHOWN;
    };
    const count = picture.value.events.length;
    place.ariaRowCount = String(count + 1);
    rows.style.height = `${count * rowHeight}px`;
    const first = Math.max(0, Math.floor(top / rowHeight) - MORE_ROWS);
    const places = Array.from(
      { length: Math.max(0, Math.min(count - first, Math.ceil(height / rowHeight) + 2 * MORE_ROWS)) },
      (_, at) => first + at,
    );
    render(
      repeat(
        places,
        (at) => at,
        (at) =>
          row(picture.value, at, {
            isSelected: at === selected.value,
            isDrawn: isDrawn(at),
            top: at * rowHeight,
            pick: open,
          }),
      ),
      rows,
    );
    const isShown = selected.value >= first && selected.value < first + places.length;
    if (isShown) place.setAttribute('aria-activedescendant', rowId(selected.value));
    else place.removeAttribute('aria-activedescendant');
  });
  effect(() => {
    app.current.session.timeline.picture.value;
    if (isAtEnd && !isInside) place.scrollTop = place.scrollHeight;
  });
  effect(() => {
    const { place: selected } = app.current.session.timeline;
    if (selected.value >= 0)
      untracked(() => bringIntoSight(place, head.offsetHeight, selected.value, seen.value.rowHeight));
    untracked(look);
  });
  place.addEventListener('scroll', () => {
    isAtEnd = place.scrollHeight - place.scrollTop - place.clientHeight < 2 * seen.peek().rowHeight;
    look();
  });
  place.addEventListener('pointerenter', () => {
    isInside = true;
  });
  place.addEventListener('pointerleave', () => {
    isInside = false;
  });
  new ResizeObserver(look).observe(place);
  listenForKeys(place, app, enter);
  listenForSwipes(place, app);
  mountGutter(place, app, seen);
}

/** What the rows stand in, written once. */
function frame(place: HTMLElement): void {
  render(
    html`
      <div class="twin-row twin-head" role="row" aria-rowindex="1">
        <span role="columnheader">Time</span><span role="columnheader">Actor</span><span role="columnheader">What</span
        ><span role="columnheader">Caused by</span>
      </div>
      <canvas class="twin-gutter" aria-hidden="true"></canvas>
      <div class="twin-rows" role="rowgroup"></div>
    `,
    place,
  );
  place.role = 'grid';
  place.tabIndex = 0;
  place.ariaLabel = 'Events';
  place.ariaColCount = '4';
  place.setAttribute('aria-keyshortcuts', '[ ] Home End Enter');
}

function listenForKeys(place: HTMLElement, app: App, enter: OpenEvent): void {
  place.addEventListener('keydown', (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const view = app.current.session.timeline;
    const step = STEPS[event.key];
    if (step) view.step(step);
    else if (event.key === 'Enter' && view.place.value >= 0) enter(view.place.value);
    else if (event.key === 'Escape' && view.isOpen.value) view.isOpen.value = false;
    else return;
    event.preventDefault();
  });
}

function mountGutter(
  place: HTMLElement,
  app: App,
  seen: { readonly value: { top: number; height: number; rowHeight: number } },
) {
  const canvas = place.querySelector('.twin-gutter') as HTMLCanvasElement;
  const pen = canvas.getContext('2d') as CanvasRenderingContext2D;
  const later = oncePerFrame(() => untracked(paint));
  const theme = themeOf(place, later);
  const paint = (): void => {
    if (canvas.offsetParent === null) return;
    const { picture, firstLane, place: selected } = app.current.session.timeline;
    const { height, top, rowHeight } = seen.value;
    const width = gutterWidth(picture.value);
    const ratio = devicePixelRatio;
    Object.assign(canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    const path = selected.value >= 0 ? pathOf(picture.value, selected.value) : undefined;
    drawGutter(pen, {
      ...{ picture: picture.value, top, height, rowHeight, width, path, firstLane: firstLane.value },
      ...{ colours: theme.colours(), selected: selected.value },
    });
  };
  effect(() => {
    const { picture, firstLane, place: selected } = app.current.session.timeline;
    const { height } = seen.value;
    selected.value;
    firstLane.value;
    place.style.setProperty('--gutter', `${gutterWidth(picture.value)}px`);
    place.style.setProperty('--seen-height', `${height}px`);
    later();
  });
}

interface RowState {
  readonly isSelected: boolean;
  /** its lane is one of those that a narrow screen draws */
  readonly isDrawn: boolean;
  readonly top: number;
  pick(place: number): void;
}

const rowId = (place: number): string => `event-${place}`;

function row(picture: Timeline, place: number, { isSelected, isDrawn, top, pick }: RowState): TemplateResult {
  const { events, lanes, laneOf, causeOf } = picture;
  const event = events[place] as (typeof events)[number];
  const name = nameIn(lanes);
  const cause = causeOf[place] as number;
  const causeEvent = events[cause];
  const what = whatOf(event, name);
  const gapMs = event.atMs - (events[place - 1]?.atMs ?? event.atMs);
  const by = causeEvent ? `${lanes[laneOf[cause] as number]?.label} ${whatOf(causeEvent, name)}` : '';
  return html`
    <div class="twin-row" role="row" id=${rowId(place)} aria-rowindex=${place + 2} aria-selected=${String(isSelected)} data-kind=${event.kind} data-drawn=${isDrawn} style="top: ${top}px" @click=${() => pick(place)}>
      <span role="gridcell" class="number dim">${gapMs > FOLD_MS ? html`<span title="Nothing happened for so long">‖</span> ` : ''}${elapsed(event.atMs - (events[0]?.atMs ?? 0))}</span>
      <span role="gridcell" class="twin-actor">${lanes[laneOf[place] as number]?.label}</span>
      <span role="gridcell" class="twin-what" title=${what}>${what}</span>
      <span role="gridcell" class="twin-cause dim" title=${by}>${by || '—'}</span>
    </div>
  `;
}

function bringIntoSight(place: HTMLElement, headHeight: number, at: number, rowHeight: number): void {
  const top = at * rowHeight;
  const room = place.clientHeight - headHeight;
  if (top < place.scrollTop) place.scrollTop = top;
  else if (top + rowHeight > place.scrollTop + room) place.scrollTop = top + rowHeight - room;
}

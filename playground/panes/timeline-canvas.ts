/**
 * The drawn timeline: a canvas over a place that scrolls. Hidden from screen readers, which have the list beside it.
 *
 * Promise: one drawing a frame at most, and none when nothing changed. It follows the newest event, but never while the pointer is inside or
 * when someone has scrolled back.
 */
import { effect, untracked } from '@preact/signals-core';
import type { App } from '../app.ts';
import { pathOf } from '../timeline-model.ts';
import { whatOf } from '../timeline-words.ts';
import { themeOf } from './timeline-colours.ts';
import { AXIS_HEIGHT, draw, eventAt, heightOf, LANE_HEIGHT, markAt, type Scene } from './timeline-drawing.ts';

const LABEL_WIDTH = 128;
const NEAR_END = 40;

/** Selects an event, shows its details and, beside the timeline, where it came from. -1: none. */
export type OpenEvent = (event: number) => void;

export function timelineCanvas(place: HTMLElement, app: App, open: OpenEvent): void {
  const canvas = document.createElement('canvas');
  const room = document.createElement('div');
  room.className = 'timeline-room';
  place.ariaHidden = 'true';
  place.append(canvas, room);
  const pen = canvas.getContext('2d') as CanvasRenderingContext2D;
  const later = oncePerFrame(() => paint());
  const theme = themeOf(place, later);
  let isInside = false;
  let isAtEnd = true;

  const scene = (): Scene => {
    const view = app.current.session.timeline;
    const { picture, axis, hovered } = view;
    const selected = view.place.value;
    const captioned = hovered.value >= 0 ? hovered.value : selected;
    const event = picture.value.events[captioned];
    return {
      picture: picture.value,
      axis: axis.value,
      left: place.scrollLeft,
      top: place.scrollTop,
      width: place.clientWidth,
      height: place.clientHeight,
      labelWidth: LABEL_WIDTH,
      colours: theme.colours(),
      selected,
      captioned,
      caption: event ? whatOf(event, nameIn(picture.value.lanes)) : '',
      path: captioned >= 0 ? pathOf(picture.value, captioned) : undefined,
    };
  };
  const paint = (): void =>
    untracked(() => {
      const now = scene();
      if (now.width === 0 || now.height === 0) return;
      const ratio = devicePixelRatio;
      const [width, height] = [Math.round(now.width * ratio), Math.round(now.height * ratio)];
      if (canvas.width !== width || canvas.height !== height) {
        Object.assign(canvas, { width, height });
        Object.assign(canvas.style, { width: `${now.width}px`, height: `${now.height}px` });
      }
      pen.setTransform(ratio, 0, 0, ratio, 0, 0);
      draw(pen, now);
    });

  effect(() => {
    const { picture, axis, place: selected, hovered } = app.current.session.timeline;
    selected.value;
    hovered.value;
    room.style.width = `${LABEL_WIDTH + axis.value.width}px`;
    room.style.height = `${heightOf(picture.value)}px`;
    if (isAtEnd && !isInside) place.scrollLeft = place.scrollWidth;
    later();
  });
  effect(() => {
    const { picture, axis, place: selected } = app.current.session.timeline;
    if (selected.value >= 0) {
      untracked(() => bringIntoSight(place, markAt(picture.value, axis.value, selected.value)));
    }
  });
  place.addEventListener('scroll', () => {
    isAtEnd = place.scrollWidth - place.scrollLeft - place.clientWidth < NEAR_END;
    later();
  });
  new ResizeObserver(later).observe(place);
  listenForPointer(place, app, {
    scene,
    open,
    onInside: (inside) => {
      isInside = inside;
    },
  });
}

/** The label of a lane, or what it is called by its machine. */
export function nameIn(lanes: readonly { readonly key: string; readonly label: string }[]): (lane: string) => string {
  return (lane) => lanes.find(({ key }) => key === lane)?.label ?? lane;
}

interface PointerOptions {
  scene(): Scene;
  open: OpenEvent;
  onInside(is: boolean): void;
}

function listenForPointer(place: HTMLElement, app: App, { scene, open, onInside }: PointerOptions): void {
  const under = (event: MouseEvent): number => {
    const box = place.getBoundingClientRect();
    return untracked(() => eventAt(scene(), event.clientX - box.left, event.clientY - box.top));
  };
  place.addEventListener('pointerenter', () => onInside(true));
  place.addEventListener('pointermove', (event) => {
    const { hovered } = app.current.session.timeline;
    hovered.value = event.pointerType === 'touch' ? -1 : under(event);
    place.style.cursor = hovered.value >= 0 ? 'pointer' : '';
  });
  place.addEventListener('pointerleave', () => {
    onInside(false);
    app.current.session.timeline.hovered.value = -1;
  });
  place.addEventListener('click', (event) => open(under(event)));
  place.addEventListener(
    'wheel',
    (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      app.current.session.timeline.zoom(event.deltaY < 0 ? 1.25 : 0.8);
    },
    { passive: false },
  );
}

function bringIntoSight(place: HTMLElement, { x, y }: { x: number; y: number }): void {
  const [left, right] = [place.scrollLeft, place.scrollLeft + place.clientWidth - LABEL_WIDTH];
  if (x < left + NEAR_END || x > right - NEAR_END) place.scrollLeft = x - (place.clientWidth - LABEL_WIDTH) / 2;
  const [top, bottom] = [place.scrollTop + AXIS_HEIGHT, place.scrollTop + place.clientHeight];
  if (y - LANE_HEIGHT / 2 < top || y + LANE_HEIGHT / 2 > bottom) place.scrollTop = y - place.clientHeight / 2;
}

/** Calls back with the next frame, once however often it was asked. */
export function oncePerFrame(go: () => void): () => void {
  let isComing = false;
  return () => {
    if (isComing) return;
    isComing = true;
    requestAnimationFrame(() => {
      isComing = false;
      go();
    });
  };
}

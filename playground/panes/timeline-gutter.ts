/**
 * Draws a timeline with time downwards, beside the rows of its list: for screens that are too narrow for the other way.
 *
 * Promise: as timeline-drawing.ts: it costs what is seen. Every event stands at the height of its row.
 */
import type { Timeline } from '../timeline-model.ts';
import type { Colours } from './timeline-colours.ts';
import { drawMark, drawRing } from './timeline-marks.ts';

export interface GutterScene {
  readonly picture: Timeline;
  /** of what is seen, below the first row */
  readonly top: number;
  readonly height: number;
  readonly rowHeight: number;
  readonly width: number;
  readonly colours: Colours;
  /** -1: none */
  readonly selected: number;
  readonly path: ReadonlySet<number> | undefined;
}

const MARGIN = 14;
const LANE_STEP = 22;
const WIDTH_MAX = 124;
const FAINT = 0.28;
const LINKS_MAX = 300;

export function gutterWidth({ lanes }: Timeline): number {
  return Math.min(WIDTH_MAX, 2 * MARGIN + Math.max(0, lanes.length - 1) * LANE_STEP);
}

export function drawGutter(pen: CanvasRenderingContext2D, scene: GutterScene): void {
  const { picture, top, height, rowHeight, width, colours, selected, path } = scene;
  const { events, lanes, laneOf, spans, links } = picture;
  pen.clearRect(0, 0, width, height);
  const step = Math.min(LANE_STEP, (width - 2 * MARGIN) / Math.max(1, lanes.length - 1));
  const xOf = (lane: number): number => MARGIN + lane * step;
  const point = (place: number): [number, number] => [
    xOf(laneOf[place] as number),
    place * rowHeight + rowHeight / 2 - top,
  ];
  const from = Math.max(0, Math.floor(top / rowHeight));
  const to = Math.min(events.length - 1, Math.ceil((top + height) / rowHeight));
  pen.fillStyle = colours.line;
  for (const lane of lanes.keys()) pen.fillRect(xOf(lane), 0, 1, Math.min(height, events.length * rowHeight - top));
  for (const span of spans.overlapping(from, to)) {
    const x = xOf(span.lane);
    const [y1, y2] = [point(Math.max(span.from, from - 1))[1], point(Math.min(span.to, to + 1))[1]];
    pen.fillStyle = span.kind === 'wait' ? colours.hatch : span.kind === 'input' ? colours.text : colours.faint;
    if (span.kind === 'wait') pen.fillRect(x - 6, y1, 12, y2 - y1);
    else pen.fillRect(span.kind === 'input' ? x - 9 : x + 7, y1, 2, y2 - y1);
  }
  for (const { cause, effect } of links.overlapping(from, to, LINKS_MAX)) {
    const [x1, y1] = point(cause);
    const [x2, y2] = point(effect);
    const isOnPath = path?.has(cause) && path.has(effect);
    pen.globalAlpha = path && !isOnPath ? FAINT : 1;
    pen.strokeStyle = isOnPath ? colours.accent : colours.edge;
    pen.lineWidth = isOnPath ? 2 : 1;
    pen.setLineDash(events[cause]?.kind === 'answer' ? [4, 3] : []);
    pen.beginPath();
    pen.moveTo(x1, y1);
    pen.bezierCurveTo(x1, y1 + rowHeight / 2, x2, y2 - rowHeight / 2, x2, y2);
    pen.stroke();
  }
  pen.setLineDash([]);
  for (let place = from; place <= to; place++) {
    pen.globalAlpha = path && !path.has(place) ? FAINT : 1;
    drawMark(pen, events[place] as (typeof events)[number], ...point(place), colours);
  }
  pen.globalAlpha = 1;
  if (selected >= 0) drawRing(pen, ...point(selected), colours.text);
}

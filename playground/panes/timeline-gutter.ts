/**
 * Draws a timeline with time downwards, beside the rows of its list: for screens that are too narrow for the other way.
 *
 * Promise: as timeline-drawing.ts: it costs what is seen. Every event stands at the height of its row; one of a lane that is not
 * shown has an arrow at the edge behind which its lane is.
 */
import { LANES_SHOWN } from '../timeline.ts';
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
  readonly firstLane: number;
  readonly colours: Colours;
  /** -1: none */
  readonly selected: number;
  readonly path: ReadonlySet<number> | undefined;
}

const MARGIN = 18;
const LANE_STEP = 28;
/** of what is not shown, from the border */
const EDGE = 5;
const FAINT = 0.28;
const LINKS_MAX = 300;

export function gutterWidth({ lanes }: Timeline): number {
  return 2 * MARGIN + (Math.min(LANES_SHOWN, Math.max(1, lanes.length)) - 1) * LANE_STEP;
}

export function drawGutter(pen: CanvasRenderingContext2D, scene: GutterScene): void {
  const { picture, top, height, rowHeight, width, firstLane, colours, selected, path } = scene;
  const { events, lanes, laneOf, spans, links } = picture;
  pen.clearRect(0, 0, width, height);
  const isShown = (lane: number): boolean => lane >= firstLane && lane < firstLane + LANES_SHOWN;
  const xOf = (lane: number): number =>
    isShown(lane) ? MARGIN + (lane - firstLane) * LANE_STEP : lane < firstLane ? EDGE : width - EDGE;
  const point = (place: number): [number, number] => [
    xOf(laneOf[place] as number),
    place * rowHeight + rowHeight / 2 - top,
  ];
  const from = Math.max(0, Math.floor(top / rowHeight));
  const to = Math.min(events.length - 1, Math.ceil((top + height) / rowHeight));
  pen.fillStyle = colours.line;
  for (const lane of lanes.keys()) {
    if (!isShown(lane)) continue;
    pen.fillRect(xOf(lane), 0, 1, Math.min(height, events.length * rowHeight - top));
  }
  for (const span of spans.overlapping(from, to)) {
    if (!isShown(span.lane)) continue;
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
    const lane = laneOf[place] as number;
    if (isShown(lane)) drawMark(pen, events[place] as (typeof events)[number], ...point(place), colours);
    else drawArrow(pen, ...point(place), { side: lane < firstLane ? -1 : 1, colour: colours.dim });
  }
  pen.globalAlpha = 1;
  if (selected >= 0 && isShown(laneOf[selected] as number)) drawRing(pen, ...point(selected), colours.text);
}

/** Where something happened in a lane beyond the edge. */
function drawArrow(
  pen: CanvasRenderingContext2D,
  x: number,
  y: number,
  { side, colour }: { side: 1 | -1; colour: string },
): void {
  pen.strokeStyle = colour;
  pen.lineWidth = 1.5;
  pen.beginPath();
  pen.moveTo(x - 2 * side, y - 4);
  pen.lineTo(x + 2 * side, y);
  pen.lineTo(x - 2 * side, y + 4);
  pen.stroke();
}

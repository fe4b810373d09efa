/**
 * Draws the part of a timeline that is seen, with time to the right, and says what stands at a point of it.
 *
 * Promise: a drawing costs what is seen, not what there is. It reads nothing of the page and changes nothing but the canvas.
 */
import { type Axis, FOLD_WIDTH, firstFrom, standingIn } from '../timeline-axis.ts';
import type { Lane, Life, Span, Timeline } from '../timeline-model.ts';
import type { Colours } from './timeline-colours.ts';
import { drawMark, drawRing } from './timeline-marks.ts';

type Pen = CanvasRenderingContext2D;

/** What is seen, in CSS pixels of the whole drawing. */
export interface Scene {
  readonly picture: Timeline;
  readonly axis: Axis;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** of the lanes' names, which stand still */
  readonly labelWidth: number;
  readonly colours: Colours;
  /** -1: none */
  readonly selected: number;
  /** beside the mark of the selected event, or of the one under the pointer */
  readonly caption: string;
  readonly captioned: number;
  /** places of the events to lift out; undefined: all are alike */
  readonly path: ReadonlySet<number> | undefined;
}

export const AXIS_HEIGHT = 24;
export const LANE_HEIGHT = 56;
const MARK_Y = 20;
const INPUT_Y = 6;
const OUTPUT_Y = 33;
const LIFE_Y = 40;
const LIFE_HEIGHT = 12;
const WAIT_HEIGHT = 14;
const HIT_RADIUS = 12;
const FAINT = 0.28;
/** More than this, and nobody could tell them apart. */
const LINKS_MAX = 1_000;

export function heightOf({ lanes }: Timeline): number {
  return AXIS_HEIGHT + lanes.length * LANE_HEIGHT;
}

/** Where the mark of an event is, in the whole drawing without the names. */
export function markAt({ laneOf }: Timeline, { positions }: Axis, place: number): { x: number; y: number } {
  return { x: positions[place] as number, y: AXIS_HEIGHT + (laneOf[place] as number) * LANE_HEIGHT + MARK_Y };
}

/** The event at a point of what is seen; -1: none. */
export function eventAt(scene: Scene, x: number, y: number): number {
  const { picture, axis, left, top, labelWidth } = scene;
  if (x < labelWidth || y < AXIS_HEIGHT) return -1;
  const at = x - labelWidth + left;
  const lane = Math.floor((y + top - AXIS_HEIGHT) / LANE_HEIGHT);
  let best = -1;
  let bestDistance = HIT_RADIUS;
  for (let place = firstFrom(axis.positions, at - HIT_RADIUS); place < picture.events.length; place++) {
    const distance = Math.abs((axis.positions[place] as number) - at);
    if ((axis.positions[place] as number) > at + HIT_RADIUS) break;
    if (picture.laneOf[place] !== lane || distance > bestDistance) continue;
    best = place;
    bestDistance = distance;
  }
  return best;
}

export function draw(pen: Pen, scene: Scene): void {
  const { picture, axis, width, height, left, labelWidth, colours } = scene;
  pen.clearRect(0, 0, width, height);
  const from = Math.max(0, firstFrom(axis.positions, left - HIT_RADIUS) - 1);
  const to = Math.min(picture.events.length - 1, firstFrom(axis.positions, left + width));
  pen.save();
  pen.beginPath();
  pen.rect(labelWidth, 0, width - labelWidth, height);
  pen.clip();
  for (const life of picture.lives.overlapping(from, to)) if (isSeen(scene, life.lane)) drawLife(pen, scene, life);
  for (const span of picture.spans.overlapping(from, to)) if (isSeen(scene, span.lane)) drawSpan(pen, scene, span);
  drawLinks(pen, scene, from, to);
  for (let place = from; place <= to; place++) {
    if (!isSeen(scene, picture.laneOf[place] as number)) continue;
    const [x, y] = pointOf(scene, place);
    pen.globalAlpha = scene.path && !scene.path.has(place) ? FAINT : 1;
    drawMark(pen, picture.events[place] as (typeof picture.events)[number], x, y, colours);
  }
  pen.globalAlpha = 1;
  if (scene.selected >= 0) drawRing(pen, ...pointOf(scene, scene.selected), colours.text);
  drawAxis(pen, scene);
  drawCaption(pen, scene);
  pen.restore();
  drawNames(pen, scene);
}

function isSeen({ top, height }: Scene, lane: number): boolean {
  const y = AXIS_HEIGHT + lane * LANE_HEIGHT - top;
  return y < height && y + LANE_HEIGHT > AXIS_HEIGHT;
}

function laneY({ top }: Scene, lane: number): number {
  return AXIS_HEIGHT + lane * LANE_HEIGHT - top;
}

function pointOf(scene: Scene, place: number): [number, number] {
  const { x, y } = markAt(scene.picture, scene.axis, place);
  return [x - scene.left + scene.labelWidth, y - scene.top];
}

/** The ends of a stretch, cut to a little more than what is seen. The last one of a lane goes on to the end. */
function ends(scene: Scene, from: number, to: number): [number, number] {
  const { axis, left, labelWidth, width, picture } = scene;
  const end = to >= picture.events.length - 1 ? axis.width : (axis.positions[to] as number);
  const x = (at: number): number => Math.min(width + 20, Math.max(labelWidth - 20, at - left + labelWidth));
  return [x(axis.positions[from] as number), x(end)];
}

function drawSpan(pen: Pen, scene: Scene, { lane, kind, from, to }: Span): void {
  const [x1, x2] = ends(scene, from, to);
  const y = laneY(scene, lane);
  if (kind === 'wait') {
    pen.fillStyle = scene.colours.hatch;
    pen.fillRect(x1, y + MARK_Y - WAIT_HEIGHT / 2, x2 - x1, WAIT_HEIGHT);
    return;
  }
  const barY = y + (kind === 'input' ? INPUT_Y : OUTPUT_Y);
  pen.fillStyle = kind === 'input' ? scene.colours.text : scene.colours.faint;
  pen.fillRect(x1, barY, x2 - x1, 2.5);
  for (const x of [x1, x2 - 1.5]) pen.fillRect(x, barY - (kind === 'input' ? 0 : 3), 1.5, 6);
}

function drawLife(pen: Pen, scene: Scene, { lane, state, from, to }: Life): void {
  const { colours } = scene;
  const [x1, x2] = ends(scene, from, to);
  const y = laneY(scene, lane) + LIFE_Y;
  const middle = y + LIFE_HEIGHT / 2;
  pen.setLineDash([]);
  pen.lineWidth = 1;
  pen.strokeStyle = pen.fillStyle = colours.faint;
  switch (state) {
    case 'running':
      pen.fillRect(x1, y + 1, x2 - x1, LIFE_HEIGHT - 2);
      break;
    case 'starting':
      pen.strokeRect(x1 + 0.5, y + 1.5, x2 - x1 - 1, LIFE_HEIGHT - 3);
      break;
    case 'sleeping':
      pen.lineWidth = 2;
      pen.setLineDash([2, 4]);
      line(pen, x1, middle, x2, middle);
      break;
    case 'idle':
      line(pen, x1, middle, x2, middle);
      break;
    case 'reset':
      pen.strokeStyle = colours.failed;
      line(pen, x1, middle, x2, middle);
      line(pen, x1, y + 1, x1 + LIFE_HEIGHT - 2, y + LIFE_HEIGHT - 1);
      line(pen, x1, y + LIFE_HEIGHT - 1, x1 + LIFE_HEIGHT - 2, y + 1);
      break;
    default:
      state satisfies never;
  }
  pen.setLineDash([]);
  drawLifeName(pen, scene, state, [Math.max(x1, scene.labelWidth), x2], middle);
}

/** Where there is room for it, the state is also written. */
function drawLifeName(pen: Pen, { colours }: Scene, state: string, [x1, x2]: [number, number], y: number): void {
  pen.font = `11px ${colours.font}`;
  const width = pen.measureText(state).width;
  if (x2 - x1 < width + 32) return;
  pen.fillStyle = colours.page;
  pen.fillRect(x1 + 14, y - 7, width + 8, 14);
  pen.fillStyle = colours.dim;
  pen.fillText(state, x1 + 18, y + 4);
}

function drawLinks(pen: Pen, scene: Scene, from: number, to: number): void {
  const { picture, colours, path } = scene;
  for (const { cause, effect } of picture.links.overlapping(from, to, LINKS_MAX)) {
    const [x1, y1] = pointOf(scene, cause);
    const [x2, y2] = pointOf(scene, effect);
    const isOnPath = path?.has(cause) && path.has(effect);
    pen.globalAlpha = path && !isOnPath ? FAINT : 1;
    pen.strokeStyle = isOnPath ? colours.accent : colours.edge;
    pen.lineWidth = isOnPath ? 2 : 1;
    const isAnswer = picture.events[cause]?.kind === 'answer';
    pen.setLineDash(isAnswer ? [4, 3] : []);
    const bend = Math.min(40, Math.max(8, Math.abs(x2 - x1) / 2));
    pen.beginPath();
    pen.moveTo(x1, y1);
    pen.bezierCurveTo(x1 + bend, y1, x2 - bend, y2, x2, y2);
    pen.stroke();
  }
  pen.setLineDash([]);
  pen.globalAlpha = 1;
}

function drawAxis(pen: Pen, scene: Scene): void {
  const { axis, left, top, width, height, labelWidth, colours, picture } = scene;
  pen.font = `11px ${colours.font}`;
  const x = (at: number): number => at - left + labelWidth;
  const bottom = Math.min(height, heightOf(picture) - top);
  pen.fillStyle = colours.page;
  pen.fillRect(labelWidth, 0, width, AXIS_HEIGHT);
  pen.fillStyle = colours.dim;
  for (const { at, text } of standingIn(axis.ticks, left - LOOK_BACK, left + width)) {
    pen.fillRect(x(at), AXIS_HEIGHT - 5, 1, 5);
    pen.fillText(text, x(at) + 3, 14);
  }
  for (const { at, text } of standingIn(axis.folds, left - LOOK_BACK, left + width)) {
    const middle = x(at) + FOLD_MIDDLE;
    pen.textAlign = 'center';
    const textWidth = pen.measureText(text).width;
    pen.fillStyle = colours.page;
    pen.fillRect(middle - textWidth / 2 - 4, 0, textWidth + 8, bottom);
    pen.fillStyle = colours.dim;
    pen.fillText(text, middle, 14);
    pen.strokeStyle = colours.edge;
    pen.lineWidth = 1;
    for (const side of [-2.5, 2.5]) line(pen, middle + side, AXIS_HEIGHT, middle + side, bottom);
    pen.textAlign = 'start';
  }
}

const FOLD_MIDDLE = FOLD_WIDTH / 2;
/** A text may begin so far outside of what is seen. */
const LOOK_BACK = 100;

function drawCaption(pen: Pen, scene: Scene): void {
  const { captioned, caption, colours, width, height, labelWidth } = scene;
  if (captioned < 0 || !caption) return;
  const [x, y] = pointOf(scene, captioned);
  pen.font = `12px ${colours.font}`;
  const text = caption.length > 90 ? `${caption.slice(0, 89)}…` : caption;
  const boxWidth = Math.min(pen.measureText(text).width + 16, width - labelWidth);
  const boxX = Math.max(labelWidth, Math.min(x - 12, width - boxWidth - 4));
  const boxY = y + 44 < height ? y + 14 : y - 38;
  pen.fillStyle = colours.page;
  pen.strokeStyle = colours.edge;
  pen.lineWidth = 1;
  pen.beginPath();
  pen.roundRect(boxX + 0.5, boxY + 0.5, boxWidth, 24, 6);
  pen.fill();
  pen.stroke();
  pen.fillStyle = colours.text;
  pen.fillText(text, boxX + 8, boxY + 16, boxWidth - 16);
}

function drawNames(pen: Pen, scene: Scene): void {
  const { picture, top, width, height, labelWidth, colours, selected } = scene;
  pen.fillStyle = colours.page;
  pen.fillRect(0, 0, labelWidth, height);
  pen.fillStyle = colours.line;
  pen.fillRect(labelWidth - 1, 0, 1, height);
  const first = Math.max(0, Math.floor(top / LANE_HEIGHT));
  const last = Math.min(picture.lanes.length - 1, Math.ceil((top + height) / LANE_HEIGHT));
  for (let at = first; at <= last; at++) {
    const lane = picture.lanes[at] as Lane;
    const y = laneY(scene, at);
    if (y + LANE_HEIGHT <= AXIS_HEIGHT) continue;
    pen.fillStyle = colours.line;
    pen.fillRect(0, y + LANE_HEIGHT - 1, width, 1);
    if (y + MARK_Y < AXIS_HEIGHT) continue;
    const isCurrent = selected >= 0 && picture.laneOf[selected] === at;
    pen.font = `${isCurrent ? '600 ' : ''}12px ${colours.font}`;
    pen.fillStyle = isCurrent ? colours.text : colours.dim;
    pen.fillText(fitted(pen, lane.label, labelWidth - 24), 16, y + MARK_Y + 4);
  }
}

/** As much of a text as there is room for. */
function fitted(pen: Pen, text: string, width: number): string {
  if (pen.measureText(text).width <= width) return text;
  let kept = text.length - 1;
  while (kept > 1 && pen.measureText(`${text.slice(0, kept)}…`).width > width) kept--;
  return `${text.slice(0, kept)}…`;
}

function line(pen: Pen, x1: number, y1: number, x2: number, y2: number): void {
  pen.beginPath();
  pen.moveTo(x1, y1);
  pen.lineTo(x2, y2);
  pen.stroke();
}

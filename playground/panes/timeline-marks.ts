/**
 * The shapes of a timeline: one for each kind of event, so that none is told apart by its colour alone.
 */
import type { TraceEvent } from '../../src/index.ts';
import type { Colours } from './timeline-colours.ts';

type Pen = CanvasRenderingContext2D;

const RADIUS = 4;

/** Draws the mark of an event with its middle at (x, y). */
export function drawMark(pen: Pen, event: TraceEvent, x: number, y: number, colours: Colours): void {
  pen.lineWidth = 1.5;
  pen.strokeStyle = pen.fillStyle = colourOf(event, colours);
  pen.beginPath();
  switch (event.kind) {
    case 'ask':
      pen.arc(x, y, RADIUS, 0, 2 * Math.PI);
      pen.stroke();
      return;
    case 'deliver':
      pen.arc(x, y, RADIUS + 0.5, 0, 2 * Math.PI);
      pen.fill();
      return;
    case 'wait':
      pen.rect(x - RADIUS, y - RADIUS, 2 * RADIUS, 2 * RADIUS);
      pen.stroke();
      return;
    case 'answer':
      if (event.what === 'error') cross(pen, x, y);
      else polygon(pen, [x, y - 5], [x + 5, y], [x, y + 5], [x - 5, y]);
      return;
    case 'gate':
      bracket(pen, x, y, event.state === 'closed' ? 1 : -1);
      return;
    case 'commit':
      pen.rect(x - 3.5, y - 3.5, 7, 7);
      if (event.state === 'durable') pen.fill();
      else pen.stroke();
      return;
    case 'socket':
      polygon(pen, [x, y - 4], [x + 6, y], [x, y + 4]);
      return;
    case 'timer':
      polygon(pen, [x - 4, y - 4], [x + 4, y - 4], [x, y + 4]);
      return;
    case 'fault':
      cross(pen, x, y);
      return;
    case 'life':
      if (event.step === 'reset') cross(pen, x, y);
      else {
        pen.moveTo(x, y - 6);
        pen.lineTo(x, y + 6);
        pen.stroke();
      }
      return;
    case 'log':
      if (event.level === 'error') cross(pen, x, y);
      else {
        pen.arc(x, y, 2, 0, 2 * Math.PI);
        pen.fill();
      }
      return;
    default:
      event satisfies never;
  }
}

/** A ring around the mark of an event. */
export function drawRing(pen: Pen, x: number, y: number, colour: string): void {
  pen.strokeStyle = colour;
  pen.lineWidth = 2;
  pen.beginPath();
  pen.arc(x, y, RADIUS + 5, 0, 2 * Math.PI);
  pen.stroke();
}

function colourOf(event: TraceEvent, colours: Colours): string {
  switch (event.kind) {
    case 'ask':
    case 'deliver':
      return colours.accent;
    case 'answer':
      return event.what === 'error' ? colours.failed : colours.accent;
    case 'wait':
      return colours.waiting;
    case 'life':
      return event.step === 'reset' ? colours.failed : colours.dim;
    case 'log':
      return event.level === 'error' ? colours.failed : colours.dim;
    default:
      return colours.dim;
  }
}

function polygon(pen: Pen, ...corners: readonly [number, number][]): void {
  for (const [x, y] of corners) pen.lineTo(x, y);
  pen.closePath();
  pen.fill();
}

function cross(pen: Pen, x: number, y: number): void {
  pen.moveTo(x - 4, y - 4);
  pen.lineTo(x + 4, y + 4);
  pen.moveTo(x + 4, y - 4);
  pen.lineTo(x - 4, y + 4);
  pen.stroke();
}

/** `side` 1 is an opening bracket, -1 a closing one. */
function bracket(pen: Pen, x: number, y: number, side: 1 | -1): void {
  pen.moveTo(x + 2 * side, y - 5);
  pen.lineTo(x - 2 * side, y - 5);
  pen.lineTo(x - 2 * side, y + 5);
  pen.lineTo(x + 2 * side, y + 5);
  pen.stroke();
}

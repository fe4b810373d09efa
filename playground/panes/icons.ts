/**
 * Small drawings. Each is hidden from screen readers: the words beside it say the same.
 */
import { type SVGTemplateResult, svg } from 'lit/html.js';
import type { InspectedObject, LogLine } from '../../src/index.ts';

const draw = (inside: SVGTemplateResult, name: string): SVGTemplateResult =>
  svg`<svg class="icon icon-${name}" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">${inside}</svg>`;

const stroke = (path: string, name: string): SVGTemplateResult =>
  draw(
    svg`<path d=${path} fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" />`,
    name,
  );

export const plusIcon = stroke('M8 3.5v9M3.5 8h9', 'plus');
export const crossIcon = stroke('M4.5 4.5l7 7M11.5 4.5l-7 7', 'cross');
export const pencilIcon = stroke('M10.5 3.5l2 2L6 12l-2.5.5L4 10z', 'pencil');
export const moonIcon = stroke('M13 9.5A5.5 5.5 0 0 1 6.5 3a5.5 5.5 0 1 0 6.5 6.5z', 'moon');
export const sunIcon = stroke(
  'M8 5.25a2.75 2.75 0 1 0 0 5.5 2.75 2.75 0 0 0 0-5.5zM8 1.5v1M8 13.5v1M1.5 8h1M13.5 8h1M3.4 3.4l.7.7M11.9 11.9l.7.7M12.6 3.4l-.7.7M4.1 11.9l-.7.7',
  'sun',
);
export const questionIcon = stroke('M5.75 6a2.25 2.25 0 1 1 3.4 1.95c-.75.45-1.15.85-1.15 1.8M8 12.4v.1', 'question');
export const downloadIcon = stroke('M8 2.5v7.5M5 7.25L8 10.25l3-3M3 13.25h10', 'download');
export const uploadIcon = stroke('M8 10.25v-7.5M5 5.5l3-3 3 3M3 13.25h10', 'upload');
export const pauseIcon = stroke('M5.5 3.5v9M10.5 3.5v9', 'pause');
export const goIcon = stroke('M5 3.5l7 4.5-7 4.5z', 'go');
export const stepIcon = stroke('M4 3.5l6 4.5-6 4.5zM12.5 3.5v9', 'step');
export const backIcon = stroke('M12.5 8h-9M7 4.5L3.5 8 7 11.5', 'back');
export const forwardIcon = stroke('M3.5 8h9M9 4.5L12.5 8 9 11.5', 'forward');
export const reloadIcon = stroke('M12.5 8a4.5 4.5 0 1 1-1.4-3.25M12.5 2.75v2.5H10', 'reload');
export const copyIcon = stroke('M6 5.5h6.5v7H6zM10 3H3.5v7', 'copy');

/** live: solid, sleeping: hollow, remote: half. */
export function stateShape(state: InspectedObject['state']): SVGTemplateResult {
  const ring = svg`<circle cx="8" cy="8" r="4" fill="none" stroke="currentColor" stroke-width="1.5" />`;
  switch (state) {
    case 'live':
      return draw(svg`<circle cx="8" cy="8" r="4.75" fill="currentColor" />`, 'live');
    case 'sleeping':
      return draw(ring, 'sleeping');
    case 'remote':
      return draw(svg`${ring}<path d="M8 4a4 4 0 0 1 0 8z" fill="currentColor" />`, 'remote');
    default:
      return state satisfies never;
  }
}

/** error: cross, warn: triangle, the rest: a dot, hollow for debug. */
export function levelShape(level: LogLine['level']): SVGTemplateResult {
  switch (level) {
    case 'error':
      return stroke('M5 5l6 6M11 5l-6 6', 'error');
    case 'warn':
      return stroke('M8 4l4.5 8h-9z', 'warn');
    case 'debug':
      return draw(svg`<circle cx="8" cy="8" r="2" fill="none" stroke="currentColor" />`, 'debug');
    default:
      return draw(svg`<circle cx="8" cy="8" r="2" fill="currentColor" />`, 'log');
  }
}

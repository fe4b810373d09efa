/**
 * A line between two panes that can be moved: by dragging, by arrow keys; a double click puts it back.
 *
 * Promise: it sets one custom property, `--<name>`, on the root, in percent, and remembers it.
 */
import type { Keep } from './keep.ts';

export interface SplitterOptions {
  readonly name: string;
  readonly label: string;
  /** x: stands upright and moves sideways */
  readonly axis: 'x' | 'y';
  /** percent of the parent: at first, at least, at most */
  readonly start: number;
  readonly min: number;
  readonly max: number;
  /** 1 when moving right or down makes it larger */
  readonly grows: 1 | -1;
}

const STEP = 2;

export function splitter(options: SplitterOptions, root: HTMLElement, keep: Keep): HTMLElement {
  const { name, label, axis, start, min, max, grows } = options;
  const line = document.createElement('div');
  line.className = `splitter splitter-${axis} splitter-${name}`;
  line.tabIndex = 0;
  line.role = 'separator';
  line.ariaLabel = label;
  line.ariaOrientation = axis === 'x' ? 'vertical' : 'horizontal';
  line.ariaValueMin = String(min);
  line.ariaValueMax = String(max);
  let percent = start;
  const show = (wanted: number): void => {
    percent = Math.min(max, Math.max(min, wanted));
    root.style.setProperty(`--${name}`, `${percent}%`);
    line.ariaValueNow = String(Math.round(percent));
  };
  const remember = (): void => keep.write(`size:${name}`, percent === start ? undefined : percent);
  const kept = keep.read(`size:${name}`);
  show(typeof kept === 'number' ? kept : start);

  line.addEventListener('keydown', (event) => {
    const [less, more] = axis === 'x' ? ['ArrowLeft', 'ArrowRight'] : ['ArrowUp', 'ArrowDown'];
    if (event.key === more) show(percent + STEP * grows);
    else if (event.key === less) show(percent - STEP * grows);
    else if (event.key === 'Home') show(min);
    else if (event.key === 'End') show(max);
    else return;
    event.preventDefault();
    remember();
  });
  line.addEventListener('dblclick', () => {
    show(start);
    remember();
  });
  line.addEventListener('pointerdown', (event) => {
    event.preventDefault();
    line.focus();
    line.setPointerCapture(event.pointerId);
    const box = (line.parentElement as HTMLElement).getBoundingClientRect();
    const from = { percent, at: axis === 'x' ? event.clientX : event.clientY };
    const whole = axis === 'x' ? box.width : box.height;
    const move = (moved: PointerEvent): void => {
      const at = axis === 'x' ? moved.clientX : moved.clientY;
      show(from.percent + (((at - from.at) * grows) / whole) * 100);
    };
    line.addEventListener('pointermove', move);
    line.addEventListener(
      'lostpointercapture',
      () => {
        line.removeEventListener('pointermove', move);
        remember();
      },
      { once: true },
    );
  });
  return line;
}

/**
 * The page's colours as a canvas takes them.
 *
 * Promise: they are those of the theme that is shown now, forced colours included; read again when that changes.
 */
const NAMES = ['page', 'text', 'dim', 'faint', 'line', 'edge', 'accent', 'failed', 'waiting', 'chosen'] as const;

export type Colours = Record<(typeof NAMES)[number] | 'font', string> & { readonly hatch: CanvasPattern };

export interface Theme {
  colours(): Colours;
}

/** @param place  where the colours hold  @param onChange  they are others now */
export function themeOf(place: HTMLElement, onChange: () => void): Theme {
  let known: Colours | undefined;
  const forget = (): void => {
    known = undefined;
    onChange();
  };
  new MutationObserver(forget).observe(document.documentElement, { attributeFilter: ['data-theme'] });
  for (const query of ['(prefers-color-scheme: dark)', '(forced-colors: active)']) {
    matchMedia(query).addEventListener('change', forget);
  }
  return {
    colours() {
      known ??= read(place);
      return known;
    },
  };
}

function read(place: HTMLElement): Colours {
  // What a property says is a formula; what an element is painted with is a colour.
  const probe = place.appendChild(document.createElement('span'));
  const found: Partial<Record<string, string>> = {};
  for (const name of NAMES) {
    probe.style.color = name === 'page' || name === 'line' ? '' : `var(--${name})`;
    probe.style.backgroundColor = `var(--${name})`;
    const style = getComputedStyle(probe);
    found[name] = name === 'page' || name === 'line' || name === 'chosen' ? style.backgroundColor : style.color;
  }
  found['font'] = getComputedStyle(place).fontFamily;
  probe.remove();
  return Object.assign(found as Omit<Colours, 'hatch'>, { hatch: hatch(found['waiting'] as string) });
}

function hatch(colour: string): CanvasPattern {
  const size = 6;
  const tile = new OffscreenCanvas(size, size);
  const pen = tile.getContext('2d') as OffscreenCanvasRenderingContext2D;
  pen.strokeStyle = colour;
  pen.lineWidth = 1.5;
  pen.beginPath();
  for (const shift of [-size, 0, size]) {
    pen.moveTo(shift, size);
    pen.lineTo(shift + size, 0);
  }
  pen.stroke();
  return pen.createPattern(tile, 'repeat') as CanvasPattern;
}

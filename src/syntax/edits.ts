/**
 * Changes to a text that is kept as long as possible in its own lines and columns.
 *
 * Promise: a position in the old text can be found in the new one as long as no edit covers it. Knows no syntax.
 */
import { assert } from '../base/assert.ts';

export interface Edit {
  start: number;
  end: number;
  text: string;
}

export interface Edited {
  code: string;
  /** where the character at `position` of the old text now stands */
  moved(position: number): number;
}

/** Applies edits that do not overlap; those at one place apply in the order given. */
export function applyEdits(code: string, edits: readonly Edit[]): Edited {
  const sorted = edits
    .map((edit, order) => ({ ...edit, order }))
    .sort((a, b) => a.start - b.start || a.end - b.end || a.order - b.order);
  let result = '';
  let at = 0;
  for (const edit of sorted) {
    assert(edit.start >= at, 'edits overlap');
    result += code.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  result += code.slice(at);
  return {
    code: result,
    moved(position) {
      let shift = 0;
      for (const edit of sorted) if (edit.end <= position) shift += edit.text.length - (edit.end - edit.start);
      return position + shift;
    },
  };
}

/** `text` as spaces, its line ends kept. */
export function blank(text: string): string {
  return text.replace(/[^\n\r\u2028\u2029]/g, ' ');
}

/** Blanks `code` from `start` to `end`, with a semicolon in front so that the neighbours do not grow together. */
export function erase(code: string, start: number, end: number): Edit {
  return { start, end, text: `;${blank(code.slice(start + 1, end))}` };
}

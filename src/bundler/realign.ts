/**
 * Puts generated code back onto the lines of its source.
 *
 * Promise: every token keeps its order, and stands on the line that the source map gives it, or, where an earlier token
 * already stands further down, as near below as it can. What has no source (helpers) takes no line of its own.
 * Knows nothing of TypeScript.
 */
import type { Token } from 'acorn';

/**
 * @param code      generated text whose statements all end in semicolons, without comments
 * @param tokens    of `code`, in order
 * @param mappings  the `mappings` of a version 3 source map with one source
 */
export function realign(code: string, tokens: readonly Token[], mappings: string): string {
  const sourceLineAt = lineLookup(code, decodeMappings(mappings));
  let result = '';
  let line = 0;
  let end = 0;
  for (const token of tokens) {
    const gap = code.slice(end, token.start);
    const wanted = sourceLineAt(token.start);
    if (/[\n\r]/.test(gap)) {
      const missing = wanted === undefined ? 0 : wanted - line;
      result += missing > 0 ? '\n'.repeat(missing) : ' ';
      line += Math.max(0, missing);
    } else {
      result += gap;
    }
    const text = code.slice(token.start, token.end);
    result += text;
    line += text.split('\n').length - 1;
    end = token.end;
  }
  return result;
}

interface Segment {
  column: number;
  sourceLine: number;
}

function lineLookup(code: string, lines: readonly Segment[][]): (offset: number) => number | undefined {
  const starts = [0];
  for (let at = code.indexOf('\n'); at >= 0; at = code.indexOf('\n', at + 1)) starts.push(at + 1);
  let line = 0;
  return (offset) => {
    while ((starts[line + 1] ?? Number.POSITIVE_INFINITY) <= offset) line++;
    const column = offset - (starts[line] as number);
    return (lines[line] ?? []).findLast((segment) => segment.column <= column)?.sourceLine;
  };
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function decodeMappings(mappings: string): Segment[][] {
  let sourceLine = 0;
  return mappings.split(';').map((line) => {
    let column = 0;
    const segments: Segment[] = [];
    for (const text of line.split(',')) {
      const fields = decodeVlq(text);
      if (fields.length === 0) continue;
      column += fields[0] as number;
      if (fields.length < 4) continue;
      sourceLine += fields[2] as number;
      segments.push({ column, sourceLine });
    }
    return segments;
  });
}

/** Base-64 digits of five bits and a sign to carry on; the lowest bit of a number is its sign. */
function decodeVlq(text: string): number[] {
  const numbers: number[] = [];
  let value = 0;
  let shift = 0;
  for (const letter of text) {
    const digit = DIGITS.indexOf(letter);
    value |= (digit & 31) << shift;
    shift += 5;
    if (digit & 32) continue;
    numbers.push(value & 1 ? -(value >>> 1) : value >>> 1);
    value = 0;
    shift = 0;
  }
  return numbers;
}

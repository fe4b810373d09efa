/**
 * How the bundler says what is wrong with a project.
 *
 * Promise: a fault is one sentence, begins with its place when it has one (`file:line:column: `), and carries the same
 * place as data. Knows no syntax.
 */
import { SimulatorError, type SourceLocation } from '../base/errors.ts';

/** A fault in the user's files. `cause` is what a parser said, if one did. */
export function bundleFailed(sentence: string, location?: SourceLocation, cause?: unknown): SimulatorError {
  return fault('bundle_failed', sentence, location, cause);
}

/** A fault in the wrangler config, or between it and the files. */
export function configInvalid(sentence: string, location?: SourceLocation, cause?: unknown): SimulatorError {
  return fault('config_invalid', sentence, location, cause);
}

/** Line and column, both from 1, of an offset in `text`; a CRLF counts as one line end. */
export function locate(file: string, text: string, offset: number): SourceLocation {
  const before = text.slice(0, offset);
  const lines = before.split(/\r\n|[\n\r\u2028\u2029]/);
  return { file, line: lines.length, column: (lines.at(-1) as string).length + 1 };
}

/** The candidate that `word` is most likely a slip of, or undefined when none is close. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const limit = word.length < 3 ? 0 : Math.ceil(word.length / 4);
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** The end of a sentence: the suggestion, or just the full stop. */
export function didYouMean(meant: string | undefined): string {
  return meant === undefined ? '.' : `, did you mean "${meant}"?`;
}

function fault(
  code: 'bundle_failed' | 'config_invalid',
  sentence: string,
  location: SourceLocation | undefined,
  cause: unknown,
): SimulatorError {
  const place = location ? `${location.file}:${location.line}:${location.column}: ` : '';
  return new SimulatorError(code, place + sentence, {
    ...(location ? { location } : {}),
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitute = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitute, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}

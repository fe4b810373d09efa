/**
 * Judges what the simulator wrote against what workerd wrote.
 *
 * Promise: equal line for line, but for the lines that a known difference names; and a known difference must be one:
 * an entry that names no line, or whose line has come to agree, is a fault.
 *
 * Knows nothing of how either text came about.
 */
import type { Difference } from './differences.ts';

export interface Judgement {
  /** the transcript with the known differences put in: what the simulator must have written */
  expected: string;
  actual: string;
  /** whole sentences about entries that are not differences; empty when all are */
  faults: string[];
}

/** Puts the differences of one scenario into its transcript. Lines are compared without their indentation. */
export function judge(
  transcript: readonly string[],
  actual: readonly string[],
  known: readonly Difference[],
): Judgement {
  const expected = [...transcript];
  const faults: string[] = [];
  for (const { theirs, ours, reason } of known) {
    const places = transcript.flatMap((line, index) => (line.trim() === theirs.trim() ? [index] : []));
    const place = places[0];
    if (place === undefined || places.length > 1) {
      faults.push(`The transcript has ${places.length} lines in place of one that read "${theirs}" (${reason}).`);
      continue;
    }
    if (actual[place]?.trim() === theirs.trim()) {
      faults.push(`"${theirs}" no longer differs: take its entry out of differences.ts (${reason}).`);
    }
    const line = transcript[place] ?? '';
    expected[place] = line.slice(0, line.length - line.trimStart().length) + ours.trim();
  }
  return { expected: expected.join('\n'), actual: actual.join('\n'), faults };
}

/** The first line that differs, and what was to be there: enough to know a failure by where no whole diff is shown. */
export function firstDifference(expected: string, actual: string): string {
  const [theirs, ours] = [expected.split('\n'), actual.split('\n')];
  const place = theirs.findIndex((line, index) => line !== ours[index]);
  const at = place === -1 ? theirs.length : place;
  return `line ${at + 1}: workerd wrote ${theirs[at]?.trim() ?? 'nothing'}\n       the simulator ${ours[at]?.trim() ?? 'nothing'}\n`;
}

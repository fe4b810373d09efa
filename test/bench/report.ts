/**
 * From pairs of samples to a verdict, and the table of them.
 *
 * Promise: a verdict depends on the ratios of pairs alone, which were measured one after the other: a noisy machine slows
 * both sides of a pair. A target is met when the worse quartile keeps it with a tenth to spare for noise.
 */
import type { MemoryRow } from './memory.ts';
import type { Row } from './row.ts';

export interface Pair {
  readonly oursMs: number;
  readonly otherMs: number;
}

export interface Result {
  readonly id: string;
  readonly work: string;
  readonly limit: string;
  /** of both amounts */
  readonly unit: 'ms' | 'MiB';
  readonly ours: number;
  readonly other: number;
  /** of times for `atMost`, of rates for `atLeast` */
  readonly ratio: { readonly q1: number; readonly median: number; readonly q3: number };
  readonly target: string;
  /** undefined: there is no target */
  readonly isMet: boolean | undefined;
  readonly pairs: number;
}

const SLACK = 1.1;

/** @param share 0 to 1; between two values linearly */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(at)] ?? Number.NaN, sorted[Math.ceil(at)] ?? Number.NaN];
  return low + (high - low) * (at - Math.floor(at));
}

export function judge(row: Row, pairs: readonly Pair[]): Result {
  const isRate = 'atLeast' in row.target;
  const ratios = pairs.map(({ oursMs, otherMs }) => (isRate ? otherMs / oursMs : oursMs / otherMs));
  const [q1, median, q3] = [0.25, 0.5, 0.75].map((share) => quantile(ratios, share)) as [number, number, number];
  const oursMs = quantile(
    pairs.map((pair) => pair.oursMs),
    0.5,
  );
  const otherMs = quantile(
    pairs.map((pair) => pair.otherMs),
    0.5,
  );
  const bound = row.medianMsMax;
  const { keepsTarget, times } = targetOf(row.target, { q1, q3, excessMs: excessOf(pairs) });
  return {
    id: row.id,
    work: row.work,
    limit: row.limit,
    unit: 'ms',
    ours: oursMs,
    other: otherMs,
    ratio: { q1, median, q3 },
    target: bound === undefined ? times : `${times}, p50 ≤ ${bound} ms`,
    isMet: keepsTarget === undefined ? undefined : keepsTarget && (bound === undefined || oursMs <= bound),
    pairs: pairs.length,
  };
}

/** Memory is read once: its ratio has no quartiles. */
export function judgeMemory(
  { id, work, limit, target }: MemoryRow,
  { oursMib, otherMib }: { readonly oursMib: number; readonly otherMib: number },
): Result {
  const ratio = oursMib / otherMib;
  return {
    ...{ id, work, limit, unit: 'MiB', ours: oursMib, other: otherMib, pairs: 1 },
    ratio: { q1: ratio, median: ratio, q3: ratio },
    target: `≤ ${target.atMost} ×`,
    isMet: ratio < target.atMost * SLACK,
  };
}

function targetOf(
  target: Row['target'],
  found: { readonly q1: number; readonly q3: number; readonly excessMs: number },
): { keepsTarget: boolean | undefined; times: string } {
  if ('none' in target) return { keepsTarget: undefined, times: '' };
  if ('atLeast' in target) return { keepsTarget: found.q1 > target.atLeast / SLACK, times: `≥ ${target.atLeast} ×` };
  if ('atMost' in target) return { keepsTarget: found.q3 < target.atMost * SLACK, times: `≤ ${target.atMost} ×` };
  const times = `+ ${found.excessMs.toFixed(1)} ms, ≤ ${target.withinMs}`;
  return { keepsTarget: found.excessMs < target.withinMs * SLACK, times };
}

/** The upper quartile of what ours takes longer. */
const excessOf = (pairs: readonly Pair[]): number =>
  quantile(
    pairs.map(({ oursMs, otherMs }) => oursMs - otherMs),
    0.75,
  );

export function table(results: readonly Result[]): string {
  const lines = results.map((result) => [
    result.work,
    amount(result.ours, result.unit),
    `${result.limit}: ${amount(result.other, result.unit)}`,
    `${result.ratio.median.toFixed(2)} [${result.ratio.q1.toFixed(2)}–${result.ratio.q3.toFixed(2)}]`,
    result.target,
    result.isMet === undefined ? '' : result.isMet ? 'met' : 'not met',
  ]);
  const all = [['work', 'ours', 'limit', 'ratio [q1–q3]', 'target', ''], ...lines];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((line) => line[column]?.length ?? 0))) ?? [];
  return all.map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')).join('\n');
}

const amount = (of: number, unit: Result['unit']): string => (unit === 'MiB' ? `${of.toFixed(0)} MiB` : duration(of));

function duration(ms: number): string {
  if (ms < 0.001) return `${(ms * 1_000_000).toFixed(0)} ns`;
  return ms < 0.1 ? `${(ms * 1000).toFixed(1)} µs` : `${ms.toFixed(ms < 10 ? 2 : 1)} ms`;
}

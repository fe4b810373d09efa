/**
 * What a row of the benchmark is.
 *
 * A row is two subjects and a target for the ratio of their times. `atMost`: ours may take so many times as long as the
 * other; `atLeast`: ours must do so many times as much in the same time; `none`: it is only to be known.
 */
import type { Subject } from './page.ts';
import type { Route } from './program.ts';

/** Who measures one side of a row. */
export type Side =
  | { readonly at: 'page'; readonly subject: Subject; readonly args?: readonly unknown[] }
  | { readonly at: 'workerd'; readonly route: Route };

export interface Row {
  readonly id: string;
  readonly work: string;
  readonly limit: string;
  readonly ours: Side;
  readonly other: Side;
  /** `withinMs`: by how many milliseconds ours may exceed the other, whatever the ratio */
  readonly target:
    | { readonly atMost: number }
    | { readonly atLeast: number }
    | { readonly withinMs: number }
    | { readonly none: true };
  /**
   * of how many samples of either side a pair is made, in turns: where a sample is short enough for the machine to be of
   * another mind in the next one; left out: one
   */
  readonly turns?: number;
  /** how many pairs, where each takes many seconds; left out: as many as the run asks for */
  readonly pairs?: number;
  /** a bound of the median itself, beside the ratio */
  readonly medianMsMax?: number;
  /** only measured with `--long` */
  readonly long?: true;
}

export const page = (subject: Subject, ...args: readonly unknown[]): Side => ({ at: 'page', subject, args });
export const raw = (route: Route) =>
  ({ limit: 'sql.js, prepared', ours: page('sqlInObject', route), other: page('rawSql', route) }) as const;
export const both = (route: Route) =>
  ({ limit: 'workerd', ours: page('inWorker', 'auto', route), other: { at: 'workerd', route } }) as const;

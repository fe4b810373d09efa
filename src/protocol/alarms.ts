/**
 * Running an alarm, as hosts and isolates speak of it.
 *
 * Promise: plain data; an order to run may be given twice, and the handler runs once for it at a time.
 */
import type { ControlError } from './control-error.ts';

/** Asks an object something about its alarm. `scheduledMs`: the alarm as its log had it, since 1970; no other is meant. */
export type AlarmOrder =
  /** `retryCount`: failures that counted, before this run */
  | { readonly o: 'run'; readonly scheduledMs: number; readonly retryCount: number }
  /** it has failed too often: it is taken away */
  | { readonly o: 'abandon'; readonly scheduledMs: number }
  /** whatever alarm there is, whenever it is due: taken away, and its handler run once */
  | { readonly o: 'run-now' };

/** What became of an order. */
export type AlarmOutcome =
  /** done, and durable: the alarm is gone, or another one is set */
  | { readonly did: 'run' }
  /** nothing: the object has another alarm or none, or it is not due; so it was as of that record of its log */
  | { readonly did: 'nothing'; readonly alarm: number | null; readonly sequence: number }
  /** the run failed. `isCounted`: by the program's own doing, so that it is not tried for ever */
  | { readonly did: 'fail'; readonly isCounted: boolean }
  /** the run failed, and the program asked that it be not tried again */
  | { readonly did: 'give-up' }
  /** what the handler threw at somebody who had it run */
  | { readonly did: 'throw'; readonly error: ControlError };

/**
 * What the playground asks of the library, and how it reads the library's errors.
 *
 * Promise: nothing else of a Simulator is used, so a test may give something else that does this.
 */
import type { Inspector, Objects, Simulator, SimulatorOptions } from '../src/index.ts';

/** Time as a program of the account sees it. */
export interface AccountClock {
  /** milliseconds since 1970 */
  now(): number;
  readonly rate: number;
  readonly isPaused: boolean;
  pause(): Promise<void>;
  resume(): Promise<void>;
  setRate(rate: number): Promise<void>;
  /** @returns the new time; undefined when nothing is due ever */
  advanceToNextEvent(): Promise<number | undefined>;
}

export interface Account extends Pick<Simulator, 'fetch' | 'deploy' | 'deployment' | 'on' | 'storage' | 'close'> {
  readonly inspect: Pick<Inspector, 'objects' | 'state' | 'entries' | 'keys' | 'tables' | 'query' | 'moments'>;
  /** undefined where time cannot be moved */
  readonly clock?: AccountClock;
  /** undefined for one that a test made */
  readonly preview?: Simulator['preview'];
  readonly trace: Pick<Simulator['trace'], 'events' | 'subscribe' | 'clear'>;
  readonly objects: Pick<
    Objects,
    'evict' | 'hibernate' | 'crash' | 'put' | 'delete' | 'exec' | 'export' | 'import'
  > & {};
}

export type OpenAccount = (options: SimulatorOptions) => Promise<Account>;

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

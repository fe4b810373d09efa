/**
 * What the playground asks of the library, and how it reads the library's errors.
 *
 * Promise: nothing else of a Simulator is used, so a test may give something else that does this.
 */
import type { Inspector, Objects, Simulator, SimulatorOptions } from '../src/index.ts';

export interface Account extends Pick<Simulator, 'fetch' | 'deploy' | 'deployment' | 'on' | 'storage' | 'close'> {
  readonly inspect: Pick<Inspector, 'objects' | 'entries' | 'keys' | 'tables' | 'query' | 'moments'>;
  readonly trace: Pick<Simulator['trace'], 'events' | 'subscribe' | 'clear'>;
  readonly objects: Pick<Objects, 'evict' | 'crash' | 'put' | 'delete' | 'exec' | 'export' | 'import'>;
}

export type OpenAccount = (options: SimulatorOptions) => Promise<Account>;

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

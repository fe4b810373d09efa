/** `node:timers/promises`. */
import { abortError } from './errors.ts';
import { clearTimeout, setTimeout as start, setImmediate as startImmediate } from './timers.ts';

interface Options {
  signal?: AbortSignal;
}

export function setTimeout<T>(delayMs?: number, value?: T, { signal }: Options = {}): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(abortError(signal));
    const timer = start(() => resolve(value as T), delayMs);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(abortError(signal));
    });
  });
}

export function setImmediate<T>(value?: T, { signal }: Options = {}): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(abortError(signal));
    startImmediate(() => resolve(value as T));
  });
}

export async function* setInterval<T>(delayMs?: number, value?: T, options: Options = {}): AsyncGenerator<T> {
  while (true) yield await setTimeout(delayMs, value as T, options);
}

export const scheduler = {
  wait: (delayMs: number, options?: Options): Promise<void> => setTimeout(delayMs, undefined, options),
  yield: (): Promise<void> => setImmediate(),
};

/**
 * The caches of this machine, which its Workers and objects share: `caches.default` and those with a name.
 *
 * Promise: in memory, gone with the machine, as a data centre's are of no use to another; what is stale by the account's clock is
 * gone. When they grow too large, what was put first goes first.
 */
import type { CacheAnswer, CacheOrder } from '../protocol/cache.ts';
import { answerFrom } from './cache-answer.ts';
import { type Fields, fieldsOf, judge } from './cache-policy.ts';

export interface CachesOptions {
  /** on the clock that programs observe */
  now(): number;
  newName(): string;
  bytesMax?: number;
}

interface Kept {
  readonly status: number;
  readonly headers: Fields;
  readonly body: Uint8Array;
  readonly staleMs: number;
}

/** A machine shares the browser's memory with up to 64 live objects, each of at most 128 MiB. */
const BYTES_MAX = 128 * 1024 * 1024;

export class Caches {
  readonly #options: CachesOptions;
  /** in the order in which they were put */
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  constructor(options: CachesOptions) {
    this.#options = options;
  }

  obey(order: CacheOrder): CacheAnswer {
    const key = `${order.cache}\n${order.url}`;
    switch (order.deed) {
      case 'match': {
        const kept = this.#find(key);
        const { newName } = this.#options;
        return kept && answerFrom(kept, fieldsOf(order.headers), () => `durabox-boundary-${newName()}`);
      }
      case 'put':
        this.#put(key, order);
        return undefined;
      case 'delete': {
        const isThere = this.#find(key) !== undefined;
        this.#drop(key);
        return isThere;
      }
      default:
        return order satisfies never;
    }
  }

  /** One that must not be kept leaves what was there before. */
  #put(key: string, { headers, response }: Extract<CacheOrder, { deed: 'put' }>): void {
    const now = this.#options.now();
    const verdict = judge(headers, response, now);
    const { bytesMax = BYTES_MAX } = this.#options;
    if (!verdict || response.body.length > bytesMax) return;
    this.#drop(key);
    const { status, body } = response;
    this.#kept.set(key, { status, body, headers: verdict.headers, staleMs: now + verdict.lifetimeMs });
    this.#bytes += body.length;
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= bytesMax) return;
      this.#drop(oldest);
    }
  }

  #find(key: string): Kept | undefined {
    const kept = this.#kept.get(key);
    if (kept && kept.staleMs > this.#options.now()) return kept;
    this.#drop(key);
    return undefined;
  }

  #drop(key: string): void {
    this.#bytes -= this.#kept.get(key)?.body.length ?? 0;
    this.#kept.delete(key);
  }
}

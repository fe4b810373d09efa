/** What the Cache API of a program asks of its machine, which has the caches. */

export type CacheHeaders = readonly (readonly [string, string])[];

interface Entry {
  /** '' is `caches.default` */
  readonly cache: string;
  readonly url: string;
}

export type CacheOrder =
  | (Entry & { readonly deed: 'match'; readonly headers: CacheHeaders })
  | (Entry & {
      readonly deed: 'put';
      /** of the request */
      readonly headers: CacheHeaders;
      readonly response: CachedResponse;
    })
  | (Entry & { readonly deed: 'delete' });

export interface CachedResponse {
  readonly status: number;
  readonly headers: CacheHeaders;
  readonly body: Uint8Array;
}

/** A hit; for `delete` whether there was one. */
export type CacheAnswer = CachedResponse | boolean | undefined;

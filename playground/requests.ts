/**
 * What a person sends: the draft in the composer, the exchange that is shown, the last exchanges.
 *
 * Promise: an exchange is finished when every one of its requests was answered or failed, and knows how long each took.
 *
 * Knows nothing of the page; sends through a function that it is given.
 */
import { batch, signal } from '@preact/signals-core';
import { sentenceOf } from './account.ts';
import type { Preset } from './examples.ts';

export interface Draft {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
  /** how many at once */
  readonly times: number;
}

export type Outcome =
  | { readonly state: 'sending' }
  | {
      readonly state: 'answered';
      readonly status: number;
      readonly statusText: string;
      readonly headers: readonly (readonly [string, string])[];
      readonly body: Body;
      readonly tookMs: number;
    }
  | { readonly state: 'failed'; readonly message: string; readonly tookMs: number };

export type Body =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array };

export interface Exchange {
  /** counts from 1 */
  readonly number: number;
  readonly draft: Draft;
  /** one for each of `draft.times` */
  readonly outcomes: readonly Outcome[];
  readonly tookMs: number | undefined;
}

export type Send = (path: string, init: RequestInit) => Promise<Response>;

export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const;
const HISTORY_MAX = 20;

export class Requests {
  readonly draft = signal<Draft>({ method: 'GET', path: '/', headers: [], body: '', times: 1 });
  readonly shown = signal<Exchange | undefined>(undefined);
  /** newest first */
  readonly history = signal<readonly Exchange[]>([]);
  readonly #send: Send;
  #count = 0;

  constructor(send: Send, first: Preset | undefined) {
    this.#send = send;
    if (first) this.draft.value = draftOf(first);
  }

  edit(change: Partial<Draft>): void {
    this.draft.value = { ...this.draft.value, ...change };
  }

  restore(exchange: Exchange): void {
    batch(() => {
      this.draft.value = exchange.draft;
      this.shown.value = exchange;
    });
  }

  /** Sends the draft; resolves with the finished exchange and never rejects. */
  async send(): Promise<Exchange> {
    const draft = this.draft.value;
    this.#count += 1;
    const sending: readonly Outcome[] = Array.from({ length: draft.times }, () => ({ state: 'sending' as const }));
    let exchange: Exchange = { number: this.#count, draft, outcomes: sending, tookMs: undefined };
    batch(() => {
      this.shown.value = exchange;
      this.history.value = [exchange, ...this.history.value].slice(0, HISTORY_MAX);
    });
    const startMs = performance.now();
    await Promise.all(
      sending.map(async (_, index) => {
        const outcome = await this.#once(draft);
        exchange = { ...exchange, outcomes: exchange.outcomes.with(index, outcome) };
        this.#update(exchange);
      }),
    );
    exchange = { ...exchange, tookMs: performance.now() - startMs };
    this.#update(exchange);
    return exchange;
  }

  async #once(draft: Draft): Promise<Outcome> {
    const startMs = performance.now();
    try {
      const response = await this.#send(pathOf(draft), initOf(draft));
      const body = await readBody(response);
      return {
        state: 'answered',
        status: response.status,
        statusText: response.statusText,
        headers: [...response.headers],
        body,
        tookMs: performance.now() - startMs,
      };
    } catch (error) {
      return { state: 'failed', message: sentenceOf(error), tookMs: performance.now() - startMs };
    }
  }

  #update(exchange: Exchange): void {
    batch(() => {
      if (this.shown.value?.number === exchange.number) this.shown.value = exchange;
      this.history.value = this.history.value.map((one) => (one.number === exchange.number ? exchange : one));
    });
  }
}

export function draftOf({ method = 'GET', path, headers = [], body = '', times = 1 }: Preset): Draft {
  return { method, path, headers, body, times };
}

export function hasBody(method: string): boolean {
  return method !== 'GET' && method !== 'HEAD';
}

function pathOf({ path }: Draft): string {
  const trimmed = path.trim();
  return trimmed.startsWith('/') ? trimmed : `/${trimmed}`;
}

function initOf({ method, headers, body }: Draft): RequestInit {
  const named = headers.filter(([name]) => name.trim() !== '');
  return {
    method,
    headers: named.map(([name, value]): [string, string] => [name, value]),
    redirect: 'manual',
    ...(hasBody(method) && body !== '' ? { body } : {}),
  };
}

async function readBody(response: Response): Promise<Body> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (!text.includes('\0')) return { kind: 'text', text };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // TypeError: it is not UTF-8, so no text
  }
  return { kind: 'bytes', bytes };
}

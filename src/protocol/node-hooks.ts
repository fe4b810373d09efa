/**
 * What an isolate lends to the modules of Node that a program imports (src/node/): they run in the program's scope and
 * have nothing else of ours.
 */
import type { AsyncContext } from '../base/async-context.ts';

type Start = (call: (...args: unknown[]) => void, delayMs?: number, ...args: unknown[]) => NodeTimer;
type Stop = (timer?: unknown) => void;

/** A timer; as a number it is that of the scope. */
export interface NodeTimer {
  refresh(): this;
  unref(): this;
  ref(): this;
  hasRef(): boolean;
  close(): this;
}

export interface NodeTimers {
  readonly setTimeout: Start;
  readonly setInterval: Start;
  readonly clearTimeout: Stop;
  readonly clearInterval: Stop;
  readonly Timeout: unknown;
}

/** What a key of WebCrypto was made of. */
export type KeyMaterial =
  | { readonly format: 'raw' | 'pkcs8' | 'spki'; readonly bytes: Uint8Array }
  | { readonly format: 'jwk'; readonly jwk: object };

export interface NodeHooks {
  readonly context: AsyncContext;
  /** the bindings that are text, as `process.env` begins; a program may change its own copy */
  readonly variables: Readonly<Record<string, string>>;
  readonly timers: NodeTimers;
  /** `performance` measures, and its classes are in the scope */
  readonly hasPerformance: boolean;
  /** fills with random bytes. @throws at module scope, in the platform's words */
  random(view: Uint8Array): void;
  /** Undefined for one that no method of `crypto.subtle` has made in this thread. */
  keyMaterial(key: object): KeyMaterial | undefined;
  /** milliseconds since 1970, on the program's clock */
  now(): number;
  /** Ends the instance whose code runs, and does not return then; where there is none that can be ended, nothing happens. */
  exit(error: Error): void;
}

/** The specifier under which the modules find them; no program can write it. */
export const NODE_HOOKS = 'durabox:node';

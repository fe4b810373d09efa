/**
 * What a program throws where nobody catches it, and what it rejects and forgets.
 *
 * Promise: it ends nothing. The program's listeners on the scope (`error`, `unhandledrejection`, `rejectionhandled`) hear of
 * it, then the log. An error of our own code is no business of this: it ends the isolate.
 *
 * Source of the texts and of what is told to whom: workerd 1.20260730, as observed.
 */
import { promiseReject, promiseThen, uncurryGetter, uncurryThis } from '../base/primordials.ts';
import type { ListenerCalls } from './listener-dispatch.ts';

interface UncaughtParts {
  readonly calls: ListenerCalls;
  log(args: readonly unknown[]): void;
  /** true for the name of a file of the program's */
  isOfProgram(file: string): boolean;
}

const prevent = uncurryThis(Event.prototype.preventDefault);
const NativeErrorEvent = ErrorEvent;
const NativeRejectionEvent = PromiseRejectionEvent;
const errorOf = uncurryGetter<unknown>(ErrorEvent.prototype, 'error') as (event: unknown) => unknown;
const fileOf = uncurryGetter<string>(ErrorEvent.prototype, 'filename') as (event: unknown) => string;
const promiseOf = uncurryGetter<Promise<unknown>>(PromiseRejectionEvent.prototype, 'promise') as (
  event: unknown,
) => Promise<unknown>;
const reasonOf = uncurryGetter<unknown>(PromiseRejectionEvent.prototype, 'reason') as (event: unknown) => unknown;

export class Uncaught {
  readonly #parts: UncaughtParts;
  /** what the program's listeners listen on; undefined: there is no program yet */
  events: EventTarget | undefined;

  /** @param scope  the worker's own, before its methods are replaced, and after `calls` began to listen on it */
  constructor(scope: EventTarget, parts: UncaughtParts) {
    this.#parts = parts;
    scope.addEventListener('unhandledrejection', (event) => {
      prevent(event);
      this.#reject(promiseOf(event), reasonOf(event));
    });
    scope.addEventListener('rejectionhandled', (event) => this.#handled(promiseOf(event)));
    scope.addEventListener('error', (event) => {
      if (this.#isThrownByProgram(event)) prevent(event);
    });
  }

  /** An error that nobody caught, or that was given to `reportError`. */
  report(error: unknown): void {
    this.#tell(() => new NativeErrorEvent('error', { error, message: `Uncaught ${textOf(error)}` }));
    this.#parts.log(['Uncaught', error]);
  }

  /** The platform does not say again why. */
  #handled(promise: Promise<unknown>): void {
    this.#tell(() => new NativeRejectionEvent('rejectionhandled', { promise }));
  }

  /** A callback of the program's that the browser called by itself, as a port's listener, counts as a promise that failed. */
  #isThrownByProgram(event: Event): boolean {
    if (!this.#parts.isOfProgram(fileOf(event))) return false;
    const error = errorOf(event);
    const promise = promiseReject(error);
    void promiseThen(promise, undefined, () => {}); // told here
    this.#reject(promise, error);
    return true;
  }

  #reject(promise: Promise<unknown>, reason: unknown): void {
    this.#tell(() => new NativeRejectionEvent('unhandledrejection', { promise, reason }));
    this.#parts.log(['Uncaught (in promise)', reason]);
  }

  #tell(make: () => Event): void {
    const failed = this.events && this.#parts.calls.dispatch(this.events, make());
    if (failed) this.#parts.log(['Uncaught', failed.error]);
  }
}

/** As far as it can be had: a program's `toString` may throw. */
function textOf(error: unknown): string {
  try {
    return String(error);
  } catch {
    return 'error';
  }
}

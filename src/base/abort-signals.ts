/**
 * The browser's AbortController and AbortSignal as they were before a program could change them.
 *
 * Promise: whatever a program puts in the place of their methods, or on a signal of its own, is not called.
 */
import { addListener, uncurryGetter, uncurryThis, weakSetAdd, weakSetHas } from './primordials.ts';

const NativeController = AbortController;
const signalOf = uncurryGetter<AbortSignal>(AbortController.prototype, 'signal') as (on: unknown) => AbortSignal;
const abort = uncurryThis(AbortController.prototype.abort) as (on: AbortController, reason: unknown) => void;
const removeListener = uncurryThis(EventTarget.prototype.removeEventListener);

export const signalAborted = uncurryGetter<boolean>(AbortSignal.prototype, 'aborted') as (on: unknown) => boolean;
export const signalReason = uncurryGetter<unknown>(AbortSignal.prototype, 'reason') as (on: unknown) => unknown;

const joined = new WeakSet<AbortSignal>();

/** Marks what `AbortSignal.any` made; gives it back. */
export function markJoined(signal: AbortSignal): AbortSignal {
  weakSetAdd(joined, signal);
  return signal;
}

export const isJoined = (signal: AbortSignal): boolean => weakSetHas(joined, signal);

/** A signal, and what aborts it. */
export interface Abortable {
  readonly signal: AbortSignal;
  abort(reason: unknown): void;
}

export function makeAbortable(): Abortable {
  const controller = new NativeController();
  return { signal: signalOf(controller), abort: (reason) => abort(controller, reason) };
}

/** Calls `hear` when it aborts; at once when it has. Gives what ends that. */
export function whenAborted(signal: AbortSignal, hear: () => void): () => void {
  if (signalAborted(signal)) {
    hear();
    return () => {};
  }
  const listener = () => hear();
  addListener(signal, 'abort', listener);
  return () => removeListener(signal, 'abort', listener);
}

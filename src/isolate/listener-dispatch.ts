/**
 * Dispatches an event and learns whether a listener threw.
 *
 * Promise: what a listener throws comes back to whoever dispatched, and is reported nowhere else; listeners after it are not
 * called. A browser tells only the global scope, so that is listened to, from before any listener of a program's.
 */
import { uncurryThis } from '../base/primordials.ts';

type Failed = { readonly error: unknown };

export interface ListenerCalls {
  /** @returns what a listener threw, if one did */
  dispatch(target: EventTarget, event: Event): Failed | undefined;
  /** As a program's own `dispatchEvent`. @throws what a listener threw */
  dispatchOrThrow(target: unknown, event: unknown): boolean;
  /** Does what lets the browser call listeners. @throws what the first of them threw that did */
  throwing<T>(act: () => T): T;
}

interface Dispatching {
  readonly event: unknown;
  failed: Failed | undefined;
}

/** @param scope  the worker's own, before its methods are replaced */
export function listenerCalls(scope: EventTarget): ListenerCalls {
  const dispatch = uncurryThis(EventTarget.prototype.dispatchEvent) as (target: unknown, event: unknown) => boolean;
  const prevent = uncurryThis(Event.prototype.preventDefault);
  const stop = uncurryThis(Event.prototype.stopImmediatePropagation);
  /** the innermost: a listener may dispatch too */
  let present: Dispatching | undefined;
  scope.addEventListener('error', (report) => {
    if (!present) return;
    prevent(report);
    stop(report);
    if (present.failed) return;
    present.failed = { error: (report as ErrorEvent).error };
    if (present.event !== undefined) stop(present.event);
  });
  const watch = <T>(mine: Dispatching, act: () => T): T => {
    const around = present;
    present = mine;
    try {
      return act();
    } finally {
      present = around;
    }
  };
  const throwing = <T>(event: unknown, act: () => T): T => {
    const mine: Dispatching = { event, failed: undefined };
    const value = watch(mine, act);
    if (mine.failed) throw mine.failed.error;
    return value;
  };
  return {
    dispatch(target, event) {
      const mine: Dispatching = { event, failed: undefined };
      watch(mine, () => dispatch(target, event));
      return mine.failed;
    },
    dispatchOrThrow: (target, event) => throwing(event, () => dispatch(target, event)),
    throwing: (act) => throwing(undefined, act),
  };
}

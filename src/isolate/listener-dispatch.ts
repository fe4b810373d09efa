/**
 * Dispatches an event and learns whether a listener threw.
 *
 * Promise: what a listener throws comes back to whoever dispatched, and is reported nowhere else. A browser tells only the
 * global scope, so that is listened to, from before any listener of a program's.
 */
import { uncurryThis } from '../base/primordials.ts';

type Failed = { readonly error: unknown };
type Dispatch = (target: EventTarget, event: Event) => Failed | undefined;

interface Dispatching {
  failed: Failed | undefined;
}

/** @param scope  the worker's own, before its methods are replaced */
export function listenerDispatch(scope: EventTarget): Dispatch {
  const dispatch = uncurryThis(EventTarget.prototype.dispatchEvent) as (target: unknown, event: Event) => boolean;
  const prevent = uncurryThis(Event.prototype.preventDefault);
  const stop = uncurryThis(Event.prototype.stopImmediatePropagation);
  /** the innermost: a listener may dispatch too */
  let present: Dispatching | undefined;
  scope.addEventListener('error', (report) => {
    if (!present) return;
    prevent(report);
    stop(report);
    present.failed ??= { error: (report as ErrorEvent).error };
  });
  return (target, event) => {
    const around = present;
    const mine: Dispatching = { failed: undefined };
    present = mine;
    try {
      dispatch(target, event);
    } finally {
      present = around;
    }
    return mine.failed;
  };
}

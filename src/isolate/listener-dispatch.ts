/**
 * Dispatches an event and learns whether a listener threw.
 *
 * Promise: what a listener throws comes back to whoever dispatched, and is reported nowhere else. A browser tells only the
 * global scope, while it dispatches; so that is listened to for as long.
 */
import { uncurryThis } from '../base/primordials.ts';

type Dispatch = (target: EventTarget, event: Event) => { readonly error: unknown } | undefined;

/** @param scope  the worker's own, before its methods are replaced */
export function listenerDispatch(scope: EventTarget): Dispatch {
  const { prototype } = EventTarget;
  const dispatch = uncurryThis(prototype.dispatchEvent) as (target: unknown, event: Event) => boolean;
  const listen = uncurryThis(prototype.addEventListener) as (on: unknown, type: string, hear: Hear) => void;
  const stop = uncurryThis(prototype.removeEventListener) as (on: unknown, type: string, hear: Hear) => void;
  type Hear = (event: Event) => void;
  return (target, event) => {
    let failed: { readonly error: unknown } | undefined;
    const hear = (report: Event): void => {
      report.preventDefault();
      report.stopImmediatePropagation();
      failed ??= { error: (report as ErrorEvent).error };
    };
    listen(scope, 'error', hear);
    try {
      dispatch(target, event);
    } finally {
      stop(scope, 'error', hear);
    }
    return failed;
  };
}

/**
 * Events of a Worker that are no requests: `scheduled`.
 *
 * Promise: an event is over when its handler and all that it gave to `waitUntil` are; what fails then is logged and told by
 * the outcome, never thrown.
 * @see workerd: api/scheduled.c++, io/worker-entrypoint.c++; seen in workerd 1.20260730.1
 */
import { illegalInvocation } from '../base/platform-objects.ts';
import { objectDefineProperty, reflectApply } from '../base/primordials.ts';
import type { ScheduledOptions, ScheduledOutcome } from '../protocol/scheduled.ts';
import { shapeClass } from './native-shape.ts';
import type { RequestContext } from './request-contexts.ts';

export interface WorkerEventsOptions {
  /** the instance, or the object of handlers */
  target: object;
  /** what a handler is given after the event */
  added: readonly unknown[];
  request: RequestContext;
  /** what a handler gave as a promise */
  promiseOf(given: unknown): Promise<unknown>;
  log(level: 'warn' | 'error', args: readonly unknown[]): void;
  now(): number;
}

/** What a question to a Worker's events is asked of. */
export function workerEvents(options: WorkerEventsOptions): {
  scheduled(event?: ScheduledOptions): Promise<ScheduledOutcome>;
} {
  return { scheduled: (event = {}) => scheduled(event, options) };
}

async function scheduled(
  { cron = '', scheduledTime }: ScheduledOptions,
  { target, added, request, promiseOf, log, now }: WorkerEventsOptions,
): Promise<ScheduledOutcome> {
  const handler = (target as { scheduled?: unknown }).scheduled;
  if (typeof handler !== 'function') {
    log('warn', [NO_HANDLER]);
    return { outcome: 'exception', noRetry: true };
  }
  const controller = new ScheduledController(MAKE, { cron, scheduledTime: Number(scheduledTime ?? now()) });
  let isOk = true;
  try {
    await promiseOf(reflectApply(handler, target, [controller, ...added]));
  } catch (error) {
    log('error', ['Uncaught', error]);
    isOk = false;
  }
  isOk = (await request.alone()) && isOk;
  return { outcome: isOk ? 'ok' : 'exception', noRetry: wantsNoRetry(controller) };
}

const MAKE = Symbol('make');

class ScheduledController {
  #noRetry = false;

  constructor(token: unknown, event?: { readonly cron: string; readonly scheduledTime: number }) {
    if (token !== MAKE || !event) throw new TypeError('Illegal constructor');
    for (const key of ['cron', 'scheduledTime'] as const) {
      objectDefineProperty(this, key, { value: event[key], enumerable: true, configurable: true, writable: false });
    }
  }

  /** It is not to be tried again, whatever comes of it. */
  noRetry(): void {
    if (typeof this !== 'object' || this === null || !(#noRetry in this)) throw illegalInvocation();
    this.#noRetry = true;
  }

  static wantsNoRetry(controller: ScheduledController): boolean {
    return controller.#noRetry;
  }
}
const { wantsNoRetry } = ScheduledController;
delete (ScheduledController as Partial<typeof ScheduledController>).wantsNoRetry;
shapeClass(ScheduledController, 'ScheduledController');

const NO_HANDLER =
  'Received a ScheduledEvent but we lack a handler for ScheduledEvents (a.k.a. Cron Triggers). Did you remember to export a scheduled() function?';

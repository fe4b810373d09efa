/**
 * A task of its own, soon: a message posted to ourselves.
 *
 * Promise: tasks run in order, each after the microtasks of the one before it and of the present one. It is quicker than a
 * timer (5 to 8 microseconds in Chromium and Firefox) and browsers do not slow it down in hidden pages.
 *
 * One message serves several tasks: it has so many listeners, the browser itself calls them, and so it runs the microtasks of
 * one before it calls the next (HTML, "clean up after running script"). What waits when a message comes, or is asked for by a
 * task before it, pays for no message then. Only what a message has no listener left for waits for the next one.
 */
import { functionToString, uncurryThis } from './primordials.ts';

export type Schedule = (task: () => void) => void;

const post = uncurryThis(MessagePort.prototype.postMessage as (this: MessagePort, message: unknown) => void);
const stop = uncurryThis(Event.prototype.stopImmediatePropagation);

/** Many enough to share the price of a message, few enough for other tasks to come in between. */
const TASKS_PER_MESSAGE = 32;

/**
 * How many listeners a message may have. One where events are JavaScript's own (Node): there microtasks wait until all have been
 * called. And one in a page, whose scripts can take hold of the event (`window.event`) and end it.
 */
function listenersPerMessage(): number {
  const isNative = /\[native code\]/.test(functionToString(EventTarget.prototype.dispatchEvent) as string);
  const isPage = (globalThis as { document?: unknown }).document !== undefined;
  return isNative && !isPage ? TASKS_PER_MESSAGE : 1;
}

export function makeSchedule(): Schedule {
  const { port1, port2 } = new MessageChannel();
  let tasks: (() => void)[] = [];
  let next = 0;
  /** a message is on its way */
  let isPosted = false;
  /** listeners of the present message that are still to be called */
  let left = 0;
  const wake = () => {
    if (isPosted) return;
    isPosted = true;
    post(port2, 0);
  };
  const hear = (event: Event, behind: number) => {
    const task = tasks[next];
    if (task === undefined) {
      left = 0;
      stop(event);
      return;
    }
    next++;
    if (next === tasks.length) {
      tasks = [];
      next = 0;
    }
    left = behind;
    if (left === 0 && tasks.length > 0) wake();
    task();
  };
  const count = listenersPerMessage();
  for (let i = 0; i < count; i++) {
    const behind = count - 1 - i;
    port1.addEventListener('message', (event) => {
      if (i === 0) isPosted = false;
      hear(event, behind);
    });
  }
  port1.start();
  return (task) => {
    tasks[tasks.length] = task;
    if (left === 0) wake();
  };
}

/**
 * Collects what is to happen after the present turn and runs all of it in one task: what a turn sends leaves together,
 * and arrives together.
 */
export function makeAfterTurn(schedule: Schedule): Schedule {
  let waiting: (() => void)[] = [];
  return (go) => {
    waiting[waiting.length] = go;
    if (waiting.length > 1) return;
    schedule(() => {
      const all = waiting;
      waiting = [];
      for (let i = 0; i < all.length; i++) (all[i] as () => void)();
    });
  };
}

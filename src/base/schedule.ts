/**
 * Tasks of a thread's own, soon: a message posted to itself.
 *
 * Promise: tasks run in order, each after the microtasks of the one before it and of the present one. It is quicker than a
 * timer (5 to 8 microseconds in Chromium and Firefox) and browsers do not slow it down in hidden pages.
 *
 * One message serves several tasks: it has so many listeners, the browser itself calls them, and so it runs the microtasks of
 * one before it calls the next (HTML, "clean up after running script"). What waits when a message comes, or is asked for by a
 * task before it, pays for no message then. Only what a message has no listener left for waits for the next one. Other events of the
 * browser's can serve as well (`listen`): what their handler asks for runs without any message.
 */
import { postOnPort } from './ports.ts';
import { addListener, functionToString, stopEvent } from './primordials.ts';

export type Schedule = (task: () => void) => void;

/** Many enough to share the price of a message, few enough for other tasks to come in between. */
const TASKS_PER_MESSAGE = 32;

/**
 * Whether the browser's events serve more than one task. Not where events are JavaScript's own (Node): there microtasks wait until
 * all listeners have been called. Nor in a page, whose scripts can take hold of the event (`window.event`) and end it.
 */
function servesMany(): boolean {
  const isNative = /\[native code\]/.test(functionToString(EventTarget.prototype.dispatchEvent) as string);
  const isPage = (globalThis as { document?: unknown }).document !== undefined;
  return isNative && !isPage;
}

const isServing = servesMany();
// Made now: a program that is loaded later may have changed what makes them.
const { port1, port2 } = new MessageChannel();
let tasks: (() => void)[] = [];
let next = 0;
/** a message is on its way */
let isPosted = false;
/** listeners of the present event that are still to be called, and will take a task each */
let left = 0;

export const schedule: Schedule = (task) => {
  tasks[tasks.length] = task;
  if (left === 0) wake();
};

/**
 * Calls `handler` for each such event of `target`, and up to `served` of the tasks that wait then, or are asked for meanwhile, behind
 * it. Nobody else may listen to the event: it ends when nothing waits any more.
 */
export function listen(
  target: EventTarget,
  type: string,
  handler: (event: Event) => void,
  served = TASKS_PER_MESSAGE,
): void {
  if (!isServing) {
    addListener(target, type, handler);
    return;
  }
  addListener(target, type, (event) => {
    left = served;
    handler(event);
  });
  serve(target, type, served);
}

function serve(target: EventTarget, type: string, count: number): void {
  for (let behind = count - 1; behind >= 0; behind--) addListener(target, type, (event) => takeOne(event, behind));
}

/** @param behind  how many listeners of the event are called after this one */
function takeOne(event: Event, behind: number): void {
  const task = tasks[next];
  if (task === undefined) {
    left = 0;
    stopEvent(event);
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
}

function wake(): void {
  if (isPosted) return;
  isPosted = true;
  postOnPort(port2, 0);
}

addListener(port1, 'message', () => {
  isPosted = false;
});
serve(port1, 'message', isServing ? TASKS_PER_MESSAGE : 1);
port1.start();

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

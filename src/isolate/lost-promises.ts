/**
 * Waits for a promise of the program's, and notices when nobody can settle it any more.
 *
 * Promise: exactly one of the two functions is called once, or neither as long as somebody could still settle the promise. A
 * promise that can be reached from nowhere fails when memory is collected, which is when the engine likes; until then it
 * waits like any other.
 *
 * On the platform too: measured in workerd 1.20260730, where such a section ends the object once the JavaScript heap was
 * collected as a whole. The longer text that its sources have for this (`A critical section within this Durable Object awaited
 * a Promise that apparently will never complete. ...`) reaches nobody there: the wait for the promise fails before the section.
 */
import { promiseResolve, promiseThen } from '../base/primordials.ts';
import { finalizationRegister } from '../base/weak-references.ts';

const LOST = 'Promise will never complete.';

interface Waiting {
  isSettled: boolean;
  /** must not reach what waits, or it would never be lost */
  fail: (error: unknown) => void;
}

const lost = new FinalizationRegistry<Waiting>(({ isSettled, fail }) => {
  if (!isSettled) fail(new Error(LOST));
});

/** `done` with the value, or `fail` with why there is none. Neither function may reach the promise. */
export function whenSettled<T>(
  result: T | PromiseLike<T>,
  done: (value: T) => void,
  fail: (error: unknown) => void,
): void {
  const waiting: Waiting = { isSettled: false, fail };
  const settled = reaction(waiting, done);
  // Only the promise has this function: they are lost together.
  finalizationRegister(lost, settled, waiting);
  void promiseThen(promiseResolve(result) as Promise<T>, settled, reaction(waiting, fail));
}

/** Made apart: closures of one function share what any of them keeps. */
function reaction<V>(waiting: Waiting, go: (value: V) => void): (value: V) => void {
  return (value) => {
    waiting.isSettled = true;
    go(value);
  };
}

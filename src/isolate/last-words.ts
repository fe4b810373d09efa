/**
 * What is said when an instance ends: to its callers, to its own code that outlives it, and in our log.
 *
 * Promise: the platform's texts where it has any. Knows nothing of how an instance ends.
 */
import { causeOfInternalError } from '../base/internal-error.ts';
import { addFlags } from '../rpc/errors.ts';

/**
 * DIFFERS: local workerd lets no code of a dead instance run, so nothing shows the text there. Here a thread runs on until its
 * host terminates it. The flags are those that workerd's source gives a `broken.` exception of type DISCONNECTED.
 *
 * @see workerd: io/actor-cache.h
 */
export function noLongerAccessible(): Error {
  const error = new Error('Durable Object storage is no longer accessible.');
  return addFlags(error, { retryable: true, durableObjectReset: true });
}

/** For our own log: with what is behind an internal error. */
export function describe(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const cause = causeOfInternalError(error);
  return cause === undefined ? text : `${text} (${describe(cause)})`;
}

/** @see workerd: io/worker.c++, the output gate of an actor whose storage failed */
export const WRITE_FAILED = 'Internal error in Durable Object storage write caused object to be reset';
export const HELD_BACK =
  'A timer that was armed outside of blockConcurrencyWhile() became due inside, and timers run in the order in which they ' +
  'are due: the section could not have seen any timer of its own. Arm such timers after it, or await nothing timed in it.';
const ABORTED = 'Application called abort() to reset Durable Object.';

/** Of an error the text is told, and not the error (seen). @throws TypeError for what has no text: nothing is aborted then */
export function abortError(reason: unknown): Error {
  return new Error(reason === undefined ? ABORTED : `${reason as string}`);
}

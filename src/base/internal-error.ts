/**
 * What the platform tells a program when something failed that it does not put into words: a text with a reference.
 *
 * The reference is 24 letters of base 32, chance and nothing more; workerd writes it into its own log as well.
 * @see workerd: jsg/util.c++ (makeInternalError)
 */
import { weakMapGet, weakMapSet } from './primordials.ts';
import type { Random } from './random.ts';

const LETTERS = '0123456789abcdefghijklmnopqrstuv';
const REFERENCE_LENGTH = 24;

/** what really failed; beside the errors, because a program must see nothing but the platform's text */
const causes = new WeakMap<Error, unknown>();

/**
 * @param cause what really failed, for `causeOfInternalError`
 * @param text what the platform says instead of its two words, where it says more
 */
export function internalError(random: Random, cause?: unknown, text = 'internal error'): Error {
  const bytes = random.bytes(REFERENCE_LENGTH);
  let reference = '';
  for (let i = 0; i < REFERENCE_LENGTH; i++) reference += LETTERS[(bytes[i] as number) & 31];
  const error = new Error(`${text}; reference = ${reference}`);
  if (cause !== undefined) weakMapSet(causes, error, cause);
  return error;
}

/** For logs of ours. @returns undefined for every other error */
export function causeOfInternalError(error: unknown): unknown {
  return error instanceof Error ? weakMapGet(causes, error) : undefined;
}

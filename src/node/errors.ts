/** Errors as Node's modules throw them. */
import { codeError } from '../base/node-errors.ts';

export { codeError, invalidArgument, received } from '../base/node-errors.ts';

class AbortError extends Error {}

/** What ends because its signal says so. */
export function abortError(signal: AbortSignal): Error {
  return Object.assign(new AbortError('The operation was aborted', { cause: signal.reason }), {
    code: 'ABORT_ERR',
    name: 'AbortError',
  });
}

export function outOfRange(name: string, range: string, value: unknown): RangeError {
  return codeError(
    RangeError,
    'ERR_OUT_OF_RANGE',
    `The value of "${name}" is out of range. It must be ${range}. Received ${String(value)}`,
  );
}

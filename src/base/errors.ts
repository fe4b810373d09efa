/**
 * Operating errors: what can go wrong with no bug of ours and no fault of the user's program.
 *
 * Promise: every one has a code from one closed list, names the thing, and says the next step. Errors that the
 * user's program sees are not these: those carry the platform's own class, text and flags.
 */

/** What the embedder can mend by calling differently. */
export type EmbedderErrorCode =
  | 'bundle_failed'
  | 'config_invalid'
  | 'version_mismatch'
  | 'closed'
  | 'not_supported'
  | 'bookmark_expired' // a point of an object's history that is not kept
  | 'file_invalid' // a file that was to be imported is none of its kind, or is damaged: nothing was changed
  | 'import_stopped' // an object of a folder could not be replaced; those before it were
  | 'clock_stuck' // something that is due does not come to an end, so the clock cannot be moved past it
  | 'not_hibernatable' // something of the object is under way; it stays awake
  | 'query_refused'; // a query of the inspector that would write, or took too long: nothing was changed

/** What the environment did: another tab, the disk, the browser. */
export type EnvironmentErrorCode =
  | 'fenced' // a newer epoch of the object exists; this writer is finished
  | 'quota' // the origin's storage is full
  | 'storage_unavailable' // IndexedDB is missing or blocked here
  | 'storage_failed' // IndexedDB failed in a way that is none of the above; the cause is kept
  | 'storage_damaged' // what was read is not what was written
  | 'lease_lost' // another host took the object
  | 'link_broken' // the link ended without a goaway
  | 'peer_gone' // the worker or tab at the other end died
  | 'overloaded' // no room for one more live object
  | 'engine_mismatch'; // sql.js is not the build that the storage engine was calibrated for

export type SimulatorErrorCode = EmbedderErrorCode | EnvironmentErrorCode;

/** Where a fault in user files lies; `line` and `column` count from 1. */
export interface SourceLocation {
  file: string;
  line: number;
  column: number;
}

export interface SimulatorErrorOptions {
  cause?: unknown;
  /** set on `bundle_failed` and `config_invalid` when the fault has a place */
  location?: SourceLocation;
}

/** The one class of operating errors; `code` tells them apart, `message` is a whole sentence. */
export class SimulatorError extends Error {
  override readonly name = 'SimulatorError';
  readonly code: SimulatorErrorCode;
  readonly location?: SourceLocation;

  constructor(code: SimulatorErrorCode, message: string, options: SimulatorErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    if (options.location) this.location = options.location;
  }
}

/** True for a SimulatorError, with this code if one is given. */
export function isSimulatorError(error: unknown, code?: SimulatorErrorCode): error is SimulatorError {
  return error instanceof SimulatorError && (code === undefined || error.code === code);
}

/**
 * Who caused the messages of one link: each end says an actor once, and then only numbers.
 *
 * Promise: what was told is heard, as long as every message is told and heard in order. A peer that never said an actor has
 * caused nothing. Knows no event.
 */
import type { Cause, Caused } from '../protocol/messages.ts';

const UNCAUSED: Caused = {};

export class LinkCauses {
  #told: string | undefined;
  #heard: string | undefined;

  /** What the next message says. */
  tell(cause: Cause | undefined): Caused {
    if (!cause) return UNCAUSED;
    const { actor, number: event, lamport } = cause;
    if (actor === this.#told) return { event, lamport };
    this.#told = actor;
    return { event, lamport, cause: actor };
  }

  /** What the next message said. */
  hear({ event, lamport, cause }: Caused): Cause | undefined {
    if (cause !== undefined) this.#heard = cause;
    if (event === undefined || this.#heard === undefined) return undefined;
    return { actor: this.#heard, number: event, lamport: lamport ?? 0 };
  }
}

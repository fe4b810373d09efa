/**
 * Who caused the messages of one link: each end says an actor once, and how far its Lamport count is ahead once for as long as
 * that stays; otherwise only the event's number.
 *
 * Promise: what was told is heard, as long as every message is told and heard in order. A peer that never said an actor has
 * caused nothing. Knows no event.
 */
import type { Cause, Caused } from '../protocol/messages.ts';

const UNCAUSED: Caused = {};

const { MAX_SAFE_INTEGER } = Number;

export class LinkCauses {
  #told: string | undefined;
  #toldLead = 0;
  #heard: string | undefined;
  #heardLead = 0;

  /** What the next message says. */
  tell(cause: Cause | undefined): Caused {
    if (!cause) return UNCAUSED;
    const { actor, number: event } = cause;
    const lead = cause.lamport - event;
    const isSame = actor === this.#told;
    if (isSame && lead === this.#toldLead) return { event };
    this.#toldLead = lead;
    if (isSame) return { event, lead };
    this.#told = actor;
    return { event, lead, cause: actor };
  }

  /** What the next message said. */
  hear({ event, lead, cause }: Caused): Cause | undefined {
    if (cause !== undefined) this.#heard = cause;
    if (lead !== undefined) this.#heardLead = lead;
    if (event === undefined || this.#heard === undefined) return undefined;
    // A peer may have said any numbers.
    const lamport = event + this.#heardLead;
    return { actor: this.#heard, number: event, lamport: lamport < MAX_SAFE_INTEGER ? lamport : MAX_SAFE_INTEGER };
  }
}

/**
 * Who caused the messages of one link: each end says an actor once, and after that only what could not be foreseen. From one
 * message to the next an actor's events, and its Lamport count's lead over them, mostly go on by as much as the time before.
 *
 *     SILENT --said--> FOLLOWED --said, or as foreseen--> FOLLOWED --no event--> SILENT     [#event: 0 while it is silent]
 *
 * Promise: what was told is heard, as long as every message is told and heard in order. A peer that never said an actor has
 * caused nothing. Knows no event.
 */
import type { Cause, Caused } from '../protocol/messages.ts';

/** Nothing is said: as it was foreseen, or nobody keeps a trace. */
const UNSAID: Caused = {};
/** From now on nobody does. */
const SILENCE: Caused = { event: 0 };

const { MAX_SAFE_INTEGER } = Number;

export class LinkCauses {
  readonly #told = new Course();
  readonly #heard = new Course();

  /** What the next message says. */
  tell(cause: Cause | undefined): Caused {
    const told = this.#told;
    if (!cause) {
      if (told.event === 0) return UNSAID;
      told.event = 0;
      return SILENCE;
    }
    const { actor, number: event } = cause;
    const lead = cause.lamport - event;
    const isSame = actor === told.actor;
    const isForeseen = isSame && told.event > 0 && event === told.event + told.step;
    const isLeadForeseen = lead === told.lead + told.leadStep;
    told.goOn(event, lead);
    if (isForeseen && isLeadForeseen) return UNSAID;
    if (isSame) return isLeadForeseen ? { event } : { event, lead };
    told.actor = actor;
    return { event, lead, cause: actor };
  }

  /** What the next message said. */
  hear({ event, lead, cause }: Caused): Cause | undefined {
    const heard = this.#heard;
    if (event === 0) {
      heard.event = 0;
      return undefined;
    }
    if (event === undefined && heard.event === 0) return undefined;
    if (cause !== undefined) heard.actor = cause;
    heard.goOn(event ?? heard.event + heard.step, lead ?? heard.lead + heard.leadStep);
    // A peer may have said any numbers.
    if (heard.actor === undefined || !(heard.event > 0 && heard.event <= MAX_SAFE_INTEGER)) return undefined;
    const lamport = heard.event + heard.lead;
    return {
      actor: heard.actor,
      number: heard.event,
      lamport: lamport < MAX_SAFE_INTEGER ? lamport : MAX_SAFE_INTEGER,
    };
  }
}

/** What was said last in one direction, and by how much it had gone on. */
class Course {
  actor: string | undefined;
  event = 0;
  step = 0;
  lead = 0;
  leadStep = 0;

  goOn(event: number, lead: number): void {
    this.step = this.event > 0 ? event - this.event : 0;
    this.leadStep = lead - this.lead;
    this.event = event;
    this.lead = lead;
  }
}

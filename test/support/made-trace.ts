/**
 * Traces for tests of what shows them: actors that write down events as threads do, with causes.
 *
 * Promise: events come out in the order in which they were noted, which is that of `sim.trace.events`.
 */
import type { TraceActor, TraceEvent } from '../../src/index.ts';
import type { EndpointId, MachineId } from '../../src/protocol/names.ts';
import type { TraceDetail } from '../../src/protocol/trace.ts';

export class MadeTrace {
  readonly events: TraceEvent[] = [];
  nowMs = 0;
  #lamport = 0;
  readonly #numbers = new Map<string, number>();

  actor(kind: TraceActor['kind'], label: string, names: { lane?: string; id?: string } = {}): MadeActor {
    const { lane = label } = names;
    const { id = lane } = names;
    const actor = { id: id as EndpointId, kind, lane, label, machine: 'here' as MachineId };
    return {
      actor,
      note: (detail, cause) => {
        const number = (this.#numbers.get(id) ?? 0) + 1;
        this.#numbers.set(id, number);
        this.#lamport++;
        const times = { lamport: this.#lamport, atMs: this.nowMs, realMs: this.nowMs };
        const event: TraceEvent = {
          ...{ number, ...times, actor, ...detail },
          cause: cause && { actor: cause.actor.id, number: cause.number },
        };
        this.events.push(event);
        return event;
      },
    };
  }

  /** One call of an object by a page: four events in a chain. @returns the first and the last */
  call(client: MadeActor, object: MadeActor, name: string, waitedMs = 0): [TraceEvent, TraceEvent] {
    const asked = client.note({ kind: 'ask', what: 'call', name, to: object.actor.lane });
    const delivered = object.note({ kind: 'deliver', what: 'call', name, waitedMs }, asked);
    const answered = object.note({ kind: 'answer', what: 'value', name }, delivered);
    return [asked, client.note({ kind: 'deliver', what: 'answer', name, waitedMs: 0 }, answered)];
  }
}

export interface MadeActor {
  readonly actor: TraceActor;
  note(detail: TraceDetail, cause?: TraceEvent): TraceEvent;
}

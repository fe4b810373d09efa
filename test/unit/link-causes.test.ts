/** What the messages of a link say of their causes, and that a session hears it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Cause } from '../../src/protocol/messages.ts';
import type { EndpointId, MachineId } from '../../src/protocol/names.ts';
import type { TraceEvent } from '../../src/protocol/trace.ts';
import { readBatch } from '../../src/protocol/trace-reader.ts';
import { Tracer } from '../../src/protocol/tracer.ts';
import { LinkCauses } from '../../src/rpc/causes.ts';
import { DurableObject, hostObject, openContext } from '../support/rpc-realm.ts';

/** What is heard of what is told, and what was said of it. */
function pass(causes: readonly (Cause | undefined)[]) {
  const [here, there] = [new LinkCauses(), new LinkCauses()];
  const said = causes.map((cause) => here.tell(cause));
  return { said, heard: said.map((caused) => there.hear(caused)) };
}

const cause = (actor: string, number: number, lamport: number): Cause => ({ actor, number, lamport });

describe('the causes of a link', () => {
  test('name an actor once, and after that what could not be foreseen', () => {
    const causes = [
      cause('a', 1, 5),
      cause('a', 3, 7),
      cause('a', 5, 9),
      cause('a', 7, 14),
      cause('b', 1, 6),
      cause('a', 9, 16),
    ];
    const { said, heard } = pass(causes);
    expect(said).toEqual([
      { event: 1, lead: 4, cause: 'a' },
      { event: 3, lead: 4 },
      {},
      { event: 7, lead: 7 },
      { event: 1, lead: 5, cause: 'b' },
      { event: 9, lead: 7, cause: 'a' },
    ]);
    expect(heard).toEqual(causes);
  });

  test('are silent before somebody keeps a trace, and when nobody does any more', () => {
    const causes = [
      undefined,
      cause('a', 1, 1),
      cause('a', 3, 5),
      cause('a', 5, 9),
      undefined,
      undefined,
      cause('a', 7, 13),
    ];
    const { said, heard } = pass(causes);
    expect(said.map(({ event }) => event)).toEqual([undefined, 1, 3, undefined, 0, undefined, 7]);
    expect(heard).toEqual(causes);
  });

  test('are heard as they were told, whatever they are', () => {
    const small = fc.integer({ min: 1, max: 4 });
    const one = fc.option(fc.tuple(fc.constantFrom('a', 'b'), small, fc.integer({ min: 0, max: 3 })), {
      nil: undefined,
    });
    fc.assert(
      fc.property(fc.array(one), (steps) => {
        const numbers = { a: 0, b: 0 } as Record<string, number>;
        const causes = steps.map((step) => {
          if (!step) return undefined;
          const number = (numbers[step[0]] ?? 0) + step[1];
          numbers[step[0]] = number;
          return cause(step[0], number, number * 2 + step[2]);
        });
        expect(pass(causes).heard).toEqual(causes);
      }),
    );
  });

  test('are none of a peer that never said who it is, and never more than can be counted on from', () => {
    expect(new LinkCauses().hear({ event: 1, lead: 0 })).toBeUndefined();
    const { MAX_SAFE_INTEGER } = Number;
    const far = new LinkCauses().hear({ event: 1, lead: MAX_SAFE_INTEGER, cause: 'a' });
    expect(far).toEqual({ actor: 'a', number: 1, lamport: MAX_SAFE_INTEGER });
    const liar = new LinkCauses();
    liar.hear({ event: MAX_SAFE_INTEGER, lead: 0, cause: 'a' });
    liar.hear({ event: 1 });
    expect(liar.hear({})).toBeUndefined();
  });
});

function traced(id: string) {
  const events: TraceEvent[] = [];
  const tracer = new Tracer({
    now: () => 0,
    realNow: () => 0,
    later: () => {},
    hand: (batch) => events.push(...readBatch(batch)),
  });
  tracer.become({ id: id as EndpointId, kind: 'object', lane: id, label: id, machine: 'm' as MachineId });
  tracer.turn(true);
  const arrive = (run: () => void, arrived?: Parameters<Tracer['deliver']>[0]) => {
    tracer.deliver(arrived);
    run();
    tracer.rest();
  };
  return { tracer, events, context: { ...openContext(), tracer, arrive, capture: () => arrive } };
}

test('each call, fetch and answer of a link says which event caused it, on the next link too', async () => {
  class Echo extends DurableObject {
    say(text: string) {
      return text;
    }
    fail() {
      throw new Error('no');
    }
    fetch() {
      return new Response('');
    }
  }
  const here = traced('here');
  const there = traced('there');
  const instance = new Echo();
  const object = hostObject(undefined, {
    callerContext: here.context,
    calleeContext: there.context,
    deliver: (delivery) => there.context.arrive(() => void delivery.run(instance), delivery.arrived),
  });
  const stub = object.stub();
  const use = async () => {
    await stub.say('one');
    await stub.say('two');
    await stub.fail().catch(() => {});
    await stub.fetch('http://x/');
  };
  await use();
  object.links[0]?.[1].goaway();
  await use();
  expect(object.links.length).toBe(2);
  here.tracer.flush();
  there.tracer.flush();
  const whyOf = (events: readonly TraceEvent[], by: readonly TraceEvent[]) =>
    events.flatMap((event) => {
      const cause = by.find(({ actor, number }) => actor.id === event.cause?.actor && number === event.cause.number);
      return event.kind === 'deliver' ? [`${event.name} ${cause?.kind} ${cause && 'what' in cause && cause.what}`] : [];
    });
  const asked = ['say ask call', 'say ask call', 'fail ask call', 'GET ask fetch'];
  const answered = ['say answer value', 'say answer value', 'fail answer error', 'GET answer response'];
  expect(whyOf(there.events, here.events)).toEqual([...asked, ...asked]);
  expect(whyOf(here.events, there.events)).toEqual([...answered, ...answered]);
});

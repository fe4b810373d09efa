/** What the messages of a link say of their causes, and that a session hears it. */
import { describe, expect, test } from 'vitest';
import type { Cause } from '../../src/protocol/messages.ts';
import type { EndpointId, MachineId } from '../../src/protocol/names.ts';
import type { TraceEvent } from '../../src/protocol/trace.ts';
import { readBatch } from '../../src/protocol/trace-reader.ts';
import { Tracer } from '../../src/protocol/tracer.ts';
import { LinkCauses } from '../../src/rpc/causes.ts';
import { DurableObject, hostObject, openContext } from '../support/rpc-realm.ts';

describe('the causes of a link', () => {
  test('name an actor once, and how far its count is ahead: again only when it is another', () => {
    const causes: (Cause | undefined)[] = [
      { actor: 'a', number: 1, lamport: 5 },
      { actor: 'a', number: 2, lamport: 6 },
      undefined,
      { actor: 'a', number: 4, lamport: 9 },
      { actor: 'b', number: 1, lamport: 6 },
      { actor: 'a', number: 5, lamport: 10 },
    ];
    const [here, there] = [new LinkCauses(), new LinkCauses()];
    const told = causes.map((cause) => here.tell(cause));
    expect(told.map(({ cause }) => cause)).toEqual(['a', undefined, undefined, undefined, 'b', 'a']);
    expect(told.map(({ lead }) => lead)).toEqual([4, undefined, undefined, 5, 5, 5]);
    expect(told.map((caused) => there.hear(caused))).toEqual(causes);
  });

  test('are none of a peer that never said who it is, and never more than can be counted on from', () => {
    expect(new LinkCauses().hear({ event: 1, lead: 0 })).toBeUndefined();
    const { MAX_SAFE_INTEGER } = Number;
    const far = new LinkCauses().hear({ event: 1, lead: MAX_SAFE_INTEGER, cause: 'a' });
    expect(far).toEqual({ actor: 'a', number: 1, lamport: MAX_SAFE_INTEGER });
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

import { describe, expect, test } from 'vitest';
import { deferred } from '../../src/base/async.ts';
import { ManualClock } from '../../src/base/clock.ts';
import { seal } from '../../src/base/sealed.ts';
import { HOLDER_ANSWER_MS, LINK_IDLE_MS, resolveLimits } from '../../src/protocol/limits.ts';
import { uniqueKey } from '../../src/protocol/names.ts';
import type { Target } from '../../src/protocol/target.ts';
import { ObjectChannels } from '../../src/rpc/object-channels.ts';
import { RpcSession } from '../../src/rpc/session.ts';
import { memoryLinkPair } from '../support/memory-link.ts';
import { type AnyStub, DurableObject, makeCodecs, openContext, settle } from '../support/rpc-realm.ts';

/** One realm that calls, and an object behind links in memory whose calls a test can hold. */
function realm() {
  const codecs = makeCodecs();
  const clock = new ManualClock();
  const connected: Target[] = [];
  const probed: Target[] = [];
  const endings: string[] = [];
  const held = deferred();
  class Counter extends DurableObject {
    #n = 0;
    increment() {
      return ++this.#n;
    }
    slow() {
      return held.promise;
    }
  }
  const instance = new Counter();
  const channels = new ObjectChannels({
    context: openContext(),
    codecs,
    limits: resolveLimits(),
    clock,
    async connect(target) {
      connected.push(target);
      const [caller, callee] = memoryLinkPair({ decodeError: (error) => codecs.errors.decode(error) });
      const session: RpcSession = new RpcSession({
        link: callee,
        context: openContext(),
        codecs,
        limits: resolveLimits(),
        main: { deliver: (delivery) => void delivery.run(instance) },
        onGone: () => endings.push(session.ending?.state ?? 'none'),
      });
      return seal(caller);
    },
    probe: (target) => probed.push(target),
    randomBytes: (length) => new Uint8Array(length),
  });
  const namespace = channels.namespace(uniqueKey('worker', 'Counter'));
  return { clock, connected, probed, endings, held, channels, stub: namespace.getByName('a') as AnyStub, namespace };
}

describe('the channels of a realm', () => {
  test('share one link among the stubs of an object, and open another for one that is woken by another name', async () => {
    const { namespace, connected, stub } = realm();
    expect(await stub.increment()).toBe(1);
    expect(await (namespace.getByName('a') as AnyStub).increment()).toBe(2);
    expect(connected).toHaveLength(1);
    const byHex = namespace.get(namespace.idFromString(namespace.idFromName('a').toString())) as AnyStub;
    await byHex.increment();
    expect(connected.map((target) => target.kind === 'object' && target.name)).toEqual(['a', undefined]);
  });

  test('let go of a link that nobody used for the idle time, and open another at the next call', async () => {
    const { clock, connected, endings, stub } = realm();
    await stub.increment();
    await clock.advance(LINK_IDLE_MS - 1, settle);
    expect(endings).toEqual([]);
    await clock.advance(HOLDER_ANSWER_MS, settle);
    expect(endings).toEqual(['goaway']);
    expect(await stub.increment()).toBe(2);
    expect(connected).toHaveLength(2);
  });

  test('forget an object that was not called for the idle time, until one of its stubs is used again', async () => {
    const { clock, channels, namespace, stub, connected } = realm();
    for (let i = 0; i < 100; i++) await (namespace.getByName(`object ${i}`) as AnyStub).increment();
    await stub.increment();
    expect(channels.count).toBe(101);
    await clock.advance(LINK_IDLE_MS + HOLDER_ANSWER_MS, settle);
    expect(channels.count).toBe(0);
    expect(await stub.increment()).toBe(102);
    expect(channels.count).toBe(1);
    // A new stub shares the link of the old one.
    const before = connected.length;
    await (namespace.getByName('a') as AnyStub).increment();
    expect([connected.length, channels.count]).toEqual([before, 1]);
  });

  test('know of a question of an old stub, also when a new one has found another channel', async () => {
    const { clock, channels, namespace, stub, held } = realm();
    await stub.increment();
    await clock.advance(LINK_IDLE_MS + HOLDER_ANSWER_MS, settle);
    await (namespace.getByName('a') as AnyStub).increment();
    const answer = stub.slow();
    await settle();
    expect(channels.isQuiet).toBe(false);
    held.resolve();
    await answer;
    await settle();
    expect(channels.isQuiet).toBe(true);
  });

  test('keep a link that is in use now and then', async () => {
    const { clock, connected, stub } = realm();
    for (let i = 1; i <= 10; i++) {
      expect(await stub.increment()).toBe(i);
      await clock.advance(LINK_IDLE_MS / 2, settle);
    }
    expect(connected).toHaveLength(1);
  });

  test('ask whether the holder is alive while a question stays open, and never let its link go', async () => {
    const { clock, connected, probed, held, stub, channels } = realm();
    const answer = stub.slow();
    await settle();
    await clock.advance(HOLDER_ANSWER_MS, settle);
    expect(probed).toEqual(connected);
    await clock.advance(LINK_IDLE_MS * 2, settle);
    expect(channels.isQuiet).toBe(false);
    held.resolve();
    await answer;
    const count = probed.length;
    await clock.advance(LINK_IDLE_MS, settle);
    expect(probed.length).toBe(count);
    expect(connected).toHaveLength(1);
  });
});

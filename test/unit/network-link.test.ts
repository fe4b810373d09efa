/** Links and wires in memory: the contracts, and what needs a wire that the test drives. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { must } from '../../src/base/assert.ts';
import { ManualClock } from '../../src/base/clock.ts';
import { NO_DELAY } from '../../src/base/delay-line.ts';
import type { SimulatorError } from '../../src/base/errors.ts';
import { Link, type LinkSetting } from '../../src/network/link.ts';
import { type Packed, readPacket } from '../../src/network/packets.ts';
import { LinkWeather } from '../../src/network/weather.ts';
import type { FaultPlace, NetworkFault } from '../../src/protocol/faults.ts';
import { STREAM_WINDOW_BYTES } from '../../src/protocol/limits.ts';
import { asAccount, type Epoch, type LinkId, type MachineId, type ObjectAddress } from '../../src/protocol/names.ts';
import { decodeError, type LinkPair, linkContract, listen, wireError } from '../contracts/link.ts';
import { wireContract } from '../contracts/wire.ts';
import { memoryWires, microtasks } from '../support/memory-wire.ts';
import { listOf } from '../support/queues.ts';

/** A memory wire that runs by itself, as a real carrier does. */
function running<Message>() {
  const memory = memoryWires<Message>();
  let isPumping = false;
  let isPosted = false;
  const pump = async () => {
    isPumping = true;
    // One that is posted while the last of them settles waits for another round.
    while (isPosted) {
      isPosted = false;
      await memory.settle();
    }
    isPumping = false;
  };
  memory.onPost = () => {
    isPosted = true;
    if (!isPumping) void pump();
  };
  return memory;
}

function pairOver(memory = memoryWires(), hold?: LinkSetting['hold']) {
  const faults: SimulatorError[] = [];
  const clock = new ManualClock();
  const make = (end: 0 | 1) =>
    new Link({
      wire: memory.wires[end],
      account: asAccount('test'),
      id: 'link-1' as LinkId,
      epoch: 5 as Epoch,
      end,
      clock,
      decodeError,
      onFault: (fault) => faults.push(fault),
      ...(hold ? { hold } : {}),
    });
  return { dialled: make(0), answered: make(1), faults, memory, clock };
}

wireContract('memory', async () => {
  const { wires } = running<unknown>();
  return { a: wires[0], b: wires[1] };
});

linkContract('memory', async (): Promise<LinkPair> => {
  const memory = running<Packed>();
  const pair = pairOver(memory);
  return {
    ...pair,
    inject(message) {
      memory.inject(0, structuredClone(message));
      void memory.settle();
    },
  };
});

/** [number of the first, how many] */
function countFrames(packed: Packed): [number, number] {
  const { first, frames } = must(readPacket(packed, undefined), 'a packet that can be read');
  return [first, frames.length];
}

const framesOf = (packed: Packed) => listOf(must(readPacket(packed, undefined), 'a packet that can be read').frames);

describe('a link', () => {
  test('whose peer is dead ends when all has come that was on its way, and by what that says', async () => {
    const gone = pairOver();
    const left = listen(gone.dialled);
    gone.answered.send('last words');
    gone.answered.goaway();
    gone.dialled.loseAfterAll();
    expect(left.endings.all).toEqual([]);
    await gone.memory.settle();
    expect([left.bodies, left.endings.all]).toEqual([['last words'], [{ state: 'goaway', lastDelivered: 0 }]]);
    const died = pairOver();
    const heard = listen(died.dialled);
    died.answered.send('last words');
    await microtasks();
    died.dialled.loseAfterAll();
    await died.memory.settle();
    expect([heard.bodies, heard.endings.all]).toEqual([['last words'], [{ state: 'lost' }]]);
  });

  test('posts what is sent within a few microtasks as one packet', async () => {
    const { dialled, memory } = pairOver();
    const packets: Packed[] = [];
    memory.onPost = (packet) => packets.push(packet);
    dialled.send(1);
    dialled.send(2);
    await undefined;
    await undefined;
    dialled.send(3);
    await microtasks();
    dialled.send(4);
    await microtasks();
    expect(packets.map(countFrames)).toEqual([
      [1, 3],
      [4, 1],
    ]);
  });

  test('keeps what is sent while its owner knows of more, and posts it as one packet', async () => {
    const held: (() => void)[] = [];
    let isMore = true;
    const { dialled, answered, memory } = pairOver(memoryWires(), (flush) => {
      if (isMore) held.push(flush);
      return isMore;
    });
    const heard = listen(answered);
    const packets: Packed[] = [];
    memory.onPost = (packet) => packets.push(packet);
    dialled.send(1);
    await microtasks();
    dialled.send(2);
    await microtasks();
    expect([packets.length, held.length]).toEqual([0, 1]);
    isMore = false;
    held[0]?.();
    await memory.settle();
    dialled.send(3);
    await memory.settle();
    expect(packets.map(countFrames)).toEqual([
      [1, 2],
      [3, 1],
    ]);
    expect(heard.bodies).toEqual([1, 2, 3]);
  });

  test('that goes away posts what was kept before it', async () => {
    const held: (() => void)[] = [];
    const { dialled, answered, memory } = pairOver(memoryWires(), (flush) => held.push(flush) > 0);
    const heard = listen(answered);
    dialled.send('kept');
    await microtasks();
    dialled.goaway();
    held[0]?.();
    await memory.settle();
    expect(heard.bodies).toEqual(['kept']);
  });

  test('says when it was last at work, and whether it is quiet', async () => {
    const { dialled, answered, memory, clock } = pairOver();
    await clock.advance(100);
    expect([dialled.lastActivityMs, dialled.isQuiet]).toEqual([0, true]);
    dialled.send('x');
    expect(dialled.isQuiet).toBe(false);
    await microtasks();
    expect([dialled.lastActivityMs, dialled.isQuiet, answered.lastActivityMs]).toEqual([100, true, 0]);
    await clock.advance(5);
    await memory.settle();
    expect(answered.lastActivityMs).toBe(105);
    dialled.createStream();
    expect([dialled.isQuiet, dialled.streamCount]).toEqual([false, 1]);
  });

  test('hears of a wire that is gone as lost, without a fault', async () => {
    const { dialled, answered, memory, faults } = pairOver();
    const [left, right] = [listen(dialled), listen(answered)];
    memory.lose();
    expect([left.endings.all, right.endings.all]).toEqual([[{ state: 'lost' }], [{ state: 'lost' }]]);
    expect(faults).toEqual([]);
  });

  test('is given up by an owner who knows that the peer is dead, and of what; nothing is posted', async () => {
    const { dialled, answered, memory } = pairOver();
    const ears = [listen(dialled), listen(answered)] as const;
    const error = wireError('exceeded its memory');
    dialled.lose(error);
    answered.lose();
    dialled.lose();
    await microtasks();
    expect(ears[0].endings.all).toEqual([{ state: 'broken', error }]);
    expect(ears[1].endings.all).toEqual([{ state: 'lost' }]);
    expect([memory.inFlight(0), memory.inFlight(1)]).toEqual([0, 0]);
  });

  test('tells those who only keep it how it ended, after its reader, and late askers at once', async () => {
    const { dialled } = pairOver();
    const heard: unknown[] = [];
    dialled.whenEnded((ending) => heard.push(['keeper', ending]));
    dialled.start({ onMessage: () => {}, onEnd: (ending) => heard.push(['reader', ending]) });
    dialled.goaway();
    dialled.whenEnded((ending) => heard.push(['late', ending]));
    const ending = { state: 'closed' };
    expect(heard).toEqual([
      ['reader', ending],
      ['keeper', ending],
      ['late', ending],
    ]);
  });

  test('whose owner throws ends, and lets the error through', async () => {
    const { dialled, answered, memory, faults } = pairOver();
    const right = listen(answered, () => {
      throw new Error('a bug');
    });
    dialled.send(1);
    dialled.send(2);
    await microtasks();
    expect(() => memory.deliver(0)).toThrow('a bug');
    expect(right.bodies).toEqual([1]);
    expect(right.endings.all).toEqual([{ state: 'lost' }]);
    expect(faults.length).toBe(1);
  });

  test('delivers what came before the peer went away when it is started after that', async () => {
    const { dialled, answered, memory } = pairOver();
    dialled.send('a');
    dialled.goaway();
    await memory.settle();
    expect(answered.isOpen).toBe(false);
    const right = listen(answered, () => expect(answered.send('dropped')).toBe(0));
    expect(right.bodies).toEqual(['a']);
    expect(right.endings.all).toEqual([{ state: 'goaway', lastDelivered: 0 }]);
  });

  test('refuses a peer that opens streams without end', async () => {
    const { dialled, answered, memory, faults } = pairOver();
    const right = listen(answered);
    for (let i = 0; i < 2_000; i++)
      void dialled
        .createStream()
        .write(Uint8Array.of(1))
        .catch(() => {});
    await memory.settle();
    expect(right.endings.all).toEqual([{ state: 'lost' }]);
    expect(faults.map((fault) => fault.code)).toEqual(['link_broken']);
  });
});

describe('under random interleavings', () => {
  const step = fc.oneof(
    fc.record({ act: fc.constant('send' as const), side: fc.constantFrom(0 as const, 1 as const) }),
    fc.record({ act: fc.constant('deliver' as const), side: fc.constantFrom(0 as const, 1 as const) }),
    fc.record({ act: fc.constant('breathe' as const), hops: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ act: fc.constant('goaway' as const), side: fc.constantFrom(0 as const, 1 as const) }),
  );

  test('messages keep their order, and every one not above lastDelivered was delivered, no other', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 120 }), async (steps) => {
        const { dialled, answered, memory, faults } = pairOver();
        const links = [dialled, answered] as const;
        const ears = [listen(dialled), listen(answered)] as const;
        const sent: [number[], number[]] = [[], []];
        for (const one of steps) {
          if (one.act === 'send') {
            const number = links[one.side].send(sent[one.side].length + 1);
            if (number > 0) sent[one.side].push(number);
          } else if (one.act === 'deliver') memory.deliver(one.side);
          else if (one.act === 'goaway') links[one.side].goaway();
          else for (let i = 0; i < one.hops; i++) await undefined;
        }
        await memory.settle();
        expect(faults).toEqual([]);
        for (const side of [0, 1] as const) {
          const heard = ears[side === 0 ? 1 : 0].messages.all;
          expect(heard).toEqual(sent[side].slice(0, heard.length).map((number) => ({ body: number, number })));
          const ending = ears[side].endings.all[0];
          if (ending?.state === 'goaway') expect(ending.lastDelivered).toBe(heard.length);
          if (dialled.isOpen) expect(heard.length).toBe(sent[side].length);
        }
      }),
      { numRuns: 300 },
    );
  });

  const streamStep = fc.oneof(
    fc.record({ act: fc.constant('write' as const), stream: fc.nat(2), bytes: fc.integer({ min: 1, max: 300_000 }) }),
    fc.record({ act: fc.constant('read' as const), stream: fc.nat(2) }),
    fc.record({ act: fc.constant('deliver' as const), side: fc.constantFrom(0 as const, 1 as const) }),
    fc.record({ act: fc.constant('breathe' as const) }),
  );

  test('no stream ever has more than the window unread, and all bytes arrive in order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(streamStep, { maxLength: 60 }), async (steps) => {
        const { dialled, answered, memory, faults } = pairOver();
        const posted = [0, 0, 0];
        const readBytes = [0, 0, 0];
        memory.onPost = (packet) => {
          for (const frame of framesOf(packet))
            if (frame.k === 'data') posted[frame.s - 1] = must(posted[frame.s - 1], 'stream') + frame.bytes.length;
        };
        const sinks = [0, 1, 2].map(() => dialled.createStream());
        const sources = sinks.map((sink) => answered.acceptStream(sink.id));
        const written = [0, 0, 0];
        const read: (Uint8Array | undefined)[][] = [[], [], []];
        const busy: Promise<unknown>[] = [];
        const check = () => {
          for (const i of [0, 1, 2]) {
            expect(must(posted[i], 'posted') - must(readBytes[i], 'read')).toBeLessThanOrEqual(STREAM_WINDOW_BYTES);
          }
        };
        const readOne = async (i: number) => {
          // Each read keeps its place: which of two that wait goes on first is not what is promised.
          const chunks = must(read[i], 'chunks');
          const place = chunks.push(undefined) - 1;
          const chunk = await must(sources[i], 'source').read();
          chunks[place] = chunk;
          readBytes[i] = must(readBytes[i], 'read') + (chunk?.length ?? 0);
          return chunk;
        };
        for (const one of steps) {
          if (one.act === 'write') {
            const from = must(written[one.stream], 'written');
            written[one.stream] = from + one.bytes;
            const chunk = Uint8Array.from({ length: one.bytes }, (_, i) => (from + i) % 251);
            busy.push(must(sinks[one.stream], 'sink').write(chunk));
          } else if (one.act === 'read') busy.push(readOne(one.stream));
          else if (one.act === 'deliver') memory.deliver(one.side);
          else await microtasks();
          check();
        }
        for (const sink of sinks) sink.close();
        const draining = sinks.map(async (_, i) => {
          while (await readOne(i)) check();
        });
        await memory.settle();
        await Promise.all([...busy, ...draining]);
        for (const i of [0, 1, 2]) {
          expect(readBytes[i]).toBe(written[i]);
          let at = 0;
          for (const chunk of must(read[i], 'chunks')) {
            if (!chunk) continue;
            expect([chunk[0], chunk.at(-1)]).toEqual([at % 251, (at + chunk.length - 1) % 251]);
            at += chunk.length;
          }
        }
        expect([dialled.streamCount, answered.streamCount]).toEqual([0, 0]);
        expect(faults).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});

describe('faults', () => {
  const [here, there, elsewhere] = ['m1' as MachineId, 'm2' as MachineId, 'm3' as MachineId];
  let lastFault = 0;
  const fault = (what: Partial<NetworkFault>): NetworkFault => ({
    ...{ id: `${++lastFault}`, place: { p: 'everywhere' }, direction: 'both', seed: 7 },
    ...NO_DELAY,
    ...what,
  });

  /** A link between a page here and an object there. */
  function stormy() {
    const clock = new ManualClock();
    const memory = memoryWires();
    const pair = pairOver(memory);
    const [near, far] = [new LinkWeather(clock), new LinkWeather(clock)];
    near.become({ kind: 'client', machine: here });
    far.become({ kind: 'object', machine: there, object: 'k/1' as ObjectAddress, className: 'Room' });
    near.add(pair.dialled, there);
    far.add(pair.answered, here);
    const weather = (...faults: NetworkFault[]) => {
      near.follow(faults);
      far.follow(faults);
    };
    const cut = (place: FaultPlace) => [near.cut(place), far.cut(place)];
    const ears = { left: listen(pair.dialled), right: listen(pair.answered) };
    return { ...pair, ...ears, memory, clock, weather, cut, near, far, settle: () => memory.settle() };
  }

  test('latency delays, and jitter never swaps', async () => {
    const s = stormy();
    s.weather(fault({ latencyMs: 50, jitterMs: 30 }));
    for (let i = 0; i < 20; i++) {
      s.dialled.send(i);
      await microtasks();
    }
    await s.clock.advance(49, s.settle);
    await s.memory.settle();
    expect(s.right.bodies).toEqual([]);
    await s.clock.advance(31, s.settle);
    expect(s.right.bodies).toEqual(Array.from({ length: 20 }, (_, i) => i));
    s.weather();
    s.dialled.send('fast');
    await s.memory.settle();
    expect(s.right.bodies.at(-1)).toBe('fast');
    expect(s.clock.pending).toBe(0);
  });

  test('the same seed gives the same jitter, another one another', async () => {
    const arrivals = async (seed: number) => {
      const s = stormy();
      s.weather(fault({ jitterMs: 1_000, seed }));
      const at: number[] = [];
      for (let i = 0; i < 5; i++) {
        s.dialled.send(i);
        await microtasks();
        await s.clock.advance(1_000, async () => {
          await s.memory.settle();
          if (s.right.bodies.length > at.length) at.push(s.clock.now());
        });
      }
      return at;
    };
    const first = await arrivals(1);
    expect(first).toHaveLength(5);
    expect(await arrivals(1)).toEqual(first);
    expect(await arrivals(2)).not.toEqual(first);
  });

  test('a fault of an object is felt once, in both directions or in one', async () => {
    const took = async (what: Partial<NetworkFault>) => {
      const s = stormy();
      s.weather(fault({ latencyMs: 10, ...what }));
      const when = { to: Number.NaN, fro: Number.NaN };
      s.dialled.send('to');
      s.answered.send('fro');
      await s.memory.settle();
      for (let ms = 0; ms <= 40; ms += 5) {
        if (s.right.bodies.length > 0 && Number.isNaN(when.to)) when.to = ms;
        if (s.left.bodies.length > 0 && Number.isNaN(when.fro)) when.fro = ms;
        await s.clock.advance(5, s.settle);
        await s.memory.settle();
      }
      return [when.to, when.fro];
    };
    const object: FaultPlace = { p: 'object', object: 'k/1' as ObjectAddress };
    expect(await took({})).toEqual([10, 10]);
    expect(await took({ place: object })).toEqual([10, 10]);
    expect(await took({ place: object, direction: 'in' })).toEqual([10, 0]);
    expect(await took({ place: object, direction: 'out' })).toEqual([0, 10]);
    expect(await took({ place: { p: 'object', object: 'k/2' as ObjectAddress } })).toEqual([0, 0]);
    expect(await took({ place: { p: 'class', className: 'Room' } })).toEqual([10, 10]);
    expect(await took({ place: { p: 'class', className: 'Other' } })).toEqual([0, 0]);
    expect(await took({ place: { p: 'clients' }, direction: 'in' })).toEqual([0, 10]);
    expect(await took({ place: { p: 'machine', machine: there } })).toEqual([10, 10]);
    expect(await took({ place: { p: 'machine', machine: there, other: elsewhere } })).toEqual([0, 0]);
    expect(await took({ place: { p: 'machine', machine: elsewhere } })).toEqual([0, 0]);
  });

  test('a goaway still arrives late and in order after its end closed', async () => {
    const s = stormy();
    s.weather(fault({ latencyMs: 50 }));
    s.dialled.send('last');
    await microtasks();
    s.dialled.goaway();
    await s.clock.advance(50, s.settle);
    expect(s.right.bodies).toEqual(['last']);
    expect(s.right.endings.all).toEqual([{ state: 'goaway', lastDelivered: 0 }]);
    expect(s.near.isHolding).toBe(false);
  });

  test('a goaway that nothing is in front of arrives at once: its thread may end', async () => {
    const s = stormy();
    s.weather(fault({ isStalled: true }));
    s.dialled.goaway();
    await s.memory.settle();
    expect(s.right.endings.all).toEqual([{ state: 'goaway', lastDelivered: 0 }]);
  });

  test('what the peer said before it died is heard first, when its time has come', async () => {
    const s = stormy();
    s.weather(fault({ latencyMs: 50, place: { p: 'clients' } }));
    s.answered.send('last words');
    await s.memory.settle();
    s.dialled.lose();
    expect([s.left.bodies, s.left.endings.all]).toEqual([[], []]);
    await s.clock.advance(50, s.settle);
    expect([s.left.bodies, s.left.endings.all]).toEqual([['last words'], [{ state: 'lost' }]]);
  });

  test('a partition holds back both directions until it is healed, and counts as not on its way meanwhile', async () => {
    const s = stormy();
    const partition = fault({ isStalled: true, place: { p: 'machine', machine: here, other: there } });
    s.weather(partition);
    s.dialled.send('to');
    s.answered.send('fro');
    await s.clock.advance(60_000, s.settle);
    await s.memory.settle();
    expect([s.left.bodies, s.right.bodies]).toEqual([[], []]);
    expect(s.near.isHolding).toBe(true);
    const [near, far] = [s.dialled.traffic, s.answered.traffic];
    expect([near.sent, far.sent]).toEqual([far.taken, near.taken]);
    s.weather();
    await s.memory.settle();
    expect([s.left.bodies, s.right.bodies]).toEqual([['fro'], ['to']]);
    expect(s.faults).toEqual([]);
    expect(s.near.isHolding).toBe(false);
  });

  test('a cut ends the link at both ends, also one that is stalled: what was on its way is gone', async () => {
    const s = stormy();
    expect(s.cut({ p: 'machine', machine: there, other: elsewhere })).toEqual([0, 0]);
    expect(s.dialled.isOpen).toBe(true);
    s.weather(fault({ isStalled: true }));
    s.dialled.send('lost');
    s.answered.send('lost too');
    await s.memory.settle();
    expect(s.cut({ p: 'machine', machine: there })).toEqual([0, 1]);
    await s.memory.settle();
    expect([s.left.endings.all, s.right.endings.all]).toEqual([[{ state: 'lost' }], [{ state: 'lost' }]]);
    expect([s.left.bodies, s.right.bodies]).toEqual([[], []]);
    expect(s.faults).toEqual([]);
  });

  test('what comes after the end of a fault does not overtake what is late by it', async () => {
    const s = stormy();
    s.weather(fault({ latencyMs: 50 }));
    s.dialled.send('late');
    await microtasks();
    s.weather();
    s.dialled.send('next');
    await s.memory.settle();
    expect(s.right.bodies).toEqual([]);
    await s.clock.advance(50, s.settle);
    await s.memory.settle();
    expect([s.right.bodies, s.faults]).toEqual([['late', 'next'], []]);
  });

  test('what cannot be cloned ends the link when its time has come', async () => {
    const s = stormy();
    s.weather(fault({ latencyMs: 10 }));
    s.dialled.send('before');
    await microtasks();
    s.dialled.send(() => 'a function');
    await microtasks();
    await s.clock.advance(10, s.settle);
    await s.memory.settle();
    expect([s.right.bodies, s.right.endings.all]).toEqual([['before'], [{ state: 'lost' }]]);
    expect(s.faults.map(({ cause }) => (cause as Error).name)).toEqual(['DataCloneError']);
  });
});

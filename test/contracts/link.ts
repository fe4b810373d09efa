/** What every link promises, whichever wire is under it. */
import { afterEach, describe, expect, test } from 'vitest';
import { compareBytes, fromUtf8, utf8 } from '../../src/base/bytes.ts';
import { ManualClock } from '../../src/base/clock.ts';
import { NO_DELAY } from '../../src/base/delay-line.ts';
import type { SimulatorError } from '../../src/base/errors.ts';
import type { Link } from '../../src/network/link.ts';
import { STREAM_WINDOW_BYTES } from '../../src/protocol/limits.ts';
import type { LinkEnding, WireError } from '../../src/protocol/link.ts';
import { PROTOCOL_VERSION } from '../../src/protocol/names.ts';
import { Inbox } from '../support/inbox.ts';

export interface LinkPair {
  readonly dialled: Link;
  readonly answered: Link;
  /** Posts towards `answered`, as anybody could who knows the wire. */
  inject(message: unknown): void;
  readonly faults: SimulatorError[];
}

export const wireError = (text: string): WireError => ({ bytes: utf8(text) });
export const decodeError = (error: WireError): Error => new Error(fromUtf8(error.bytes));

export interface Ear {
  readonly bodies: unknown[];
  readonly messages: Inbox<{ body: unknown; number: number }>;
  readonly endings: Inbox<LinkEnding>;
}

/** Starts an end and notes what it hears. */
export function listen(link: Link, onMessage?: (body: unknown, number: number) => void): Ear {
  const messages = new Inbox<{ body: unknown; number: number }>();
  const endings = new Inbox<LinkEnding>();
  link.start({
    onMessage(body, number) {
      messages.put({ body, number });
      onMessage?.(body, number);
    },
    onEnd: endings.put,
  });
  return {
    messages,
    endings,
    get bodies() {
      return messages.all.map(({ body }) => body);
    },
  };
}

const pattern = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 255);
const LOST = { message: 'Network connection lost.', retryable: true };

export function linkContract(name: string, open: () => Promise<LinkPair>): void {
  const opened: LinkPair[] = [];
  const openPair = async (): Promise<LinkPair> => {
    const pair = await open();
    opened.push(pair);
    return pair;
  };
  const closeAll = () => {
    for (const { dialled, answered } of opened.splice(0)) {
      dialled.lose();
      answered.lose();
    }
  };

  describe(`a link over ${name}`, () => {
    afterEach(closeAll);

    test('delivers messages in order, counted from 1, both ways', async () => {
      const { dialled, answered } = await openPair();
      const [left, right] = [listen(dialled), listen(answered)];
      const numbers = Array.from({ length: 300 }, (_, i) => dialled.send({ i }));
      expect(numbers).toEqual(Array.from({ length: 300 }, (_, i) => i + 1));
      const heard = await right.messages.reach(300);
      expect(heard).toEqual(numbers.map((number, i) => ({ body: { i }, number })));
      expect(answered.send('back')).toBe(1);
      expect(await left.messages.reach(1)).toEqual([{ body: 'back', number: 1 }]);
    });

    test('keeps what comes before start, and delivers it first', async () => {
      const { dialled, answered } = await openPair();
      const left = listen(dialled);
      const sink = dialled.createStream();
      dialled.send('one');
      await sink.write(Uint8Array.of(1));
      // The answered end reads bytes before it is started: so both frames have come.
      expect(await answered.acceptStream(sink.id).read()).toEqual(Uint8Array.of(1));
      const right = listen(answered);
      expect(right.bodies).toEqual(['one']);
      answered.send('two');
      expect(await left.messages.reach(1)).toEqual([{ body: 'two', number: 1 }]);
    });

    test('where it is narrow each message and each piece of a stream comes with its last byte, in order', async () => {
      const { dialled, answered, faults } = await openPair();
      const [left, right] = [listen(dialled), listen(answered)];
      const clock = new ManualClock();
      const narrow = { ...NO_DELAY, bytesPerSecond: 1_000 };
      dialled.hinder({ clock, unit: () => 0, out: { ...narrow, latencyMs: 5 }, in: narrow });
      const sink = dialled.createStream();
      const source = answered.acceptStream(sink.id);
      dialled.send('x'.repeat(100));
      const written = sink.write(pattern(400));
      dialled.send({ text: 'ü', of: [new Uint8Array(498)] });
      await clock.advance(104);
      expect(dialled.traffic.sent, 'nothing has left').toBe(0);
      await clock.advance(1);
      expect(await right.messages.reach(1)).toEqual([{ body: 'x'.repeat(100), number: 1 }]);
      await clock.advance(400);
      expect((await source.read())?.length).toBe(400);
      await written;
      await clock.advance(499);
      expect(dialled.traffic.sent, 'the stream has opened nothing more').toBe(2);
      await clock.advance(1);
      expect((await right.messages.reach(2))[1]?.number).toBe(2);

      answered.send('back'.repeat(50));
      await expect.poll(() => dialled.isHolding).toBe(true);
      await clock.advance(199);
      expect(left.bodies).toEqual([]);
      await clock.advance(1);
      expect(left.bodies).toEqual(['back'.repeat(50)]);
      dialled.send('waits');
      dialled.hinder({ clock, unit: () => 0, out: NO_DELAY, in: NO_DELAY });
      await clock.advance(5); // its latency stays its own
      expect(await right.messages.reach(3)).toHaveLength(3);
      expect([faults, clock.pending, dialled.isHolding]).toEqual([[], 0, false]);
    });

    test('goes away: nothing more is delivered, and the peer learns the number of its last message that was', async () => {
      const { dialled, answered } = await openPair();
      const left = listen(dialled);
      const right = listen(answered, (_, number) => {
        if (number !== 3) return;
        answered.send('answer to 3');
        answered.goaway();
      });
      for (let i = 1; i <= 5; i++) dialled.send(i);
      expect(await left.endings.reach(1)).toEqual([{ state: 'goaway', lastDelivered: 3 }]);
      expect(left.bodies).toEqual(['answer to 3']);
      expect(right.bodies).toEqual([1, 2, 3]);
      expect(right.endings.all).toEqual([{ state: 'closed' }]);
      expect([dialled.isOpen, answered.isOpen]).toEqual([false, false]);
      expect([dialled.send('late'), answered.send('late')]).toEqual([0, 0]);
    });

    test('goes away before it was started: nothing was delivered, and start tells its own end', async () => {
      const { dialled, answered } = await openPair();
      const left = listen(dialled);
      dialled.send('never seen');
      answered.goaway();
      expect(await left.endings.reach(1)).toEqual([{ state: 'goaway', lastDelivered: 0 }]);
      const right = listen(answered);
      expect(right.endings.all).toEqual([{ state: 'closed' }]);
      expect(right.bodies).toEqual([]);
    });

    test('both ends may go away at once', async () => {
      const { dialled, answered } = await openPair();
      const [left, right] = [listen(dialled), listen(answered)];
      dialled.goaway();
      answered.goaway();
      expect([left.endings.all, right.endings.all]).toEqual([[{ state: 'closed' }], [{ state: 'closed' }]]);
    });

    test('breaks with an error, after the messages sent before', async () => {
      const { dialled, answered } = await openPair();
      const [left, right] = [listen(dialled), listen(answered)];
      answered.send('last words');
      answered.break(wireError('reset'));
      const [ending] = await left.endings.reach(1);
      expect(ending).toEqual({ state: 'broken', error: wireError('reset') });
      expect(left.bodies).toEqual(['last words']);
      expect(right.endings.all).toEqual([{ state: 'closed' }]);
    });

    test('breaks without an error: the peer lost it', async () => {
      const { dialled, answered } = await openPair();
      const left = listen(dialled);
      answered.break();
      expect(await left.endings.reach(1)).toEqual([{ state: 'lost' }]);
    });

    test('drops what is addressed to another account, version, link, epoch or end', async () => {
      const pair = await openPair();
      const right = listen(pair.answered);
      const { id, epoch } = pair.dialled;
      const good = [PROTOCOL_VERSION, 'test', id, epoch, 0, 1, undefined, 0, 'good'];
      for (const [at, other] of [PROTOCOL_VERSION + 1, 'other', 'other', epoch + 1, 1].entries()) {
        pair.inject([...good.with(at, other).slice(0, -1), 'cross-talk']);
      }
      for (const noise of ['text', null, 7, [], {}, undefined]) pair.inject(noise);
      pair.inject(good);
      expect(await right.messages.reach(1)).toEqual([{ body: 'good', number: 1 }]);
      expect(pair.answered.isOpen).toBe(true);
      expect(pair.faults).toEqual([]);
    });

    const frames: [string, unknown[]][] = [
      ['no frame', []],
      ['a frame without content', [0]],
      ['an unknown kind', [17, 'shout']],
      ['no kind', [null, 'x']],
      ['data that is no bytes', [1, [1, [1]]]],
      ['data of no length', [1, [1, new Uint8Array()]]],
      ['data that is no list', [1, 'x']],
      ['stream 0', [3, 0]],
      ['negative credit', [2, [1, -1]]],
      ['credit for a stream never opened', [2, [1, 1]]],
      ['an abort without an error', [4, [1]]],
      ['a cancel with a text', [5, [1, 'x', 0]]],
      ['a cancel that does not say what was taken', [5, [1, undefined]]],
      ['a cancel of a loss that is none', [5, [1, undefined, 0, 'x']]],
      ['a break with a text', [7, 'x']],
      ['a fractional goaway', [6, 0.5]],
      ['more data than credit', [1, [1, new Uint8Array(STREAM_WINDOW_BYTES + 1)]]],
      ['data after an end', [3, 1, 1, [1, Uint8Array.of(1)]]],
      ['a packed body where nobody unpacks', [8, [1, 2]]],
      ['a body whose bytes are in no block', [9, [1, null]]],
    ];
    test.each(frames)('ends when %s arrives, and the peer learns it', async (_, malformed) => {
      const pair = await openPair();
      const [left, right] = [listen(pair.dialled), listen(pair.answered)];
      const { id, epoch } = pair.dialled;
      pair.inject([PROTOCOL_VERSION, 'test', id, epoch, 0, 1, undefined, ...malformed]);
      expect(await right.endings.reach(1)).toEqual([{ state: 'lost' }]);
      expect(await left.endings.reach(1)).toEqual([{ state: 'lost' }]);
      expect(pair.faults.map((fault) => fault.code)).toEqual(['link_broken']);
    });

    test.each([0, 1, 3, 1.5])('ends when frame %d arrives instead of frame 2', async (first) => {
      const pair = await openPair();
      const right = listen(pair.answered);
      const header = [PROTOCOL_VERSION, 'test', pair.dialled.id, pair.dialled.epoch, 0];
      pair.inject([...header, 1, undefined, 0, 'one']);
      pair.inject([...header, first, undefined, 0, 'two']);
      expect(await right.endings.reach(1)).toEqual([{ state: 'lost' }]);
      expect(right.bodies).toEqual(['one']);
    });

    test('ends at both ends when a body cannot be cloned: no later message may pass for it', async () => {
      const pair = await openPair();
      const [left, right] = [listen(pair.dialled), listen(pair.answered)];
      pair.dialled.send('before');
      await right.messages.reach(1);
      pair.dialled.send(() => 'a function');
      pair.dialled.send('after');
      expect(await left.endings.reach(1)).toEqual([{ state: 'lost' }]);
      expect(await right.endings.reach(1)).toEqual([{ state: 'lost' }]);
      expect(right.bodies).toEqual(['before']);
      expect(pair.faults.map((fault) => (fault.cause as Error).name)).toEqual(['DataCloneError']);
    });
  });

  describe(`a stream of a link over ${name}`, () => {
    afterEach(closeAll);

    test('carries chunks of any size, the ones above the window in pieces', async () => {
      const { dialled, answered } = await openPair();
      const sink = dialled.createStream();
      const source = answered.acceptStream(sink.id);
      const sizes = [1, 0, 70_000, 3 * STREAM_WINDOW_BYTES + 17, STREAM_WINDOW_BYTES, 5];
      const total = sizes.reduce((sum, size) => sum + size, 0);
      const bytes = pattern(total);
      const writing = (async () => {
        let at = 0;
        for (const size of sizes) {
          await sink.write(bytes.slice(at, at + size));
          at += size;
        }
        sink.close();
      })();
      const read = new Uint8Array(total);
      let at = 0;
      for (let chunk = await source.read(); chunk; chunk = await source.read()) {
        read.set(chunk, at);
        at += chunk.length;
      }
      await writing;
      expect(at).toBe(total);
      expect(compareBytes(read, bytes)).toBe(0);
      expect([dialled.streamCount, answered.streamCount]).toEqual([0, 0]);
    });

    test('counts as awaited while somebody waits for its bytes, and only then', async () => {
      const { dialled, answered } = await openPair();
      const sink = dialled.createStream();
      const source = answered.acceptStream(sink.id);
      await sink.write(pattern(5));
      expect((await source.read())?.length).toBe(5);
      expect([dialled.awaitedStreamCount, answered.awaitedStreamCount]).toEqual([0, 0]);
      const reading = source.read();
      expect([dialled.awaitedStreamCount, answered.awaitedStreamCount]).toEqual([0, 1]);
      await sink.write(pattern(7));
      expect((await reading)?.length).toBe(7);
      expect(answered.awaitedStreamCount).toBe(0);
      sink.close();
      expect(await source.read()).toBe(undefined);
    });

    test('holds the writer back at the window until the reader reads', async () => {
      const { dialled, answered } = await openPair();
      const [, right] = [listen(dialled), listen(answered)];
      const sink = dialled.createStream();
      let isWritten = false;
      const writing = sink.write(pattern(STREAM_WINDOW_BYTES + 1)).then(() => {
        isWritten = true;
      });
      dialled.send('mark');
      await right.messages.reach(1);
      expect(isWritten).toBe(false);
      const source = answered.acceptStream(sink.id);
      expect((await source.read())?.length).toBe(STREAM_WINDOW_BYTES);
      expect((await source.read())?.length).toBe(1);
      await writing;
      expect(isWritten).toBe(true);
    });

    test('cuts a chunk that the window is too small for where 64 KiB of it end, and no other', async () => {
      const { dialled, answered } = await openPair();
      const sink = dialled.createStream();
      const source = answered.acceptStream(sink.id);
      const sizes = [1, STREAM_WINDOW_BYTES + 5, 60_000, 60_000];
      const writing = Promise.all(sizes.map((size) => sink.write(pattern(size)))).then(() => sink.close());
      const read: number[] = [];
      for (let chunk = await source.read(); chunk; chunk = await source.read()) read.push(chunk.length);
      await writing;
      const cut = read.slice(1, -2);
      expect([read[0], ...read.slice(-2)]).toEqual([1, 60_000, 60_000]);
      expect(cut.reduce((sum, size) => sum + size, 0)).toBe(STREAM_WINDOW_BYTES + 5);
      expect(cut.slice(0, -1).every((size) => size % 65_536 === 0)).toBe(true);
    });

    test('copies only the part of a buffer that a chunk shows', async () => {
      const { dialled, answered } = await openPair();
      const sink = dialled.createStream();
      const whole = pattern(10_000);
      await sink.write(whole.subarray(10, 20));
      const chunk = await answered.acceptStream(sink.id).read();
      expect(chunk).toEqual(whole.slice(10, 20));
      expect(chunk?.buffer.byteLength).toBe(10);
      expect(whole.length).toBe(10_000);
    });

    test('keeps what comes before it is taken up, its end included', async () => {
      const { dialled, answered } = await openPair();
      const [, right] = [listen(dialled), listen(answered)];
      const sink = dialled.createStream();
      await sink.write(Uint8Array.of(1, 2));
      sink.close();
      dialled.send('mark');
      await right.messages.reach(1);
      expect(answered.streamCount).toBe(1);
      const source = answered.acceptStream(sink.id);
      expect([await source.read(), await source.read(), await source.read()]).toEqual([
        Uint8Array.of(1, 2),
        undefined,
        undefined,
      ]);
      expect(answered.streamCount).toBe(0);
    });

    test('aborted by its writer: the reader gets what came, then the error', async () => {
      const { dialled, answered } = await openPair();
      const sink = dialled.createStream();
      const source = answered.acceptStream(sink.id);
      await sink.write(Uint8Array.of(1));
      sink.abort(wireError('gave up'));
      expect(await source.read()).toEqual(Uint8Array.of(1));
      await expect(source.read()).rejects.toThrow('gave up');
      await expect(sink.write(Uint8Array.of(2))).rejects.toThrow('gave up');
      expect([dialled.streamCount, answered.streamCount]).toEqual([0, 0]);
    });

    test('cancelled by its reader: the writer hears why, and both ends forget it', async () => {
      const pair = await openPair();
      const { dialled, answered } = pair;
      const [left, right] = [listen(dialled), listen(answered)];
      const sink = dialled.createStream();
      const source = answered.acceptStream(sink.id);
      const writing = sink.write(pattern(STREAM_WINDOW_BYTES * 2));
      source.cancel({ error: wireError('enough') });
      await expect(writing).rejects.toThrow('enough');
      expect(await sink.cancelled).toMatchObject({ error: wireError('enough') });
      await expect(sink.write(Uint8Array.of(1))).rejects.toThrow('enough');
      sink.close();
      expect(await source.read()).toBe(undefined);
      dialled.send('mark');
      await right.messages.reach(1);
      answered.send('mark');
      await left.messages.reach(1);
      expect([dialled.streamCount, answered.streamCount]).toEqual([0, 0]);
      expect(pair.faults).toEqual([]);
    });

    test('cancelled by its reader: the writer hears whether all was taken, and for whom it was read', async () => {
      const { dialled, answered } = await openPair();
      listen(dialled);
      const right = listen(answered);
      const [taken, left, lost] = [dialled.createStream(), dialled.createStream(), dialled.createStream()];
      for (const sink of [taken, left, lost]) await sink.write(Uint8Array.of(1));
      dialled.send('mark');
      await right.messages.reach(1);
      const source = answered.acceptStream(taken.id);
      await source.read();
      source.cancel();
      answered.acceptStream(left.id).cancel({});
      answered.acceptStream(lost.id).cancel({ isLoss: true });
      expect(await taken.cancelled).toMatchObject({ hasUnread: false });
      expect(await left.cancelled).toMatchObject({ hasUnread: true });
      expect(await lost.cancelled).toMatchObject({ isLoss: true });
    });

    test('ends with the link: who waits rejects with the text of a lost connection, retryable', async () => {
      const { dialled, answered } = await openPair();
      const sink = dialled.createStream();
      const back = answered.createStream();
      const reading = dialled.acceptStream(back.id).read();
      const writing = sink.write(pattern(STREAM_WINDOW_BYTES + 1));
      const refused = [expect(reading).rejects.toMatchObject(LOST), expect(writing).rejects.toMatchObject(LOST)];
      answered.break();
      await Promise.all(refused);
      await expect(sink.write(Uint8Array.of(1))).rejects.toMatchObject(LOST);
      await expect(dialled.createStream().write(Uint8Array.of(1))).rejects.toMatchObject(LOST);
      const error: unknown = await dialled
        .acceptStream(99)
        .read()
        .catch((reason: unknown) => reason);
      expect(Object.entries(error as Error)).toEqual([
        ['remote', true],
        ['retryable', true],
      ]);
    });

    test('that came whole stays readable after the link ended', async () => {
      const { dialled, answered } = await openPair();
      const right = listen(answered);
      const sink = dialled.createStream();
      await sink.write(Uint8Array.of(1, 2, 3));
      sink.close();
      dialled.goaway();
      await right.endings.reach(1);
      const source = answered.acceptStream(sink.id);
      expect([await source.read(), await source.read()]).toEqual([Uint8Array.of(1, 2, 3), undefined]);
    });
  });
}

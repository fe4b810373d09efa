/**
 * A peer that says about sockets what no correct peer says: over a real link, in seeded sequences. Each refusal is judged by rules
 * that are written down here a second time. Single frames are in sockets.test.ts, those of links in network-link.test.ts.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { STREAM_WINDOW_BYTES } from '../../src/protocol/limits.ts';
import type { ConnectionId } from '../../src/protocol/names.ts';
import { type ConnectionEnd, sizeOfData } from '../../src/sockets/connection.ts';
import { SocketLink } from '../../src/sockets/socket-link.ts';

const CONNECTIONS = ['a', 'b', 'c'];

type Hostile = Record<string, unknown>;
/** The program here has got everything, sends so many bytes, closes or breaks off its socket of that number. */
interface Deed {
  readonly do: 'take' | 'close' | 'abort' | 'send';
  readonly id: number;
  readonly bytes: number;
}

/** What a correct peer may say, as the rules have it. */
class Rules {
  readonly #sockets = new Map<
    number,
    { wasClosed: boolean; hasClosed: boolean; isOver: boolean; unread: number; credit: number }
  >();
  readonly #free = new Set(CONNECTIONS);
  #opened = 0;

  allows(message: unknown): boolean {
    const { s, id, ...rest } = (typeof message === 'object' && message !== null ? message : {}) as Hostile;
    const isCount = (value: unknown, least: number) => Number.isSafeInteger(value) && (value as number) >= least;
    if (!isCount(id, 1)) return false;
    const cause = rest['cause'] as Hostile | undefined;
    const isCause = () =>
      cause === undefined ||
      (typeof cause === 'object' &&
        cause !== null &&
        typeof cause['actor'] === 'string' &&
        isCount(cause['number'], 0) &&
        isCount(cause['lamport'], 0));
    if (s === 'open') {
      if (typeof rest['connection'] !== 'string' || ![undefined, true].includes(rest['isClient'] as true)) return false;
      if (id !== this.#opened + 1) return false;
      this.#opened++;
      const isOver = !this.#free.delete(rest['connection']);
      this.#sockets.set(this.#opened, { wasClosed: false, hasClosed: false, isOver, unread: 0, credit: 0 });
      return true;
    }
    const { data, code, reason, error, bytes } = rest;
    const shapes = {
      __proto__: null,
      message: () => (typeof data === 'string' || data instanceof Uint8Array) && isCause(),
      close: () =>
        (code === undefined ||
          (isCount(code, 1000) && (code as number) < 5000 && ![1004, 1005, 1006, 1015].includes(code as number))) &&
        typeof reason === 'string' &&
        isCause(),
      lost: () => typeof reason === 'string' && (error === undefined || typeof error === 'string'),
      credit: () => isCount(bytes, 1),
    };
    const isShape = shapes[s as 'message' | 'close' | 'lost' | 'credit'] as (() => boolean) | undefined;
    if (!isShape?.() || (id as number) > this.#opened) return false;
    const socket = this.#sockets.get(id as number);
    if (!socket || socket.isOver) return true; // the peer could not know yet
    switch (s) {
      case 'message':
        if (socket.wasClosed || socket.unread >= STREAM_WINDOW_BYTES) return false;
        socket.unread += sizeOfData(data as string);
        return true;
      case 'close':
        if (socket.wasClosed) return false;
        socket.wasClosed = true;
        socket.isOver = socket.hasClosed;
        return true;
      case 'lost':
        socket.isOver = true;
        return true;
      default:
        if ((bytes as number) > socket.credit) return false;
        socket.credit -= bytes as number;
        return true;
    }
  }

  /** What the program here does. The peer learns of what was taken in pieces. */
  does(step: Deed, owed: number): void {
    const socket = this.#sockets.get(step.id);
    if (!socket || socket.isOver) return;
    if (step.do === 'take') socket.unread = owed;
    else if (step.do === 'abort') socket.isOver = true;
    else if (step.do === 'close') {
      socket.hasClosed = true;
      socket.isOver = socket.wasClosed;
    } else if (!socket.hasClosed) socket.credit += step.bytes;
  }
}

const id = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom<unknown>(1, 2) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(3, 4, 0, -1, 1.5, 2 ** 53, Number.NaN, '1', null) },
);
const odd = fc.constantFrom<unknown>(undefined, null, 5, -1, 1.5, true, '', 'x', {}, [], 1n, Number.NaN, Infinity);
const large = 'x'.repeat(STREAM_WINDOW_BYTES / 2);
const good = (value: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 30, arbitrary: value }, { weight: 1, arbitrary: odd });
const cause = good(
  fc.oneof(
    fc.constant(undefined),
    fc.record({ actor: good(fc.constant('p')), number: good(fc.nat()), lamport: good(fc.maxSafeNat()) }),
  ),
);
const hostile = fc.oneof(
  odd,
  fc.record({
    s: fc.constant('open'),
    id,
    connection: good(fc.constantFrom(...CONNECTIONS, 'unknown')),
    isClient: good(fc.constant(true)),
  }),
  fc.record({
    s: fc.constant('message'),
    id,
    data: good(fc.constantFrom<unknown>('x', '', large, 'ü', new Uint8Array(3))),
    cause,
  }),
  fc.record({
    s: fc.constant('close'),
    id,
    code: good(fc.constantFrom(undefined, 1000, 3000, 4999, 999, 1005, 1006, 5000)),
    reason: good(fc.constant('r')),
    cause,
  }),
  fc.record({ s: fc.constant('lost'), id, reason: good(fc.constant('')), error: good(fc.constant(undefined)) }),
  fc.record({
    s: fc.constant('credit'),
    id,
    bytes: good(fc.constantFrom(1, 10, 100, STREAM_WINDOW_BYTES, 2 ** 53 - 1)),
  }),
  fc.record({ s: fc.constantFrom('call', 'opened', '', '__proto__'), id }),
);
/** What opens in order is tried often, or the rest would be refused before it is looked at. */
const opening = fc.constantFrom(...CONNECTIONS).map((connection) => ({ opens: connection }));
const deed: fc.Arbitrary<Deed> = fc.record({
  do: fc.constantFrom('take', 'close', 'abort', 'send'),
  id: fc.integer({ min: 1, max: 4 }),
  bytes: fc.integer({ min: 1, max: 50 }),
});

test('a hostile peer is refused at the first thing that the rules forbid, and nothing of it is left', () => {
  let refused = 0;
  let lasting = 0;
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          opening,
          hostile.map((message) => ({ message })),
          deed,
        ),
        { maxLength: 25 },
      ),
      (steps) => {
        const rules = new Rules();
        const free = new Set(CONNECTIONS);
        const ends = new Map<number, { end: ConnectionEnd; unread: number; owed: number; heard: string[] }>();
        let opened = 0;
        let quiet = 0;
        const link = new SocketLink({
          send: () => {},
          onQuiet: () => quiet++,
          onOpen(connection, end) {
            if (!free.delete(connection)) return false;
            const mine = { end, unread: 0, owed: 0, heard: [] as string[] };
            ends.set(opened, mine);
            end.start({
              onMessage(data) {
                mine.unread += sizeOfData(data);
                mine.heard.push('message');
              },
              onClose: () => mine.heard.push('close'),
              onLost: () => mine.heard.push('lost'),
            });
            return true;
          },
        });
        let isRefused = false;
        for (const step of steps) {
          if (isRefused) break;
          if ('do' in step) {
            const mine = ends.get(step.id);
            if (!mine) continue;
            if (step.do === 'take') {
              mine.end.taken(mine.unread);
              mine.owed = mine.owed + mine.unread >= STREAM_WINDOW_BYTES / 4 ? 0 : mine.owed + mine.unread;
              mine.unread = 0;
            } else if (step.do === 'send') mine.end.send('x'.repeat(step.bytes));
            else if (step.do === 'close') mine.end.close(1000, '');
            else mine.end.abort('');
            rules.does(step, mine.owed);
            continue;
          }
          const message = 'opens' in step ? { s: 'open', id: opened + 1, connection: step.opens } : step.message;
          const isOpening = (message as Hostile | null)?.['s'] === 'open' && (message as Hostile)['id'] === opened + 1;
          const isAllowed = rules.allows(message);
          if (isOpening && isAllowed) opened++;
          expect(link.receive(message)).toBe(isAllowed);
          isRefused = !isAllowed;
        }
        if (isRefused) refused++;
        else lasting++;
        // Whoever reads the link breaks it then, or it ends by itself.
        link.ended();
        expect(link.count).toBe(0);
        for (const { heard, end } of ends.values()) {
          const lost = heard.indexOf('lost');
          if (lost >= 0) expect(heard.slice(lost), 'nothing after it').toEqual(['lost']);
          expect(heard.filter((what) => what === 'close').length).toBeLessThanOrEqual(1);
          expect(heard.slice(heard.indexOf('close') + 1)).not.toContain(heard.includes('close') ? 'message' : 'never');
          end.send('too late');
          end.close(1000, '');
          end.abort('');
          expect(end.bufferedBytes).toBe(0);
        }
        if (opened > 0) expect(quiet).toBeGreaterThan(0);
      },
    ),
    { numRuns: 3_000, seed: 6 },
  );
  expect([refused > 300, lasting > 300], `${refused} refused, ${lasting} not`).toEqual([true, true]);
});

test('a number of the peer’s that cannot be counted on from does not spoil what is sent afterwards', () => {
  const link = new SocketLink({ send: () => {}, onOpen: () => true });
  link.receive({ s: 'open', id: 1, connection: 'a' as ConnectionId });
  const far = { actor: 'p', number: 1, lamport: Number.MAX_SAFE_INTEGER };
  expect(link.receive({ s: 'message', id: 1, data: 'x', cause: far })).toBe(true);
  expect(link.receive({ s: 'message', id: 1, data: 'x', cause: { ...far, lamport: 2 ** 53 } })).toBe(false);
});

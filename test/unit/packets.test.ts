/** Packets as they lie on a wire: what is written is read, and what nobody wrote is refused or harmless. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isFor, type Packed, type PacketHeader, readPacket, writePacket } from '../../src/network/packets.ts';
import type { Frame } from '../../src/protocol/link.ts';
import type { SessionMessage } from '../../src/protocol/messages.ts';
import { asAccount, type Epoch, type LinkId, PROTOCOL_VERSION } from '../../src/protocol/names.ts';
import { decodeSessionMessage } from '../../src/rpc/decode.ts';
import { packedBodies } from '../../src/rpc/packed-bodies.ts';
import { listOf, queueOf } from '../support/queues.ts';

const header: PacketHeader = {
  v: PROTOCOL_VERSION,
  account: asAccount('test'),
  link: 'link-1' as LinkId,
  epoch: 3 as Epoch,
  end: 0,
};

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.constantFrom(1023, 1024, 1025, 5000).map((size) => new Uint8Array(size).fill(7)),
);
const number = fc.integer({ min: 1, max: 2 ** 40 });
const caused = fc.oneof(
  fc.constant({}),
  fc.record({ event: number }),
  fc.record({ event: number, lead: fc.nat() }),
  fc.record({ event: number, lead: fc.nat(), cause: fc.string() }),
);
const externals = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('stub' as const), export: number }),
    fc.record({ kind: fc.constant('readable' as const), stream: number }),
  ),
  { maxLength: 3 },
);
const buffers = fc.array(
  bytes.map((one) => one.slice().buffer),
  { minLength: 1, maxLength: 2 },
);
const payload = fc.record({ bytes, buffers, externals, disposer: number }, { requiredKeys: ['bytes', 'externals'] });
const path = fc.array(fc.string(), { maxLength: 3 });
const entry = fc.record({ name: fc.string() });
const question = fc.oneof(
  fc.record({ id: number, target: number, path, entry }, { requiredKeys: ['id', 'target', 'path'] }),
  fc.record({ id: number, target: fc.constant(0), on: number, path }),
);
const said = (m: string, fields: fc.Arbitrary<object>, more: fc.Arbitrary<object> = fc.constant({})) =>
  fc.tuple(fields, more, caused).map((parts) => Object.assign({ m }, ...parts) as SessionMessage);
const message = fc.oneof(
  said('call', question, fc.record({ args: payload })),
  said('get', question),
  said('result', fc.record({ id: number, value: payload })),
  said('error', fc.record({ id: number, error: fc.record({ bytes }) })),
  fc.record({ m: fc.constant('finish' as const), id: number }),
  fc.record({ m: fc.constant('release' as const), export: number, count: number }),
);
const error = fc.record({ bytes });
const frame: fc.Arbitrary<Frame> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ k: fc.constant('message' as const), body: message }) },
  fc.record({ k: fc.constant('data' as const), s: number, bytes: bytes.filter(({ length }) => length > 0) }),
  fc.record({ k: fc.constant('credit' as const), s: number, bytes: number }),
  fc.record({ k: fc.constant('end' as const), s: number }),
  fc.record({ k: fc.constant('abort' as const), s: number, error }),
  fc.record(
    { k: fc.constant('cancel' as const), s: number, error, takenBytes: fc.nat(), isLoss: fc.boolean() },
    { requiredKeys: ['k', 's', 'takenBytes'] },
  ),
  fc.record({ k: fc.constant('goaway' as const), lastDelivered: fc.nat() }),
  fc.record({ k: fc.constant('break' as const), error: fc.option(error, { nil: undefined }) }),
);

const write = (frames: readonly Frame[], first = 1): Packed =>
  structuredClone(writePacket(header, { first, frames: queueOf(frames) }, packedBodies));

describe('a packet', () => {
  test('is read as it was written, whatever its frames are', () => {
    fc.assert(
      fc.property(fc.array(frame, { minLength: 1, maxLength: 12 }), number, (frames, first) => {
        const before = structuredClone(frames);
        const packed = write(frames, first);
        expect(isFor({ ...header, end: 1 }, packed)).toBe(true);
        const packet = readPacket(packed, packedBodies);
        expect(packet?.first).toBe(first);
        const read = packet ? listOf(packet.frames) : [];
        expect(read).toEqual(before);
        // Nothing that a call says is refused because it was packed.
        for (const one of read) if (one.k === 'message') expect(decodeSessionMessage(one.body)).toBe(one.body);
      }),
      { numRuns: 500 },
    );
  });

  test('has the small byte arrays of its bodies in one block, one by itself and large ones where they are', () => {
    const call = (size: number): Frame => ({
      k: 'message',
      body: { m: 'call', id: 1, target: 0, path: ['a'], args: { bytes: new Uint8Array(size), externals: [] } },
    });
    const kinds = (packed: Packed) => packed.slice(7).filter((_, at) => at % 2 === 0);
    expect([write([call(5)])[6], kinds(write([call(5)]))]).toEqual([undefined, [8]]);
    expect([write([call(5), call(2000)])[6], kinds(write([call(5), call(2000)]))]).toEqual([undefined, [8, 8]]);
    const packed = write([call(5), call(2000), call(1024)]);
    expect([(packed[6] as Uint8Array).length, kinds(packed)]).toEqual([2 + 5 + 2 + 1024, [9, 8, 9]]);
  });

  test('that nobody wrote is refused, or says what its reader refuses or understands: it never throws', () => {
    const odd = fc.oneof(
      fc.constantFrom<unknown>(undefined, null, -1, 0.5, 0, 1, 2, 3, 4, 7, 8, 9, '', 'x', {}, 1n, Number.NaN),
      bytes,
      fc.array(fc.constantFrom<unknown>(null, undefined, 0, 1, 2, 3, 4, 'x', new Uint8Array(3)), { maxLength: 9 }),
    );
    fc.assert(
      fc.property(fc.array(odd, { maxLength: 14 }), (rest) => {
        const packet = readPacket([...Object.values(header), 1, ...rest], packedBodies);
        for (const one of packet ? listOf(packet.frames) : []) if (one.k === 'message') decodeSessionMessage(one.body);
      }),
      { numRuns: 3000 },
    );
  });

  test('whose block is too short for its byte arrays is refused', () => {
    const list = () => [1, 1, 0, 'a', null];
    const packetOf = (block: unknown) => [...Object.values(header), 1, block, 9, list()];
    expect(readPacket(packetOf(Uint8Array.of(2, 0, 7, 8)), packedBodies)).toBeDefined();
    for (const block of [
      undefined,
      'x',
      new Uint8Array(),
      Uint8Array.of(2),
      Uint8Array.of(3, 0, 7, 8),
      Uint8Array.of(0, 1),
    ]) {
      expect(readPacket(packetOf(block), packedBodies)).toBeUndefined();
    }
  });
});

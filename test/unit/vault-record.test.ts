/** A record comes back from its bytes as it was; bytes that are no record are told apart. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Epoch } from '../../src/protocol/names.ts';
import type { LogRecord } from '../../src/storage/object-store.ts';
import { PAGE_SIZE_BYTES } from '../../src/storage/pages.ts';
import { decodeRecord, encodeRecord, readHead, VALUE_BYTES_MAX } from '../../src/storage/vault-record.ts';

const whole = (max: number) => fc.integer({ min: 0, max });
const optional = fc.option(whole(8.64e15), { nil: null });

const anyRecord: fc.Arbitrary<LogRecord> = fc
  .record({
    kind: fc.constantFrom('commit' as const, 'fence' as const),
    sequence: whole(Number.MAX_SAFE_INTEGER),
    epoch: whole(Number.MAX_SAFE_INTEGER) as fc.Arbitrary<Epoch>,
    timeMs: whole(8.64e15),
    pageCount: whole(2 ** 32 - 2),
    alarm: optional,
    restoreTo: optional,
    pages: fc.uint32Array({ maxLength: 12 }),
    fill: whole(255),
  })
  .map(({ pages, fill, ...rest }) => ({
    ...rest,
    numbers: pages,
    bytes: new Uint8Array(pages.length * PAGE_SIZE_BYTES).map((_, i) => (fill + i) % 256),
  }));

describe('a record as bytes', () => {
  test('comes back as it was, with as many bytes as one value holds', () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        const row = encodeRecord(record);
        const { numbers, bytes: all, ...head } = record;
        const { bytes, ...rest } = decodeRecord(row);
        expect(rest).toEqual({ ...head, numbers });
        expect(Buffer.compare(bytes, all.subarray(0, VALUE_BYTES_MAX))).toBe(0);
        expect(readHead(row)).toEqual({ ...head, pages: numbers.length });
      }),
    );
  });

  test('is read also when its bytes do not begin their buffer, and keeps its numbers when they are given away', () => {
    const record: LogRecord = {
      kind: 'commit',
      sequence: 7,
      epoch: 2 as Epoch,
      timeMs: 1,
      pageCount: 3,
      alarm: null,
      restoreTo: null,
      numbers: new Uint32Array([3, 1]),
      bytes: new Uint8Array(2 * PAGE_SIZE_BYTES).fill(9),
    };
    const row = encodeRecord(record);
    const room = new Uint8Array(row.length + 16);
    room.set(row, 8);
    const read = decodeRecord(room.subarray(8, 8 + row.length));
    expect(read).toEqual(record);
    structuredClone(read.bytes, { transfer: [read.bytes.buffer as ArrayBuffer] });
    expect([...read.numbers]).toEqual([3, 1]);
  });

  test.each([
    ['nothing', new Uint8Array(0)],
    ['zeros', new Uint8Array(64)],
    ['fewer numbers than it has pages', cut(64 + 4)],
    ['what an older build stored', { kind: 'commit', sequence: 1 } as never],
  ])('is refused: %s', (_, row) => {
    expect(() => decodeRecord(row)).toThrow(
      expect.objectContaining({ code: 'storage_damaged', message: "A record of the object's log is no record." }),
    );
  });
});

function cut(bytes: number): Uint8Array<ArrayBuffer> {
  const numbers = new Uint32Array(2);
  const rest = { epoch: 1 as Epoch, timeMs: 1, pageCount: 1, alarm: null, restoreTo: null };
  const row = encodeRecord({ kind: 'commit', sequence: 1, ...rest, numbers, bytes: new Uint8Array(0) });
  return row.slice(0, bytes);
}

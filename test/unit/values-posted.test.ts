/** Values that are posted: what of them stands beside their bytes, and that nothing else about them changes. */
import { isDeepStrictEqual } from 'node:util';
import v8 from 'node:v8';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { must } from '../../src/base/assert.ts';
import { toHex } from '../../src/base/bytes.ts';
import { DamagedValueError, deserialize } from '../../src/values/deserializer.ts';
import { type Posted, serialize, serializeForPost } from '../../src/values/serializer.ts';

/** As it is where it was posted to. */
function arrived({ bytes, buffers }: Posted): unknown {
  const [there, beside] = structuredClone([bytes, buffers] as const, { transfer: [...(buffers ?? [])] });
  return deserialize(there, { buffers: beside });
}

const filled = (size: number, byte = 7) => new Uint8Array(size).fill(byte);

const large = fc
  .tuple(fc.constantFrom(0, 100, 8191, 8192, 8195, 16_384, 70_000), fc.nat(255))
  .map(([size, byte]) => filled(size, byte));
const part = fc.oneof(
  large,
  large.map((bytes) => bytes.buffer),
  large.map((bytes) => new DataView(bytes.buffer)),
  large.map((bytes) => new Uint16Array(bytes.buffer, 0, bytes.length >> 1)),
  fc.string(),
  fc.constantFrom('日', '日本', 'x日', 1, 1.5, null),
);
const anyValue = fc.array(
  fc.oneof(
    part,
    part.map((one) => [one, one]),
    part.map((one) => new Map([[one, { one }]])),
  ),
  { maxLength: 6 },
);

describe('a value that is posted', () => {
  it('arrives the same, and counts as many bytes as it has in one piece', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const posted = serializeForPost(value);
        expect(posted.sizeBytes).toBe(serialize(value).length);
        expect(isDeepStrictEqual(arrived(posted), value)).toBe(true);
      }),
      { numRuns: 500, seed: 6 },
    );
  });

  it('has its large buffers beside it, each once, and the small ones in it', () => {
    const buffer = filled(10_000).buffer;
    const { bytes, buffers } = serializeForPost([new Uint8Array(buffer, 8, 8), filled(8191), buffer, filled(8192, 8)]);
    expect(must(buffers, 'buffers').map((one) => one.byteLength)).toEqual([10_000, 8192]);
    expect(bytes.length).toBeLessThan(8300);
    const read = deserialize(bytes, { buffers }) as [Uint8Array, Uint8Array, ArrayBuffer, Uint8Array];
    expect([read[0].buffer === read[2], read[2] === buffers?.[0], read[3].buffer === buffers?.[1]]).toEqual([
      true,
      true,
      true,
    ]);
    expect([read[0].byteOffset, read[0].length]).toEqual([8, 8]);
  });

  it('has copies beside it, made when it was written', () => {
    const bytes = filled(10_000, 1);
    const posted = serializeForPost(bytes);
    bytes.fill(2);
    expect(arrived(posted)).toEqual(filled(10_000, 1));
    expect(bytes.length).toBe(10_000);
  });

  it('is the same bytes as in one piece when it is asked to be whole, or has nothing large', () => {
    for (const [value, isWhole] of [
      [filled(70_000), true],
      [{ a: filled(8191), b: ['x', 1] }, false],
    ] as const) {
      const { bytes, buffers, sizeBytes } = serializeForPost(value, {}, isWhole);
      expect(buffers).toBeUndefined();
      expect(toHex(bytes)).toBe(toHex(serialize(value)));
      expect(sizeBytes).toBe(bytes.length);
    }
  });

  it('keeps a resizable buffer in its bytes', () => {
    const Resizable = ArrayBuffer as unknown as new (size: number, options: object) => ArrayBuffer;
    const { buffers, bytes } = serializeForPost(new Resizable(10_000, { maxByteLength: 12_000 }));
    const read = deserialize(bytes) as ArrayBuffer & { maxByteLength: number };
    expect([buffers, read.byteLength, read.maxByteLength]).toEqual([undefined, 10_000, 12_000]);
  });

  it('is read by node:v8, which is given the same buffers', () => {
    const value = { a: filled(10_000), b: ['日', new Float64Array(1600).fill(1.5)], c: 'x' };
    const { bytes, buffers } = serializeForPost(value);
    const reader = new v8.Deserializer(bytes);
    must(buffers, 'buffers').forEach((buffer, number) => {
      reader.transferArrayBuffer(number, buffer);
    });
    reader.readHeader();
    expect(isDeepStrictEqual(reader.readValue(), value)).toBe(true);
  });

  it('lies in a buffer with a sixteenth to spare at most: a view of what was written', () => {
    for (const size of [0, 3, 16_000, 16_384, 65_536, 1_000_000]) {
      for (const value of [new Uint8Array(size).fill(7), 'x'.repeat(size), new Array(size >> 3).fill('some text')]) {
        const { bytes } = serializeForPost(value, {}, true);
        expect(bytes.byteOffset).toBe(0);
        expect(bytes.buffer.byteLength).toBeLessThanOrEqual(bytes.length * (1 + 1 / 16));
        expect(isDeepStrictEqual(bytes, serialize(value))).toBe(true);
        expect(isDeepStrictEqual(deserialize(structuredClone(bytes)), value)).toBe(true);
      }
    }
    // What lies behind the end is nobody's: the next value does not begin there.
    const { bytes: first } = serializeForPost('x'.repeat(20_000));
    serializeForPost('y'.repeat(20_000));
    expect(deserialize(first)).toBe('x'.repeat(20_000));
  });

  it('does not change when user code patches the platform', () => {
    const broken = {
      configurable: true,
      get: () => {
        throw new Error('a patched property was read');
      },
    };
    const patches: [object, PropertyKey, PropertyDescriptor][] = [
      [ArrayBuffer, Symbol.species, broken],
      [ArrayBuffer.prototype, 'constructor', broken],
      [ArrayBuffer.prototype, 'slice', broken],
      [Uint8Array.prototype, 'constructor', broken],
      [Object.getPrototypeOf(Uint8Array), Symbol.species, broken],
      [Object.getPrototypeOf(Uint8Array.prototype), 'length', broken],
    ];
    const before = patches.map(([target, key]) => Object.getOwnPropertyDescriptor(target, key));
    const value = filled(10_000);
    let read: unknown;
    for (const [target, key, patch] of patches) Object.defineProperty(target, key, patch);
    try {
      const { bytes, buffers } = serializeForPost(value);
      read = deserialize(bytes, { buffers });
    } finally {
      for (let i = 0; i < patches.length; i++) {
        const [target, key] = patches[i] as (typeof patches)[number];
        const was = before[i];
        if (was) Object.defineProperty(target, key, was);
        else Reflect.deleteProperty(target, key);
      }
    }
    expect(read).toEqual(value);
  });
});

describe('what is stored', () => {
  it('has everything in its bytes, as node:v8 writes it', () => {
    const writer = new v8.Serializer();
    (
      writer as unknown as { _setTreatArrayBufferViewsAsHostObjects(on: boolean): void }
    )._setTreatArrayBufferViewsAsHostObjects(false);
    writer.writeHeader();
    writer.writeValue({ a: filled(70_000), b: filled(10_000).buffer });
    const written = serialize({ a: filled(70_000), b: filled(10_000).buffer });
    expect(toHex(written)).toBe(toHex(new Uint8Array(writer.releaseBuffer())));
  });

  it('is damaged if it names a buffer beside it', () => {
    const { bytes } = serializeForPost(filled(10_000));
    expect(() => deserialize(bytes)).toThrow(DamagedValueError);
  });
});

describe('damage', () => {
  const buffer = () => new ArrayBuffer(8);
  it.each([
    ['buffer 1 is not beside it', [0x74, 1], [buffer()]],
    ['buffer 0 is not beside it', [0x74, 0], []],
    ['buffer 0 is not beside it, or was read before', [0x41, 2, 0x74, 0, 0x74, 0, 0x24, 0, 2], [buffer(), buffer()]],
    ['a buffer beside it has no place in it', [0x74, 0], [buffer(), buffer()]],
    ['a view exceeds its buffer', [0x74, 0, 0x56, 0x42, 0, 9, 0], [buffer()]],
    ['disagree on being resizable', [0x74, 0, 0x56, 0x42, 0, 8, 2], [buffer()]],
  ])('%s', (reason, tags, buffers) => {
    expect(() => deserialize(new Uint8Array([0xff, 15, ...tags]), { buffers })).toThrow(reason);
    expect(() => deserialize(new Uint8Array([0xff, 15, ...tags]), { buffers })).toThrow(DamagedValueError);
  });
});

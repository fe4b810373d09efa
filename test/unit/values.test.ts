/** The codec by itself: against node:v8 in both directions, its delegate, its limits, damaged bytes. */
import { isDeepStrictEqual } from 'node:util';
import v8 from 'node:v8';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { must } from '../../src/base/assert.ts';
import { fromHex, toHex } from '../../src/base/bytes.ts';
import { seededRandom } from '../../src/base/random.ts';
import { DamagedValueError, deserialize, type HostReader } from '../../src/values/deserializer.ts';
import { type HostWriter, serialize } from '../../src/values/serializer.ts';
import { DEPTH_MAX, NATIVE_ERROR_DEPTH } from '../../src/values/tags.ts';

function writtenByNode(value: unknown): Uint8Array {
  const writer = new v8.Serializer();
  // node's class inherits V8's switch for views: off, they are written in V8's own form, as workerd writes them
  (
    writer as unknown as { _setTreatArrayBufferViewsAsHostObjects(on: boolean): void }
  )._setTreatArrayBufferViewsAsHostObjects(false);
  writer.writeHeader();
  writer.writeValue(value);
  return new Uint8Array(writer.releaseBuffer());
}

function readByNode(bytes: Uint8Array): unknown {
  const reader = new v8.Deserializer(bytes);
  reader.readHeader();
  return reader.readValue();
}

const key = fc.oneof(
  fc.string({ maxLength: 6 }),
  fc.string({ unit: 'binary', maxLength: 3 }),
  fc.integer({ min: 0, max: 20 }).map(String),
  fc.constantFrom('__proto__', 'constructor', 'toString', '4294967294', '4294967295', '01', '-1'),
);
const smallInteger = fc.integer({ min: -(2 ** 30), max: 2 ** 30 - 1 });
const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.string({ minLength: 60, maxLength: 300 }));
const bytes = fc.uint8Array({ maxLength: 40 });
const leaf = fc.oneof(
  smallInteger,
  fc.double(),
  fc.boolean(),
  fc.constantFrom(null, undefined, -0),
  fc.bigInt(),
  text,
  fc.date({ noInvalidDate: true }),
  fc.constantFrom(/a/g, /[日]/u, /x/dgimsy),
  bytes.map((b) => b.slice().buffer),
  bytes.map((b) => b.slice()),
  bytes.map((b) => new Float32Array(b.slice().buffer, 0, b.length >> 2)),
  bytes.map((b) => new BigInt64Array(b.slice().buffer, 0, b.length >> 3)),
  bytes.map((b) => new DataView(b.slice().buffer)),
  fc.oneof(smallInteger, fc.boolean(), fc.bigInt(), text).map((value) => Object(value) as object),
);

/** Adds own properties one by one, so that `__proto__` is a property too. */
function objectFrom(entries: [string, unknown][]): object {
  const object = {};
  for (const [name, value] of entries) {
    Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
  }
  return object;
}

const { value: anyValue } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'value' },
    leaf,
    fc.array(tie('value'), { maxLength: 5, depthIdentifier: 'value' }),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 5, depthIdentifier: 'value' }).map(objectFrom),
    fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 4, depthIdentifier: 'value' }).map((e) => new Map(e)),
    fc.array(tie('value'), { maxLength: 4, depthIdentifier: 'value' }).map((members) => new Set(members)),
    tie('value').map((value) => [value, value]),
  ),
}));

describe('serialize and deserialize', () => {
  it('read what they wrote, for any value', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(isDeepStrictEqual(deserialize(serialize(value)), value)).toBe(true);
      }),
      { numRuns: 2000, seed: 1 },
    );
  });

  it('write what node:v8 reads, for any value', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(isDeepStrictEqual(readByNode(serialize(value)), value)).toBe(true);
      }),
      { numRuns: 2000, seed: 2 },
    );
  });

  it('read what node:v8 wrote, for any value', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(isDeepStrictEqual(deserialize(writtenByNode(value)), value)).toBe(true);
      }),
      { numRuns: 2000, seed: 3 },
    );
  });

  it('write the bytes of node:v8 for what node and workerd agree on', () => {
    // Arrays of numbers apart: how V8 keeps one depends on how it was made.
    const agreed = fc.oneof(
      leaf,
      fc.array(text, { maxLength: 5 }),
      fc.array(fc.tuple(key, leaf), { maxLength: 6 }).map(objectFrom),
      fc.array(fc.tuple(text, leaf), { maxLength: 6 }).map((entries) => new Map(entries)),
      fc.array(fc.oneof(text, bytes), { maxLength: 6 }).map((members) => new Set(members)),
    );
    fc.assert(
      fc.property(agreed, (value) => {
        expect(toHex(serialize(value))).toBe(toHex(writtenByNode(value)));
      }),
      { numRuns: 3000, seed: 4 },
    );
  });

  it('keep every kind of long text', () => {
    const texts = ['a', 'é', 'Ã©', '\u0080', '\ufeff', '\ufffd', '\ud800', '\udc00\ud800', '😀', '日'];
    for (const part of texts) {
      for (const text of [part.repeat(70), `${'x'.repeat(70)}${part}`, `${part}${'x'.repeat(70)}`]) {
        expect(deserialize(serialize(text))).toBe(text);
        expect(toHex(serialize([text]))).toBe(toHex(writtenByNode([text])));
      }
    }
  });

  it('keep identity, cycles and the sharing of one buffer by many views', () => {
    const buffer = new ArrayBuffer(16);
    const value = { a: new Uint8Array(buffer, 0, 8), b: new Uint16Array(buffer, 8), buffer, self: null as unknown };
    value.self = value;
    const read = deserialize(serialize(value)) as typeof value;
    expect(read.self).toBe(read);
    expect(read.a.buffer).toBe(read.buffer);
    expect(read.b.buffer).toBe(read.buffer);
    expect(read.b.byteOffset).toBe(8);
  });

  it('keep identity among more objects than the short list holds', () => {
    const objects = Array.from({ length: 100 }, (_, id) => ({ id }));
    const read = deserialize(serialize([...objects, ...objects])) as { id: number }[];
    for (let i = 0; i < 100; i++) {
      expect(read[i]).toBe(read[i + 100]);
      expect(read[i]?.id).toBe(i);
    }
  });

  it('return a buffer with no room to spare, for small and large values', () => {
    for (const size of [0, 10, 1000, 16_000, 20_000, 100_000]) {
      const written = serialize(new Uint8Array(size).fill(1));
      expect(written.byteOffset).toBe(0);
      expect(written.buffer.byteLength).toBe(written.length);
      expect(deserialize(written)).toEqual(new Uint8Array(size).fill(1));
    }
  });

  it('read a value that does not begin at an even offset of its buffer', () => {
    const written = serialize(['日本', 'x'.repeat(100), new Uint16Array([1, 2])]);
    const shifted = new Uint8Array(written.length + 1);
    shifted.set(written, 1);
    expect(deserialize(shifted.subarray(1))).toEqual(['日本', 'x'.repeat(100), new Uint16Array([1, 2])]);
  });

  it('read versions 13 and 14, and no other', () => {
    expect(deserialize(hex('ff0e4201075642000100'))).toEqual(new Uint8Array([7]));
    expect(deserialize(hex('ff0d42010756420001'))).toEqual(new Uint8Array([7]));
    expect(() => deserialize(hex('ff0c30'))).toThrow('version 12 is not one that can be read');
    expect(() => deserialize(hex('ff1030'))).toThrow('version 16 is not one that can be read');
  });

  it('survive a getter that serializes', () => {
    const inner: string[] = [];
    const value = {
      before: 'x'.repeat(30),
      get nested() {
        inner.push(toHex(serialize({ a: 'y'.repeat(40) })));
        return 'n';
      },
      after: 'z',
    };
    expect(deserialize(serialize(value))).toEqual({ before: 'x'.repeat(30), nested: 'n', after: 'z' });
    expect(inner).toEqual([toHex(writtenByNode({ a: 'y'.repeat(40) }))]);
  });

  it('read each property and element once', () => {
    let reads = 0;
    const counted = {
      get() {
        reads++;
        return undefined;
      },
      enumerable: true,
    };
    serialize([Object.defineProperty({}, 'a', counted), Object.defineProperty([1, 2], 1, counted)]);
    expect(reads).toBe(2);
  });

  it('leave a resizable buffer as it was', () => {
    const buffer = new (ArrayBuffer as unknown as new (n: number, o: object) => ArrayBuffer)(4, { maxByteLength: 4 });
    const view = new Uint8Array(buffer);
    view.set([1, 2, 3, 4]);
    serialize(view);
    expect([...view]).toEqual([1, 2, 3, 4]);
  });
});

describe('what an object is', () => {
  it('is not decided by a class name, a tag or a prototype', () => {
    const fakes = [
      Object.create(Map.prototype),
      Object.create(Date.prototype),
      Object.create(Uint8Array.prototype),
      { [Symbol.toStringTag]: 'Map' },
    ];
    for (const fake of fakes) expect(toHex(serialize(fake))).toBe('ff0f6f7b00');
    const disguised = Object.assign(Object.setPrototypeOf(new Map([[1, 2]]), class {}.prototype), {});
    expect(deserialize(serialize(disguised))).toEqual(new Map([[1, 2]]));
    const tagged = Object.assign(new Date(5), { [Symbol.toStringTag]: 'Map' });
    expect(deserialize(serialize(tagged))).toEqual(new Date(5));
  });

  it('does not change when user code patches the platform', () => {
    const targets: [object, PropertyKey[]][] = [
      [Object, ['keys', 'getPrototypeOf', 'hasOwn', 'isExtensible', 'defineProperty']],
      [Map.prototype, ['forEach', 'get', 'set', 'size']],
      [Set.prototype, ['forEach', 'add', 'has', 'size']],
      [Array.prototype, ['push', 'slice', 'forEach', 'map', Symbol.iterator]],
      [String.prototype, ['charCodeAt', 'indexOf', 'valueOf']],
      [Object.getPrototypeOf(Uint8Array.prototype), ['set', 'subarray', 'slice']],
      [RegExp.prototype, ['source', 'flags']],
      [TextEncoder.prototype, ['encode', 'encodeInto']],
      [TextDecoder.prototype, ['decode']],
      [Date.prototype, ['getTime', 'valueOf']],
      [BigInt.prototype, ['toString']],
      [Object.prototype, ['toString']],
      [Array, ['isArray']],
    ];
    const broken = () => {
      throw new Error('a patched method was called');
    };
    const patches = targets.flatMap(([target, names]) =>
      names.map((name) => {
        const before = must(Object.getOwnPropertyDescriptor(target, name), String(name));
        const after = before.get ? { get: broken } : { value: broken };
        return { target, name, before, after: { configurable: true, ...after } };
      }),
    );
    type Patch = (typeof patches)[number];
    const define = Reflect.defineProperty;
    const value = [
      { a: 1, 2: 'x'.repeat(100), é: 'é', 日: '日' },
      new Map([[1, new Set([2])]]),
      new Date(3),
      /a/g,
      new Uint8Array(100),
      new DataView(new ArrayBuffer(2)),
      12345678901234567890n,
      Object(1),
      Object('s'),
      [1.5, 2],
      [1, undefined],
    ];
    const expected = toHex(serialize(value));
    let written: Uint8Array = new Uint8Array(0);
    let read: unknown;
    let failure: unknown;
    // Nothing but the codec and indexed loops from here on: everything else is broken.
    for (let i = 0; i < patches.length; i++) {
      const patch = patches[i] as Patch;
      define(patch.target, patch.name, patch.after);
    }
    try {
      written = serialize(value);
      read = deserialize(written);
    } catch (error) {
      failure = error;
    }
    for (let i = 0; i < patches.length; i++) {
      const patch = patches[i] as Patch;
      define(patch.target, patch.name, patch.before);
    }
    expect(failure).toBe(undefined);
    expect(toHex(written)).toBe(expected);
    expect(isDeepStrictEqual(read, value)).toBe(true);
  });

  it('runs no setter and touches no prototype when it is read', () => {
    let calls = 0;
    Object.defineProperty(Object.prototype, 'trap', { configurable: true, set: () => calls++ });
    try {
      const read = deserialize(
        hex(
          toHex(
            serialize(
              objectFrom([
                ['trap', 1],
                ['__proto__', { x: 1 }],
              ]),
            ),
          ),
        ),
      ) as object;
      expect(Object.keys(read)).toEqual(['trap', '__proto__']);
      expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
      expect(calls).toBe(0);
    } finally {
      delete (Object.prototype as { trap?: unknown }).trap;
    }
  });
});

describe('the delegate', () => {
  class Point {
    readonly x: number;
    constructor(x: number) {
      this.x = x;
    }
  }
  const writeHostObject = (value: object, writer: HostWriter) => {
    if (typeof value === 'function') {
      writer.writeUint32(20);
      writer.writeUtf8('fn é');
      return true;
    }
    if (!(value instanceof Point)) return false;
    writer.writeUint32(21);
    writer.writeUint64(2n ** 64n - 1n);
    writer.writeDouble(0.5);
    writer.writeRawBytes(new Uint8Array([1, 2, 3]));
    writer.writeValue([value.x, value]);
    return true;
  };
  const readHostObject = (reader: HostReader): object => {
    const kind = reader.readUint32();
    if (kind === 20) return { fn: reader.readUtf8() };
    return {
      kind,
      big: reader.readUint64(),
      double: reader.readDouble(),
      raw: [...reader.readRawBytes(3)],
    };
  };

  it('writes functions and instances, and reads them back in the same order', () => {
    const write = (value: object, writer: HostWriter) => {
      if (!(value instanceof Point)) return writeHostObject(value, writer);
      writer.writeUint32(21);
      writer.writeUint64(2n ** 64n - 1n);
      writer.writeDouble(0.5);
      writer.writeRawBytes(new Uint8Array([1, 2, 3]));
      return true;
    };
    const fn = () => 1;
    const written = serialize([fn, new Point(1), fn, { deep: fn }], {
      classInstances: 'host',
      delegate: { writeHostObject: write },
    });
    const read = deserialize(written, { delegate: { readHostObject } }) as unknown[];
    expect(read).toEqual([
      { fn: 'fn é' },
      { kind: 21, big: 2n ** 64n - 1n, double: 0.5, raw: [1, 2, 3] },
      { fn: 'fn é' },
      { deep: { fn: 'fn é' } },
    ]);
    expect(read[0]).toBe(read[2]);
  });

  it('may write values inside, which share the numbering of objects', () => {
    const shared = { s: 1 };
    const written = serialize([shared, new Point(7), shared], {
      classInstances: 'host',
      delegate: {
        writeHostObject(value, writer) {
          writer.writeUint32(30);
          writer.writeValue({ x: (value as Point).x, shared });
          return true;
        },
      },
    });
    const read = deserialize(written, {
      delegate: {
        readHostObject(reader) {
          reader.readUint32();
          return { host: reader.readValue() };
        },
      },
    }) as [object, { host: { x: number; shared: object } }, object];
    expect(read[1].host.x).toBe(7);
    expect(read[1].host.shared).toBe(read[0]);
    expect(read[2]).toBe(read[0]);
  });

  it('claims plain objects and arrays with isHostObject', () => {
    const claimed = new WeakSet<object>([{}]);
    const object = { a: 1 };
    const array = [1];
    claimed.add(object).add(array);
    const written = serialize([object, array, { a: 2 }], {
      delegate: {
        isHostObject: (value) => claimed.has(value),
        writeHostObject(value, writer) {
          writer.writeUint32(Array.isArray(value) ? 40 : 41);
          return true;
        },
      },
    });
    const read = deserialize(written, { delegate: { readHostObject: (reader) => ({ kind: reader.readUint32() }) } });
    expect(read).toEqual([{ kind: 41 }, { kind: 40 }, { a: 2 }]);
  });

  it('is not asked about instances unless the options say so', () => {
    expect(deserialize(serialize(new Point(3), { delegate: { writeHostObject } }))).toEqual({ x: 3 });
  });

  it('refuses in the words of workerd', () => {
    // Texts: SURFACE traps 14 (ran in workerd).
    class P {
      x = 1;
    }
    const host = { classInstances: 'host' } as const;
    expect(() => serialize(new P(), host)).toThrow(
      'Could not serialize object of type "P". This type does not support serialization.',
    );
    expect(() => serialize(Object.assign(Object.create(null), { a: 1 }), host)).toThrow(
      'Could not serialize object of type "Object". This type does not support serialization.',
    );
    expect(() => serialize([new P()], { ...host, delegate: { writeHostObject: () => false } })).toThrow(DOMException);
    const refused: [unknown, string, string][] = [];
    const cloneError = (value: unknown, kind: string, sentence: string) => {
      refused.push([value, kind, sentence]);
      return new TypeError('mine');
    };
    const symbol = Symbol('x');
    expect(() => serialize({ symbol }, { delegate: { cloneError } })).toThrow('mine');
    expect(refused).toEqual([[symbol, 'uncloneable', 'Symbol(x) could not be cloned.']]);
  });

  it('passes its own errors through unchanged, in both directions', () => {
    const mine = new Error('mine');
    const thrower = () => {
      throw mine;
    };
    expect(() => serialize(thrower, { delegate: { writeHostObject: thrower } })).toThrow(mine);
    expect(() => deserialize(hex('ff0f5c1400'), { delegate: { readHostObject: thrower } })).toThrow(mine);
  });
});

describe('errors', () => {
  it('are written without their stack on request, and read with one of their own', () => {
    for (const errors of ['native', 'v8'] as const) {
      const error = new TypeError('t', { cause: 1 });
      const written = serialize(error, { errors, errorStacks: 'drop' });
      expect(Buffer.from(written).includes('stack')).toBe(false);
      expect(Buffer.from(written).includes('values.test')).toBe(false);
      const read = deserialize(written) as TypeError;
      expect(read).toBeInstanceOf(TypeError);
      expect(read.message).toBe('t');
      expect(read.cause).toBe(1);
    }
  });

  it('in the old form are read from node:v8, which puts the cause before the stack', () => {
    const error = new RangeError('m', { cause: { a: 1 } });
    const read = deserialize(writtenByNode(error)) as RangeError;
    expect(read).toBeInstanceOf(RangeError);
    expect([read.message, read.stack, read.cause]).toEqual(['m', error.stack, { a: 1 }]);
    const back = readByNode(serialize(error, { errors: 'v8' })) as RangeError;
    expect([back.message, back.stack, back.cause]).toEqual(['m', error.stack, { a: 1 }]);
  });

  it('keep a DOMException a DOMException', () => {
    const read = deserialize(serialize(new DOMException('m', 'AbortError'))) as DOMException;
    expect(read).toBeInstanceOf(DOMException);
    expect([read.name, read.message, read.code]).toEqual(['AbortError', 'm', 20]);
  });
});

describe('limits', () => {
  const nests: [string, (inner: unknown) => unknown][] = [
    ['arrays', (inner) => [inner]],
    ['objects', (inner) => ({ inner })],
    ['maps', (inner) => new Map([[inner, 1]])],
    ['sets', (inner) => new Set([inner])],
    ['errors', (inner) => new Error('e', { cause: inner })],
  ];
  const nested = (wrap: (inner: unknown) => unknown, levels: number) => {
    let value: unknown = null;
    for (let i = 0; i < levels; i++) value = wrap(value);
    return value;
  };

  it.each(nests)('let %s nest as deep as the limit in both directions', (name, wrap) => {
    const levels = name === 'errors' ? DEPTH_MAX / (2 + NATIVE_ERROR_DEPTH) : DEPTH_MAX;
    deserialize(serialize(nested(wrap, levels), { errorStacks: 'drop' }));
  });

  it.each(nests)('refuse to write %s nested deeper, as workerd does', (_name, wrap) => {
    for (const levels of [DEPTH_MAX + 1, 50_000]) {
      const refusal = new RangeError('Maximum call stack size exceeded');
      expect(() => serialize(nested(wrap, levels))).toThrow(refusal);
    }
  });

  it.each([
    ['arrays', '4101'],
    ['objects', '6f220161'],
    ['maps', '3b'],
    ['sets', '27'],
    ['host errors', '5c0a0122006f220161'],
    ['errors', '7263'],
    ['object counts', '3f01'],
    ['string objects', '73'],
  ])('refuse to read %s nested without end', (_name, opening) => {
    expect(() => deserialize(hex(`ff0f${opening.repeat(200_000)}`))).toThrow(DamagedValueError);
  });

  it.each([
    ['a dense array', '41ffffffff0f'],
    ['a one-byte string', '22ffffffff0f61'],
    ['a two-byte string', '63feffffff0f61'],
    ['a buffer', '42ffffffff0f00'],
    ['a resizable buffer', '7effffffff0fffffffff0f00'],
    ['a bigint', '5affffffff0f00'],
    ['UTF-8', '53ffffffff0f61'],
  ])('refuse %s that claims more than is left, before taking memory', (_name, claim) => {
    const before = process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed;
    expect(() => deserialize(hex(`ff0f${claim}`))).toThrow(DamagedValueError);
    expect(process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed - before).toBeLessThan(16 * 2 ** 20);
  });

  it('keep a long empty array as a table', () => {
    const before = process.memoryUsage().heapUsed;
    const arrays = [];
    for (let i = 0; i < 20; i++) arrays.push(deserialize(hex('ff0f61808080084000808080 08'.replace(' ', ''))));
    expect(arrays.map((array) => (array as unknown[]).length)).toEqual(Array(20).fill(2 ** 24));
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(16 * 2 ** 20);
  });

  it('name the place and the reason of damage', () => {
    const damage = catchDamage(() => deserialize(hex('ff0f6f22016149027b02')));
    expect([damage.offset, damage.reason]).toEqual([10, 'properties were miscounted']);
    expect(damage.message).toBe('The serialized value is damaged at byte 10: properties were miscounted.');
    expect(catchDamage(() => deserialize(new Uint8Array(0))).reason).toBe('it ends too early');
    expect(catchDamage(() => deserialize(hex('ff0f3030'))).reason).toBe('it goes on behind its value');
  });
});

describe('damaged bytes', () => {
  it('give a value or a DamagedValueError, whatever was flipped, cut, doubled or put in', () => {
    const random = seededRandom(20261123);
    const pick = (below: number) => Math.floor(random.unit() * below);
    const samples = fc.sample(anyValue, { numRuns: 300, seed: 5 }).map((value) => serialize(value));
    samples.push(
      serialize(new AggregateError([new Error('a')], 'm', { cause: {} })),
      serialize(new Error('a', { cause: 1 }), { errors: 'v8' }),
      serialize(new DOMException('m', 'n')),
      serialize(Object.assign(new Array(4), { 0: 1, 2: 2, 3: { a: 1 } })),
      hex('ff0f7e0408000000005642000003'),
    );
    const counts = { value: 0, damaged: 0 };
    let slowestMs = 0;
    for (let i = 0; i < 40_000; i++) {
      let bytes = must(samples[pick(samples.length)], 'a sample').slice();
      for (let edits = 1 + pick(3); edits > 0; edits--) {
        const at = pick(bytes.length + 1);
        const kind = pick(4);
        if (kind === 0 && at < bytes.length) bytes[at] = pick(256);
        else if (kind === 1) bytes = bytes.slice(0, at);
        else if (kind === 2) bytes = splice(bytes, at, random.bytes(1 + pick(4)));
        else bytes = splice(bytes, at, bytes.slice(at, at + 1 + pick(8)));
      }
      const started = performance.now();
      try {
        deserialize(bytes);
        counts.value++;
      } catch (error) {
        if (!(error instanceof DamagedValueError)) throw new Error(`leaked by ${toHex(bytes)}`, { cause: error });
        counts.damaged++;
      }
      slowestMs = Math.max(slowestMs, performance.now() - started);
    }
    expect(counts.value).toBeGreaterThan(1000);
    expect(counts.damaged).toBeGreaterThan(1000);
    expect(slowestMs).toBeLessThan(1000);
  });
});

function splice(bytes: Uint8Array, at: number, part: Uint8Array): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(bytes.length + part.length);
  joined.set(bytes.subarray(0, at));
  joined.set(part, at);
  joined.set(bytes.subarray(at), at + part.length);
  return joined;
}

function hex(digits: string): Uint8Array {
  return must(fromHex(digits), 'hex digits');
}

function catchDamage(run: () => unknown): DamagedValueError {
  try {
    run();
  } catch (error) {
    if (error instanceof DamagedValueError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** The codec against bytes that workerd stored (tools/record-values.mjs). */
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import v8 from 'node:v8';
import { describe, expect, it } from 'vitest';
import { must } from '../../src/base/assert.ts';
import { fromHex, toHex } from '../../src/base/bytes.ts';
import { DamagedValueError, deserialize } from '../../src/values/deserializer.ts';
import { type SerializeOptions, serialize } from '../../src/values/serializer.ts';

interface Stored {
  source: string;
  hex: string;
  /** `ok`, `unreadable`, or an error's class and own keys, hidden ones with a minus */
  read: string;
}
interface Refused {
  source: string;
  error: string;
}
interface Fixture {
  stored: Stored[];
  storedBefore20260421: Stored[];
  hosts: Stored[];
  refused: Refused[];
}

const fixture = JSON.parse(readFileSync(new URL('./fixtures/workerd-values.json', import.meta.url), 'utf8')) as Fixture;

const stack = (error: Error) => {
  error.stack = 'S';
  return error;
};

function evaluate(source: string): unknown {
  return new Function('stack', `return (${source})`)(stack);
}

/** What this Node lacks; browsers and workerd have it. */
function isMissingHere(source: string): boolean {
  const names = ['Float16Array', 'SuppressedError'];
  return names.some((name) => source.includes(name) && !(name in globalThis));
}

function bytesOf(hex: string): Uint8Array {
  return must(fromHex(hex), 'hex digits');
}

/** Own keys as the recorder printed them. */
function shapeOf(value: unknown): string {
  if (!(value instanceof Error)) return 'ok';
  const keys = Object.getOwnPropertyNames(value).map(
    (key) => key + (Object.getOwnPropertyDescriptor(value, key)?.enumerable ? '' : '-'),
  );
  return `${value.constructor.name} ${keys.join(' ')}`;
}

/** Frozen arrays come back extensible, an error without a stack gets one, and no error is named WasmCompileError. */
const changesWhenRead = /freeze|seal|preventExtensions|delete e\.stack|WasmCompileError/;

function checkStored(entries: Stored[], options: SerializeOptions): void {
  const here = entries.filter((entry) => !isMissingHere(entry.source));
  it.each(here)('writes $source as workerd does', ({ source, hex }) => {
    expect(toHex(serialize(evaluate(source), options))).toBe(hex);
  });
  it.each(here.filter((entry) => entry.read !== 'unreadable'))('reads $source back', ({ source, hex, read }) => {
    const value = deserialize(bytesOf(hex));
    if (!changesWhenRead.test(source)) expect(toHex(serialize(value, options))).toBe(hex);
    // A DOMException's name, message and code are own properties in workerd; what they are here is the platform's.
    if (value instanceof DOMException) expect(value.stack).toBe('S');
    else expect(shapeOf(value)).toBe(read);
    const isForNode =
      source !== 'new Date(NaN)' && !hex.includes('5c0') && !hex.includes('ff0f7e') && !hex.includes('ff0f72');
    if (isForNode) expect(isDeepStrictEqual(value, readByNode(bytesOf(hex)))).toBe(true);
  });
  const unreadable = entries.filter((entry) => entry.read === 'unreadable');
  if (unreadable.length > 0) {
    it.each(unreadable)('refuses to read $source, as workerd does', ({ hex }) => {
      expect(() => deserialize(bytesOf(hex))).toThrow(DamagedValueError);
    });
  }
}

function readByNode(bytes: Uint8Array): unknown {
  const reader = new v8.Deserializer(bytes);
  reader.readHeader();
  return reader.readValue();
}

describe('values stored by workerd', () => {
  checkStored(fixture.stored, {});
});

describe('errors stored by workerd before enhanced_error_serialization', () => {
  checkStored(fixture.storedBefore20260421, { errors: 'v8' });
});

describe('values refused by workerd', () => {
  it.each(fixture.refused)('refuses $source in the same words', ({ source, error }) => {
    let caught: unknown;
    try {
      serialize(evaluate(source));
    } catch (thrown) {
      caught = thrown;
    }
    const { name, message } = caught as Error;
    const brand = caught instanceof DOMException ? 'DOMException' : 'Error';
    expect(`${brand} ${name}: ${message}`).toBe(error);
  });
});

describe('host objects stored by workerd', () => {
  it.each(fixture.hosts)('gives $source to the delegate, which finds the same layout', ({ hex }) => {
    const kinds: number[] = [];
    const readHostObject = (
      reader: Parameters<
        NonNullable<import('../../src/values/deserializer.ts').DeserializerDelegate['readHostObject']>
      >[0],
    ) => {
      const kind = reader.readUint32();
      kinds.push(kind);
      if (kind === 4) {
        expect(reader.readUint32()).toBe(3);
        for (let count = reader.readUint32(); count > 0; count--) {
          if (reader.readUint32() === 0) reader.readUtf8();
          reader.readUtf8();
        }
      } else if (kind === 5) {
        reader.readUtf8();
        reader.readValue();
      } else if (kind === 6) {
        reader.readValue();
        reader.readValue();
      } else if (kind === 15) {
        reader.readUtf8();
        reader.readRawBytes(reader.readUint32());
      } else {
        reader.fail('an unexpected host object');
      }
      return { kind };
    };
    // The whole of the bytes must be consumed, or this throws.
    deserialize(bytesOf(hex), { delegate: { readHostObject } });
    expect(kinds.length).toBeGreaterThan(0);
  });
});

/**
 * How the playground describes stored values, and how it tells that one has changed.
 */
import { expect, describe as group, test } from 'vitest';
import { describe, fingerprint, PARTS_MAX } from '../../playground/stored-value.ts';

const line = (value: unknown) => `${describe(value).type} ${describe(value).line}`;
const labels = (value: unknown) =>
  describe(value)
    .parts()
    .map(({ label }) => label);

group('a stored value', () => {
  test.each([
    [3, 'number 3'],
    [-0, 'number -0'],
    [10n, 'bigint 10n'],
    ['a "b"', 'string "a \\"b\\""'],
    [undefined, 'undefined undefined'],
    [null, 'null null'],
    [true, 'boolean true'],
    [new Date(0), 'Date 1970-01-01T00:00:00.000Z'],
    [/a+/g, 'RegExp /a+/g'],
    [[], 'array(0) []'],
    [{}, 'object empty'],
    [new Map(), 'Map(0) empty'],
    [[1, 'b', { c: 1 }], 'array(3) [1, "b", object]'],
    [{ a: 1, b: [1, 2] }, 'object { a: 1, b: array(2) }'],
    [new Map([['k', 1]]), 'Map(1) { "k": 1 }'],
    [new Set(['x']), 'Set(1) { 0: "x" }'],
    [new Uint8Array([1, 255]), 'Uint8Array(2) { 0: 1, 1: 255 }'],
    [new ArrayBuffer(2), 'ArrayBuffer(2) { 0: 0, 1: 0 }'],
    [new RangeError('no'), 'RangeError { message: "no" }'],
  ])('%s is one line', (value, expected) => expect(line(value)).toBe(expected));

  test('a long one is cut', () => {
    expect(describe('x'.repeat(1000)).line.length).toBeLessThan(130);
    expect(describe(Array.from({ length: 1000 }, (_, at) => at)).parts()).toHaveLength(PARTS_MAX);
    expect(describe(Array.from({ length: 1000 }, (_, at) => at)).partCount).toBe(1000);
  });

  test('parts are labelled as they are reached', () => {
    expect(labels({ a: 1, b: 2 })).toEqual(['a', 'b']);
    expect(labels(['x'])).toEqual(['0']);
    expect(
      labels(
        new Map<unknown, unknown>([
          ['k', 1],
          [{ a: 1 }, 2],
        ]),
      ),
    ).toEqual(['"k"', '{ a: 1 }']);
  });

  test('a cycle is described', () => {
    const value: { self?: unknown } = {};
    value.self = value;
    expect(line(value)).toBe('object { self: object }');
    expect(fingerprint(value)).toBe('object("self"=#0)');
  });
});

group('a fingerprint', () => {
  test('is equal for equal values', () => {
    const value = () => ({ a: [1, new Date(5)], m: new Map([[{ k: 1 }, new Set([1n])]]), b: new Uint8Array([7]) });
    expect(fingerprint(value())).toBe(fingerprint(value()));
  });

  test.each([
    [1, '1'],
    [0, -0],
    [1, 1n],
    [{ a: 1 }, { a: 2 }],
    [{ a: 1 }, { b: 1 }],
    [[], {}],
    [new Uint8Array([1]), new Int8Array([1])],
    ['x'.repeat(1000), `${'x'.repeat(999)}y`],
    [new Map([['a', 1]]), new Map([['a', 2]])],
    [new Date(1), new Date(2)],
  ])('differs: %s, %s', (one, other) => expect(fingerprint(one)).not.toBe(fingerprint(other)));
});

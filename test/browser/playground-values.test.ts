/**
 * How the playground describes stored values, and how it tells that one has changed.
 */
import fc from 'fast-check';
import { expect, describe as group, test } from 'vitest';
import { jsonProblem, jsonText, parseJson } from '../../playground/json-value.ts';
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

group('as JSON', () => {
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  const shared = { a: 1 };

  test.each<[unknown, string | undefined]>([
    [null, undefined],
    ['a "b" \ud800', undefined],
    [{ a: [1, -1.5, true, { ['__proto__']: null }] }, undefined],
    [-0, 'JSON has no -0.'],
    [Number.NaN, 'JSON has no NaN.'],
    [undefined, 'JSON has no undefined.'],
    [{ a: [1n] }, 'JSON has no bigint.'],
    [[new Date(0)], 'JSON has no Date.'],
    [new Map(), 'JSON has no Map.'],
    [new Uint8Array(1), 'JSON has no Uint8Array.'],
    [new RangeError('x'), 'JSON has no RangeError.'],
    [Object.assign([1], { length: 2 }), 'JSON has no holes in arrays.'],
    [cycle, 'It refers to one object twice, which JSON cannot say.'],
    [[shared, shared], 'It refers to one object twice, which JSON cannot say.'],
  ])('%s', (value, problem) => expect(jsonProblem(value)).toBe(problem));

  test('a value without a problem is equal to what its text is read back as', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: false }), (value) => {
        if (jsonProblem(value) !== undefined) return;
        const back = parseJson(jsonText(value));
        expect('value' in back && fingerprint(back.value)).toBe(fingerprint(value));
      }),
    );
  });

  test('what is no JSON is one sentence', () => {
    expect(parseJson('{a: 1}')).toEqual({ problem: expect.stringMatching(/^That is not JSON: .+\.$/) });
    expect(parseJson(' ')).toEqual({ problem: 'Write a value: a text stands in "quotes".' });
  });
});

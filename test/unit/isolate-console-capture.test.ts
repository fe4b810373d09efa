import { expect, test } from 'vitest';
import { captureConsole, type LogEntry } from '../../src/isolate/console-capture.ts';
import { formatLogArgs, inspect } from '../../src/isolate/log-format.ts';

function open() {
  const entries: LogEntry[] = [];
  const real: [string, ...unknown[]][] = [];
  let nowMs = 100;
  const to =
    (level: string) =>
    (...args: unknown[]) =>
      void real.push([level, ...args]);
  const console = captureConsole({
    real: { debug: to('debug'), info: to('info'), log: to('log'), warn: to('warn'), error: to('error') },
    prefix: () => 'Room:lobby',
    onLog: (entry) => entries.push(entry),
    now: () => nowMs,
  });
  return { console, entries, real, advance: (ms: number) => (nowMs += ms) };
}

test("a call reaches the trace as text and the real console as it is, under the object's name", () => {
  const { console, entries, real } = open();
  const value = { a: 1 };
  console.warn('hello', value);
  console.error(value);
  expect(entries).toEqual([
    { level: 'warn', args: ['hello', '{ a: 1 }'] },
    { level: 'error', args: ['{ a: 1 }'] },
  ]);
  expect(real).toEqual([
    ['warn', '[Room:lobby] hello', value],
    ['error', '[Room:lobby]', value],
  ]);
});

test('a format string takes up its arguments', () => {
  expect(formatLogArgs(['%s is %d of %i, %o, 100%% %s', 'it', 2.5, 3.9, { a: 'x' }])).toEqual([
    "it is 2.5 of 3, { a: 'x' }, 100% %s",
  ]);
  expect(formatLogArgs(['%cred', 'color: red', 'rest'])).toEqual(['red', 'rest']);
  expect(formatLogArgs(['100%', 1])).toEqual(['100%', '1']);
  expect(formatLogArgs(['%s'])).toEqual(['%s']);
});

test('values are shown as devtools show them, to depth 2', () => {
  class Point {
    x = 1;
  }
  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  const shown: [unknown, string][] = [
    [undefined, 'undefined'],
    [-0, '-0'],
    [12n, '12n'],
    [Symbol('s'), 'Symbol(s)'],
    [["a'b", 1, [2]], `[ "a'b", 1, [ 2 ] ]`],
    [{ 'a-b': { c: { d: { e: 1 } } } }, "{ 'a-b': { c: { d: [Object] } } }"],
    [new Point(), 'Point { x: 1 }'],
    [Object.create(null), '[Object: null prototype] {}'],
    [new Map([['k', { v: 1 }]]), "Map(1) { 'k' => { v: 1 } }"],
    [new Set([1, 'x']), "Set(2) { 1, 'x' }"],
    [new Uint8Array([1, 2]), 'Uint8Array(2) [ 1, 2 ]'],
    [new ArrayBuffer(3), 'ArrayBuffer { byteLength: 3 }'],
    [new Date(0), '1970-01-01T00:00:00.000Z'],
    [/a/g, '/a/g'],
    [Point, '[Function: Point]'],
    [() => 1, '[Function (anonymous)]'],
    [circular, '{ self: [Circular] }'],
    [Promise.resolve(1), 'Promise {}'],
  ];
  for (const [value, text] of shown) expect(inspect(value)).toBe(text);
});

test('an error is shown by its stack, with what the program put on it', () => {
  const error = Object.assign(new TypeError('no'), { code: 7 });
  expect(inspect(error)).toMatch(/^TypeError: no\n {4}at .*isolate-console-capture.* \{ code: 7 \}$/s);
});

test("looking at a value runs none of the program's code", () => {
  const touched: string[] = [];
  const touch = (name: string) => () => {
    touched.push(name);
    throw new Error(name);
  };
  const value = Object.defineProperties(
    { toString: touch('toString'), toJSON: touch('toJSON'), [Symbol.toPrimitive]: touch('toPrimitive') },
    {
      a: { get: touch('getter'), enumerable: true },
      constructor: { get: touch('constructor') },
      [Symbol.toStringTag]: { get: touch('tag') },
    },
  );
  const error = Object.defineProperty(new Error('x'), 'stack', { get: touch('stack') });
  expect(inspect(value)).toContain('a: [Getter]');
  expect(inspect(error)).toContain('Error: x');
  expect(touched).toEqual([]);
});

test('a proxy that refuses to be looked at still leaves a line', () => {
  const refuse = () => {
    throw new Error('no');
  };
  const proxy = new Proxy({}, { ownKeys: refuse, getPrototypeOf: refuse });
  expect(formatLogArgs([proxy])).toEqual(['[object that cannot be inspected]']);
});

test('counters, timers and assertions speak as they do on the platform', () => {
  const { console, entries, advance } = open();
  console.count();
  console.count();
  console.time('t');
  advance(7);
  console.timeEnd('t');
  console.assert(true, 'not said');
  console.assert(false, 'said %s', 1);
  console.groupEnd();
  expect(entries).toEqual([
    { level: 'log', args: ['default: 1'] },
    { level: 'log', args: ['default: 2'] },
    { level: 'log', args: ['t: 7 ms'] },
    { level: 'error', args: ['Assertion failed: said 1'] },
  ]);
});

test('a very large value is cut', () => {
  const text = inspect(Array.from({ length: 1000 }, (_, i) => i));
  expect(text).toContain('… 900 more');
  expect(text.length).toBeLessThan(1000);
});

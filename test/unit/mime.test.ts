import { expect, test } from 'vitest';
import { mimeText, parseMime } from '../../src/base/mime.ts';

test.each([
  ['text/html', 'text/html'],
  ['Text/Plain; Charset=UTF-8', 'text/plain;charset=UTF-8'],
  [' a/b ', 'a/b'],
  ['a/b;', 'a/b'],
  ['a/b;c=d;C=e', 'a/b;c=d'],
  ['a/b;=;q', 'a/b'],
  ['a/b;x', 'a/b'],
  ['a/b;x=', 'a/b'],
  ['a/b;x=""', 'a/b;x=""'],
  ['a/b; x="y z" ; q=1', 'a/b;x="y z";q=1'],
  ['a/b;x="y;z";q=1', 'a/b;x="y;z";q=1'],
  ['a/b;x="y', 'a/b;x=y'],
  ['a/b;x="y"z;q=1', 'a/b;x=y;q=1'],
  [String.raw`a/b;x="q\"r"`, String.raw`a/b;x="q\"r"`],
  ['a/b;x=\u20ac;q=1', 'a/b;q=1'],
  ['a/b;x y=1;q=1', 'a/b;q=1'],
  ['multipart/form-data;boundary=A', 'multipart/form-data; boundary=A'],
])('%j is %j', (given, written) => {
  expect(mimeText(parseMime(given) as NonNullable<ReturnType<typeof parseMime>>)).toBe(written);
});

test.each(['', 'x', 'a/', '/b', 'a b/c', 'a/b c', ';', 'a;b/c'])('%j is none', (given) => {
  expect(parseMime(given)).toBeUndefined();
});

import { describe, expect, test } from 'vitest';
import { readDataUrl } from '../../src/base/data-url.ts';

const PLAIN = 'text/plain;charset=US-ASCII';

/** Seen in workerd: conformance scenario fetch/odd-schemes. */
describe('an address of data', () => {
  test.each([
    ['data:,hi', PLAIN, 'hi'],
    ['data:text/plain,hi', 'text/plain', 'hi'],
    ['data:;base64,aGk', PLAIN, 'hi'],
    ['data:text/plain; base64,aGk=', 'text/plain', 'hi'],
    ['data:text/plain ;BASE64 ,aG k%3D', 'text/plain', 'hi'],
    ['data:;charset=utf-8,x', 'text/plain;charset=utf-8', 'x'],
    ['data:nope,x', PLAIN, 'x'],
    ['data:a/b;x="y,z",x', 'a/b;x=y', 'z",x'],
    ['data:,a%20b%zz%4', PLAIN, 'a b%zz%4'],
    ['data:,a?b#c', PLAIN, 'a?b'],
    ['data:;base64,*', PLAIN, ''],
    ['data:;base64,a', PLAIN, ''],
    ['data:;base64,aG-_', PLAIN, 'h'],
    ['data:text/base64,x', 'text/base64', 'x'],
  ])('%j is read', (url, type, text) => {
    const data = readDataUrl(url);
    expect([data?.type, new TextDecoder().decode(data?.bytes)]).toEqual([type, text]);
  });

  test.each(['data:', 'data:nope', 'data:#,x', 'http://x/data:,y'])('%j is none', (url) => {
    expect(readDataUrl(url)).toBeUndefined();
  });
});

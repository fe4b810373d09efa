/**
 * The cookies of a preview: RFC 6265, and what all browsers do beyond it.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import { CookieJar } from '../../src/protocol/cookies.ts';

const NOW = Date.UTC(2026, 6, 1);
const page = new URL('http://localhost:8787/app/page');
let now: number;
let jar: CookieJar;
beforeEach(() => {
  now = NOW;
  jar = new CookieJar(() => now);
});
const sent = (url: string | URL = page): string => jar.headerFor(new URL(url, page));

describe('a cookie', () => {
  test('goes to its host and to the folder that it was set in', () => {
    jar.setFromResponse(page, 'a=1');
    expect(sent()).toBe('a=1');
    expect(sent('/app/other/deep')).toBe('a=1');
    expect(sent('/app')).toBe('a=1');
    expect(sent('/apple')).toBe('');
    expect(sent('/')).toBe('');
    expect(sent('http://sub.localhost:8787/app/page')).toBe('');
  });

  test('says its own path and domain, but none that is not above it', () => {
    const deep = new URL('https://a.shop.example/x');
    jar.setFromResponse(deep, 'all=1; Domain=.Shop.Example; Path=/');
    jar.setFromResponse(deep, 'no=1; Domain=example; Path=/');
    jar.setFromResponse(deep, 'other=1; Domain=bank.example; Path=/');
    jar.setFromResponse(deep, 'odd=1; Path=x');
    expect(sent('https://b.shop.example/')).toBe('all=1');
    expect(sent(deep)).toBe('all=1; odd=1');
  });

  test.each([
    ['a=b=c', 'a=b=c'],
    ['  a  =  1 2  ; HttpOnly', 'a=1 2'],
    ['lonely', 'lonely'],
    ['=lonely', 'lonely'],
    ['a=', 'a='],
    ['=', ''],
    ['a=1\u0007', ''],
    [`a=${'x'.repeat(4096)}`, ''],
    ['a="quoted; x"', 'a="quoted'],
  ])('is read from %j', (header, expected) => {
    jar.setFromResponse(page, header);
    expect(sent()).toBe(expected);
  });

  test('longer paths come first, then older ones; one that is set again keeps its age', () => {
    jar.setFromResponse(page, 'root=1; Path=/');
    jar.setFromResponse(page, 'second=1; Path=/');
    jar.setFromResponse(page, 'deep=1; Path=/app');
    jar.setFromResponse(page, 'root=2; Path=/');
    expect(sent()).toBe('deep=1; root=2; second=1');
  });
});

describe('an end', () => {
  test.each([
    ['Max-Age=60', 60_000],
    ['Max-Age=60; Expires=Wed, 01 Jan 2020 00:00:00 GMT', 60_000],
    ['Expires=Wed, 01 Jul 2026 00:01:00 GMT', 60_000],
    ['expires=Wednesday, 01-Jul-26 00:01:00 GMT', 60_000],
    ['Expires=Wed Jul  1 00:01:00 2026', 60_000],
    ['Max-Age=99999999999', 400 * 86_400_000],
  ])('%s', (attribute, lifeMs) => {
    jar.setFromResponse(page, `a=1; ${attribute}`);
    now = NOW + lifeMs - 1;
    expect(sent()).toBe('a=1');
    now = NOW + lifeMs;
    expect(sent()).toBe('');
    expect(jar.list()).toEqual([]);
  });

  test.each([['Max-Age=0'], ['Max-Age=-1'], ['Expires=Thu, 01 Jan 1970 00:00:00 GMT']])(
    '%s removes it',
    (attribute) => {
      jar.setFromResponse(page, 'a=1');
      expect(jar.setFromResponse(page, `a=; ${attribute}`)).toBe(true);
      expect(sent()).toBe('');
    },
  );

  test.each([
    ['Max-Age=soon'],
    ['Expires=never'],
    ['Expires=Wed, 32 Jul 2026 00:00:00 GMT'],
    ['Expires=Wed, 01 Jul 2026 25:00:00 GMT'],
  ])('%s is none', (attribute) => {
    jar.setFromResponse(page, `a=1; ${attribute}`);
    expect(jar.list()[0]?.expiresMs).toBe(undefined);
  });
});

describe('what is kept from whom', () => {
  test('scripts neither see nor make nor replace what is HttpOnly', () => {
    jar.setFromResponse(page, 'secret=1; HttpOnly');
    expect(jar.setFromScript(page, 'secret=2')).toBe(false);
    expect(jar.setFromScript(page, 'own=1; HttpOnly')).toBe(false);
    expect(jar.setFromScript(page, 'own=2')).toBe(true);
    expect(jar.scriptTextFor(page)).toBe('own=2');
    expect(sent()).toBe('secret=1; own=2');
  });

  test('Secure stays where the browser trusts the line: https, and this machine', () => {
    jar.setFromResponse(page, 'here=1; Secure');
    jar.setFromResponse(new URL('http://shop.example/'), 'no=1; Secure');
    jar.setFromResponse(new URL('https://shop.example/'), 'yes=1; Secure');
    expect(sent()).toBe('here=1');
    expect(sent('http://shop.example/')).toBe('');
    expect(sent('https://shop.example/')).toBe('yes=1');
  });

  test('prefixes keep their promise', () => {
    for (const header of [
      '__Host-a=1; Secure; Path=/',
      '__Host-b=1; Secure; Path=/app',
      '__Host-c=1; Path=/',
      '__Secure-d=1; Secure',
      '__Secure-e=1',
    ]) {
      jar.setFromResponse(page, header);
    }
    expect(jar.list().map(({ name }) => name)).toEqual(['__Host-a', '__Secure-d']);
  });
});

/** Which Worker answers for an address: the most specific route, as on the platform. */
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/bundler/config.ts';
import { faultOfPattern, routesOf, scriptAt } from '../../src/protocol/routes.ts';

const routes = routesOf([
  { name: 'main', routes: ['example.com/*', '*.example.com/*'] },
  { name: 'api', routes: ['api.example.com/*', 'example.com/api/*', 'https://example.com/exact'] },
]);
const at = (url: string) => scriptAt(routes, new URL(url));

describe('routes', () => {
  test('the account has an origin of its own, where the entry answers', () => {
    expect(at('http://localhost:8787/')).toBe('main');
    expect(at('ws://localhost:8787/chat?x')).toBe('main');
    expect(at('http://localhost:8788/')).toBeUndefined();
    expect(scriptAt(routesOf([]), new URL('http://localhost:8787/'))).toBeUndefined();
  });

  test('a host goes before a wildcard, a longer path before a shorter', () => {
    expect(at('https://example.com/')).toBe('main');
    expect(at('https://shop.example.com/a/b')).toBe('main');
    expect(at('https://api.example.com/a')).toBe('api');
    expect(at('https://example.com/api/x')).toBe('api');
    expect(at('https://example.com/apix')).toBe('main');
    expect(at('https://notexample.com/')).toBeUndefined();
    expect(at('https://example.org/')).toBeUndefined();
  });

  test('a scheme counts when it is given, and a path without a wildcard is the whole path', () => {
    expect(at('https://example.com/exact')).toBe('api');
    expect(at('wss://example.com/exact')).toBe('api');
    expect(at('http://example.com/exact')).toBe('main');
    expect(at('https://example.com/exact?q')).toBe('main');
  });

  test('what is no pattern is told as the rest of a sentence', () => {
    expect(faultOfPattern('example.com/*')).toBeUndefined();
    expect(faultOfPattern('*/*')).toBeUndefined();
    expect(faultOfPattern('exa*mple.com/')).toBe('may have a wildcard at the beginning of the host only');
    expect(faultOfPattern('example.com/*/x')).toBe('may have a wildcard at the end of the path only');
    expect(faultOfPattern('example.com/?a')).toBe('must not have a query or a fragment');
    expect(faultOfPattern('/a')).toBe('names no host');
  });

  test('a config names them in every form that wrangler takes', () => {
    const read = (value: unknown) =>
      readConfig({ value, label: 'config', locate: () => undefined } as never).config.routes;
    expect(read({})).toBeUndefined();
    expect(read({ route: 'example.com/*' })).toEqual(['example.com/*']);
    expect(
      read({
        routes: ['a.com/*', { pattern: 'b.com/x', zone_name: 'b.com' }, { pattern: 'c.com', custom_domain: true }],
      }),
    ).toEqual(['a.com/*', 'b.com/x', 'c.com/*']);
    expect(() => read({ routes: ['a*b.com/'] })).toThrow(
      '"routes[0]" may have a wildcard at the beginning of the host only.',
    );
  });
});

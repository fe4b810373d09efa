/**
 * Which Worker of the account answers for an address: its routes, and the origin that every account has.
 *
 * Promise: the most specific route wins, as on the platform: a host before a wildcard, a longer host before a shorter, a longer
 * path before a shorter. Patterns are wrangler's: `example.com/*`, `*.example.com/api/*`, `https://example.com/a`.
 */
import { OWN_ORIGIN } from './target.ts';

/** One pattern and the script that answers for what matches it. */
export interface Route {
  readonly pattern: string;
  readonly script: string;
}

interface Parsed {
  readonly script: string;
  readonly protocol: string | undefined;
  readonly host: string;
  readonly hasHostWildcard: boolean;
  readonly path: string;
  readonly hasPathWildcard: boolean;
}

/** `wss:` counts as `https:`, `ws:` as `http:`. Undefined: nobody of the account answers for it. */
export function scriptAt(routes: readonly Route[], url: URL): string | undefined {
  const protocol = url.protocol === 'ws:' ? 'http:' : url.protocol === 'wss:' ? 'https:' : url.protocol;
  let best: Parsed | undefined;
  for (let i = 0; i < routes.length; i++) {
    const route = parse(routes[i] as Route);
    if (matches(route, protocol, url) && (!best || isMoreSpecific(route, best))) best = route;
  }
  return best?.script;
}

/** The routes of an account: what its Workers say, and the entry at the account's own origin. */
export function routesOf(scripts: readonly { readonly name: string; readonly routes?: readonly string[] }[]): Route[] {
  const [entry] = scripts;
  const own = entry ? [{ pattern: `${new URL(OWN_ORIGIN).host}/*`, script: entry.name }] : [];
  return [...own, ...scripts.flatMap(({ name, routes = [] }) => routes.map((pattern) => ({ pattern, script: name })))];
}

/** Why a pattern is none, as the rest of a sentence; undefined when it is one. */
export function faultOfPattern(pattern: string): string | undefined {
  const { host, path } = parse({ pattern, script: '' });
  if (/[?#]/.test(pattern)) return 'must not have a query or a fragment';
  if (host.includes('*')) return 'may have a wildcard at the beginning of the host only';
  if (path.includes('*')) return 'may have a wildcard at the end of the path only';
  return host === '' && !pattern.replace(/^https?:\/\//, '').startsWith('*') ? 'names no host' : undefined;
}

function parse({ pattern, script }: Route): Parsed {
  const [, scheme, rest = ''] = /^(?:(https?:)\/\/)?(.*)$/s.exec(pattern) ?? [];
  const slash = rest.indexOf('/');
  const host = (slash < 0 ? rest : rest.slice(0, slash)).toLowerCase();
  const path = slash < 0 ? '/' : rest.slice(slash);
  const hasHostWildcard = host.startsWith('*');
  const hasPathWildcard = path.endsWith('*');
  return {
    script,
    protocol: scheme,
    host: hasHostWildcard ? host.slice(1) : host,
    hasHostWildcard,
    path: hasPathWildcard ? path.slice(0, -1) : path,
    hasPathWildcard,
  };
}

function matches(route: Parsed, protocol: string, { host, pathname, search }: URL): boolean {
  if (route.protocol !== undefined && route.protocol !== protocol) return false;
  if (route.hasHostWildcard ? !host.endsWith(route.host) : host !== route.host) return false;
  const path = pathname + search;
  return route.hasPathWildcard ? path.startsWith(route.path) : path === route.path;
}

function isMoreSpecific(a: Parsed, b: Parsed): boolean {
  if (a.hasHostWildcard !== b.hasHostWildcard) return b.hasHostWildcard;
  if (a.host.length !== b.host.length) return a.host.length > b.host.length;
  if (a.path.length !== b.path.length) return a.path.length > b.path.length;
  return b.hasPathWildcard && !a.hasPathWildcard;
}

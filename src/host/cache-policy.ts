/**
 * Whether and for how long a response may be kept by a cache that many share, as local workerd's decides it.
 *
 * Promise: the rules of RFC 9111 as miniflare's library (http-cache-semantics 4.1) reads them, on a clock that is given; a response
 * that sets a cookie is not kept unless it says `private=Set-Cookie`, and then without the cookie.
 */
import type { CacheHeaders } from '../protocol/cache.ts';

export type Fields = Readonly<Record<string, string>>;

export interface Verdict {
  /** 0: it is stale at once */
  readonly lifetimeMs: number;
  /** what is kept of its headers */
  readonly headers: Fields;
}

type Directives = Readonly<Record<string, string | true>>;

/** 204 is missing: miniflare cannot keep a response that has no body. */
const UNDERSTOOD = [200, 203, 300, 301, 302, 303, 307, 308, 404, 405, 410, 414, 501];
const KEPT_BY_DEFAULT = [200, 203, 300, 301, 308, 404, 405, 410, 414, 501];
/** of what may be kept without a word on how long: this part of the time since it was last modified */
const HEURISTIC = 0.1;
const IMMUTABLE_SECONDS = 24 * 3600;
const BETWEEN_NEIGHBOURS =
  /^(date|connection|keep-alive|proxy-authenticate|proxy-authorization|te|trailer|transfer-encoding|upgrade)$/;

/** Undefined when it must not be kept. */
export function judge(
  request: CacheHeaders,
  response: { readonly status: number; readonly headers: CacheHeaders },
  nowMs: number,
): Verdict | undefined {
  const fields = withoutPrivateCookie(fieldsOf(response.headers));
  const directives = directivesOf(fields);
  if ('set-cookie' in fields || !isStorable(response.status, fields, directives, fieldsOf(request))) return undefined;
  const age = seconds(fields['age']);
  const lifetimeMs = Math.max(0, maxAge(fields, directives, nowMs) - age) * 1000;
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(fields)) if (!BETWEEN_NEIGHBOURS.test(name)) kept[name] = value;
  return { lifetimeMs, headers: { ...kept, age: `${age}`, date: new Date(nowMs).toUTCString() } };
}

/** The last of several values: those that count here are single. */
export function fieldsOf(headers: CacheHeaders): Fields {
  return Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value]));
}

function withoutPrivateCookie(fields: Fields): Fields {
  const control = fields['cache-control']?.toLowerCase();
  if (!control?.includes('private=set-cookie')) return fields;
  const { 'set-cookie': _cookie, ...rest } = fields;
  return { ...rest, 'cache-control': control.replace(/private=set-cookie;?/, '') };
}

function directivesOf(fields: Fields): Directives {
  const text = fields['cache-control'];
  const directives: Record<string, string | true> = {};
  for (const part of text?.trim().split(',') ?? []) {
    const [name = '', value] = part.split('=', 2);
    directives[name.trim()] = value === undefined ? true : value.trim().replace(/^"|"$/g, '');
  }
  if (text === undefined && fields['pragma']?.includes('no-cache')) directives['no-cache'] = true;
  return directives;
}

function isStorable(status: number, fields: Fields, directives: Directives, request: Fields): boolean {
  if (!UNDERSTOOD.includes(status) || directives['no-store'] || directives['private']) return false;
  const isForOne = Boolean(request['authorization']);
  if (isForOne && !(directives['must-revalidate'] || directives['public'] || directives['s-maxage'])) return false;
  const saysHowLong = fields['expires'] || directives['max-age'] || directives['s-maxage'] || directives['public'];
  return Boolean(saysHowLong) || KEPT_BY_DEFAULT.includes(status);
}

/** In seconds, from its `Date` on. */
function maxAge(fields: Fields, directives: Directives, nowMs: number): number {
  if (directives['no-cache'] || directives['proxy-revalidate'] || fields['vary'] === '*') return 0;
  const said = directives['s-maxage'] || directives['max-age'];
  if (said) return seconds(said);
  const least = directives['immutable'] ? IMMUTABLE_SECONDS : 0;
  const date = Date.parse(fields['date'] ?? '');
  const from = Number.isFinite(date) ? date : nowMs;
  if (fields['expires']) {
    const expires = Date.parse(fields['expires']);
    return Number.isNaN(expires) || expires < from ? 0 : Math.max(least, (expires - from) / 1000);
  }
  const modified = Date.parse(fields['last-modified'] ?? '');
  return Number.isFinite(modified) && from > modified ? Math.max(least, ((from - modified) / 1000) * HEURISTIC) : least;
}

function seconds(given: string | true | undefined): number {
  const number = Number.parseInt(String(given), 10);
  return Number.isFinite(number) ? number : 0;
}

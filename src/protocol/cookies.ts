/**
 * The cookies of one browser, by the rules of RFC 6265 and of its successor where all browsers follow that.
 *
 * Promise: what a server set comes back to it and to scripts exactly as a browser would send it: by host, path, expiry,
 * `Secure` and `HttpOnly`, longer paths first, then older cookies. A cookie that a browser would refuse changes nothing.
 *
 * Knows one site, so `SameSite` is read and kept but decides nothing; there is no list of public suffixes. Time is given:
 * it is that of the program that sets the cookies.
 */

export interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly domain: string;
  /** sent to `domain` alone, not to hosts under it */
  readonly isHostOnly: boolean;
  readonly path: string;
  /** milliseconds since 1970; undefined for as long as the browser lives */
  readonly expiresMs: number | undefined;
  readonly isSecure: boolean;
  readonly isHttpOnly: boolean;
  readonly sameSite: 'strict' | 'lax' | 'none' | undefined;
}

const COOKIE_BYTES_MAX = 4096; // of name and value, as in every browser
const ATTRIBUTE_BYTES_MAX = 1024; // a longer one is ignored, RFC 6265bis 5.6
const LIFE_MS_MAX = 400 * 86_400_000; // RFC 6265bis 5.5
const COOKIES_MAX = 600; // RFC 6265bis 6.1 asks for 50 of a host at least; the oldest goes

export class CookieJar {
  readonly #now: () => number;
  /** in the order of their making */
  #cookies: Cookie[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Those that have not expired, in the order of their making. */
  list(): readonly Cookie[] {
    const now = this.#now();
    this.#cookies = this.#cookies.filter(({ expiresMs }) => expiresMs === undefined || expiresMs > now);
    return this.#cookies;
  }

  /** Takes exactly these for what there is. */
  replace(cookies: readonly Cookie[]): void {
    this.#cookies = [...cookies];
  }

  clear(): void {
    this.#cookies = [];
  }

  /** What a response's `Set-Cookie` asks for. @returns whether anything is different now */
  setFromResponse(url: URL, header: string): boolean {
    return this.#set(url, header, false);
  }

  /** What `document.cookie = text` asks for. @returns whether anything is different now */
  setFromScript(url: URL, text: string): boolean {
    return this.#set(url, text, true);
  }

  /** The value of a request's `Cookie`; empty when none is sent. */
  headerFor(url: URL): string {
    return pairsOf(this.#matching(url));
  }

  /** What a script reads as `document.cookie`. */
  scriptTextFor(url: URL): string {
    return pairsOf(this.visibleTo(url));
  }

  /** Those that a script of that document may read. */
  visibleTo(url: URL): Cookie[] {
    return this.#matching(url).filter(({ isHttpOnly }) => !isHttpOnly);
  }

  #matching(url: URL): Cookie[] {
    return this.list()
      .filter(
        (cookie) =>
          isDomainOf(cookie, url.hostname) &&
          pathMatches(url.pathname, cookie.path) &&
          (!cookie.isSecure || isTrustworthy(url)),
      )
      .sort((one, other) => other.path.length - one.path.length); // stable: equal ones by age
  }

  #set(url: URL, text: string, isScript: boolean): boolean {
    const cookie = readCookie(url, text, this.#now());
    if (!cookie || (isScript && cookie.isHttpOnly)) return false;
    const known = this.list();
    const at = known.findIndex((one) => isSame(one, cookie));
    const older = known[at];
    if (older?.isHttpOnly && isScript) return false;
    const isExpired = cookie.expiresMs !== undefined && cookie.expiresMs <= this.#now();
    if (!older && isExpired) return false;
    if (older && JSON.stringify(older) === JSON.stringify(cookie)) return false;
    // A cookie that is set again keeps its age, and so its place.
    if (older) this.#cookies = isExpired ? known.toSpliced(at, 1) : known.with(at, cookie);
    else this.#cookies = [...known, cookie].slice(-COOKIES_MAX);
    return true;
  }
}

function pairsOf(cookies: readonly Cookie[]): string {
  return cookies.map(({ name, value }) => (name === '' ? value : `${name}=${value}`)).join('; ');
}

function isSame(one: Cookie, other: Cookie): boolean {
  return one.name === other.name && one.domain === other.domain && one.path === other.path;
}

/** Undefined for one that a browser ignores. */
function readCookie(url: URL, text: string, nowMs: number): Cookie | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is refused
  if (/[\x00-\x08\x0a-\x1f\x7f]/.test(text)) return undefined;
  const [pair = '', ...parts] = text.split(';');
  const equals = pair.indexOf('=');
  const name = equals < 0 ? '' : pair.slice(0, equals).trim();
  const value = pair.slice(equals + 1).trim();
  if (name === '' && value === '') return undefined;
  if (new TextEncoder().encode(name + value).length > COOKIE_BYTES_MAX) return undefined;
  const attributes = readAttributes(parts);
  const domain = (attributes.get('domain') ?? '').replace(/^\./, '').toLowerCase();
  if (domain !== '' && !mayCover(domain, url.hostname)) return undefined;
  const path = attributes.get('path');
  const cookie: Cookie = {
    name,
    value,
    domain: domain === '' ? url.hostname : domain,
    isHostOnly: domain === '',
    path: path?.startsWith('/') ? path : defaultPath(url.pathname),
    expiresMs: expiryOf(attributes, nowMs),
    isSecure: attributes.has('secure'),
    isHttpOnly: attributes.has('httponly'),
    sameSite: sameSiteOf(attributes.get('samesite')),
  };
  if (cookie.isSecure && !isTrustworthy(url)) return undefined;
  return keepsPrefix(cookie, attributes) ? cookie : undefined;
}

/** By lower-case name; the last one of a name holds. */
function readAttributes(parts: readonly string[]): Map<string, string> {
  const attributes = new Map<string, string>();
  for (const part of parts) {
    const [name = '', ...rest] = part.split('=');
    const value = rest.join('=').trim();
    if (value.length <= ATTRIBUTE_BYTES_MAX) attributes.set(name.trim().toLowerCase(), value);
  }
  return attributes;
}

function expiryOf(attributes: ReadonlyMap<string, string>, nowMs: number): number | undefined {
  const maxAge = attributes.get('max-age');
  if (maxAge !== undefined && /^-?\d+$/.test(maxAge)) {
    const ms = Number(maxAge) * 1000;
    return ms <= 0 ? 0 : nowMs + Math.min(ms, LIFE_MS_MAX);
  }
  const expires = attributes.get('expires');
  const atMs = expires === undefined ? undefined : cookieDate(expires);
  return atMs === undefined ? undefined : Math.min(atMs, nowMs + LIFE_MS_MAX);
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** The forgiving reading of RFC 6265, 5.1.1. @returns milliseconds since 1970; undefined for what is no date */
function cookieDate(text: string): number | undefined {
  let time: [number, number, number] | undefined;
  let [day, month, year]: (number | undefined)[] = [];
  for (const token of text.split(/[^\w:]+/)) {
    const clock = /^(\d{1,2}):(\d{1,2}):(\d{1,2})(?!\d)/.exec(token);
    if (!time && clock) time = [Number(clock[1]), Number(clock[2]), Number(clock[3])];
    else if (day === undefined && /^\d{1,2}(?!\d)/.test(token)) day = Number.parseInt(token, 10);
    else if (month === undefined && MONTHS.includes(token.slice(0, 3).toLowerCase()))
      month = MONTHS.indexOf(token.slice(0, 3).toLowerCase());
    else if (year === undefined && /^\d{2,4}(?!\d)/.test(token)) year = Number.parseInt(token, 10);
  }
  if (!time || day === undefined || month === undefined || year === undefined) return undefined;
  if (year >= 70 && year <= 99) year += 1900;
  if (year >= 0 && year <= 69) year += 2000;
  const [hours, minutes, seconds] = time;
  if (day < 1 || day > 31 || year < 1601 || hours > 23 || minutes > 59 || seconds > 59) return undefined;
  return Date.UTC(year, month, day, hours, minutes, seconds);
}

function sameSiteOf(value: string | undefined): Cookie['sameSite'] {
  const lower = value?.toLowerCase();
  return lower === 'strict' || lower === 'lax' || lower === 'none' ? lower : undefined;
}

/** `__Secure-` and `__Host-` promise something of the cookie. */
function keepsPrefix({ name, isSecure, isHostOnly }: Cookie, attributes: ReadonlyMap<string, string>): boolean {
  if (/^__secure-/i.test(name)) return isSecure;
  if (/^__host-/i.test(name)) return isSecure && isHostOnly && attributes.get('path') === '/';
  return true;
}

function isDomainOf({ domain, isHostOnly }: Cookie, host: string): boolean {
  return host === domain || (!isHostOnly && isUnder(host, domain));
}

function isUnder(host: string, domain: string): boolean {
  return host.endsWith(`.${domain}`) && !/^[\d.]+$|^\[/.test(host);
}

/** Whether a server of `host` may set a cookie for all of `domain`: its own name, or one above it that is no top level. */
function mayCover(domain: string, host: string): boolean {
  return domain === host || (domain.includes('.') && isUnder(host, domain));
}

function defaultPath(pathname: string): string {
  const end = pathname.lastIndexOf('/');
  return end <= 0 ? '/' : pathname.slice(0, end);
}

function pathMatches(pathname: string, path: string): boolean {
  if (!pathname.startsWith(path)) return false;
  return pathname.length === path.length || path.endsWith('/') || pathname[path.length] === '/';
}

/** Browsers trust `localhost` as they trust https. */
function isTrustworthy({ protocol, hostname }: URL): boolean {
  return (
    protocol === 'https:' || hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '127.0.0.1'
  );
}

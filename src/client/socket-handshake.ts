/**
 * What a browser says in the request by which it opens a WebSocket.
 *
 * Promise: the headers that a Worker sees of Chromium behind the platform (seen), for a page of the origin that is given. What the
 * caller sets itself stays, but for what makes the request one for a WebSocket.
 */
import type { Opening } from '../sockets/socket-arguments.ts';

/** What Chromium offers, and what workerd agrees to. Nothing is compressed here: nothing leaves the machine. */
const OFFERED = 'permessage-deflate; client_max_window_bits';
const AGREED = 'permessage-deflate; client_max_window_bits=15';

export interface Handshake extends Opening {
  /** of the page that opens it */
  readonly origin: string;
  readonly given: HeadersInit | undefined;
  randomBytes(length: number): Uint8Array;
}

export function handshakeHeaders({ url, protocols, origin, given, randomBytes }: Handshake): Headers {
  const headers = new Headers(given);
  const set = (name: string, value: string) => {
    if (!headers.has(name)) headers.set(name, value);
  };
  headers.set('Upgrade', 'websocket');
  headers.set('Connection', 'Upgrade');
  set('Host', url.host);
  set('Origin', origin);
  set('User-Agent', navigator.userAgent);
  set('Pragma', 'no-cache');
  set('Cache-Control', 'no-cache');
  set('Accept-Encoding', 'br, gzip'); // what the platform makes of a browser's
  set('Accept-Language', acceptLanguage(navigator.languages));
  set('Sec-WebSocket-Version', '13');
  set('Sec-WebSocket-Key', btoa(String.fromCharCode(...randomBytes(16))));
  set('Sec-WebSocket-Extensions', OFFERED);
  if (protocols.length > 0) headers.set('Sec-WebSocket-Protocol', protocols.join(', '));
  return headers;
}

/** @returns what the socket's `extensions` says */
export function agreedExtensions(headers: Headers): string {
  return headers.get('Sec-WebSocket-Extensions') === OFFERED ? AGREED : '';
}

/** As Chromium writes it: a language follows the last of its regions, and each counts a tenth less than the one before. */
export function acceptLanguage(languages: readonly string[]): string {
  const baseOf = (language: string | undefined) => language?.split('-')[0] ?? '';
  const all = languages.flatMap((language, i) => {
    const base = baseOf(language);
    const isLast = baseOf(languages[i + 1]) !== base && !languages.includes(base);
    return isLast ? [language, base] : [language];
  });
  return all
    .map((language, i) => (i === 0 ? language : `${language};q=${Math.max(0.1, 1 - i / 10).toFixed(1)}`))
    .join(',');
}

/**
 * What a page that the Worker made and the preview that shows it say to each other.
 *
 * Promise: `readFromFrame` gives nothing but what stands in `FromFrame`, with sizes within bounds, whatever was posted:
 * the frame runs strangers' code. The other way needs no reading: the frame trusts who made it.
 */
import type { Cookie } from './cookies.ts';
import type { Route } from './routes.ts';

export type Pairs = readonly (readonly [string, string])[];

/** The whole of a body, or a port of `base/port-stream`; null: none. */
export type PortBody = ArrayBuffer | MessagePort | null;

export interface FrameRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Pairs;
  readonly body: PortBody;
  readonly redirect: 'follow' | 'manual' | 'error';
  /** false: neither sends nor takes cookies */
  readonly hasCookies: boolean;
  /** what it is for, as in `Sec-Fetch-Dest` */
  readonly destination: Destination;
}

const DESTINATIONS = ['', 'script', 'style', 'image', 'font', 'audio', 'video', 'track', 'json'] as const;
export type Destination = (typeof DESTINATIONS)[number];

export interface Navigation {
  readonly url: string;
  /** takes the place of the entry that is shown */
  readonly isReplacing: boolean;
  /** undefined: a GET */
  readonly form: { readonly method: 'POST'; readonly type: string; readonly body: ArrayBuffer } | undefined;
}

export type FromFrame =
  | { readonly t: 'fetch'; readonly id: number; readonly request: FrameRequest }
  | { readonly t: 'abort'; readonly id: number }
  | { readonly t: 'navigate'; readonly to: Navigation }
  | { readonly t: 'go'; readonly delta: number }
  /** `history.pushState` and `replaceState`, and steps to a fragment */
  | { readonly t: 'state'; readonly url: string; readonly state: unknown; readonly isReplacing: boolean }
  | { readonly t: 'cookie'; readonly text: string }
  | { readonly t: 'store'; readonly area: Area; readonly entries: Pairs }
  | { readonly t: 'title'; readonly title: string }
  | { readonly t: 'loaded' }
  | { readonly t: 'problem'; readonly text: string }
  | { readonly t: 'socket'; readonly id: number; readonly url: string; readonly protocols: readonly string[] }
  | { readonly t: 'socket-send'; readonly id: number; readonly data: string | ArrayBuffer }
  | {
      readonly t: 'socket-close';
      readonly id: number;
      readonly code: number | undefined;
      readonly reason: string | undefined;
    };

export type Area = 'local' | 'session';

export interface FrameDocument {
  readonly html: string;
  readonly url: string;
  readonly referrer: string;
  readonly state: unknown;
  readonly historyLength: number;
  readonly cookies: readonly Cookie[];
  /** milliseconds since 1970 by the clock that cookies expire by */
  readonly nowMs: number;
  readonly stores: Readonly<Record<Area, Pairs>>;
  /** where Workers of the account are reached: a page's WebSockets to these go there */
  readonly routes: readonly Route[];
}

export type ToFrame =
  | { readonly t: 'document'; readonly document: FrameDocument }
  | {
      readonly t: 'head';
      readonly id: number;
      readonly status: number;
      readonly statusText: string;
      readonly headers: Pairs;
      readonly url: string;
      readonly isRedirected: boolean;
      readonly body: PortBody;
    }
  | { readonly t: 'failed'; readonly id: number; readonly message: string }
  /** what scripts may read from now on */
  | { readonly t: 'cookies'; readonly cookies: readonly Cookie[] }
  | { readonly t: 'history'; readonly length: number }
  /** a step between entries of the same document */
  | { readonly t: 'step'; readonly url: string; readonly state: unknown }
  | { readonly t: 'socket-open'; readonly id: number; readonly protocol: string; readonly extensions: string }
  | { readonly t: 'socket-message'; readonly id: number; readonly data: string | ArrayBuffer }
  | { readonly t: 'socket-error'; readonly id: number }
  | {
      readonly t: 'socket-close';
      readonly id: number;
      readonly code: number;
      readonly reason: string;
      readonly wasClean: boolean;
    };

/** The first word of a frame, posted to its parent; the answer is `FRAME_PORT` with a port. */
export const FRAME_HELLO = 'durabox preview: hello';
export const FRAME_PORT = 'durabox preview: port';

const URL_MAX = 64 * 1024;
const TEXT_MAX = 1024 * 1024; // of a title, a problem, a cookie: far above what is shown or kept
const STORE_MAX = 10 * 1024 * 1024; // characters; browsers give an origin 5 MiB of UTF-16

/** Undefined for what a frame of ours does not post. */
export function readFromFrame(value: unknown): FromFrame | undefined {
  if (!isRecord(value)) return undefined;
  const { t, id } = value;
  switch (t) {
    case 'fetch': {
      const request = readRequest(value['request']);
      return isId(id) && request ? { t, id, request } : undefined;
    }
    case 'abort':
      return isId(id) ? { t, id } : undefined;
    case 'navigate': {
      const to = readNavigation(value['to']);
      return to && { t, to };
    }
    case 'go':
      return Number.isSafeInteger(value['delta']) ? { t, delta: value['delta'] as number } : undefined;
    case 'state': {
      const { url, state, isReplacing } = value;
      return isText(url, URL_MAX) && typeof isReplacing === 'boolean' ? { t, url, state, isReplacing } : undefined;
    }
    case 'store': {
      const { area, entries } = value;
      return (area === 'local' || area === 'session') && isStore(entries) ? { t, area, entries } : undefined;
    }
    case 'cookie':
      return isText(value['text'], TEXT_MAX) ? { t, text: value['text'] } : undefined;
    case 'problem':
      return isText(value['text'], TEXT_MAX) ? { t, text: value['text'] } : undefined;
    case 'title':
      return isText(value['title'], TEXT_MAX) ? { t, title: value['title'] } : undefined;
    case 'loaded':
      return { t };
    default:
      return readSocketMessage(value);
  }
}

function readSocketMessage(value: Record<string, unknown>): FromFrame | undefined {
  const { t, id } = value;
  if (!isId(id)) return undefined;
  switch (t) {
    case 'socket': {
      const { url, protocols } = value;
      const isList = Array.isArray(protocols) && protocols.length <= 100 && protocols.every((one) => isText(one, 1024));
      return isText(url, URL_MAX) && isList ? { t, id, url, protocols } : undefined;
    }
    case 'socket-send': {
      const { data } = value;
      return typeof data === 'string' || data instanceof ArrayBuffer ? { t, id, data } : undefined;
    }
    case 'socket-close': {
      const { code, reason } = value;
      const isCode = code === undefined || (Number.isInteger(code) && (code === 1000 || isOwnCode(code as number)));
      if (!isCode || !(reason === undefined || isText(reason, 123))) return undefined;
      return { t, id, code: code as number | undefined, reason };
    }
    default:
      return undefined;
  }
}

function isOwnCode(code: number): boolean {
  return code >= 3000 && code <= 4999;
}

function readRequest(value: unknown): FrameRequest | undefined {
  if (!isRecord(value)) return undefined;
  const { url, method, headers, body, redirect, hasCookies, destination } = value;
  if (!isText(url, URL_MAX) || !isText(method, 64) || !isHeaders(headers) || typeof hasCookies !== 'boolean') {
    return undefined;
  }
  if (redirect !== 'follow' && redirect !== 'manual' && redirect !== 'error') return undefined;
  if (!(body === null || body instanceof ArrayBuffer || body instanceof MessagePort)) return undefined;
  const known = DESTINATIONS.find((one) => one === destination);
  if (known === undefined || !/^[\w!#$%&'*+.^`|~-]+$/.test(method)) return undefined;
  if (body !== null && /^(get|head)$/i.test(method)) return undefined;
  return { url, method, headers, body, redirect, hasCookies, destination: known };
}

function readNavigation(value: unknown): Navigation | undefined {
  if (!isRecord(value)) return undefined;
  const { url, isReplacing, form } = value;
  if (!isText(url, URL_MAX) || typeof isReplacing !== 'boolean') return undefined;
  if (form === undefined) return { url, isReplacing, form };
  if (!isRecord(form) || form['method'] !== 'POST') return undefined;
  const { type, body } = form;
  if (!isText(type, 1024) || !(body instanceof ArrayBuffer) || !isHeaderValue(type)) return undefined;
  return { url, isReplacing, form: { method: 'POST', type, body } };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isId(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0 && (value as number) < 2 ** 31;
}

function isText(value: unknown, max: number): value is string {
  return typeof value === 'string' && value.length <= max;
}

function isPairs(value: unknown): value is [string, string][] {
  return (
    Array.isArray(value) &&
    value.every((pair) => Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === 'string'))
  );
}

function isHeaders(value: unknown): value is [string, string][] {
  if (!isPairs(value) || value.length > 1000) return false;
  return value.every(([name, text]) => /^[\w!#$%&'*+.^`|~-]+$/.test(name) && isHeaderValue(text));
}

function isHeaderValue(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is refused
  return text.length <= TEXT_MAX && /^[^\x00\r\n\u0100-\uffff]*$/.test(text);
}

function isStore(value: unknown): value is [string, string][] {
  return isPairs(value) && value.reduce((size, [key, text]) => size + key.length + text.length, 0) <= STORE_MAX;
}

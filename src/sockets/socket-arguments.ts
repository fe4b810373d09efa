/**
 * What a page hands to a standard `WebSocket`, read as a browser reads it.
 *
 * Promise: conversions and checks come in Chromium's order, with its classes and texts.
 *
 * @see https://websockets.spec.whatwg.org/
 */
import { hasSurrogates, utf8 } from '../base/bytes.ts';
import { isToken } from '../base/http-token.ts';
import { CLOSE_REASON_BYTES, type SocketData } from '../protocol/sockets.ts';

const CONSTRUCT = "Failed to construct 'WebSocket': ";
const SEND = "Failed to execute 'send' on 'WebSocket': ";
const CLOSE = "Failed to execute 'close' on 'WebSocket': ";
const MISSING = '1 argument required, but only 0 present.';
const CODE_MAX = 65_535;

export interface Opening {
  readonly url: URL;
  readonly protocols: readonly string[];
}

/**
 * Arguments of the constructor.
 *
 * @param base  what relative URLs resolve against
 * @throws TypeError, DOMException SyntaxError
 */
export function readOpening(args: readonly unknown[], base: string): Opening {
  if (args.length === 0) throw new TypeError(CONSTRUCT + MISSING);
  const text = textOf(args[0], CONSTRUCT);
  const protocols = protocolsOf(args[1]);
  const url = readUrl(wellFormed(text), base);
  assertProtocols(protocols);
  return { url, protocols };
}

/** @throws TypeError */
export function readData(args: readonly unknown[]): SocketData | Blob {
  if (args.length === 0) throw new TypeError(SEND + MISSING);
  const [data] = args;
  if (data instanceof Blob) return data;
  if (ArrayBuffer.isView(data)) return copyOf(fixed(data.buffer, 'ArrayBufferView'), data.byteOffset, data.byteLength);
  if (data instanceof ArrayBuffer) return copyOf(fixed(data, 'ArrayBuffer'), 0, data.byteLength);
  return wellFormed(textOf(data, SEND));
}

/** @throws DOMException InvalidStateError */
export function assertConnected(state: number): void {
  if (state === 0) throw new DOMException(`${SEND}Still in CONNECTING state.`, 'InvalidStateError');
}

/**
 * Arguments of `close`. Chromium takes a code that is undefined for a 0 when a reason follows.
 *
 * @throws TypeError, DOMException InvalidAccessError, SyntaxError
 */
export function readClosing(args: readonly unknown[]): { readonly code: number | undefined; readonly reason: string } {
  const [givenCode, givenReason] = args;
  const code = givenCode === undefined && givenReason === undefined ? undefined : clamped(givenCode);
  const reason = givenReason === undefined ? '' : wellFormed(textOf(givenReason, CLOSE));
  if (code !== undefined && code !== 1000 && !(code >= 3000 && code <= 4999)) {
    throw new DOMException(
      `${CLOSE}The close code must be either 1000, or between 3000 and 4999. ${code} is neither.`,
      'InvalidAccessError',
    );
  }
  if (utf8(reason).length > CLOSE_REASON_BYTES) {
    const why = `The close reason must not be greater than ${CLOSE_REASON_BYTES} UTF-8 bytes.`;
    throw new DOMException(CLOSE + why, 'SyntaxError');
  }
  return { code, reason };
}

function clamped(given: unknown): number {
  const refuse = (what: string) => new TypeError(`${CLOSE}Cannot convert a ${what} value to a number`);
  if (typeof given === 'symbol') throw refuse('Symbol');
  if (typeof given === 'bigint') throw refuse('BigInt');
  const code = Number(given);
  return Number.isNaN(code) ? 0 : Math.trunc(Math.min(Math.max(code, 0), CODE_MAX));
}

function textOf(given: unknown, on: string): string {
  if (typeof given === 'symbol') throw new TypeError(`${on}Cannot convert a Symbol value to a string`);
  return String(given);
}

/** What no UTF-8 can say becomes U+FFFD. */
function wellFormed(text: string): string {
  return hasSurrogates(text) ? new TextDecoder('utf-8', { ignoreBOM: true }).decode(utf8(text)) : text;
}

/** A text, or any object that can be iterated. */
function protocolsOf(given: unknown): readonly string[] {
  if (given === undefined) return [];
  const isList = typeof given === 'object' && given !== null && Symbol.iterator in given;
  return (isList ? [...(given as Iterable<unknown>)] : [given]).map((one) => textOf(one, CONSTRUCT));
}

function readUrl(given: string, base: string): URL {
  const refuse = (why: string) => new DOMException(CONSTRUCT + why, 'SyntaxError');
  if (!URL.canParse(given, base)) throw refuse(`The URL '${given}' is invalid.`);
  const url = new URL(given, base);
  if (url.protocol === 'http:') url.protocol = 'ws:';
  if (url.protocol === 'https:') url.protocol = 'wss:';
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:') {
    const scheme = url.protocol.slice(0, -1);
    throw refuse(`The URL's scheme must be either 'http', 'https', 'ws', or 'wss'. '${scheme}' is not allowed.`);
  }
  const at = url.href.indexOf('#');
  if (at >= 0) {
    throw refuse(
      `The URL contains a fragment identifier ('${url.href.slice(at + 1)}'). Fragment identifiers are not allowed in WebSocket URLs.`,
    );
  }
  return url;
}

function assertProtocols(protocols: readonly string[]): void {
  const refuse = (protocol: string, why: string) =>
    new DOMException(`${CONSTRUCT}The subprotocol '${printable(protocol)}' is ${why}.`, 'SyntaxError');
  for (const protocol of protocols) if (!isToken(protocol)) throw refuse(protocol, 'invalid');
  for (const [at, protocol] of protocols.entries()) {
    if (protocols.indexOf(protocol) !== at) throw refuse(protocol, 'duplicated');
  }
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]|\\/g, (one) =>
    one === '\\' ? '\\\\' : `\\u${one.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`,
  );
}

function fixed(buffer: ArrayBufferLike, what: string): ArrayBufferLike {
  const isResizable = 'resizable' in buffer && buffer.resizable;
  if (!isResizable) return buffer;
  throw new TypeError(`${SEND}The provided ${what} value must not be resizable.`);
}

/** Of a buffer that was given away nothing is left. */
function copyOf(buffer: ArrayBufferLike, offset: number, length: number): Uint8Array {
  return length === 0 ? new Uint8Array(0) : new Uint8Array(buffer, offset, length).slice();
}

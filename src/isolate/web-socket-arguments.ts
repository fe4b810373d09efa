/**
 * What a program gives to the methods of a WebSocket, as the platform reads it.
 *
 * Promise: conversions, checks, their order and their texts are workerd's (1.20260730, as observed).
 */
import { sentText, utf8 } from '../base/bytes.ts';
import { isToken } from '../base/http-token.ts';
import { arrayIsArray } from '../base/primordials.ts';
import { CLOSE_REASON_BYTES } from '../protocol/sockets.ts';
import { isCloseCode } from '../sockets/decode.ts';
import { parameterError } from './native-shape.ts';

const NativeURL = URL;

/** A lone surrogate becomes three U+FFFD: one for each byte that it is written as (seen). */
export function toText(given: unknown): string {
  return sentText(`${given as string}`);
}

/** @throws DOMException with the platform's text */
export function readClosing(
  givenCode: unknown,
  givenReason: unknown,
  isLimited: boolean,
): { readonly code: number | undefined; readonly reason: string } {
  const code = givenCode === undefined ? undefined : Math.trunc(Number(givenCode)) | 0;
  const reason = givenReason === undefined ? undefined : toText(givenReason);
  if (code !== undefined && !isCloseCode(code)) {
    throw new DOMException(`Invalid WebSocket close code: ${code}.`, 'InvalidAccessError');
  }
  if (isLimited && reason !== undefined && utf8(reason).length > CLOSE_REASON_BYTES) {
    throw new DOMException(
      `WebSocket close reason must not be longer than ${CLOSE_REASON_BYTES} bytes when UTF-8 encoded.`,
      'SyntaxError',
    );
  }
  if (reason !== undefined && code === undefined) {
    throw new DOMException(
      'If you specify a WebSocket close reason, you must also specify a code.',
      'InvalidAccessError',
    );
  }
  return { code, reason: reason ?? '' };
}

export function readConstruction(args: readonly unknown[]): {
  readonly url: URL;
  readonly protocols: readonly string[];
} {
  if (args.length === 0) throw parameterError('', 'WebSocket', 1, 'string', 'construct');
  const refuse = (why: string) => new DOMException(`WebSocket Constructor: ${why}`, 'SyntaxError');
  let url: URL;
  try {
    url = new NativeURL(`${args[0] as string}`);
  } catch {
    throw refuse('The url is invalid.');
  }
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:') throw refuse('The url scheme must be ws or wss.');
  if (url.hash !== '') throw refuse('The url fragment must be empty.');
  const given = args[1];
  if (given === undefined || given === null) return { url, protocols: [] };
  if (!arrayIsArray(given)) {
    const protocol = `${given as string}`;
    if (!isToken(protocol)) throw refuse('The protocol header token is invalid.');
    return { url, protocols: [protocol] };
  }
  const protocols = given.map((one) => `${one as string}`);
  if (!protocols.every((one) => isToken(one))) throw refuse('One of the protocol header tokens is invalid.');
  if (new Set(protocols).size < protocols.length) throw refuse('The protocols header cannot have repeating values.');
  return { url, protocols };
}

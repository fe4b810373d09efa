/**
 * Checks what a peer said about sockets before anything looks into it.
 *
 * Promise: what comes out has the shape of a SocketMessage; anything else is undefined, and breaks the link that it came by.
 */
import { isCount, isPositive } from '../base/shapes.ts';
import type { SocketMessage } from '../protocol/sockets.ts';

type Fields = Readonly<Record<string, unknown>>;

// A user's program may replace the global.
const Bytes = Uint8Array;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const isText = (value: unknown): value is string => typeof value === 'string';
const isData = (value: unknown) => isText(value) || value instanceof Bytes;

/** What a close frame may carry. @see RFC 6455, 7.4 */
export function isCloseCode(code: number): boolean {
  return code >= 1000 && code <= 4999 && code !== 1004 && code !== 1005 && code !== 1006 && code !== 1015;
}

export function decodeSocketMessage(body: unknown): SocketMessage | undefined {
  return isFields(body) && isPositive(body['id']) && isMessage(body) ? (body as unknown as SocketMessage) : undefined;
}

function isMessage(fields: Fields): boolean {
  switch (fields['s']) {
    case 'open':
      return isText(fields['connection']) && (fields['isClient'] === undefined || fields['isClient'] === true);
    case 'message':
      return isData(fields['data']) && isCause(fields['cause']);
    case 'close':
      return isCode(fields['code']) && isText(fields['reason']) && isCause(fields['cause']);
    case 'lost':
      return isText(fields['reason']) && (fields['error'] === undefined || isText(fields['error']));
    case 'credit':
      return isPositive(fields['bytes']);
    default:
      return false;
  }
}

const isCode = (code: unknown) => code === undefined || (isCount(code) && isCloseCode(code));

function isCause(value: unknown): boolean {
  if (value === undefined) return true;
  return isFields(value) && isText(value['actor']) && isCount(value['number']) && isCount(value['lamport']);
}

/**
 * Checks what a peer sent before anything looks into it.
 *
 * Promise: what comes out has the shape of a SessionMessage all the way down; anything else is undefined and breaks the
 * link that it came by, and nothing else. Payload bytes are not looked into here: their decoder checks them.
 */
import { arrayIsArray } from '../base/primordials.ts';
import { isBytes, isCount, isPositive } from '../base/shapes.ts';
import type { External, Payload, SessionMessage, WireBody, WireRequest, WireResponse } from '../protocol/messages.ts';
import type { Callee } from '../protocol/target.ts';
import { isFixedBuffer } from '../values/buffers.ts';

type Fields = Readonly<Record<string, unknown>>;

export function decodeSessionMessage(body: unknown): SessionMessage | undefined {
  return isFields(body) && isMessage(body) ? (body as unknown as SessionMessage) : undefined;
}

function isMessage(fields: Fields): boolean {
  switch (fields['m']) {
    case 'call':
      return isMemberPost(fields) && isPayload(fields['args']);
    case 'get':
      return isMemberPost(fields);
    case 'fetch':
      return isPost(fields) && isRequest(fields['request']) && isEntry(fields['entry']);
    case 'result':
      return isPost(fields) && isPayload(fields['value']);
    case 'response':
      return isPost(fields) && isResponse(fields['response']);
    case 'error':
      return isPost(fields) && isFields(fields['error']) && isError(fields['error']);
    case 'unkept':
    case 'finish':
    case 'cancel':
    case 'cancelled':
      return isPositive(fields['id']);
    case 'abort':
      return isPositive(fields['signal']) && (fields['reason'] === undefined || isBytes(fields['reason']));
    case 'gone':
      return isPositive(fields['export']);
    case 'release':
      return isPositive(fields['export']) && isPositive(fields['count']);
    default:
      return false;
  }
}

const isPost = (fields: Fields) => isPositive(fields['id']) && isCaused(fields);

/** Of an answer only what the link leads to can be named besides: nothing else has answers. */
const isMemberPost = (fields: Fields) =>
  isPost(fields) &&
  isPath(fields['path']) &&
  isEntry(fields['entry']) &&
  (fields['on'] === undefined ? isCount(fields['target']) : isPositive(fields['on']) && fields['target'] === 0);

function isCaused({ event, lead, cause }: Fields): boolean {
  if (event === undefined) return lead === undefined && cause === undefined;
  return isCount(event) && (lead === undefined || isCount(lead)) && (cause === undefined || isString(cause));
}

function isPayload(value: unknown): value is Payload {
  return (
    isFields(value) &&
    isBytes(value['bytes']) &&
    (value['buffers'] === undefined || isList(value['buffers'], isFixedBuffer)) &&
    isList(value['externals'], isExternal) &&
    (value['disposer'] === undefined || isPositive(value['disposer']))
  );
}

function isError({ bytes, blobs }: Fields): boolean {
  return isBytes(bytes) && (blobs === undefined || isList(blobs, (blob) => blob instanceof Blob));
}

function isExternal(value: unknown): value is External {
  if (!isFields(value)) return false;
  switch (value['kind']) {
    case 'stub':
    case 'writable':
      return isPositive(value['export'] ?? value['own']) && !(value['export'] && value['own']);
    case 'target':
      return isTarget(value['target']);
    case 'readable':
      return isCount(value['stream']);
    case 'signal':
      return isPositive(value['signal']);
    case 'blob':
      return value['blob'] instanceof Blob;
    default:
      return false;
  }
}

function isTarget(value: unknown): value is Callee {
  if (!isFields(value)) return false;
  switch (value['kind']) {
    case 'object':
      return (
        isString(value['namespace']) &&
        isString(value['id']) &&
        (value['name'] === undefined || isString(value['name']))
      );
    case 'worker':
      return isString(value['script']) && isEntry(value['entry']);
    default:
      return false;
  }
}

function isEntry(value: unknown): boolean {
  if (value === undefined) return true;
  if (!isFields(value) || !isString(value['name'])) return false;
  const { props, isEvent } = value;
  if (isEvent !== undefined && isEvent !== true) return false;
  return props === undefined || (isFields(props) && isBytes(props['bytes']) && isList(props['targets'], isTarget));
}

function isBody(value: unknown): value is WireBody {
  if (!isFields(value)) return false;
  switch (value['kind']) {
    case 'none':
      return true;
    case 'bytes':
      return isBytes(value['bytes']);
    case 'stream':
      return isCount(value['stream']);
    default:
      return false;
  }
}

function isRequest(value: unknown): value is WireRequest {
  return (
    isFields(value) &&
    isString(value['method']) &&
    isString(value['url']) &&
    isList(value['headers'], isHeader) &&
    isBody(value['body']) &&
    (value['cf'] === undefined || isString(value['cf'])) &&
    (value['redirect'] === 'follow' || value['redirect'] === 'manual' || value['redirect'] === 'error')
  );
}

function isResponse(value: unknown): value is WireResponse {
  return (
    isFields(value) &&
    isCount(value['status']) &&
    (value['status'] as number) <= 599 &&
    isString(value['statusText']) &&
    isString(value['url']) &&
    isList(value['headers'], isHeader) &&
    isBody(value['body']) &&
    (value['webSocket'] === undefined ? value['status'] !== 101 : isReference(value['webSocket']))
  );
}

function isReference(value: unknown): boolean {
  if (!isFields(value)) return false;
  const { machine, endpoint, connection, epoch, object, wasRefused } = value;
  const isOfObject = object === undefined || isString(object);
  const isPlain = isOfObject && (wasRefused === undefined || wasRefused === true);
  return isString(machine) && isString(endpoint) && isString(connection) && isCount(epoch) && isPlain;
}

const isHeader = (value: unknown) =>
  arrayIsArray(value) && value.length === 2 && isString(value[0]) && isString(value[1]);
const isPath = (value: unknown) => isList(value, isString);

function isList(value: unknown, isItem: (item: unknown) => boolean): boolean {
  if (!arrayIsArray(value)) return false;
  for (let i = 0; i < value.length; i++) if (!isItem(value[i])) return false;
  return true;
}

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const isString = (value: unknown): value is string => typeof value === 'string';

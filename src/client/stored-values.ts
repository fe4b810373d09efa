/**
 * Stored values as a page sees them.
 *
 * Promise: what a program stored is shown with all that it holds. A page's own Request and Response drop headers that a program's
 * keep, so those two come as plain descriptions, of classes that have their names. What the page cannot store is refused
 * with the platform's text, before anything is sent.
 */
import { stubKindOf } from '../rpc/stub.ts';
import { deserialize } from '../values/deserializer.ts';
import { nativeTypesLater } from '../values/native-types.ts';
import { type PlatformClasses, readPlatformValue } from '../values/platform-values.ts';
import { serialize } from '../values/serializer.ts';

const classes: PlatformClasses = {
  Headers,
  Request: class Request {
    constructor(url: string, init: RequestInit) {
      Object.assign(this, { url, method: 'GET' }, init);
    }
  },
  Response: class Response {
    constructor(_body: null, init: ResponseInit) {
      Object.assign(this, { status: 200, statusText: '' }, init);
    }
  },
};

/** @throws DamagedValueError */
export function decodeStored(bytes: Uint8Array): unknown {
  return deserialize(bytes, { delegate: { readHostObject: (reader) => readPlatformValue(reader, classes) } });
}

const nativeTypeOf = nativeTypesLater(globalThis);

/** @throws DataCloneError (a DOMException) for what cannot be stored from here: functions, and objects of the browser */
export function encodeStored(value: unknown): Uint8Array {
  return serialize(value, {
    delegate: { isHostObject: (object) => stubKindOf(object) !== undefined || nativeTypeOf(object) !== undefined },
  });
}

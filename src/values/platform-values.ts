/**
 * Platform values in storage: Headers, Blob, Request and a Response without a body, in workerd's own layout.
 *
 * Promise: bytes that workerd wrote give the same value, made of the classes that are given. Knows nothing of those.
 */
import { NativeUint8Array } from '../base/primordials.ts';
import type { HostReader } from './deserializer.ts';

/** The first number of each says which it is. */
export const PlatformValue = { headers: 4, request: 5, response: 6, blob: 15 } as const;
/** What every stored Headers has: its own kind of guard, which nothing reads. */
export const HEADERS_GUARD = 3;

/** Names that have a number, from 1; every other name is written out. */
export const COMMON_NAMES = [
  'accept-charset accept-encoding accept-language accept-ranges accept access-control-allow-origin age allow',
  'authorization cache-control content-disposition content-encoding content-language content-length',
  'content-location content-range content-type cookie date etag expect expires from host if-match',
  'if-modified-since if-none-match if-range if-unmodified-since last-modified link location max-forwards',
  'proxy-authenticate proxy-authorization range referer refresh retry-after server set-cookie',
  'strict-transport-security transfer-encoding user-agent vary via www-authenticate',
].flatMap((line) => line.split(' '));

/** What the values are made of. */
export interface PlatformClasses {
  readonly Headers: new () => Headers;
  readonly Request: new (url: string, init: RequestInit) => object;
  readonly Response: new (body: null, init: ResponseInit) => object;
}

/** Reads one platform value, for `DeserializerDelegate`. `other`: reads kinds that are not among them. */
export function readPlatformValue(
  reader: HostReader,
  classes: PlatformClasses,
  other?: (kind: number) => object | undefined,
): object {
  const kind = reader.readUint32();
  switch (kind) {
    case PlatformValue.headers:
      return readHeaders(reader, classes);
    case PlatformValue.blob: {
      const type = reader.readUtf8();
      return new Blob([new NativeUint8Array(reader.readRawBytes(reader.readUint32()))], { type });
    }
    case PlatformValue.request: {
      const url = reader.readUtf8();
      return new classes.Request(url, definedOf(reader.readValue()) as RequestInit);
    }
    case PlatformValue.response: {
      const body = reader.readValue();
      return new classes.Response(body as null, definedOf(reader.readValue()) as ResponseInit);
    }
    default:
      return other?.(kind) ?? reader.fail(`a host object of the unknown kind ${kind}`);
  }
}

function readHeaders(reader: HostReader, classes: PlatformClasses): Headers {
  reader.readUint32(); // the guard
  const count = reader.readUint32();
  const headers = new classes.Headers();
  for (let i = 0; i < count; i++) {
    const code = reader.readUint32();
    const name = code === 0 ? reader.readUtf8() : (COMMON_NAMES[code - 1] ?? reader.fail(`the header code ${code}`));
    headers.append(name, reader.readUtf8());
  }
  return headers;
}

/** The members that were not left out. */
function definedOf(value: unknown): object {
  return Object.fromEntries(Object.entries(value as object).filter(([, member]) => member !== undefined));
}

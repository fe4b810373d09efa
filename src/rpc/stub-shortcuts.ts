/**
 * What stubs had of their own before every name of theirs was a method of RPC: `get`, `put` and `delete` over HTTP.
 *
 * Promise: which names a stub has, and which addresses its `fetch` takes, is decided by the compatibility flags of who holds it.
 * @see workerd: api/http.c++ (Fetcher)
 */
import { illegalInvocation } from '../base/platform-objects.ts';
import { objectDefineProperty } from '../base/primordials.ts';
import type { Compatibility } from '../protocol/compatibility.ts';
import type { StubHook } from './hook.ts';

export type StubSurface = Pick<Compatibility, 'rpcMembers' | 'noHttpShortcuts' | 'fullUrls' | 'standardFetchUrls'>;

/** At the newest date. */
export const NEWEST_SURFACE: StubSurface = {
  rpcMembers: true,
  noHttpShortcuts: true,
  fullUrls: true,
  standardFetchUrls: true,
};

/** What relative addresses were resolved against. */
const FAKE_ORIGIN = 'https://fake-host/';

/** The address that `fetch(text)` of a stub asks for. @throws TypeError with the platform's text */
export function fetchedUrl(text: string, { fullUrls, standardFetchUrls }: StubSurface): string {
  const isAbsolute = URL.canParse(text);
  if (!isAbsolute && !fullUrls) return new URL(text, FAKE_ORIGIN).href;
  if (!isAbsolute && standardFetchUrls) throw new TypeError(`Invalid URL: ${text}`);
  if (!isAbsolute) throw new TypeError(`Fetch API cannot load: ${text}`);
  return text;
}

interface PutOptions {
  expiration?: number;
  expirationTtl?: number;
}

/** Gives a class of stubs the three methods. @param hookOf  what a stub of it stands on; undefined for anything else */
export function addShortcuts(
  { prototype }: { prototype: object },
  hookOf: (stub: unknown) => StubHook | undefined,
): void {
  const hook = (stub: unknown): StubHook => {
    const found = hookOf(stub);
    if (!found) throw illegalInvocation();
    return found;
  };
  const methods = {
    async get(url: unknown, type: unknown = 'text') {
      const response = (await hook(this).fetch(String(url), { method: 'GET' })) as Response;
      if (response.status === 404 || response.status === 410) return null;
      return read(assertOk(response, 'GET'), String(type));
    },
    async put(url: unknown, body: unknown, { expiration, expirationTtl }: PutOptions = {}) {
      let to = String(url);
      if (expiration !== undefined) to = withParameter(to, 'expiration', expiration);
      if (expirationTtl !== undefined) to = withParameter(to, 'expiration_ttl', expirationTtl);
      assertOk((await hook(this).fetch(to, { method: 'PUT', body })) as Response, 'PUT');
    },
    async delete(url: unknown) {
      assertOk((await hook(this).fetch(String(url), { method: 'DELETE' })) as Response, 'DELETE');
    },
  };
  for (const [name, value] of Object.entries(methods)) {
    objectDefineProperty(prototype, name, { value, enumerable: true, configurable: true, writable: true });
  }
}

function withParameter(url: string, name: string, value: number): string {
  const to = new URL(url);
  to.searchParams.append(name, String(value));
  return to.href;
}

function assertOk(response: Response, method: string): Response {
  const { status, statusText } = response;
  if (status >= 200 && status < 300) return response;
  throw new Error(`HTTP ${method} request failed: ${status} ${statusText}`);
}

function read(response: Response, type: string): unknown {
  switch (type) {
    case 'text':
      return response.text();
    case 'arrayBuffer':
      return response.arrayBuffer();
    case 'json':
      return response.json();
    case 'stream':
      return response.body;
    default:
      throw new TypeError('Unknown response type. Possible types are "text", "arrayBuffer", "json", and "stream".');
  }
}

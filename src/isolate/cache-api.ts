/**
 * `caches` as a Worker sees it: `caches.default`, and caches with a name.
 *
 * Promise: shapes, texts and the order of the checks are workerd's (1.20260730, as observed). A request to the cache leaves by the
 * output gate and its answer arrives by the input gate, as those of any service. A body is read whole before it is put.
 *
 * DIFFERS: a machine has its own caches, in memory; a tab that is closed takes them with it.
 *
 * Knows no rule of what may be kept: the host has the caches.
 */
import { concat, utf8 } from '../base/bytes.ts';
import { readWhole } from '../base/flows.ts';
import { platformObject } from '../base/platform-objects.ts';
import {
  NativePromise,
  NativeUint8Array,
  objectDefineProperty,
  readableGetReader,
  readerRead,
  typedArraySlice,
} from '../base/primordials.ts';
import type { CacheAnswer, CacheOrder } from '../protocol/cache.ts';
import type { RpcContext } from '../rpc/session.ts';
import type { FetchClasses } from './fetch-classes.ts';
import { type AnyConstructor, globalScopeError, illegalConstructor, named, parameterError } from './native-shape.ts';

export interface CacheHooks {
  classes: FetchClasses;
  /** the gates of whoever asks */
  context(): Pick<RpcContext, 'leave' | 'capture'>;
  isGlobalScope(): boolean;
  /** asks the machine */
  ask(order: CacheOrder, transfer: Transferable[]): Promise<CacheAnswer>;
  /** an answer is waited for; call what it returns when it came */
  begin(): () => void;
}

/** In UTF-8; no longer name is taken (seen). */
const NAME_BYTES_MAX = 1023;

type Asked = ReturnType<FetchClasses['takeRequest']>;

export function makeCaches(hooks: CacheHooks): { caches: object; CacheStorage: AnyConstructor; Cache: AnyConstructor } {
  const CacheStorage = illegalConstructor('CacheStorage');
  const Cache = illegalConstructor('Cache');
  platformObject(CacheStorage.prototype as object, 'CacheStorage');
  platformObject(Cache.prototype as object, 'Cache');
  const names = new WeakMap<object, string>();
  const made = (name: string) => {
    const cache = Object.create(Cache.prototype as object) as object;
    names.set(cache, name);
    return cache;
  };
  const nameOf = (cache: unknown) => {
    const name = names.get(cache as object);
    if (name === undefined) throw new TypeError('Illegal invocation');
    return name;
  };
  const requests = new CacheRequests(hooks);
  // `...args`: the platform's functions have length 0.
  const methods = {
    async delete(this: unknown, ...args: unknown[]) {
      return requests.delete(nameOf(this), args);
    },
    async match(this: unknown, ...args: unknown[]) {
      return requests.match(nameOf(this), args);
    },
    async put(this: unknown, ...args: unknown[]) {
      return requests.put(nameOf(this), args);
    },
  };
  place(Cache.prototype as object, {
    ...{ add: missing('Cache', 'add'), addAll: missing('Cache', 'addAll') },
    ...methods,
    ...{ matchAll: missing('Cache', 'matchAll'), keys: missing('Cache', 'keys') },
  });
  const open = async (...args: unknown[]) => {
    if (args.length === 0) throw parameterError('open', 'CacheStorage', 1, 'string');
    const name = `${args[0] as string}`;
    if (utf8(name).length > NAME_BYTES_MAX) throw new TypeError('Cache name is too long.');
    return made(`named ${name}`);
  };
  const [deleteAll, match, has, keys] = ['delete', 'match', 'has', 'keys'].map((name) => missing('CacheStorage', name));
  place(CacheStorage.prototype as object, { open: named('open', open), delete: deleteAll, match, has, keys });
  const caches = Object.create(CacheStorage.prototype as object) as object;
  objectDefineProperty(caches, 'default', { value: made(''), enumerable: true, configurable: true });
  return { caches, CacheStorage, Cache };
}

function place(prototype: object, members: object): void {
  const found = Object.getOwnPropertyDescriptor(prototype, 'constructor');
  Reflect.deleteProperty(prototype, 'constructor');
  for (const [name, value] of Object.entries(members)) {
    objectDefineProperty(prototype, name, { value, enumerable: true, configurable: true, writable: true });
  }
  if (found) objectDefineProperty(prototype, 'constructor', found);
}

function missing(of: string, name: string): () => Promise<never> {
  return named(name, async () => {
    throw new Error(`Failed to execute '${name}' on '${of}': the method is not implemented.`);
  });
}

class CacheRequests {
  readonly #hooks: CacheHooks;

  constructor(hooks: CacheHooks) {
    this.#hooks = hooks;
  }

  async match(cache: string, args: readonly unknown[]): Promise<Response | undefined> {
    const asked = this.#read('match', args);
    if (!asked) return undefined;
    const { url, headers } = asked;
    const found = await this.#ask({ deed: 'match', cache, url: withoutFragment(url), headers });
    if (typeof found !== 'object') return undefined;
    const { body, ...rest } = found;
    return this.#hooks.classes.responseFrom({ ...rest, body: rest.status === 304 ? null : body });
  }

  async put(cache: string, args: readonly unknown[]): Promise<void> {
    const { classes } = this.#hooks;
    const request = this.#request('put', args);
    if (!classes.isResponse(args[1])) throw parameterError('put', 'Cache', 2, 'Response');
    if (request.method !== 'GET') throw new TypeError('Cannot cache response to non-GET request.');
    const { status, headers, hasBody } = classes.peekResponse(args[1]);
    if (status === 206) throw new TypeError('Cannot cache response to a range request (206 Partial Content).');
    if (headers.some(([name, value]) => name === 'vary' && value.split(',').some((one) => one.trim() === '*'))) {
      throw new TypeError("Cannot cache response with 'Vary: *' header.");
    }
    this.#assertAllowed();
    const taken = classes.takeResponse(args[1]);
    if (taken.webSocket) throw new TypeError(SOCKET_IN_CACHE);
    const { capture, leave } = this.#gates();
    const isWhole = taken.body === null || taken.body instanceof NativeUint8Array;
    const body = await bytesOf(taken.body);
    const order: CacheOrder = {
      ...{ deed: 'put', cache, url: withoutFragment(request.url), headers: request.headers },
      response: { status, headers: isWhole || !hasBody ? withLength(headers, body.length) : headers, body },
    };
    await this.#send(order, { arrive: capture, leave }, [body.buffer as ArrayBuffer]);
  }

  async delete(cache: string, args: readonly unknown[]): Promise<boolean> {
    const asked = this.#read('delete', args);
    return (
      asked !== undefined && (await this.#ask({ deed: 'delete', cache, url: withoutFragment(asked.url) })) === true
    );
  }

  /** Undefined for a request that no cache knows: it is no GET, and that counts. */
  #read(method: string, args: readonly unknown[]): Asked | undefined {
    const options = args[1];
    if (options !== undefined && options !== null && typeof options !== 'object') {
      throw parameterError(method, 'Cache', 2, 'CacheQueryOptions');
    }
    const request = this.#request(method, args);
    this.#assertAllowed();
    const ignoresMethod = Boolean((options as { ignoreMethod?: unknown } | null | undefined)?.ignoreMethod);
    return ignoresMethod || request.method === 'GET' ? request : undefined;
  }

  #request(method: string, args: readonly unknown[]): Asked {
    if (args.length === 0) throw parameterError(method, 'Cache', 1, 'Request or string');
    const { classes } = this.#hooks;
    const given = args[0];
    if (!classes.isRequest(given)) return classes.takeRequest(new classes.Request(given as string));
    // Its body is nobody's business here, and stays.
    const { method: name, url, headers } = classes.peekRequest(given);
    return classes.takeRequest(new classes.Request(url, { method: name, headers: headers as [string, string][] }));
  }

  #assertAllowed(): void {
    if (this.#hooks.isGlobalScope()) throw globalScopeError();
  }

  #gates() {
    const context = this.#hooks.context();
    return { capture: context.capture(), leave: (post: () => void) => context.leave(post) };
  }

  #ask(order: CacheOrder): Promise<CacheAnswer> {
    const { capture, leave } = this.#gates();
    return this.#send(order, { arrive: capture, leave }, []);
  }

  #send(
    order: CacheOrder,
    { arrive, leave }: { arrive: ReturnType<RpcContext['capture']>; leave(post: () => void): void },
    transfer: Transferable[],
  ): Promise<CacheAnswer> {
    const { ask, begin } = this.#hooks;
    return new NativePromise((resolve, reject) => {
      leave(() => {
        const end = begin();
        const deliver = (settle: () => void) => {
          arrive(settle);
          end();
        };
        ask(order, transfer).then(
          (answer) => deliver(() => resolve(answer)),
          (error: unknown) => deliver(() => reject(error)),
        );
      });
    });
  }
}

function withoutFragment(url: string): string {
  const end = url.indexOf('#');
  return end < 0 ? url : url.slice(0, end);
}

function withLength(headers: readonly (readonly [string, string])[], length: number) {
  return headers.some(([name]) => name === 'content-length')
    ? headers
    : [...headers, ['content-length', `${length}`] as const];
}

async function bytesOf(body: Uint8Array | ReadableStream | null): Promise<Uint8Array> {
  if (body === null) return new NativeUint8Array();
  if (body instanceof NativeUint8Array) return typedArraySlice(body);
  readWhole(body);
  const reader = readableGetReader(body);
  const parts: Uint8Array[] = [];
  for (;;) {
    const { done, value } = await readerRead(reader);
    if (done) return concat(parts);
    parts[parts.length] = value as Uint8Array;
  }
}

const SOCKET_IN_CACHE =
  'Worker tried to return a WebSocket in a response to a request which did not contain the header "Upgrade: websocket".';

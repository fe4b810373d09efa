/**
 * What user code holds: stubs, the properties read off them, and the promises that calls give.
 *
 * Promise: reading a name off a stub sends nothing; awaiting the property or calling it does. A name that the platform
 * keeps local (`id`, `name`, `fetch`, `connect`, what Object.prototype has) never travels, and no stub is a thenable.
 *
 * How: each is a Proxy over a bare object or function with the right prototype, so that `instanceof`, tags and own keys
 * come out as in workerd, without anybody listing names. The handler holds the hook; methods on the prototypes find it by
 * asking the proxy for a symbol that only this module has.
 *
 * Knows hooks only: neither links nor values.
 * @see every row was seen in workerd 1.20260730.1
 */
import {
  mapGet,
  mapHas,
  mapSet,
  objectDefineProperty,
  promiseFinally,
  promiseThen,
  reflectGet,
  reflectHas,
  reflectSet,
} from '../base/primordials.ts';
import type { Path, StubHook } from './hook.ts';

const HANDLER = Symbol('durabox.rpc.handler');

/** The stub of an object, with its `id` and `name` (undefined when it has none). The stub owns the hook for good. */
export function makeObjectStub({ hook, id, name }: { hook: StubHook; id: unknown; name: string | undefined }): object {
  const stub = Object.create(DurableObjectStub.prototype) as object;
  objectDefineProperty(stub, 'name', { value: name, enumerable: true, configurable: true, writable: false });
  objectDefineProperty(stub, 'id', { value: id, enumerable: true, configurable: true, writable: false });
  return new Proxy(stub, new StubHandler(hook, 'DurableObject'));
}

/** The stub of a service entrypoint. The stub owns the hook for good. */
export function makeServiceStub(hook: StubHook): object {
  return new Proxy(Object.create(ServiceStub.prototype) as object, new StubHandler(hook, 'Fetcher'));
}

export type StubKind = 'stub' | 'RpcProperty' | 'RpcPromise';

/** What a value of this module is, for the codec that must not copy it; undefined for any other value. */
export function stubKindOf(value: unknown): StubKind | undefined {
  return handlerOf(value)?.kind;
}

export class ServiceStub {
  constructor() {
    throw new TypeError('Illegal constructor');
  }

  // `arguments` and not parameters: the platform's function has length 0.
  fetch(): Promise<unknown> {
    // biome-ignore lint/complexity/noArguments: the platform's function has length 0
    const args = arguments as unknown as readonly unknown[];
    const handler = handlerOf(this);
    if (!(handler instanceof StubHandler)) return Promise.reject(new TypeError(ILLEGAL_INVOCATION));
    if (args.length === 0) {
      return Promise.reject(
        new TypeError("Failed to execute 'fetch' on 'Fetcher': parameter 1 is not of type 'Request or string'."),
      );
    }
    return handler.hook.fetch(args[0], args[1]);
  }

  connect(): never {
    if (!(handlerOf(this) instanceof StubHandler)) throw new TypeError(ILLEGAL_INVOCATION);
    throw new TypeError('Durabox does not support connect() on a stub yet.');
  }
}
setTag(ServiceStub, 'Fetcher');

/** Not exported by the platform, but the name of a stub's constructor. */
class DurableObjectStub extends ServiceStub {}
setTag(DurableObjectStub, 'DurableObject');
objectDefineProperty(DurableObjectStub, 'name', { value: 'DurableObject', configurable: true });

/** A member of a stub. Awaiting it reads the member, each time anew; calling it calls the member. */
export class RpcProperty {
  constructor() {
    throw new TypeError('Illegal constructor');
  }

  // biome-ignore lint/suspicious/noThenProperty: it is what makes a property awaitable
  then(...args: unknown[]): Promise<unknown> {
    return settleWith(this, 'then', args);
  }

  catch(...args: unknown[]): Promise<unknown> {
    return settleWith(this, 'catch', args);
  }

  finally(...args: unknown[]): Promise<unknown> {
    return settleWith(this, 'finally', args);
  }
}
setTag(RpcProperty, 'JsRpcProperty');

/** What a call gives: awaitable like a promise, and its members can be read before it is settled. */
export class RpcPromise {
  constructor() {
    throw new TypeError('Illegal constructor');
  }

  // biome-ignore lint/suspicious/noThenProperty: it is what makes a call awaitable
  then(...args: unknown[]): Promise<unknown> {
    return settleWith(this, 'then', args);
  }

  catch(...args: unknown[]): Promise<unknown> {
    return settleWith(this, 'catch', args);
  }

  finally(...args: unknown[]): Promise<unknown> {
    return settleWith(this, 'finally', args);
  }

  [Symbol.dispose](): void {
    const handler = handlerOf(this);
    if (handler?.kind !== 'RpcPromise') throw new TypeError(ILLEGAL_INVOCATION);
    handler.hook.dispose();
  }
}
setTag(RpcPromise, 'JsRpcPromise');

/** The two kinds of callable proxies share one bare function each: all that differs between two of them is the handler. */
const bareProperty = bareFunction(RpcProperty.prototype);
const barePromise = bareFunction(RpcPromise.prototype);

abstract class Handler {
  abstract readonly kind: StubKind;
  readonly hook: StubHook;

  constructor(hook: StubHook) {
    this.hook = hook;
  }

  has(target: object, key: string | symbol): boolean {
    return typeof key === 'symbol' || isLocal(target, key) ? reflectHas(target, key) : true;
  }
}

class StubHandler extends Handler implements ProxyHandler<object> {
  override readonly kind = 'stub';
  readonly #className: string;

  constructor(hook: StubHook, className: string) {
    super(hook);
    this.#className = className;
  }

  get(target: object, key: string | symbol, receiver: unknown): unknown {
    if (typeof key === 'symbol') return key === HANDLER ? this : reflectGet(target, key, receiver);
    if (isLocal(target, key)) return reflectGet(target, key, receiver);
    return makeProperty(this.hook, [key]);
  }

  set(target: object, key: string | symbol, value: unknown, receiver: unknown): boolean {
    if (reflectSet(target, key, value, receiver)) return true;
    throw new TypeError(`Cannot assign to read only property '${key.toString()}' of object '#<${this.#className}>'`);
  }
}

class CallableHandler extends Handler implements ProxyHandler<() => unknown> {
  override readonly kind: 'RpcProperty' | 'RpcPromise';
  readonly path: Path;
  /** what a program assigned to this very property; lost with it, as on the platform */
  #assigned: Map<PropertyKey, unknown> | undefined;

  constructor(kind: 'RpcProperty' | 'RpcPromise', hook: StubHook, path: Path) {
    super(hook);
    this.kind = kind;
    this.path = path;
  }

  get(target: object, key: string | symbol, receiver: unknown): unknown {
    if (this.#assigned && mapHas(this.#assigned, key)) return mapGet(this.#assigned, key);
    if (typeof key === 'symbol') return key === HANDLER ? this : reflectGet(target, key, receiver);
    if (isLocal(target, key)) return reflectGet(target, key, receiver);
    return makeProperty(this.hook, extend(this.path, key));
  }

  set(_target: object, key: string | symbol, value: unknown): boolean {
    this.#assigned ??= new Map();
    mapSet(this.#assigned, key, value);
    return true;
  }

  apply(_target: unknown, _self: unknown, args: unknown[]): unknown {
    return new Proxy(barePromise, new CallableHandler('RpcPromise', this.hook.call(this.path, args), []));
  }

  /** The shared function below the proxies is nobody's to change. */
  defineProperty(): boolean {
    return false;
  }

  setPrototypeOf(): boolean {
    return false;
  }

  preventExtensions(): boolean {
    return false;
  }
}

function makeProperty(hook: StubHook, path: Path): unknown {
  return new Proxy(bareProperty, new CallableHandler('RpcProperty', hook, path));
}

function extend(path: Path, name: string): Path {
  const longer: string[] = [];
  for (let i = 0; i < path.length; i++) longer[i] = path[i] as string;
  longer[path.length] = name;
  return longer;
}

function handlerOf(value: unknown): StubHandler | CallableHandler | undefined {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return undefined;
  return (value as { [HANDLER]?: StubHandler | CallableHandler })[HANDLER];
}

/**
 * Names that are answered here: what is there already, indexes, and on a stub `then`, so that it can be returned from an
 * async function. DIFFERS: `toJSON` is a member like any other in workerd, where JSON.stringify does not see members of
 * stubs; here it would, and printing a stub would call the object.
 */
function isLocal(target: object, key: string): boolean {
  return key === 'then' || key === 'toJSON' || reflectHas(target, key) || isIndex(key);
}

/** An array index, 0 to 2^32 - 2 in its one spelling; the platform's name interceptors do not see those. */
function isIndex(key: string): boolean {
  const first = key.charCodeAt(0);
  if (!(first >= 48 && first <= 57) || key.length > 10) return false;
  const index = Number(key) >>> 0;
  return `${index}` === key && index !== 2 ** 32 - 1;
}

function settleWith(self: unknown, method: 'then' | 'catch' | 'finally', args: unknown[]): Promise<unknown> {
  const handler = handlerOf(self);
  if (!(handler instanceof CallableHandler)) throw new TypeError(ILLEGAL_INVOCATION);
  for (let i = 0; i < (method === 'then' ? 2 : 1); i++) {
    if (typeof args[i] === 'function' || (i > 0 && args[i] === undefined)) continue;
    throw new TypeError(
      `Failed to execute '${method}' on 'Js${handler.kind}': parameter ${i + 1} is not of type 'Function'.`,
    );
  }
  const value = handler.hook.get(handler.path);
  const [first, second] = args as ((value: unknown) => unknown)[];
  switch (method) {
    case 'then':
      return promiseThen(value, first, second);
    case 'catch':
      return promiseThen(value, undefined, first);
    case 'finally':
      return promiseFinally(value, first as unknown as () => void);
    default:
      return method satisfies never;
  }
}

/** A function without own properties, so that the proxies over it have none either. */
function bareFunction(prototype: object): () => unknown {
  const bare = () => undefined;
  Reflect.deleteProperty(bare, 'length');
  Reflect.deleteProperty(bare, 'name');
  return Object.setPrototypeOf(bare, prototype) as () => unknown;
}

function setTag(type: { prototype: object }, tag: string): void {
  objectDefineProperty(type.prototype, Symbol.toStringTag, { value: tag, configurable: true });
}

const ILLEGAL_INVOCATION =
  'Illegal invocation: function called with incorrect `this` reference. See ' +
  'https://developers.cloudflare.com/workers/observability/errors/#illegal-invocation-errors for details.';

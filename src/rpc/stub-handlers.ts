/**
 * The proxies' handlers: what reading, calling and awaiting does, behind every class that `stub.ts` shows.
 *
 * Promise: a property knows whose it is, and fails when that was disposed of.
 *
 *     a promise   PENDING --answer--> SETTLED        what is asked of it is asked of the value, here
 *                    |                   |
 *                    '---disposed of-----'--> DISPOSED   nothing is asked of it; who awaits it still gets the value
 *
 * Knows hooks only: neither links nor how values are copied.
 */
import { FieldsOf, illegalInvocation } from '../base/platform-objects.ts';
import {
  arrayAppend,
  functionBind,
  mapForEach,
  mapGet,
  mapHas,
  mapSet,
  numberOf,
  objectCreate,
  objectGetOwnPropertyDescriptor,
  objectSetPrototypeOf,
  promiseThen,
  reflectDeleteProperty,
  reflectGet,
  reflectHas,
  reflectOwnKeys,
  reflectSet,
  stringCharCodeAt,
} from '../base/primordials.ts';
import { isObject } from '../base/shapes.ts';
import { showWaiting } from './errors.ts';
import { ErrorHook, Failure, type Outcome, type Parcel, type Path, type StubHook } from './hook.ts';
import type { StubSurface } from './stub-shortcuts.ts';

/** Makes parcels of what programs give, and values of parcels. */
export interface StubCodec {
  /** what its stubs have */
  readonly surface: StubSurface;
  /** @throws what cannot be sent, in the platform's words */
  encodeArgs(args: readonly unknown[]): Parcel;
  /** @param release  disposes of all that the value holds; undefined when there is nothing */
  decodeResult(parcel: Parcel): { readonly value: unknown; readonly release: (() => void) | undefined };
  /** A hook on a value that is here; nothing is disposed of with it. */
  local(value: unknown): StubHook;
  /** The same for what a program wraps: its disposer runs with the last handle. Undefined for what cannot be wrapped. */
  wrap(value: object): StubHook | undefined;
}

/** The kinds of callable proxies share one bare function each: all that differs between two of them is the handler. */
export const bareStub = bareFunction();
export const bareProperty = bareFunction();
export const barePromise = bareFunction();

export type StubKind = 'stub' | 'LoopbackServiceStub' | 'RpcStub' | 'RpcProperty' | 'RpcPromise';

abstract class Handler {
  abstract readonly kind: StubKind;
  /** what it stands on now */
  abstract readonly hook: StubHook;
  readonly codec: StubCodec;

  constructor(codec: StubCodec) {
    this.codec = codec;
  }

  has(target: object, key: string | symbol): boolean {
    return typeof key === 'symbol' || isLocal(target, key) ? reflectHas(target, key) : true;
  }
}

// A trap that a handler lacks is looked for along its prototypes, and a program may put one on `Object.prototype`.
objectSetPrototypeOf(Handler.prototype, null);

export class StubHandler extends Handler implements ProxyHandler<object> {
  override readonly kind: StubKind = 'stub';
  override readonly hook: StubHook;
  readonly #className: string;

  constructor(hook: StubHook, codec: StubCodec, className: string) {
    super(codec);
    this.hook = hook;
    this.#className = className;
  }

  get(target: object, key: string | symbol, receiver: unknown): unknown {
    if (typeof key === 'symbol' || !this.codec.surface.rpcMembers || isLocal(target, key))
      return reflectGet(target, key, receiver);
    return makeProperty(this, [key]);
  }

  override has(target: object, key: string | symbol): boolean {
    return this.codec.surface.rpcMembers ? super.has(target, key) : reflectHas(target, key);
  }

  set(target: object, key: string | symbol, value: unknown, receiver: unknown): boolean {
    if (reflectSet(target, key, value, receiver)) return true;
    throw new TypeError(`Cannot assign to read only property '${key.toString()}' of object '#<${this.#className}>'`);
  }
}

abstract class CallableHandler extends Handler implements ProxyHandler<() => unknown> {
  /** what a program assigned to this very property; lost with it, as on the platform */
  #assigned: Map<string | symbol, unknown> | undefined;

  abstract readonly path: Path;

  /** What a member of it hangs on. */
  protected abstract get root(): Handler;

  /** The value, for whoever awaits it. */
  abstract value(): Promise<unknown>;

  get(target: object, key: string | symbol, receiver: unknown): unknown {
    if (this.#assigned && mapHas(this.#assigned, key)) return mapGet(this.#assigned, key);
    if (typeof key === 'symbol' || isLocal(target, key)) return reflectGet(target, key, receiver);
    return makeProperty(this.root, extend(this.path, key));
  }

  set(_target: object, key: string | symbol, value: unknown): boolean {
    this.#assigned ??= new Map();
    mapSet(this.#assigned, key, value);
    return true;
  }

  ownKeys(target: object): (string | symbol)[] {
    const keys = reflectOwnKeys(target) as (string | symbol)[];
    if (this.#assigned) mapForEach(this.#assigned, (_value, key: string | symbol) => arrayAppend(keys, key));
    return keys;
  }

  getOwnPropertyDescriptor(target: object, key: string | symbol): PropertyDescriptor | undefined {
    if (!this.#assigned || !mapHas(this.#assigned, key)) return objectGetOwnPropertyDescriptor(target, key);
    const descriptor = objectCreate(null) as PropertyDescriptor;
    descriptor.value = mapGet(this.#assigned, key);
    descriptor.writable = true;
    descriptor.enumerable = true;
    descriptor.configurable = true;
    return descriptor;
  }

  apply(_target: unknown, _self: unknown, args: unknown[]): unknown {
    const { codec, hook, path } = this;
    hook.assertAllowed();
    let result: StubHook;
    try {
      result = hook.call(path, codec.encodeArgs(args));
    } catch (error) {
      result = new ErrorHook(() => error);
    }
    return proxyOf(barePromise, new PromiseHandler(result, codec));
  }

  /** Whatever it is, it is called: the platform knows no other way. */
  construct(target: unknown, args: unknown[]): object {
    return this.apply(target, undefined, args) as object;
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

const NO_PATH: Path = [];

export class RpcStubHandler extends CallableHandler {
  override readonly kind = 'RpcStub';
  override readonly path = NO_PATH;
  #hook: StubHook;

  constructor(hook: StubHook, codec: StubCodec) {
    super(codec);
    this.#hook = hook;
  }

  override get hook(): StubHook {
    return this.#hook;
  }

  protected override get root(): Handler {
    return this;
  }

  override value(): Promise<unknown> {
    throw illegalInvocation();
  }

  /** @param failure  how every use fails from now on */
  dispose(failure: () => unknown = stubDisposed): void {
    const hook = this.#hook;
    if (hook instanceof ErrorHook && failure === stubDisposed) return;
    this.#hook = new ErrorHook(failure);
    hook.dispose();
  }
}

export class PropertyHandler extends CallableHandler {
  override readonly kind = 'RpcProperty';
  override readonly path: Path;
  readonly #root: Handler;

  constructor(root: Handler, path: Path) {
    super(root.codec);
    this.#root = root;
    this.path = path;
  }

  override get hook(): StubHook {
    return this.#root.hook;
  }

  protected override get root(): Handler {
    return this.#root;
  }

  /** Reads it, each time anew. */
  override value(): Promise<unknown> {
    const { hook, codec, path } = this;
    hook.assertAllowed();
    const open = (outcome: Outcome): unknown => {
      if (outcome instanceof Failure) throw failed(outcome, open);
      return codec.decodeResult(outcome).value;
    };
    return promiseThen(hook.get(path), open);
  }
}

type PromiseState =
  | { readonly state: 'pending' }
  | { readonly state: 'settled'; readonly value: unknown; readonly release: (() => void) | undefined }
  | { readonly state: 'failed'; readonly hook: ErrorHook }
  | { readonly state: 'disposed' };

const PENDING: PromiseState = { state: 'pending' };
const DISPOSED: PromiseState = { state: 'disposed' };

export class PromiseHandler extends CallableHandler {
  override readonly kind = 'RpcPromise';
  override readonly path = NO_PATH;
  readonly #value: Promise<unknown>;
  #state = PENDING;
  #result: StubHook | undefined;
  #isHeard = false;

  constructor(result: StubHook, codec: StubCodec) {
    super(codec);
    this.#result = result;
    const settle = (outcome: Outcome): unknown => {
      if (outcome instanceof Failure) {
        if (this.#state.state === 'pending') this.#state = { state: 'failed', hook: new ErrorHook(outcome.make) };
        this.#letGo();
        throw failed(outcome, settle);
      }
      const { value, release } = codec.decodeResult(outcome);
      if (this.#state.state === 'disposed') release?.();
      else this.#state = { state: 'settled', value, release };
      this.#letGo();
      return value;
    };
    this.#value = promiseThen(result.pull(), settle);
  }

  override get hook(): StubHook {
    switch (this.#state.state) {
      case 'pending':
        // Whoever asks something of it hears of its failure.
        if (!this.#isHeard) void promiseThen(this.#value, undefined, () => undefined);
        this.#isHeard = true;
        return this.#result as StubHook;
      case 'settled':
        return this.#ofValue(this.#state.value);
      case 'failed':
        return this.#state.hook;
      case 'disposed':
        return new ErrorHook(() => new Error('RPC promise used after being disposed.'));
      default:
        return this.#state satisfies never;
    }
  }

  protected override get root(): Handler {
    return this;
  }

  /** Whoever pulls the value gets the one promise; nobody pulling a failed answer is an unhandled rejection, as on the platform. */
  override value(): Promise<unknown> {
    return this.#value;
  }

  dispose(): void {
    const state = this.#state;
    this.#state = DISPOSED;
    if (state.state === 'settled') state.release?.();
  }

  #ofValue(value: unknown): StubHook {
    if ((typeof value === 'object' && value !== null) || typeof value === 'function') return this.codec.local(value);
    return new ErrorHook(() => new TypeError("Can't pipeline on RPC that did not return an object."));
  }

  /** From now on the value itself is asked. */
  #letGo(): void {
    this.#result?.dispose();
    this.#result = undefined;
  }
}

function stubDisposed(): Error {
  return new Error('RPC stub used after being disposed.');
}

/** An error made in a reaction has the frames of whoever awaits it, at no cost to a call. */
function failed({ make }: Failure, below: unknown): unknown {
  const error = make();
  showWaiting(error, below);
  return error;
}

function makeProperty(root: Handler, path: Path): unknown {
  return proxyOf(bareProperty, new PropertyHandler(root, path));
}

function extend(path: Path, name: string): Path {
  const longer: string[] = [];
  for (let i = 0; i < path.length; i++) longer[i] = path[i] as string;
  longer[path.length] = name;
  return longer;
}

/** The handler of one of our proxies; undefined for anything else, which is not touched. */
export function handlerOf(value: unknown): Handler | undefined {
  if (!isObject(value)) return undefined;
  return Mark.of(value);
}

const NativeProxy = Proxy;

export function proxyOf<T extends object>(target: T, handler: Handler & ProxyHandler<T>): T {
  const proxy = new NativeProxy(target, handler);
  new Mark(proxy, handler);
  return proxy;
}

/** Writes the handler on the proxy itself, where no trap and no program sees it: any key that is asked for would tell a program its name. */
class Mark extends FieldsOf {
  readonly #handler: Handler;

  constructor(proxy: object, handler: Handler) {
    super(proxy);
    this.#handler = handler;
  }

  static of(value: object): Handler | undefined {
    return #handler in value ? value.#handler : undefined;
  }
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
  const first = stringCharCodeAt(key, 0);
  if (!(first >= 48 && first <= 57) || key.length > 10) return false;
  const index = numberOf(key) >>> 0;
  return `${index}` === key && index !== 2 ** 32 - 1;
}

/** A function without own properties, so that the proxies over it have none either; its prototype is set by who shows it. */
export function bareFunction(call: (...args: never[]) => unknown = function bare() {}): () => unknown {
  // Bound, because `new` must work and a property `prototype` must not be there.
  const bare = functionBind(call, undefined) as () => unknown;
  reflectDeleteProperty(bare, 'length');
  reflectDeleteProperty(bare, 'name');
  return bare;
}

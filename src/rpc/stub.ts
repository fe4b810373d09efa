/**
 * What user code holds: stubs, the properties read off them, and the promises that calls give.
 *
 * Promise: reading a name off a stub sends nothing; awaiting the property or calling it does. A name that the platform
 * keeps local (`id`, `name`, `fetch`, `connect`, what Object.prototype has) never travels, and no stub is a thenable.
 *
 * How: each is a Proxy over a bare object or function with the right prototype, so that `instanceof`, tags and own keys
 * come out as in workerd, without anybody listing names. The handler holds the hook; methods on the prototypes find it by
 * asking the proxy for a symbol that only `stub-handlers.ts` has.
 *
 * Knows hooks only: neither links nor how values are copied.
 * @see every row was seen in workerd 1.20260730.1
 */
import { illegalInvocation } from '../base/platform-objects.ts';
import {
  makeProxy,
  objectCreate,
  objectDefineProperty,
  promiseFinally,
  promiseReject,
  promiseThen,
} from '../base/primordials.ts';
import { isDictionary, isObject } from '../base/shapes.ts';
import type { StubHook } from './hook.ts';
import {
  barePromise,
  bareProperty,
  bareStub,
  handlerOf,
  PromiseHandler,
  PropertyHandler,
  proxyOf,
  RpcStubHandler,
  type StubCodec,
  StubHandler,
  type StubKind,
} from './stub-handlers.ts';
import { addShortcuts } from './stub-shortcuts.ts';

/** The stub of an object, with its `id` and `name` (undefined when it has none). The stub owns the hook for good. */
export function makeObjectStub({
  hook,
  codec,
  id,
  name,
}: {
  hook: StubHook;
  codec: StubCodec;
  id: unknown;
  name: string | undefined;
}): object {
  const type = codec.surface.noHttpShortcuts ? DurableObjectStub : OlderDurableObjectStub;
  const stub = objectCreate(type.prototype);
  objectDefineProperty(stub, 'name', { value: name, enumerable: true, configurable: true, writable: false });
  objectDefineProperty(stub, 'id', { value: id, enumerable: true, configurable: true, writable: false });
  return proxyOf(stub, new StubHandler(hook, codec, 'DurableObject'));
}

/** The stub of a service entrypoint. The stub owns the hook for good. */
export function makeServiceStub(hook: StubHook, codec: StubCodec): object {
  const type = codec.surface.noHttpShortcuts ? ServiceStub : OlderServiceStub;
  return proxyOf(objectCreate(type.prototype), new StubHandler(hook, codec, 'Fetcher'));
}

/** A stub of a function, a target or a plain object, and what disposes of it as the program would. It owns the hook. */
export function makeRpcStub(hook: StubHook, codec: StubCodec): { stub: object; handler: RpcStubHandler } {
  const handler = new RpcStubHandler(hook, codec);
  return { stub: proxyOf(bareStub, handler), handler };
}

/** What a value of this module is, for the codec that must not copy it; undefined for any other value. */
export function stubKindOf(value: unknown): StubKind | undefined {
  return handlerOf(value)?.kind;
}

/** What a stub stands on, which stays the stub's; undefined for what is no stub, and for properties and promises. */
export function hookOf(value: unknown): StubHook | undefined {
  const handler = handlerOf(value);
  return handler instanceof StubHandler || handler instanceof RpcStubHandler ? handler.hook : undefined;
}

/** Takes a stub away from the program. One of an object or a Worker stays. */
export function disposeStub(value: unknown): void {
  const handler = handlerOf(value);
  if (handler instanceof RpcStubHandler) handler.dispose();
}

/** The class `RpcStub` as a program has it: `new` wraps. */
export function rpcStubClass(codec: () => StubCodec): object {
  const made: object = makeProxy(RpcStub, {
    construct(_target, args: unknown[]) {
      const value: unknown = args[0];
      if (!isObject(value)) {
        throw new TypeError(`Failed to construct 'JsRpcStub': constructor parameter 1 is not of type 'JsObject'.`);
      }
      const handler = handlerOf(value);
      // What a property or a result leads to is not known yet.
      const hook = handler && !(handler instanceof RpcStubHandler) ? undefined : codec().wrap(value);
      if (!hook) throw new TypeError('RpcStubs can only wrap plain objects, functions, and RpcTarget derivatives.');
      return makeRpcStub(hook, codec()).stub;
    },
    apply() {
      throw new TypeError(
        "Failed to construct 'JsRpcStub': Please use the 'new' operator, this object constructor cannot be called as a function.",
      );
    },
  });
  objectDefineProperty(RpcStub.prototype, 'constructor', { value: made, configurable: true, writable: true });
  return made;
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
    if (!(handler instanceof StubHandler)) throw illegalInvocation();
    if (args.length === 0) {
      return promiseReject(
        new TypeError("Failed to execute 'fetch' on 'Fetcher': parameter 1 is not of type 'Request or string'."),
      );
    }
    const init = args[1];
    if (!isDictionary(init)) {
      return promiseReject(
        new TypeError(
          "Failed to execute 'fetch' on 'Fetcher': parameter 2 is not of type 'RequestInitializerDict or Request'.",
        ),
      );
    }
    return handler.hook.fetch(args[0], init);
  }

  connect(): never {
    if (!(handlerOf(this) instanceof StubHandler)) throw illegalInvocation();
    // biome-ignore lint/complexity/noArguments: the platform's function has length 0
    if (arguments.length === 0) {
      throw new TypeError(
        "Failed to execute 'connect' on 'Fetcher': parameter 1 is not of type 'SocketAddress or string'.",
      );
    }
    throw new TypeError('Durabox does not support connect() on a stub yet.');
  }
}
setTag(ServiceStub, 'Fetcher');

/** Not exported by the platform, but the name of a stub's constructor. */
class DurableObjectStub extends ServiceStub {}
setTag(DurableObjectStub, 'DurableObject');
objectDefineProperty(DurableObjectStub, 'name', { value: 'DurableObject', configurable: true });

/** The same before 2024-03-26. */
class OlderServiceStub extends ServiceStub {}
class OlderDurableObjectStub extends DurableObjectStub {}
for (const [type, name] of [
  [OlderServiceStub, 'ServiceStub'],
  [OlderDurableObjectStub, 'DurableObject'],
] as const) {
  addShortcuts(type, hookOf);
  objectDefineProperty(type, 'name', { value: name, configurable: true });
}
for (const type of [DurableObjectStub, OlderDurableObjectStub]) {
  const refusing = makeProxy(type, {
    apply() {
      throw new TypeError('Illegal constructor');
    },
  });
  objectDefineProperty(type.prototype, 'constructor', { value: refusing, configurable: true, writable: true });
}

/** A stub of something that went by reference. */
export class RpcStub {
  dup(): object {
    const handler = handlerOf(this);
    if (!(handler instanceof RpcStubHandler)) throw illegalInvocation();
    return makeRpcStub(handler.hook.dup(), handler.codec).stub;
  }

  [Symbol.dispose](): void {
    const handler = handlerOf(this);
    if (!(handler instanceof RpcStubHandler)) throw illegalInvocation();
    handler.dispose();
  }
}
objectDefineProperty(RpcStub.prototype, 'dup', { enumerable: true });
setTag(RpcStub, 'JsRpcStub');
Object.setPrototypeOf(bareStub, RpcStub.prototype);

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
Object.setPrototypeOf(bareProperty, RpcProperty.prototype);

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
    if (!(handler instanceof PromiseHandler)) throw illegalInvocation();
    handler.dispose();
  }
}
setTag(RpcPromise, 'JsRpcPromise');
Object.setPrototypeOf(barePromise, RpcPromise.prototype);

function settleWith(self: unknown, method: 'then' | 'catch' | 'finally', args: unknown[]): Promise<unknown> {
  const handler = handlerOf(self);
  if (!(handler instanceof PropertyHandler || handler instanceof PromiseHandler)) throw illegalInvocation();
  for (let i = 0; i < (method === 'then' ? 2 : 1); i++) {
    if (typeof args[i] === 'function' || (i > 0 && args[i] === undefined)) continue;
    throw new TypeError(
      `Failed to execute '${method}' on 'Js${handler.kind}': parameter ${i + 1} is not of type 'Function'.`,
    );
  }
  const value = handler.value();
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

function setTag(type: { prototype: object }, tag: string): void {
  objectDefineProperty(type.prototype, Symbol.toStringTag, { value: tag, configurable: true });
}

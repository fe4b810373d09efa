/**
 * `ctx`: what an object (DurableObjectState) and a Worker (ExecutionContext) are given.
 *
 * Promise: members and tags as workerd 1.20260730; what later issues bring throws a sentence that names it.
 */
import { illegalInvocation, platformObject } from '../base/platform-objects.ts';
import { objectDefineProperty, objectKeys, reflectApply } from '../base/primordials.ts';
import { parameterError, shapeClass } from './native-shape.ts';
import type { SocketApi } from './socket-api.ts';

export interface StateParts {
  /** a string in a facet that was given one */
  id: object | string;
  storage: object;
  exports: object | undefined;
  sockets: Pick<SocketApi, keyof SocketApi>;
  facets: object;
  /** what `ctx.props` shows; default: an empty object */
  props?: unknown;
  waitUntil(promise: unknown): void;
  blockConcurrencyWhile(callback: () => unknown): Promise<unknown>;
  /** never returns */
  abort(reason: unknown, options: AbortOptions): never;
}

export interface AbortOptions {
  /** false: the alarm whose handler this ends is not run again (in workerd since August 2026) */
  readonly retryAlarm: boolean;
}

/** Only this module makes them. */
const MAKE = Symbol('make');

export class DurableObjectState {
  readonly #parts: StateParts;

  constructor(token: unknown, parts?: StateParts) {
    if (token !== MAKE || !parts) throw new TypeError('Illegal constructor');
    this.#parts = parts;
    const { facets, storage, id, exports, props = {} } = parts;
    const own = { facets, container: undefined, storage, id, props, ...(exports ? { exports } : {}) };
    for (const key of objectKeys(own) as (keyof typeof own)[]) {
      objectDefineProperty(this, key, { value: own[key], enumerable: true, configurable: true, writable: true });
    }
    platformObject(this, 'DurableObjectState');
  }

  waitUntil(...args: unknown[]): void {
    DurableObjectState.#check(this);
    if (args.length === 0) throw parameterError('waitUntil', 'DurableObjectState', 1, 'Promise');
    this.#parts.waitUntil(args[0]);
  }

  /** Whatever is wrong with the call is told by the promise; only a wrong `this` throws. */
  blockConcurrencyWhile(...args: unknown[]): Promise<unknown> {
    DurableObjectState.#check(this);
    const [callback] = args;
    if (typeof callback !== 'function') {
      return Promise.reject(parameterError('blockConcurrencyWhile', 'DurableObjectState', 1, 'function'));
    }
    return this.#parts.blockConcurrencyWhile(() => reflectApply(callback as () => unknown, globalThis, []));
  }

  acceptWebSocket(...args: unknown[]): void {
    DurableObjectState.#check(this);
    this.#parts.sockets.accept(args);
  }

  getWebSockets(tag?: unknown): object[] {
    DurableObjectState.#check(this);
    return this.#parts.sockets.sockets(tag);
  }

  setWebSocketAutoResponse(pair?: unknown): void {
    DurableObjectState.#check(this);
    this.#parts.sockets.setAutoResponse(pair);
  }

  getWebSocketAutoResponse(): object | null {
    DurableObjectState.#check(this);
    return this.#parts.sockets.autoResponse;
  }

  getWebSocketAutoResponseTimestamp(...args: unknown[]): Date | null {
    DurableObjectState.#check(this);
    return this.#parts.sockets.answered(args);
  }

  setHibernatableWebSocketEventTimeout(timeoutMs?: unknown): void {
    DurableObjectState.#check(this);
    this.#parts.sockets.setEventTimeout(timeoutMs);
  }

  getHibernatableWebSocketEventTimeout(): number | null {
    DurableObjectState.#check(this);
    return this.#parts.sockets.eventTimeout;
  }

  getTags(...args: unknown[]): string[] {
    DurableObjectState.#check(this);
    return this.#parts.sockets.tags(args);
  }

  abort(...args: unknown[]): never {
    DurableObjectState.#check(this);
    const options = args[1] as { retryAlarm?: unknown } | undefined;
    this.#parts.abort(args[0], { retryAlarm: options?.retryAlarm !== false });
  }

  static #check(value: unknown): void {
    if (typeof value !== 'object' || value === null || !(#parts in value)) throw illegalInvocation();
  }
}
shapeClass(DurableObjectState, 'DurableObjectState');

export function makeState(parts: StateParts): DurableObjectState {
  return new DurableObjectState(MAKE, parts);
}

export interface ExecutionParts {
  /** undefined: it has none (compatibility flag enable_ctx_exports) */
  exports: object | undefined;
  tracing: object;
  props: unknown;
  waitUntil(promise: unknown): void;
}

export class ExecutionContext {
  readonly #parts: ExecutionParts;

  constructor(token: unknown, parts?: ExecutionParts) {
    if (token !== MAKE || !parts) throw new TypeError('Illegal constructor');
    this.#parts = parts;
    const { tracing, props, exports } = parts;
    // `access` and `cache` are there without the products that fill them.
    const own = { tracing, access: undefined, cache: undefined, props, ...(exports ? { exports } : {}) };
    for (const key of objectKeys(own) as (keyof typeof own)[]) {
      objectDefineProperty(this, key, { value: own[key], enumerable: true, configurable: true, writable: true });
    }
    platformObject(this, 'ExecutionContext');
  }

  waitUntil(...args: unknown[]): void {
    if (args.length === 0) throw parameterError('waitUntil', 'ExecutionContext', 1, 'Promise');
    this.#parts.waitUntil(args[0]);
  }

  /** There is no origin behind a simulated Worker to pass through to. */
  passThroughOnException(): void {}
}
shapeClass(ExecutionContext, 'ExecutionContext');

export function makeExecutionContext(parts: ExecutionParts): ExecutionContext {
  return new ExecutionContext(MAKE, parts);
}

/**
 * `ctx`: what an object (DurableObjectState) and a Worker (ExecutionContext) are given.
 *
 * Promise: members and tags as workerd 1.20260730; what later issues bring throws a sentence that names it.
 */
import { platformObject } from '../base/platform-objects.ts';
import { objectDefineProperty } from '../base/primordials.ts';
import { notYetError, parameterError, shapeClass } from './native-shape.ts';

export interface StateParts {
  id: object;
  storage: object;
  exports: object;
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
    const lazily = (key: string, value: () => unknown) =>
      objectDefineProperty(this, key, { get: value, enumerable: true, configurable: true });
    lazily('props', () => ({}));
    lazily('exports', () => parts.exports);
    lazily('id', () => parts.id);
    lazily('storage', () => parts.storage);
    lazily('container', () => undefined);
    lazily('facets', () => {
      throw notYetError('ctx.facets');
    });
    platformObject(this, 'DurableObjectState');
  }

  waitUntil(...args: unknown[]): void {
    if (args.length === 0) throw parameterError('waitUntil', 'DurableObjectState', 1, 'Promise');
    this.#parts.waitUntil(args[0]);
  }

  blockConcurrencyWhile(...args: unknown[]): Promise<unknown> {
    const [callback] = args;
    if (typeof callback !== 'function') {
      throw parameterError('blockConcurrencyWhile', 'DurableObjectState', 1, 'function');
    }
    return this.#parts.blockConcurrencyWhile(callback as () => unknown);
  }

  acceptWebSocket(): never {
    throw notYetError('ctx.acceptWebSocket()');
  }

  getWebSockets(): never {
    throw notYetError('ctx.getWebSockets()');
  }

  setWebSocketAutoResponse(): never {
    throw notYetError('ctx.setWebSocketAutoResponse()');
  }

  getWebSocketAutoResponse(): never {
    throw notYetError('ctx.getWebSocketAutoResponse()');
  }

  getWebSocketAutoResponseTimestamp(): never {
    throw notYetError('ctx.getWebSocketAutoResponseTimestamp()');
  }

  setHibernatableWebSocketEventTimeout(): never {
    throw notYetError('ctx.setHibernatableWebSocketEventTimeout()');
  }

  getHibernatableWebSocketEventTimeout(): never {
    throw notYetError('ctx.getHibernatableWebSocketEventTimeout()');
  }

  getTags(): never {
    throw notYetError('ctx.getTags()');
  }

  abort(reason?: unknown, options?: { retryAlarm?: unknown }): never {
    this.#parts.abort(reason, { retryAlarm: options?.retryAlarm !== false });
  }
}
shapeClass(DurableObjectState, 'DurableObjectState');

export function makeState(parts: StateParts): DurableObjectState {
  return new DurableObjectState(MAKE, parts);
}

export interface ExecutionParts {
  exports: object;
  props: unknown;
  waitUntil(promise: unknown): void;
}

export class ExecutionContext {
  readonly #parts: ExecutionParts;

  constructor(token: unknown, parts?: ExecutionParts) {
    if (token !== MAKE || !parts) throw new TypeError('Illegal constructor');
    this.#parts = parts;
    objectDefineProperty(this, 'props', { value: parts.props, enumerable: true, configurable: true, writable: true });
    objectDefineProperty(this, 'exports', { get: () => parts.exports, enumerable: true, configurable: true });
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

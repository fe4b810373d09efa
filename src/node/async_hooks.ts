/**
 * `node:async_hooks`: stores that follow the program through its asynchronous calls.
 *
 * Promise: members and texts are workerd's (1.20260730, as observed); `enterWith` and `disable` are refused there too.
 */
import { hooks } from './hooks.ts';

const { context } = hooks;

// biome-ignore lint/suspicious/noExplicitAny: whatever the program's function takes
type Call = (...args: any[]) => unknown;

interface StorageOptions {
  defaultValue?: unknown;
  name?: string;
}

export class AsyncLocalStorage {
  readonly #options: StorageOptions;

  constructor(options: StorageOptions = {}) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name ?? '';
  }

  run(...all: unknown[]): unknown {
    const [value, call, ...args] = all;
    if (all.length === 0) throw parameterError('run', 1, 'Value');
    if (typeof call !== 'function') throw parameterError('run', 2, 'function');
    return context.run(this, value, call as Call, args);
  }

  exit(...all: unknown[]): unknown {
    const [call, ...args] = all;
    if (typeof call !== 'function') throw parameterError('exit', 1, 'function');
    return context.run(this, undefined, call as Call, args);
  }

  getStore(): unknown {
    const found = context.find(this);
    return found ? found.value : this.#options.defaultValue;
  }

  enterWith(): never {
    throw new Error('asyncLocalStorage.enterWith() is not implemented');
  }

  disable(): never {
    throw new Error('asyncLocalStorage.disable() is not implemented');
  }

  static bind(call?: unknown): Call {
    if (typeof call !== 'function') throw parameterError('bind', 1, 'Function');
    return context.bind(call as Call);
  }

  static snapshot(): Call {
    return context.bind((call: Call, ...args: unknown[]) => call(...args));
  }
}
tag(AsyncLocalStorage.prototype, 'AsyncLocalStorage');

export class AsyncResource {
  readonly #frame = context.frame;

  asyncId(): number {
    return 0;
  }

  triggerAsyncId(): number {
    return 0;
  }

  runInAsyncScope(call: Call, self?: unknown, ...args: unknown[]): unknown {
    return context.enter(this.#frame, call, self, args);
  }

  emitDestroy(): void {}

  bind(call: Call, self?: unknown): Call {
    const bound = (...args: unknown[]) => this.runInAsyncScope(call, self ?? this, ...args);
    return Object.defineProperty(bound, 'asyncResource', {
      get: () => this,
      enumerable: true,
      configurable: true,
    });
  }

  static bind(call: Call, _type?: string, self?: unknown): Call {
    return new AsyncResource().bind(call, self);
  }
}
tag(AsyncResource.prototype, 'AsyncResource');

export function createHook(): object {
  const hook = { enable: () => hook, disable: () => hook };
  return hook;
}

export function executionAsyncId(): number {
  return 0;
}

export function triggerAsyncId(): number {
  return 0;
}

export function executionAsyncResource(): object {
  return Object.create(null) as object;
}

export const asyncWrapProviders = Object.freeze({ __proto__: null, NONE: 0 });

function parameterError(method: string, position: number, type: string): TypeError {
  return new TypeError(
    `Failed to execute '${method}' on 'AsyncLocalStorage': parameter ${position} is not of type '${type}'.`,
  );
}

function tag(prototype: object, name: string): void {
  Object.defineProperty(prototype, Symbol.toStringTag, { value: name, configurable: true });
}

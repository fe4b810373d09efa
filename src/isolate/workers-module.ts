/**
 * What `import … from 'cloudflare:workers'` gives.
 *
 * Promise: every name that the real module exports is there, because a missing one is a link error that no program can
 * catch; a name whose feature does not exist yet says so when it is used. Names, shapes and texts: workerd 1.20260730,
 * as observed.
 *
 * `withEnv`, `withExports` and `withEnvAndExports` hold as long as the asynchronous context is carried: the bundler sees to
 * it for programs that import one of them.
 *
 * DIFFERS: `abortIsolate` throws. Local workerd ends its whole process there, so nobody could say what callers are to see.
 *
 * Knows no RPC: the stub classes are given.
 */
import type { AsyncContext } from '../base/async-context.ts';
import { makeProxy, objectDefineProperty, reflectApply } from '../base/primordials.ts';
import { isObject } from '../base/shapes.ts';
import {
  type AnyConstructor,
  globalScopeError,
  illegalConstructor,
  named,
  notYetError,
  parameterError,
  shapeClass,
} from './native-shape.ts';

export interface WorkersRuntime {
  readonly context: AsyncContext;
  /** the bindings of the deployment that runs, read at each use */
  env(): object;
  /** as `ctx.exports`; default: an empty object */
  exports?(): object;
  /** true while the modules are evaluated */
  isGlobalScope(): boolean;
  /** keeps the current event alive until the promise settles */
  waitUntil(promise: unknown): void;
  /** decides what a DurableObject may be constructed with; default: any object */
  isDurableObjectState?(value: unknown): boolean;
  /** decides what a WorkflowEntrypoint may be constructed with; default: any object */
  isExecutionContext?(value: unknown): boolean;
  abortIsolate?(reason: unknown): never;
  /** from rpc/, each where it exists */
  classes?: Partial<Record<'RpcTarget' | 'RpcStub' | 'RpcPromise' | 'RpcProperty' | 'ServiceStub', unknown>>;
}

/** The exports by name; the same object each time a module imports it. */
export function makeWorkersModule(runtime: WorkersRuntime): Record<string, unknown> {
  const env = new Override(runtime.context, runtime.env);
  const exports = new Override(runtime.context, runtime.exports ?? (() => ({})));
  return {
    ...makeClasses(runtime),
    ...makeScoped(env, exports),
    env: env.view,
    exports: exports.view,
    cache: {},
    restore: Symbol('cloudflare:workers:restore'),
    tracing: makeTracing(),
    abortIsolate: named(
      'abortIsolate',
      (reason?: unknown) => {
        if (!runtime.abortIsolate) throw notYetError('abortIsolate');
        runtime.abortIsolate(reason);
      },
      1,
    ),
    waitUntil: named('bound waitUntil', (...args: unknown[]) => {
      if (args.length === 0) throw parameterError('waitUntil', 'EntrypointsModule', 1, 'Promise');
      if (runtime.isGlobalScope()) throw globalScopeError();
      runtime.waitUntil(args[0]);
    }),
  };
}

function makeClasses(runtime: WorkersRuntime): Record<string, unknown> {
  const { classes = {}, isDurableObjectState = isObject, isExecutionContext = isObject } = runtime;
  return {
    DurableObject: entrypointClass('DurableObject', 'DurableObjectBase', 'DurableObjectState', isDurableObjectState),
    WorkerEntrypoint: entrypointClass('WorkerEntrypoint', 'WorkerEntrypoint', 'JsObject', isObject),
    WorkflowEntrypoint: entrypointClass(
      'WorkflowEntrypoint',
      'WorkflowEntrypoint',
      'ExecutionContext',
      isExecutionContext,
    ),
    RpcTarget: classes.RpcTarget ?? makeRpcTarget(),
    RpcStub: classes.RpcStub ?? makeRpcStub(),
    RpcPromise: classes.RpcPromise ?? illegalConstructor('RpcPromise', { tag: 'JsRpcPromise' }),
    RpcProperty: classes.RpcProperty ?? illegalConstructor('RpcProperty', { tag: 'JsRpcProperty' }),
    ServiceStub: classes.ServiceStub ?? illegalConstructor('ServiceStub', { tag: 'Fetcher' }),
  };
}

/** A base class whose instances hold `ctx` and `env` as own properties, so that neither is reachable over RPC. */
function entrypointClass(name: string, tag: string, type: string, accepts: (ctx: unknown) => boolean): unknown {
  class Entrypoint {
    constructor(ctx: unknown, env: unknown) {
      if (!accepts(ctx)) throw parameterError('', tag, 1, type, 'construct');
      own(this, 'ctx', ctx);
      own(this, 'env', env);
    }
  }
  return callable(Entrypoint, tag, name);
}

function own(on: object, key: string, value: unknown): void {
  objectDefineProperty(on, key, { value, enumerable: true, configurable: true, writable: true });
}

function makeRpcTarget(): unknown {
  return callable(class RpcTarget {}, 'JsRpcTarget', 'RpcTarget');
}

function makeRpcStub(): unknown {
  class RpcStub {
    constructor() {
      throw notYetError('new RpcStub()');
    }
  }
  return callable(RpcStub, 'JsRpcStub', 'RpcStub');
}

/** Shapes the class; calling it without `new` throws the platform's text. */
function callable(target: AnyConstructor, tag: string, name: string): unknown {
  shapeClass(target, tag, name);
  const proxy = makeProxy(target, {
    apply() {
      throw new TypeError(
        `Failed to construct '${tag}': Please use the 'new' operator, this object constructor cannot be called as a function.`,
      );
    },
  });
  objectDefineProperty(target.prototype, 'constructor', { value: proxy });
  return proxy;
}

/** A live view of an object that a callback may replace for as long as it runs. */
class Override {
  readonly view: object;
  readonly #context: AsyncContext;

  constructor(context: AsyncContext, current: () => object) {
    this.#context = context;
    this.view = makeProxy(
      {},
      forwarding(() => (context.get(this) as object | undefined) ?? current()),
    );
  }

  /** What is no object replaces nothing. */
  run<T>(replacement: unknown, callback: () => T): T {
    if (typeof replacement !== 'object' || replacement === null) return callback();
    return this.#context.run(this, replacement, callback) as T;
  }
}

function forwarding(current: () => object): ProxyHandler<object> {
  return {
    get: (_target, key) => Reflect.get(current(), key) as unknown,
    set: (_target, key, value) => Reflect.set(current(), key, value),
    has: (_target, key) => Reflect.has(current(), key),
    deleteProperty: (_target, key) => Reflect.deleteProperty(current(), key),
    ownKeys: () => Reflect.ownKeys(current()),
    defineProperty: (_target, key, descriptor) => Reflect.defineProperty(current(), key, descriptor),
    getOwnPropertyDescriptor(_target, key) {
      const found = Reflect.getOwnPropertyDescriptor(current(), key);
      // The proxy's own target is empty, so it must not report what cannot be changed.
      return found && { ...found, configurable: true };
    },
  };
}

function makeScoped(env: Override, exports: Override): Record<string, unknown> {
  const check = (method: string, position: number, callback: unknown): (() => unknown) => {
    if (typeof callback !== 'function') throw parameterError(method, 'EnvModule', position, 'function');
    return () => reflectApply(callback, undefined, []) as unknown;
  };
  return {
    withEnv: named('withEnv', (newEnv: unknown, fn: unknown) => env.run(newEnv, check('withEnv', 2, fn)), 2),
    withExports: named(
      'withExports',
      (newExports: unknown, fn: unknown) => exports.run(newExports, check('withExports', 2, fn)),
      2,
    ),
    withEnvAndExports: named(
      'withEnvAndExports',
      (newEnv: unknown, newExports: unknown, fn: unknown) => {
        const run = check('withEnvAndExports', 3, fn);
        return env.run(newEnv, () => exports.run(newExports, run));
      },
      3,
    ),
  };
}

/** Spans that nobody records. */
function makeTracing(): object {
  const Span = illegalConstructor('Span');
  const members = {
    get isTraced() {
      return false;
    },
    setAttribute(...args: unknown[]) {
      if (args.length === 0) throw parameterError('setAttribute', 'Span', 1, 'string');
    },
    end() {},
  };
  const prototype = Span.prototype as object;
  for (const [key, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(members))) {
    objectDefineProperty(prototype, key, descriptor);
  }
  const starter = (method: string) =>
    named(method, (...args: unknown[]) => {
      const [, callback, ...rest] = args;
      if (args.length === 0) throw parameterError(method, 'Tracing', 1, 'string');
      if (typeof callback !== 'function') throw parameterError(method, 'Tracing', 2, 'Function');
      return reflectApply(callback, undefined, [Object.create(prototype), ...rest]) as unknown;
    });
  const Tracing = illegalConstructor('Tracing');
  const shared = { enterSpan: starter('enterSpan'), startActiveSpan: starter('startActiveSpan'), Span };
  Object.assign(Tracing.prototype as object, shared);
  return Object.create(Tracing.prototype as object) as object;
}

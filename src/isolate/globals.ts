/**
 * Turns the global scope of a browser's worker into the global scope of a Cloudflare Worker.
 *
 * Promise: afterwards the scope and its prototypes hold exactly the names that workerd's hold (globals-names.ts), in the
 * same places. Everything else is deleted, not hidden: storage, channels, workers, files, the network, `postMessage`
 * and `location` are out of the program's reach. What a browser refuses to delete is reported, never ignored.
 *
 * Not closed here: `import()` of a URL, which only a content security policy can refuse.
 *
 * Call it once, before any user code, and after the runtime has taken what it needs for itself.
 */
import { filtered, joined } from '../base/lists.ts';
import { illegalInvocation, platformObject } from '../base/platform-objects.ts';
import {
  objectDefineProperty,
  objectIsPrototypeOf,
  reflectApply,
  uncurryThis,
  weakMapGet,
  weakMapSet,
} from '../base/primordials.ts';
import { FixedLengthStream, IdentityTransformStream } from './byte-streams.ts';
import { makeCompression } from './compression-streams.ts';
import type { FetchClasses } from './fetch-classes.ts';
import { shapeForms } from './form-data.ts';
import { formerNames, laterNames, takeNames, undoInClasses } from './globals-before.ts';
import { shapeBlobs } from './globals-blob.ts';
import { makeDate, shapeDateTimeFormat } from './globals-date.ts';
import { guardCodeGeneration } from './globals-eval.ts';
import { checkListener, shapeEvents } from './globals-events.ts';
import { guardMembers, shapeMembers } from './globals-members.ts';
import {
  CONSTRUCTED_NAMES,
  EVENT_TARGET_NAMES,
  LANGUAGE_NAMES,
  MEMBERS_BEYOND,
  OWN_NAMES,
  PROTOTYPE_NAMES,
  WORKER_SCOPE_NAMES,
} from './globals-names.ts';
import {
  makeCloudflare,
  makeNavigator,
  makePerformance,
  makeScheduler,
  type ServiceHooks,
  shapeAbort,
  shapeCrypto,
} from './globals-services.ts';
import { hideOwnFrames } from './globals-stack.ts';
import { shapeStreams } from './globals-streams.ts';
import { makeBase64, shapeTexts } from './globals-texts.ts';
import { absentHtmlRewriter } from './html-hooks.ts';
import type { ListenerCalls } from './listener-dispatch.ts';
import { shapeBlob } from './message-blobs.ts';
import {
  type AnyConstructor,
  globalScopeError,
  illegalConstructor,
  named,
  parameterError,
  refuseCalls,
} from './native-shape.ts';

type Scope = typeof globalThis & Record<string, unknown>;

export interface TimerFunctions {
  setTimeout(callback: (...args: unknown[]) => void, delayMs?: number, ...args: unknown[]): number;
  clearTimeout(id?: number): void;
  setInterval(callback: (...args: unknown[]) => void, delayMs?: number, ...args: unknown[]): number;
  clearInterval(id?: number): void;
}

export interface ScopeOptions {
  classes: Pick<FetchClasses, 'Body' | 'Headers' | 'Request' | 'Response'>;
  /** gets what the program gave, with at least one argument; never called at module scope */
  fetch(...args: unknown[]): Promise<Response>;
  timers: TimerFunctions;
  /** makes of what ends a `scheduler.wait` what the platform makes of it */
  errors?: ServiceHooks['errors'];
  console: object;
  calls: Pick<ListenerCalls, 'dispatchOrThrow' | 'throwing'>;
  /** gets what `reportError` is given, and what a microtask throws */
  report(error: unknown): void;
  /** true while the modules are evaluated */
  isGlobalScope(): boolean;
  /** milliseconds since 1970, on the clock that the program observes */
  now(): number;
  /** something that the browser does for the program begins; call what it returns when that has ended */
  begin?(): () => void;
  /** what `Cloudflare.compatibilityFlags` shows, and what of the scope depends on it */
  compatibilityFlags?: Readonly<Record<string, boolean>>;
  /** more of workerd's names, once they exist: they win over what is made here */
  provided?: Readonly<Record<string, unknown>>;
}

export interface ShapedScope {
  /** names that must not be there and could not be deleted */
  leftOver: string[];
  /** names of workerd that this browser has not and nobody provided */
  missing: string[];
  /** what the program's `addEventListener` listens on: the worker's own events do not reach it */
  events: EventTarget;
}

export function shapeGlobalScope(scope: typeof globalThis, options: ScopeOptions): ShapedScope {
  const target = scope as Scope;
  const chain = prototypesOf(target);
  const events = new EventTarget();
  const evalAtStart = !isOff(options, 'allow_eval_during_startup');
  guardCodeGeneration(target, () => evalAtStart && options.isGlobalScope());
  shapeDateTimeFormat(target.Intl.DateTimeFormat, options.now);
  shapeCrypto(target, options);
  const hooks: ServiceHooks = {
    errors: options.errors,
    isGlobalScope: options.isGlobalScope,
    now: options.now,
    setTimeout: options.timers.setTimeout,
    clearTimeout: options.timers.clearTimeout,
    throwing: options.calls.throwing,
  };
  shapeAbort(target, hooks);
  shapeStreams(target);
  shapeBlob(target.Blob);
  hideOwnFrames(target);
  shapeTexts(target);
  shapeForms(target.FormData);
  shapeBlobs(target, options.now);
  shapeEvents(target, events);
  deleteMembersBeyond(target);
  undoInClasses(target, (flag) => isOff(options, flag));
  const made = { ...makeValues(target, options, hooks, chain.scope), ...options.provided };
  const values = valuesOf(target, made);
  deleteAll(chain);
  for (const name of LANGUAGE_NAMES) {
    if (name in made) place(target, name, made[name], false);
  }
  for (const name of OWN_NAMES) if (name in values) place(target, name, values[name], true);
  objectDefineProperty(target, 'origin', { writable: false });
  for (const name of PROTOTYPE_NAMES) if (name in values) place(chain.scope, name, values[name], true);
  for (const name of WORKER_SCOPE_NAMES) place(chain.worker, name, values[name], true);
  shapePrototypes(chain, values);
  redirectEvents(target, chain.events, events, options.calls.dispatchOrThrow);
  for (const [name, type] of SERVICES) if (target[name]) platformObject(target[name] as object, type);
  for (const name of ['performance', 'scheduler']) guardMembers(Object.getPrototypeOf(target[name]) as object);
  for (const name of CONSTRUCTED_NAMES) refuseCalls(chain.scope, name);
  shapeMembers(
    target,
    filtered(PROTOTYPE_NAMES, (name) => name !== 'WorkerGlobalScope'),
  );
  const shaped = { leftOver: leftOverOf(chain, target), missing: missingOf(target), events };
  fitToDate(chain, (flag) => isOff(options, flag));
  return shaped;
}

/** What is no class, and is refused by serialisation under its type's name. */
const SERVICES = [
  ['Cloudflare', 'Cloudflare'],
  ['navigator', 'Navigator'],
  ['performance', 'Performance'],
  ['scheduler', 'Scheduler'],
] as const;

/** Names that the program's date does not know yet, and those that it knew still. */
function fitToDate(chain: Chain, isOff: (flag: string) => boolean): void {
  takeNames([chain.own, chain.scope, chain.worker], laterNames(isOff));
  const former = formerNames(isOff);
  for (const name of Object.keys(former)) place(chain.worker, name, former[name], true);
}

function deleteMembersBeyond(scope: Scope): void {
  for (const [name, onPrototype, onClass = ''] of MEMBERS_BEYOND) {
    const known = scope[name] as AnyConstructor | undefined;
    if (!known) continue;
    for (const member of onPrototype.split(' ')) Reflect.deleteProperty(known.prototype as object, member);
    for (const member of onClass.split(' ')) Reflect.deleteProperty(known, member);
  }
}

function isOff({ compatibilityFlags }: ScopeOptions, flag: string): boolean {
  return compatibilityFlags?.[flag] === false;
}

interface Chain {
  own: Scope;
  /** DedicatedWorkerGlobalScope.prototype */
  scope: object;
  /** WorkerGlobalScope.prototype */
  worker: object;
  /** EventTarget.prototype */
  events: object;
}

function prototypesOf(own: Scope): Chain {
  const chain: object[] = [];
  for (let at = Object.getPrototypeOf(own) as object | null; at && at !== Object.prototype; ) {
    chain.push(at);
    at = Object.getPrototypeOf(at) as object | null;
  }
  // Firefox has one more object between EventTarget.prototype and the scope's; it is cleaned like the scope's.
  const events = chain.indexOf(EventTarget.prototype);
  const [scope, worker] = [chain[0], chain[events - 1]];
  if (!scope || !worker || events < 2) throw new TypeError('not the global scope of a dedicated worker');
  return { own, scope, worker, events: EventTarget.prototype };
}

/** What we make ourselves, by name. */
function makeValues(scope: Scope, options: ScopeOptions, hooks: ServiceHooks, scopePrototype: object) {
  const ServiceWorkerGlobalScope = illegalConstructor('ServiceWorkerGlobalScope', { prototype: scopePrototype });
  const ExtendableEvent = illegalConstructor('ExtendableEvent', { parent: scope.Event });
  const eventClasses = ['FetchEvent', 'TailEvent', 'TraceEvent', 'ScheduledEvent'].map(
    (name) => [name, illegalConstructor(name, { parent: ExtendableEvent })] as const,
  );
  return {
    ...Object.fromEntries(eventClasses),
    HTMLRewriter: absentHtmlRewriter(),
    ...makeNavigator(!isOff(options, 'enable_navigator_language')),
    ...makeFunctions(scope, options),
    ...options.classes,
    FixedLengthStream,
    IdentityTransformStream,
    ...makeCompression({
      ...(options.begin ? { begin: options.begin } : {}),
      isStrict: !isOff(options, 'strict_compression_checks'),
    }),
    ExtendableEvent,
    ServiceWorkerGlobalScope,
    Cloudflare: makeCloudflare(options.compatibilityFlags ?? {}),
    Date: makeDate(scope.Date, options.now),
    performance: makePerformance(hooks),
    scheduler: makeScheduler(hooks),
    console: options.console,
    crypto: scope.crypto,
    origin: 'null',
    self: scope,
  } as Record<string, unknown>;
}

function makeFunctions(scope: Scope, { fetch, timers, isGlobalScope, report }: ScopeOptions): Record<string, unknown> {
  const on = 'ServiceWorkerGlobalScope';
  const starter = (name: 'setTimeout' | 'setInterval') =>
    named(name, (...args: unknown[]) => {
      const [callback, delayMs, ...rest] = args;
      if (typeof callback !== 'function') throw parameterError(name, on, 1, 'function');
      if (isGlobalScope()) throw globalScopeError();
      return timers[name](callback as () => void, delayMs as number | undefined, ...rest);
    });
  const stopper = (name: 'clearTimeout' | 'clearInterval') =>
    named(name, (...args: unknown[]) => {
      const [id] = args;
      if (args.length === 0) throw parameterError(name, on, 1, 'JsNumber');
      if (id === undefined || id === null) return;
      if (isGlobalScope()) throw globalScopeError();
      timers[name](Number(id));
    });
  const guardedFetch = async (...args: unknown[]): Promise<Response> => {
    if (args.length === 0) throw parameterError('fetch', on, 1, 'Request or string');
    if (isGlobalScope()) throw globalScopeError();
    return await fetch(...args);
  };
  const queue = scope.queueMicrotask.bind(scope);
  const queueMicrotask = (callback?: unknown) => {
    if (typeof callback !== 'function') throw parameterError('queueMicrotask', on, 1, 'function');
    queue(() => {
      try {
        (callback as () => void)();
      } catch (error) {
        report(error);
      }
    });
  };
  return {
    setTimeout: starter('setTimeout'),
    setInterval: starter('setInterval'),
    clearTimeout: stopper('clearTimeout'),
    clearInterval: stopper('clearInterval'),
    fetch: named('fetch', guardedFetch),
    ...makeBase64(scope),
    queueMicrotask: named('queueMicrotask', queueMicrotask),
    reportError: named('reportError', (...args: unknown[]) => {
      if (args.length === 0) throw parameterError('reportError', on, 1, 'JsValue');
      report(args[0]);
    }),
  };
}

/** For every name off the language's list: ours, or else the browser's own. */
function valuesOf(scope: Scope, made: Record<string, unknown>): Record<string, unknown> {
  const values: Record<string, unknown> = { ...made };
  for (const name of [...OWN_NAMES, ...PROTOTYPE_NAMES, ...WORKER_SCOPE_NAMES]) {
    if (!(name in values) && name in scope) values[name] = scope[name];
  }
  return values;
}

const KEPT_KEYS: readonly PropertyKey[] = ['constructor', Symbol.toStringTag];

function deleteAll(chain: Chain): void {
  for (let at: object = chain.own; at !== Object.prototype; at = Object.getPrototypeOf(at) as object) {
    for (const key of Reflect.ownKeys(at)) if (!stays(chain, at, key)) Reflect.deleteProperty(at, key);
  }
}

function stays(chain: Chain, at: object, key: PropertyKey): boolean {
  if (at === chain.own) return typeof key === 'string' && LANGUAGE_NAMES.includes(key);
  if (KEPT_KEYS.includes(key)) return true;
  return at === chain.events && typeof key === 'string' && (EVENT_TARGET_NAMES as readonly string[]).includes(key);
}

function shapePrototypes(chain: Chain, values: Record<string, unknown>): void {
  place(chain.scope, 'constructor', values['ServiceWorkerGlobalScope'], false);
  objectDefineProperty(chain.scope, Symbol.toStringTag, { value: 'ServiceWorkerGlobalScope', configurable: true });
  const worker = values['WorkerGlobalScope'] as object | undefined;
  for (const name of ['createObjectURL', 'revokeObjectURL'] as const) {
    // A blob's URL could be imported: that would be eval. The platform has the names and refuses them in these words.
    const refuse = () => {
      throw new Error(`URL.${name}() is not implemented`);
    };
    place(values['URL'] as object, name, named(name, refuse), true);
  }
  // Static constants of old file APIs hang on some of the interface objects.
  if (worker) {
    for (const key of Object.getOwnPropertyNames(worker)) {
      if (!['length', 'name', 'prototype'].includes(key)) Reflect.deleteProperty(worker, key);
    }
  }
}

/**
 * Events of the worker itself (its messages from the host) are not the program's: on the scope, and for calls without
 * `this`, the three methods work on an EventTarget of their own.
 */
function redirectEvents(
  scope: Scope,
  prototype: object,
  events: EventTarget,
  dispatch: ListenerCalls['dispatchOrThrow'],
): void {
  const methods = prototype as Record<string, (...args: unknown[]) => unknown>;
  const onScope = listenersOn(scope, events);
  for (const name of EVENT_TARGET_NAMES) {
    const own = uncurryThis(methods[name] as (...args: unknown[]) => unknown) as (...args: unknown[]) => unknown;
    const native = name === 'dispatchEvent' ? (dispatch as typeof own) : own;
    const redirected = {
      [name](this: unknown, ...args: unknown[]) {
        const self = this === undefined || this === null || this === scope ? events : this;
        if (!objectIsPrototypeOf(prototype, self)) throw illegalInvocation();
        const checked = name === 'dispatchEvent' ? args : checkListener(name, args);
        if (self === events && name !== 'dispatchEvent') checked[1] = onScope(checked[1]);
        return reflectApply(native, undefined, joined([self], checked));
      },
    }[name];
    place(prototype, name, redirected, true);
  }
}

/** What stands for a listener on what stands for the scope: it is called on the scope. One for each, so that it can be removed. */
function listenersOn(scope: object, events: EventTarget): (listener: unknown) => unknown {
  const standIns = new WeakMap<object, unknown>();
  return (listener) => {
    if (typeof listener !== 'function') return listener;
    const known = weakMapGet(standIns, listener);
    if (known) return known;
    const standIn = {
      listener(this: unknown, event: unknown): unknown {
        return reflectApply(listener as () => unknown, this === events ? scope : this, [event]);
      },
    }.listener;
    weakMapSet(standIns, listener, standIn);
    return standIn;
  };
}

function leftOverOf(chain: Chain, scope: Scope): string[] {
  const allowed = new Set<PropertyKey>([
    ...[...LANGUAGE_NAMES, ...OWN_NAMES, ...PROTOTYPE_NAMES, ...WORKER_SCOPE_NAMES, ...EVENT_TARGET_NAMES],
    ...KEPT_KEYS,
  ]);
  const left: string[] = [];
  for (let at: object = scope; at !== Object.prototype; at = Object.getPrototypeOf(at) as object) {
    for (const key of Reflect.ownKeys(at)) {
      if (!allowed.has(key) && !(at === chain.events && stays(chain, at, key))) left.push(String(key));
    }
  }
  return left;
}

function missingOf(scope: Scope): string[] {
  return [...LANGUAGE_NAMES, ...OWN_NAMES, ...PROTOTYPE_NAMES, ...WORKER_SCOPE_NAMES].filter(
    (name) => !(name in scope),
  );
}

function place(on: object, name: string, value: unknown, enumerable: boolean): void {
  objectDefineProperty(on, name, { value, enumerable, configurable: true, writable: true });
}

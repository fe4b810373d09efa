/**
 * Makes the instance of an object: its `ctx`, and the program's class with it.
 *
 * Promise: everything that the program can reach through `ctx` is made here, from the parts that are given.
 */

import type { AssignedObject, Plan } from '../protocol/control.ts';
import type { Tracer } from '../protocol/tracer.ts';
import { makeId } from '../rpc/namespace.ts';
import type { Actor } from './actor.ts';
import type { Alarms } from './alarms.ts';
import type { IoContext } from './io-context.ts';
import type { ObjectStorage } from './object-storage.ts';
import type { Runtime } from './runtime.ts';
import type { SocketApi } from './socket-api.ts';
import { type AbortOptions, makeState } from './state.ts';
import { makeStorage } from './storage-api.ts';

export interface InstanceParts {
  what: AssignedObject;
  program: Readonly<Record<string, unknown>>;
  runtime: Pick<Runtime, 'compatibility' | 'env' | 'values'> & {
    readonly bindings: Pick<Runtime['bindings'], 'ctxExports'>;
    readonly virtualClock: Pick<Runtime['virtualClock'], 'now'>;
  };
  storage: ObjectStorage;
  alarms: Alarms;
  actor: Actor;
  io: IoContext;
  sockets: SocketApi;
  /** `ctx.facets` */
  facets: object;
  limits: Plan['limits'];
  tracer: Tracer;
  waitUntil(promise: unknown): void;
  abort(reason: unknown, options: AbortOptions): never;
}

type Class = new (ctx: object, env: object) => object;

/** @throws what the program's constructor throws */
export function makeInstance(parts: InstanceParts): object {
  const { what, runtime, storage, alarms, actor, io, limits, tracer } = parts;
  const { className, id, name, backend } = what;
  const Class = parts.program[className] as Class;
  const { database, committer, metadata, bookmarks } = storage;
  const ctx = makeState({
    id: makeId(id, name, limits.nameBytes),
    storage: makeStorage({
      backend,
      limits,
      database,
      committer,
      metadata,
      codec: runtime.values,
      now: () => runtime.virtualClock.now(),
      hasAlarmHandler: () => actor.hasHandler('alarm'),
      visibleAlarm: () => alarms.visible,
      onAlarmSet: (timeMs) => alarms.wasSet(timeMs),
      deleteAllDeletesAlarm: runtime.compatibility.deleteAllDeletesAlarm,
      capture: () => io.capture(),
      comeBack: (deliver) => io.comeBack(deliver),
      criticalSection: (callback) => io.criticalSection(callback, 'transaction'),
      ...(backend === 'sqlite' ? { history: { bookmarks, capture: () => io.capture() } } : {}),
    }),
    exports: runtime.bindings.ctxExports,
    facets: parts.facets,
    sockets: parts.sockets,
    waitUntil: parts.waitUntil,
    blockConcurrencyWhile: (callback) => io.criticalSection(callback),
    abort: parts.abort,
  });
  tracer.note({ kind: 'life', step: 'construct', reason: '' });
  return new Class(ctx, runtime.env);
}

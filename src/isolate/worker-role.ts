/**
 * An isolate that is a stateless Worker: events run as they come, and nothing waits for storage.
 *
 * Promise: the export that an event is for answers as the platform calls it: an object's handlers get (request, env, ctx), a
 * class that extends WorkerEntrypoint has a fresh instance for each event.
 */
import { must } from '../base/assert.ts';
import { objectCreate, objectGetPrototypeOf } from '../base/primordials.ts';
import { makeAfterTurn, type Schedule } from '../base/schedule.ts';
import type { Limits } from '../protocol/limits.ts';
import type { LinkEnd } from '../protocol/link.ts';
import type { Epoch } from '../protocol/names.ts';
import type { Props } from '../protocol/target.ts';
import type { Arrived } from '../protocol/trace.ts';
import type { Tracer } from '../protocol/tracer.ts';
import type { Delivery, RpcContext, SessionMain } from '../rpc/session.ts';
import { Callers } from './callers.ts';
import { IdleWatch } from './idle-watch.ts';
import { type RequestContext, RequestContexts } from './request-contexts.ts';
import type { Role, Runtime } from './runtime.ts';
import { makeExecutionContext } from './state.ts';
import { TaskArrivals } from './task-arrivals.ts';
import { WaitUntil } from './wait-until.ts';
import { workerEvents } from './worker-events.ts';

/** Names an export that is there no more: what stubs that were made know is checked when the code is deployed. */
const NO_ENTRYPOINT =
  'The entrypoint name was not found in this worker. Ensure the worker exports an entrypoint with that name.';
const REMOTE = { remote: true };

/** A Worker has no storage to fence: its links name this one. */
const EPOCH = 0 as Epoch;

export interface WorkerRoleOptions {
  schedule: Schedule;
  tracer: Tracer;
  limits: Pick<Limits, 'rpcPathDepth'>;
  /** called when it has had nothing to do for the whole idle time: one of an older deployment may go */
  onIdle(): void;
}

export class WorkerRole implements Role, SessionMain {
  readonly context: RpcContext;
  readonly socketGates: Role['socketGates'];
  readonly #callers: Callers;
  readonly #arrivals: TaskArrivals;
  #runtime: Runtime | undefined;
  #program: Readonly<Record<string, unknown>> = {};
  readonly #requests = new RequestContexts();
  readonly #onIdle: () => void;
  readonly #tracer: Tracer;
  #idle: IdleWatch | undefined;
  #eventCount = 0;
  readonly #waitUntil = new WaitUntil({
    promiseOf: (given) => this.#live().promiseOf(given),
    onError: (error) => this.#live().log('error', ['Uncaught (in promise)', error]),
    onSettled: () => this.#idle?.touch(),
  });

  constructor({ schedule, tracer, limits, onIdle }: WorkerRoleOptions) {
    this.#onIdle = onIdle;
    this.#tracer = tracer;
    this.#arrivals = new TaskArrivals(schedule);
    const arrive = (deliver: () => void, arrived?: Arrived) => {
      tracer.deliver(arrived);
      deliver();
    };
    this.context = {
      leave: (post) => post(),
      capture: () => arrive,
      arrive,
      adopt: (over) => this.#requests.adopt(over),
      report: (error) => this.#live().log('error', ['Uncaught', error]),
      afterTurn: makeAfterTurn(schedule),
      tracer,
    };
    this.socketGates = {
      leave: (post) => post(),
      capture: () => {
        const arrive = this.context.capture();
        return (deliver, arrived) => this.#arrivals.arrive(() => arrive(deliver, arrived));
      },
    };
    this.#callers = new Callers({
      context: this.context,
      codecs: () => this.#live().codecs,
      beside: (link) => this.#live().sockets.beside(link),
      limits,
      main: this,
      onQuiet: () => this.#sweep(),
    });
  }

  epoch(): Epoch {
    return EPOCH;
  }

  start(runtime: Runtime, program: Readonly<Record<string, unknown>>): Epoch {
    this.#runtime = runtime;
    this.#program = program;
    this.#idle = new IdleWatch({
      after: (delayMs, fire) => runtime.after(delayMs, fire),
      now: () => runtime.virtualClock.now(),
      whyHeld: () => this.#whyBusy(),
      whyIo: () => undefined,
      ioUntilMs: () => Number.NEGATIVE_INFINITY,
      limits: runtime.plan.limits,
      random: runtime.random,
      onIdle: this.#onIdle,
    });
    this.#idle.touch();
    return EPOCH;
  }

  onLink(link: LinkEnd): void {
    this.#callers.accept(link);
  }

  deliver(delivery: Delivery): void {
    this.#eventCount++;
    this.#tracer.deliver(delivery.arrived);
    const request = this.#requests.begin();
    void this.#run(delivery, request).then(() => {
      this.#eventCount--;
      request.release();
      this.#sweep();
      this.#idle?.touch();
    });
  }

  /** Of the import: whose it is cannot be told. */
  waitUntil(promise: unknown): void {
    this.#waitUntilOf(this.#requests.open, promise);
  }

  bindToRequest(): () => boolean {
    return this.#requests.bind();
  }

  holdRequest(): () => void {
    const { open } = this.#requests;
    for (let i = 0; i < open.length; i++) (open[i] as RequestContext).hold();
    return () => {
      for (let i = 0; i < open.length; i++) (open[i] as RequestContext).release();
      this.#sweep();
    };
  }

  #waitUntilOf(requests: readonly RequestContext[], promise: unknown): void {
    for (let i = 0; i < requests.length; i++) (requests[i] as RequestContext).hold();
    this.#waitUntil.add(promise, (isFulfilled) => {
      for (let i = 0; i < requests.length; i++) {
        const request = requests[i] as RequestContext;
        if (!isFulfilled) request.fail();
        request.release();
      }
      this.#sweep();
    });
  }

  #sweep(): void {
    if (this.#callers.isIdle && this.#requests.sweep()) this.#live().channels.sweep();
  }

  onQuiet(): void {
    this.#idle?.touch();
  }

  afterBurst(go: () => void): boolean {
    return this.#arrivals.afterBurst(go);
  }

  /** Its events run between two tasks, and nothing of it waits to leave. */
  isStill(): boolean {
    return true;
  }

  async drain(): Promise<string | undefined> {
    const why = this.#whyBusy();
    if (why === undefined) this.#live().connector.close();
    return why;
  }

  #whyBusy(): string | undefined {
    const runtime = this.#live();
    if (this.#eventCount > 0) return 'an event is under way';
    if (this.#waitUntil.count > 0) return 'a waitUntil promise is pending';
    if (runtime.sockets.count > 0) return 'a WebSocket is open';
    if (runtime.timers.activeCount > 0) return 'a timer is armed';
    if (!runtime.channels.isQuiet) return 'a call to an object is open';
    return this.#callers.isQuiet ? undefined : 'a call or a body is open';
  }

  async #run(delivery: Delivery, request: RequestContext): Promise<void> {
    const { name = 'default', props, isEvent } = delivery.entry ?? {};
    const runtime = this.#live();
    const found = runtime.bindings.exportedAs(this.#program, name);
    let target: object;
    let added: readonly unknown[];
    try {
      if (found?.kind !== 'entrypoint' && found?.kind !== 'handlers') throw new Error(NO_ENTRYPOINT);
      const ctx = this.#makeContext(request, props);
      const { env } = runtime;
      target = found.kind === 'entrypoint' ? new found.Class(ctx, env) : found.handlers;
      // An instance has them already, and the platform passes it as many arguments, without a value.
      added = found.kind === 'entrypoint' ? [undefined, undefined] : [env, ctx];
    } catch (error) {
      delivery.fail(error, REMOTE);
      return;
    }
    const keep = () => this.#keep(request);
    if (isEvent) {
      const { log, virtualClock } = runtime;
      const promiseOf = (given: unknown) => runtime.promiseOf(given);
      const events = { target, added, request, promiseOf, log: log.bind(runtime), now: () => virtualClock.now() };
      return delivery.run(workerEvents(events), [], { main: 'event', keep });
    }
    return delivery.run(target, added, { main: found.kind === 'entrypoint' ? 'instance' : added, keep });
  }

  /** Somebody has what the request gave: it is over when all of that is given back. */
  #keep(request: RequestContext): () => void {
    request.hold();
    return () => {
      request.release();
      this.#sweep();
      this.#idle?.touch();
    };
  }

  #makeContext(request: RequestContext, props: Props | undefined): object {
    const { bindings, workers, props: codec } = this.#live();
    const { tracing } = workers as { tracing: object };
    return makeExecutionContext({
      exports: bindings.ctxExports,
      tracing: objectCreate(objectGetPrototypeOf(tracing)),
      props: props ? codec.decode(props) : {},
      waitUntil: (promise) => this.#waitUntilOf([request], promise),
    });
  }

  #live(): Runtime {
    return must(this.#runtime, 'the runtime of a started Worker');
  }
}

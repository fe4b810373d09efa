/**
 * An isolate that is a stateless Worker: events run as they come, and nothing waits for storage.
 *
 * Promise: the default export answers as the platform calls it: a plain object gets (request, env, ctx), a class that
 * extends WorkerEntrypoint a fresh instance for each event.
 */
import { must } from '../base/assert.ts';
import { setAdd, setDelete, setForEach } from '../base/primordials.ts';
import { makeAfterTurn, type Schedule } from '../base/schedule.ts';
import type { LinkEnd } from '../protocol/link.ts';
import type { Epoch } from '../protocol/names.ts';
import { type Delivery, type RpcContext, RpcSession, type SessionMain } from '../rpc/session.ts';
import { IdleWatch } from './idle-watch.ts';
import type { Role, Runtime } from './runtime.ts';
import { makeExecutionContext } from './state.ts';
import { WaitUntil } from './wait-until.ts';

/** A Worker has no storage to fence: its links name this one. */
const EPOCH = 0 as Epoch;

export class WorkerRole implements Role, SessionMain {
  readonly context: RpcContext;
  readonly #sessions = new Set<RpcSession>();
  #runtime: Runtime | undefined;
  #program: Readonly<Record<string, unknown>> = {};
  readonly #onIdle: () => void;
  #idle: IdleWatch | undefined;
  #eventCount = 0;
  readonly #waitUntil = new WaitUntil({
    onError: (error) => this.#live().log('error', ['Uncaught (in promise)', error]),
    onSettled: () => this.#idle?.touch(),
  });

  /** @param onIdle  called when it has had nothing to do for the whole idle time: one of an older deployment may go */
  constructor(schedule: Schedule, onIdle: () => void) {
    this.#onIdle = onIdle;
    this.context = {
      leave: (post) => post(),
      capture: () => (deliver) => deliver(),
      afterTurn: makeAfterTurn(schedule),
    };
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
      isBusy: () => this.#whyBusy() !== undefined,
      onIdle: this.#onIdle,
    });
    this.#idle.touch();
    return EPOCH;
  }

  onLink(link: LinkEnd): void {
    const session: RpcSession = new RpcSession({
      link,
      context: this.context,
      codecs: this.#live().codecs,
      main: this,
      onQuiet: () => {
        if (session.ending) setDelete(this.#sessions, session);
      },
    });
    setAdd(this.#sessions, session);
  }

  deliver(delivery: Delivery): void {
    this.#eventCount++;
    void this.#run(delivery).then(() => {
      this.#eventCount--;
      this.#idle?.touch();
    });
  }

  waitUntil(promise: unknown): void {
    this.#waitUntil.add(promise);
  }

  onQuiet(): void {
    this.#idle?.touch();
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
    if (runtime.timers.activeCount > 0) return 'a timer is armed';
    if (!runtime.channels.isQuiet) return 'a call to an object is open';
    let why: string | undefined;
    setForEach(this.#sessions, (session) => {
      if (!session.isQuiet) why = 'a call or a body is open';
    });
    return why;
  }

  async #run(delivery: Delivery): Promise<void> {
    const runtime = this.#live();
    const { env } = runtime;
    const ctx = makeExecutionContext({ exports: {}, props: {}, waitUntil: (promise) => this.waitUntil(promise) });
    const main = this.#program['default'];
    if (typeof main === 'function') {
      let target: object;
      try {
        target = new (main as new (ctx: object, env: object) => object)(ctx, env);
      } catch (error) {
        delivery.fail(error);
        return;
      }
      return delivery.run(target, [env, ctx]);
    }
    return delivery.run(typeof main === 'object' && main !== null ? main : {}, [env, ctx]);
  }

  #live(): Runtime {
    return must(this.#runtime, 'the runtime of a started Worker');
  }
}

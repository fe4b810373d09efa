/**
 * The alarm of one object, as an event: looks whether it is meant and due, runs the handler, and takes the alarm away.
 *
 * Promise: an alarm is never run early, one handler at a time, and an order that comes twice is answered by one run. While
 * the handler runs the alarm reads as null unless it is set anew; it is taken away in the turn in which the handler ends,
 * and told so when that is durable. A failure leaves it; so does the end of the instance.
 *
 *     IDLE --order--> NEW --a task later--> WAITING --its turn--> RUNNING --handler settled--> IDLE    [#deliver, #run, #settle]
 *                      \--instance ends: not answered, so it is given to the next one                  [ended]
 *
 * A run that waited for its turn has failed when the instance ends, as on workerd; one that had only just come has not been.
 *
 * Knows nothing of retries: who gives the orders counts them.
 * @see workerd: global-scope.c++ (runAlarm), actor-sqlite.c++ (armAlarmHandler); every text and order here was seen there
 */
import type { Timer } from '../base/clock.ts';
import { instanceHandler } from '../base/instance-handlers.ts';
import { arrayAppend, arrayShift, objectDefineProperty, promiseThen, reflectApply } from '../base/primordials.ts';
import type { AlarmOrder, AlarmOutcome } from '../protocol/alarms.ts';
import { toControlError } from '../protocol/control-error.ts';
import type { Arrived } from '../protocol/trace.ts';
import type { Committer } from '../storage/committer.ts';
import type { ObjectLog } from '../storage/log.ts';
import type { Metadata } from '../storage/metadata.ts';
import type { Event } from './actor.ts';
import { shapeClass } from './native-shape.ts';

export interface AlarmsOptions {
  readonly metadata: Metadata;
  readonly committer: Committer;
  readonly log: Pick<ObjectLog, 'alarm' | 'head'>;
  /** milliseconds since 1970, of the program's clock */
  now(): number;
  after(delayMs: number, fire: () => void): Timer;
  /** queues an event of the instance, which is made first if there is none */
  deliver(event: Event): void;
  /** a task of this thread's own, soon: behind the turn that runs */
  schedule(task: () => void): void;
  /** queues something that needs no instance */
  arrive(run: () => void): void;
  /** calls `post` when everything written so far is durable; never when the instance ends before */
  leave(post: () => void): void;
  /** what a handler gave as a promise */
  promiseOf(given: unknown): Promise<unknown>;
  warn(text: string): void;
  onUncaught(error: unknown): void;
  /** the handler has run for longer than it may */
  onTooLong(error: Error): void;
  /** the instance has ended: `ended` will say how */
  isOver(): boolean;
}

const NOT_COUNTED: AlarmOutcome = { did: 'fail', isCounted: false };

type Answer = (outcome: AlarmOutcome) => void;

interface Running {
  readonly order: AlarmOrder;
  /** of everybody who gave this order */
  readonly answers: Answer[];
  /** the alarm whose handler runs now; undefined too when the handler has set it anew */
  handling: number | undefined;
  /** `new`: nobody noticed it yet; `running`: the handler has begun, and what ends the instance is laid to it */
  step: 'new' | 'waiting' | 'running';
}

/** How an instance ended, as far as its alarm is concerned. */
export interface Ending {
  readonly error: unknown;
  /** by the program's own doing */
  readonly isCounted: boolean;
  /** the program asked that the alarm be not tried again */
  readonly isGivenUp: boolean;
}

/** How long a handler may run, virtual. @see workerd: io/limit-enforcer.h */
const HANDLER_MS_MAX = 15 * 60 * 1000;
const TOO_LONG = 'Alarm exceeded its allowed execution time';
const NO_HANDLER =
  'Attempted to run a scheduled alarm without a handler, did you remember to export an alarm() function?';

export class Alarms {
  readonly #options: AlarmsOptions;
  readonly #waiting: { order: AlarmOrder; answer: Answer }[] = [];
  #running: Running | undefined;

  constructor(options: AlarmsOptions) {
    this.#options = options;
  }

  /**
   * The alarm as the program sees it. DIFFERS: in workerd one that the handler set or deleted is taken for set anew although a
   * `transactionSync` that threw has undone it, and for the old one although it was set after a `rollback()`.
   */
  get visible(): number | null {
    const { alarm } = this.#options.metadata;
    return alarm === this.#running?.handling ? null : alarm;
  }

  /**
   * The program set the alarm to that time. Set to the very time whose handler runs it is another one, and stays when the handler
   * ends. DIFFERS: workerd keeps it too and never runs it; here every alarm that is stored is run, as in production.
   *
   * @see https://github.com/cloudflare/workerd/issues/6866
   */
  wasSet(timeMs: number): void {
    if (this.#running?.handling === timeMs) this.#running.handling = undefined;
  }

  /** An order waits or is being carried out. */
  get isBusy(): boolean {
    return this.#running !== undefined;
  }

  /** `answer` is called once; never when the instance ends before the order was looked at. */
  obey(order: AlarmOrder, answer: Answer): void {
    if (this.#options.isOver()) return;
    const running = this.#running;
    if (!running) this.#begin(order, answer);
    else if (isSame(running.order, order)) arrayAppend(running.answers, answer);
    else arrayAppend(this.#waiting, { order, answer });
  }

  /** The instance is over: what ran has failed. At once, because this thread may be about to stop. */
  ended({ error, isCounted, isGivenUp }: Ending): void {
    const running = this.#running;
    if (!running) return;
    this.#waiting.length = 0;
    if (running.order.o === 'run-now') this.#answer(running, { did: 'throw', error: toControlError(error) });
    else if (running.step === 'waiting') this.#answer(running, NOT_COUNTED);
    else if (running.step === 'running')
      this.#answer(running, isGivenUp ? { did: 'give-up' } : { did: 'fail', isCounted });
  }

  #begin(order: AlarmOrder, answer: Answer): void {
    const running: Running = { order, answers: [answer], handling: undefined, step: 'new' };
    this.#running = running;
    switch (order.o) {
      case 'run':
        // Looked at before an instance is made for it: what a restore or a late message says is not worth one.
        void promiseThen(this.#options.committer.flush(), () => {
          if (this.#options.isOver()) return;
          if (this.#isMeant(order)) this.#deliver(running, (instance) => this.#run(running, order, instance));
          else this.#answer(running, this.#nothing());
        });
        return;
      case 'abandon':
        this.#options.arrive(() => {
          if (this.#options.metadata.alarm === order.scheduledMs) this.#takeAway();
          this.#settle(running, { did: 'run' });
        });
        return;
      case 'run-now':
        this.#deliver(running, (instance) => this.#runNow(running, instance));
        return;
      default:
        order satisfies never;
    }
  }

  #deliver(running: Running, run: (instance: object) => Promise<void>): void {
    this.#options.schedule(() => {
      if (running.step === 'new' && !this.#options.isOver()) running.step = 'waiting';
    });
    this.#options.deliver({
      run,
      arrived: ALARM,
      // Its constructor failed, or another event ended the instance: no doing of this alarm's, so it does not count.
      fail: (error) => {
        if (running.order.o === 'run-now') this.#answer(running, { did: 'throw', error: toControlError(error) });
        else if (running.step === 'waiting') this.#answer(running, NOT_COUNTED);
      },
    });
  }

  async #run(running: Running, order: Extract<AlarmOrder, { o: 'run' }>, instance: object): Promise<void> {
    if (!this.#isMeant(order)) {
      this.#settle(running, this.#nothing());
      return;
    }
    const handler = handlerOf(instance);
    if (!handler) {
      this.#options.warn(NO_HANDLER);
      this.#takeAway();
      this.#settle(running, { did: 'run' });
      return;
    }
    const { scheduledMs, retryCount } = order;
    running.handling = scheduledMs;
    running.step = 'running';
    const timer = this.#options.after(HANDLER_MS_MAX, () => this.#options.onTooLong(new Error(TOO_LONG)));
    try {
      const info = new AlarmInvocationInfo(MAKE, { scheduledMs, retryCount });
      await this.#options.promiseOf(reflectApply(handler, instance, [info]));
    } catch (error) {
      this.#options.onUncaught(error);
      this.#settle(running, { did: 'fail', isCounted: true });
      return;
    } finally {
      timer.cancel();
    }
    if (this.#options.isOver()) return;
    if (running.handling === this.#options.metadata.alarm) this.#takeAway();
    this.#settle(running, { did: 'run' });
  }

  /** @see `runDurableObjectAlarm` of `cloudflare:test`: the handler is given nothing and is not run again */
  async #runNow(running: Running, instance: object): Promise<void> {
    const { metadata } = this.#options;
    if (metadata.alarm === null) {
      this.#settle(running, this.#nothing());
      return;
    }
    this.#takeAway();
    try {
      const handler = handlerOf(instance);
      if (handler) await this.#options.promiseOf(reflectApply(handler, instance, []));
    } catch (error) {
      this.#settle(running, { did: 'throw', error: toControlError(error) });
      return;
    }
    this.#settle(running, { did: 'run' });
  }

  #isMeant({ scheduledMs }: Extract<AlarmOrder, { o: 'run' }>): boolean {
    const { metadata, now } = this.#options;
    return metadata.alarm === scheduledMs && now() >= scheduledMs;
  }

  #nothing(): AlarmOutcome {
    const { log } = this.#options;
    return { did: 'nothing', alarm: log.alarm, sequence: log.head };
  }

  #takeAway(): void {
    const { committer, metadata } = this.#options;
    committer.beforeWrite();
    metadata.writeAlarm(null);
    committer.touchAlarm();
  }

  /** The handler is over; who asked hears of it when what it wrote is durable. */
  #settle(running: Running, outcome: AlarmOutcome): void {
    running.handling = undefined;
    this.#options.leave(() => this.#answer(running, outcome));
  }

  #answer(running: Running, outcome: AlarmOutcome): void {
    if (this.#running !== running) return;
    this.#running = undefined;
    const { answers } = running;
    for (let i = 0; i < answers.length; i++) (answers[i] as Answer)(outcome);
    const next = arrayShift(this.#waiting);
    if (next) this.#begin(next.order, next.answer);
  }
}

function isSame(a: AlarmOrder, b: AlarmOrder): boolean {
  return a.o === 'run' && b.o === 'run' && a.scheduledMs === b.scheduledMs;
}

type Handler = (...args: unknown[]) => unknown;

function handlerOf(instance: object): Handler | undefined {
  const handler = instanceHandler(instance, 'alarm');
  return typeof handler === 'function' ? (handler as Handler) : undefined;
}

/** For the trace. What armed it may be long ago. */
const ALARM: Arrived = { what: 'alarm', name: 'alarm', cause: undefined };

/** Only this module makes them. */
const MAKE = Symbol('make');

/** What `alarm()` is given. */
class AlarmInvocationInfo {
  constructor(token: unknown, info?: { readonly scheduledMs: number; readonly retryCount: number }) {
    if (token !== MAKE || !info) throw new TypeError('Illegal constructor');
    const { scheduledMs, retryCount } = info;
    const own = (name: string, value: unknown) => objectDefineProperty(this, name, { value, enumerable: true });
    own('scheduledTime', scheduledMs);
    own('retryCount', retryCount);
    own('isRetry', retryCount > 0);
  }
}
shapeClass(AlarmInvocationInfo, 'AlarmInvocationInfo');

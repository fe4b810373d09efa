/**
 * The host's end of one isolate: a dedicated worker, from the moment it is started until it is terminated.
 *
 * Promise: every question put to it is settled, at the latest when it ends; after it ended nothing is heard from it.
 *
 *     QUEUED --boot()--> BOOTING --booted--> WARM --assign()--> STARTING --started--> LIVE --drain()--> DRAINING --> ENDED
 *         \____________________\________________\__________________\________________________\__ refused: back to LIVE
 *                      any state --- end() ---> ENDED
 *
 * Knows nothing of placement: which object it becomes is told by whoever assigns it; nor of when its turn to boot comes.
 */
import { assert } from '../base/assert.ts';
import { type Deferred, deferred } from '../base/async.ts';
import { SimulatorError } from '../base/errors.ts';
import type { AlarmOrder, AlarmOutcome } from '../protocol/alarms.ts';
import type { StillReport } from '../protocol/clock.ts';
import type { Assignment, Awake, DrainReason, EngineNews, FromIsolate, Plan, ToIsolate } from '../protocol/control.ts';
import { fromControlError } from '../protocol/control-error.ts';
import type { EditResult, ObjectEdit } from '../protocol/edits.ts';
import type { Weather } from '../protocol/faults.ts';
import type { WireError } from '../protocol/link.ts';
import type { EndpointId, Epoch } from '../protocol/names.ts';
import type { SocketCounts } from '../protocol/socket-counts.ts';
import { type IsolateEnd, IsolateQuestions } from './isolate-questions.ts';

/** The worker, as far as a handle needs it; `host/pool.ts` makes the real one. */
export interface IsolateWorker {
  postMessage(message: ToIsolate, transfer: Transferable[]): void;
  terminate(): void;
  onmessage: ((event: { data: FromIsolate }) => void) | null;
  onerror: ((event: { message?: string; preventDefault?: () => void }) => void) | null;
}

/** Messages that are not answers to what the handle itself asked. */
export type IsolateRequest = Extract<
  FromIsolate,
  { c: 'connect' | 'probe' | 'store' | 'note-alarm' | 'cache' | 'sockets' | 'idle' | 'reset' | 'log' }
>;

export interface IsolateOwner {
  onRequest(request: IsolateRequest): void;
  /** It ended by itself (a script that the browser could not run, an error outside any turn). */
  onCrash(error: Error): void;
}

type HandleState =
  /** its worker is not started yet: it hears nothing, and will be told all that it must know when it boots */
  | { readonly state: 'queued' }
  | { readonly state: 'booting'; readonly worker: IsolateWorker }
  | { readonly state: 'warm' }
  | { readonly state: 'starting'; readonly started: Deferred<Epoch> }
  | { readonly state: 'live' }
  | { readonly state: 'draining'; readonly drained: Deferred<string | undefined> }
  | { readonly state: 'ended'; readonly reason: Error };

export interface IsolateHandleOptions {
  endpoint: EndpointId;
  /** it wrote something of the trace */
  onTrace?: (news: Extract<FromIsolate, { c: 'noted' | 'traced' }>) => void;
  /** @see EngineRoom */
  onEngine?: (news: EngineNews) => void;
}

/** Which question is answered by no more than that it was heard. */
const HEARD = { tracing: 'trace', slowed: 'slow', felt: 'weather', pulse: 'pulse' } as const;

export class IsolateHandle {
  readonly endpoint: EndpointId;
  readonly #options: IsolateHandleOptions;
  #worker: IsolateWorker | undefined;
  readonly #booted = deferred();
  readonly #terminated = deferred();
  #state: HandleState = { state: 'queued' };
  #owner: IsolateOwner | undefined;
  #preparation: Extract<ToIsolate, { c: 'prepare' }> | undefined;
  readonly #questions = new IsolateQuestions();
  /** how it ended, or would if it ended now */
  #howEnded: IsolateEnd = 'lost';
  /** what this build of sql.js measured as; known once the first isolate booted */
  calibration: unknown;

  constructor(options: IsolateHandleOptions) {
    this.endpoint = options.endpoint;
    this.#options = options;
    this.#booted.promise.catch(() => {}); // whoever takes the handle hears of it; a warm one that nobody took may fail alone
  }

  /** Starts it, unless it has ended while it waited for that. */
  boot(worker: IsolateWorker, message: ToIsolate): void {
    assert(this.#state.state === 'queued', 'an isolate boots once');
    this.#worker = worker;
    this.#state = { state: 'booting', worker };
    worker.onmessage = (event) => this.#receive(event.data);
    worker.onerror = (event) => {
      event.preventDefault?.();
      this.#crash(new SimulatorError('peer_gone', `An isolate failed: ${event.message ?? 'its script did not load'}.`));
    };
    worker.postMessage(message, []);
    if (this.#preparation) this.post(this.#preparation);
  }

  get isEnded(): boolean {
    return this.#state.state === 'ended';
  }

  get isLive(): boolean {
    return this.#state.state === 'live';
  }

  /** @throws SimulatorError when it ended first */
  get booted(): Promise<void> {
    return this.#booted.promise;
  }

  get isPrepared(): boolean {
    return this.#preparation !== undefined;
  }

  /**
   * Lets it do all that an object of this plan needs before it is known which; it can become nothing else then. Right behind its
   * boot, that costs it least.
   *
   * @param isRehearsed  there is time for a rehearsal too: nothing waits for it
   */
  prepare(plan: Plan, isRehearsed: boolean): void {
    assert(!this.#owner && !this.isPrepared, 'an isolate is prepared once, before it is assigned');
    this.#preparation = { c: 'prepare', plan, isRehearsed };
    this.post(this.#preparation);
  }

  canBecome({ deployment, script, role }: Assignment): boolean {
    const plan = this.#preparation?.plan;
    return !plan || (role.kind === 'object' && plan.deployment === deployment && plan.script.name === script.name);
  }

  /** Makes it an object or a Worker; resolves with the epoch under which its storage is open (0 for a Worker). */
  async assign(assignment: Assignment, owner: IsolateOwner): Promise<Epoch> {
    assert(this.canBecome(assignment), 'an isolate is assigned what it was prepared for');
    this.#owner = owner;
    await this.booted;
    // Whoever ended it did so between two steps of its start.
    if (this.#state.state === 'ended') throw this.#state.reason;
    assert(this.#state.state === 'warm', `an isolate is assigned once (${this.#state.state})`);
    const started = deferred<Epoch>();
    this.#state = { state: 'starting', started };
    // It has the modules, and they are the larger part of the message.
    const script = this.isPrepared ? { ...assignment.script, modules: [] } : assignment.script;
    this.post({ c: 'assign', assignment: { ...assignment, script } });
    return started.promise;
  }

  /** Asks it to end in good order. Undefined when it did; else why it cannot now. */
  drain(why: DrainReason): Promise<string | undefined> {
    switch (this.#state.state) {
      case 'draining':
        return this.#state.drained.promise;
      case 'live': {
        const drained = deferred<string | undefined>();
        this.#state = { state: 'draining', drained };
        this.post({ c: 'drain', why });
        return drained.promise;
      }
      case 'ended':
        return Promise.resolve(undefined);
      case 'queued':
      case 'booting':
      case 'warm':
      case 'starting':
        return Promise.resolve('it is starting');
      default:
        return this.#state satisfies never;
    }
  }

  /**
   * Changes what its object has stored. Undefined when it drained before it looked at that: ask elsewhere.
   *
   * @throws Error what SQLite or the committer says; SimulatorError `peer_gone` when it ended meanwhile, otherwise
   */
  edit(edit: ObjectEdit): Promise<EditResult | undefined> {
    const { id, answer } = this.#questions.number<EditResult>({ lost: LOST_EDIT });
    this.#put({ c: 'edit', id, edit }, edit.e === 'replace' ? [edit.bytes.buffer] : []);
    return answer;
  }

  /**
   * Undefined when it drained, or was reset, before it looked at the order: ask elsewhere.
   *
   * @throws SimulatorError `peer_gone` when it ended meanwhile, otherwise
   */
  alarm(order: AlarmOrder): Promise<AlarmOutcome | undefined> {
    const { id, answer } = this.#questions.number<AlarmOutcome>({ lost: LOST_ALARM, isAnsweredLast: true });
    this.#put({ c: 'alarm', id, order });
    return answer;
  }

  /** What keeps it; undefined when it has ended. */
  async look(): Promise<Awake | undefined> {
    if (this.#state.state !== 'live') return undefined;
    this.post({ c: 'look' });
    return this.#questions.share('look');
  }

  /** How many WebSockets it has; undefined when it runs no program. */
  async countSockets(): Promise<SocketCounts | undefined> {
    if (this.#state.state !== 'live' && this.#state.state !== 'draining') return undefined;
    this.post({ c: 'count' });
    return this.#questions.share('count');
  }

  /** Resolves when it has a moment for us: at once, unless it computes. One that runs no program has nothing to say. */
  async pulse(): Promise<void> {
    const { state } = this.#state;
    if (state !== 'starting' && state !== 'live' && state !== 'draining') return;
    this.post({ c: 'pulse' });
    await this.#questions.share('pulse');
  }

  /** Resolves when it rests, or with undefined when it runs no program any more. Those who ask meanwhile share the answer. */
  async sound(): Promise<StillReport | undefined> {
    if (this.#state.state !== 'live' && this.#state.state !== 'draining') return undefined;
    if (!this.isSounding) this.post({ c: 'sound' });
    return this.#questions.share('sound');
  }

  /** It was asked and does not rest yet. */
  get isSounding(): boolean {
    return this.#questions.isOpen('sound');
  }

  /** Turns its trace on or off. Resolves when it has heard of it, or ended; one that has not booted yet is told then. */
  async trace(isOn: boolean): Promise<void> {
    if (this.isEnded || this.#state.state === 'queued') return;
    this.post({ c: 'trace', isOn });
    await this.#questions.share('trace');
  }

  /** Tells it the faults of the network. Resolves when it has heard, or ended; one that has not booted yet is told then. */
  async feel(weather: Weather): Promise<void> {
    if (this.isEnded || this.#state.state === 'queued') return;
    this.post({ c: 'weather', weather });
    await this.#questions.share('weather');
  }

  /** Makes its object's storage slow. Resolves when it has heard of it, or ended. */
  async slowStorage(storageLatencyMs: number): Promise<void> {
    if (this.isEnded) return;
    this.post({ c: 'slow', storageLatencyMs });
    await this.#questions.share('slow');
  }

  post(message: ToIsolate, transfer: Transferable[] = []): void {
    if (!this.isEnded) this.#worker?.postMessage(message, transfer);
  }

  /** Posts a question, which is answered also when it has ended. */
  #put(question: ToIsolate, transfer: Transferable[] = []): void {
    if (this.isEnded) this.#questions.end(this.#howEnded);
    else this.post(question, transfer);
  }

  /** Asks a busy instance to tell its callers why it ends; it answers with `reset`. */
  reset(error: WireError): void {
    this.post({ c: 'reset', error });
  }

  /** Resolves when the worker was told to terminate; its thread ends soon after. */
  get terminated(): Promise<void> {
    return this.#terminated.promise;
  }

  /**
   * Terminates the worker. Never waits: the lease and the epoch keep the next instance apart from this one. One that is
   * still booting is terminated when it has booted: Chromium now and then leaves the threads behind of a worker that is
   * terminated while a worker of its own is starting.
   *
   * @param isOver  it failed by itself: there is nothing to wait for
   */
  end(reason: Error = new SimulatorError('peer_gone', 'The isolate was ended.'), isOver = false): void {
    const before = this.#state;
    if (before.state === 'ended') return;
    this.#state = { state: 'ended', reason };
    const worker = this.#worker;
    const listen = (hear: () => void) => {
      if (!worker) return;
      worker.onmessage = hear;
      // For good: an error that is on its way and that nobody prevents would be the host's own, and end it too.
      worker.onerror = (event) => {
        event.preventDefault?.();
        hear();
      };
    };
    const terminate = () => {
      listen(() => {});
      worker?.terminate();
      this.#terminated.resolve();
    };
    if (before.state === 'booting' && !isOver) listen(terminate);
    else terminate();
    this.#booted.reject(reason);
    if (before.state === 'starting') before.started.reject(reason);
    if (before.state === 'draining') before.drained.resolve(undefined);
    this.#questions.end(this.#howEnded);
  }

  #crash(error: Error): void {
    const owner = this.#owner;
    this.end(error, true);
    owner?.onCrash(error);
  }

  #receive(message: FromIsolate): void {
    const state = this.#state;
    switch (message.c) {
      case 'booted':
        assert(state.state === 'booting', 'an isolate boots once');
        this.calibration = message.calibration;
        this.#state = { state: 'warm' };
        this.#options.onEngine?.(message.hasEngine ? 'held' : 'none');
        this.#booted.resolve();
        return;
      case 'engine':
        this.#options.onEngine?.(message.news);
        return;
      case 'boot-failed':
        this.#crash(fromControlError(message.error));
        return;
      case 'started':
        assert(state.state === 'starting', 'an isolate starts once');
        this.#state = { state: 'live' };
        state.started.resolve(message.epoch);
        return;
      case 'start-failed':
        assert(state.state === 'starting', 'only a starting isolate fails to start');
        state.started.reject(fromControlError(message.error));
        this.#state = { state: 'live' };
        this.end();
        return;
      case 'drained':
      case 'drain-refused':
        if (state.state !== 'draining') return;
        this.#state = { state: 'live' };
        if (message.c === 'drained') this.#howEnded = 'drained';
        state.drained.resolve(message.c === 'drained' ? undefined : message.reason);
        return;
      case 'edited':
        this.#questions.resolve(message.id, message.result);
        return;
      case 'edit-failed':
        this.#questions.reject(message.id, fromControlError(message.error));
        return;
      case 'alarmed':
        this.#questions.resolve(message.id, message.outcome);
        return;
      case 'looked':
        this.#questions.answer('look', message.awake);
        return;
      case 'counted':
        this.#questions.answer('count', message.sockets);
        return;
      case 'tracing':
      case 'slowed':
      case 'felt':
      case 'pulse':
        this.#questions.answer(HEARD[message.c], undefined);
        return;
      case 'still':
        this.#questions.answer('sound', message.report);
        return;
      case 'noted':
      case 'traced':
        this.#options.onTrace?.(message);
        return;
      case 'reset':
        this.#howEnded = 'reset';
        this.#owner?.onRequest(message);
        return;
      case 'connect':
      case 'probe':
      case 'store':
      case 'note-alarm':
      case 'cache':
      case 'sockets':
      case 'idle':
      case 'log':
        this.#owner?.onRequest(message);
        return;
      default:
        message satisfies never;
    }
  }
}

const LOST_ALARM = 'The object ended while its alarm was run.';
const LOST_EDIT =
  'The object ended while it was edited, so it is not known whether the edit was kept: look at what is stored, then try again.';

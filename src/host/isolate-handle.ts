/**
 * The host's end of one isolate: a dedicated worker, from the moment it is started until it is terminated.
 *
 * Promise: every question put to it is settled, at the latest when it ends; after it ended nothing is heard from it.
 *
 *     BOOTING --booted--> WARM --assign()--> STARTING --started--> LIVE --drain()--> DRAINING --drained--> ENDED
 *         \__________________\___________________\___________________\__ refused: back to LIVE
 *                      any state --- end() ---> ENDED
 *
 * Knows nothing of placement: which object it becomes is told by whoever assigns it.
 */
import { assert } from '../base/assert.ts';
import { type Deferred, deferred } from '../base/async.ts';
import { SimulatorError } from '../base/errors.ts';
import type { AlarmOrder, AlarmOutcome } from '../protocol/alarms.ts';
import type { StillReport } from '../protocol/clock.ts';
import type { Assignment, Awake, FromIsolate, Plan, ToIsolate } from '../protocol/control.ts';
import { fromControlError } from '../protocol/control-error.ts';
import type { EditResult, ObjectEdit } from '../protocol/edits.ts';
import type { WireError } from '../protocol/link.ts';
import type { EndpointId, Epoch } from '../protocol/names.ts';
import type { TraceBatch } from '../protocol/trace-batch.ts';

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
  { c: 'connect' | 'probe' | 'store' | 'note-alarm' | 'idle' | 'reset' | 'log' }
>;

export interface IsolateOwner {
  onRequest(request: IsolateRequest): void;
  /** It ended by itself (a script that the browser could not run, an error outside any turn). */
  onCrash(error: Error): void;
}

type HandleState =
  | { readonly state: 'booting'; readonly booted: Deferred<void> }
  | { readonly state: 'warm' }
  | { readonly state: 'starting'; readonly started: Deferred<Epoch> }
  | { readonly state: 'live' }
  | { readonly state: 'draining'; readonly drained: Deferred<string | undefined> }
  | { readonly state: 'ended' };

export interface IsolateHandleOptions {
  worker: IsolateWorker;
  endpoint: EndpointId;
  boot: ToIsolate;
  /** what it wrote of the trace */
  onTraced?: (batch: TraceBatch) => void;
}

export class IsolateHandle {
  readonly endpoint: EndpointId;
  readonly #onTraced: (batch: TraceBatch) => void;
  /** settled when it has heard that a trace is wanted, or is not */
  #tracing: Deferred<void> | undefined;
  /** settled when it has heard how slow its storage is */
  #slowing: Deferred<void> | undefined;
  /** settled when it has answered that it does not compute on and on */
  #pulsing: Deferred<void> | undefined;
  #looking: Deferred<Awake | undefined> | undefined;
  readonly #worker: IsolateWorker;
  readonly #booted: Promise<void>;
  readonly #terminated = deferred();
  #state: HandleState;
  #owner: IsolateOwner | undefined;
  #plan: Plan | undefined;
  readonly #edits = new Map<number, Deferred<EditResult | undefined>>();
  readonly #alarms = new Map<number, Deferred<AlarmOutcome | undefined>>();
  #lastId = 0;
  #hasDrained = false;
  #sounding: Deferred<StillReport | undefined> | undefined;
  /** what this build of sql.js measured as; known once the first isolate booted */
  calibration: unknown;

  constructor({ worker, endpoint, boot, onTraced = () => {} }: IsolateHandleOptions) {
    this.endpoint = endpoint;
    this.#onTraced = onTraced;
    this.#worker = worker;
    const booted = deferred<void>();
    this.#state = { state: 'booting', booted };
    this.#booted = booted.promise;
    booted.promise.catch(() => {}); // whoever takes the handle hears of it; a warm one that nobody took may fail alone
    worker.onmessage = (event) => this.#receive(event.data);
    worker.onerror = (event) => {
      event.preventDefault?.();
      this.#crash(new SimulatorError('peer_gone', `An isolate failed: ${event.message ?? 'its script did not load'}.`));
    };
    worker.postMessage(boot, []);
  }

  get isEnded(): boolean {
    return this.#state.state === 'ended';
  }

  get booted(): Promise<void> {
    return this.#booted;
  }

  get isPrepared(): boolean {
    return this.#plan !== undefined;
  }

  /** Lets it do all that an object of this plan needs before it is known which; it can become nothing else then. */
  prepare(plan: Plan): void {
    assert(!this.#owner && !this.#plan, 'an isolate is prepared once, before it is assigned');
    this.#plan = plan;
    this.#booted.then(
      () => this.post({ c: 'prepare', plan }),
      () => {}, // whoever takes it hears of it
    );
  }

  canBecome({ deployment, script, role }: Assignment): boolean {
    const plan = this.#plan;
    return !plan || (role.kind === 'object' && plan.deployment === deployment && plan.script.name === script.name);
  }

  /** Makes it an object or a Worker; resolves with the epoch under which its storage is open (0 for a Worker). */
  async assign(assignment: Assignment, owner: IsolateOwner): Promise<Epoch> {
    assert(this.canBecome(assignment), 'an isolate is assigned what it was prepared for');
    this.#owner = owner;
    await this.#booted;
    assert(this.#state.state === 'warm', `an isolate is assigned once (${this.#state.state})`);
    const started = deferred<Epoch>();
    this.#state = { state: 'starting', started };
    // It has the modules, and they are the larger part of the message.
    const script = this.#plan ? { ...assignment.script, modules: [] } : assignment.script;
    this.post({ c: 'assign', assignment: { ...assignment, script } });
    return started.promise;
  }

  /** Asks it to end in good order. Undefined when it did; else why it cannot now. */
  drain(): Promise<string | undefined> {
    switch (this.#state.state) {
      case 'draining':
        return this.#state.drained.promise;
      case 'live': {
        const drained = deferred<string | undefined>();
        this.#state = { state: 'draining', drained };
        this.post({ c: 'drain' });
        return drained.promise;
      }
      case 'ended':
        return Promise.resolve(undefined);
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
    const asked = deferred<EditResult | undefined>();
    const id = ++this.#lastId;
    this.#edits.set(id, asked);
    if (this.isEnded) this.#endQuestions();
    else this.post({ c: 'edit', id, edit }, edit.e === 'replace' ? [edit.bytes.buffer] : []);
    return asked.promise;
  }

  /**
   * Undefined when it drained before it looked at the order: ask elsewhere.
   *
   * @throws SimulatorError `peer_gone` when it ended meanwhile, otherwise
   */
  alarm(order: AlarmOrder): Promise<AlarmOutcome | undefined> {
    const asked = deferred<AlarmOutcome | undefined>();
    const id = ++this.#lastId;
    this.#alarms.set(id, asked);
    if (this.isEnded) this.#endQuestions();
    else this.post({ c: 'alarm', id, order });
    return asked.promise;
  }

  /** What keeps it; undefined when it has ended. */
  look(): Promise<Awake | undefined> {
    if (this.#state.state !== 'live') return Promise.resolve(undefined);
    this.#looking ??= deferred<Awake | undefined>();
    this.post({ c: 'look' });
    return this.#looking.promise;
  }

  /** Resolves when it has a moment for us: at once, unless it computes. One that runs no program has nothing to say. */
  pulse(): Promise<void> {
    const { state } = this.#state;
    if (state === 'booting' || state === 'warm' || state === 'ended') return Promise.resolve();
    this.#pulsing ??= deferred<void>();
    this.post({ c: 'pulse' });
    return this.#pulsing.promise;
  }

  #pulsed(): void {
    this.#pulsing?.resolve();
    this.#pulsing = undefined;
  }

  /** Resolves when it rests, or with undefined when it runs no program any more. Those who ask meanwhile share the answer. */
  sound(): Promise<StillReport | undefined> {
    if (this.#state.state !== 'live' && this.#state.state !== 'draining') return Promise.resolve(undefined);
    if (!this.#sounding) {
      this.#sounding = deferred();
      this.post({ c: 'sound' });
    }
    return this.#sounding.promise;
  }

  /** It was asked and does not rest yet. */
  get isSounding(): boolean {
    return this.#sounding !== undefined;
  }

  #sounded(report: StillReport | undefined): void {
    const sounding = this.#sounding;
    this.#sounding = undefined;
    sounding?.resolve(report);
  }

  /** One that drains has refused nothing that it had begun. */
  #endQuestions(): void {
    const end = <T>(questions: Map<number, Deferred<T | undefined>>, why: string) => {
      for (const asked of questions.values()) {
        if (this.#hasDrained) asked.resolve(undefined);
        else asked.reject(new SimulatorError('peer_gone', why));
      }
      questions.clear();
    };
    end(this.#edits, LOST_EDIT);
    end(this.#alarms, LOST_ALARM);
  }

  #settleEdit(id: number): Deferred<EditResult | undefined> | undefined {
    const asked = this.#edits.get(id);
    this.#edits.delete(id);
    return asked;
  }

  post(message: ToIsolate, transfer: Transferable[] = []): void {
    if (this.#state.state !== 'ended') this.#worker.postMessage(message, transfer);
  }

  /** Turns its trace on or off. Resolves when it has heard of it, or ended. */
  trace(isOn: boolean): Promise<void> {
    if (this.isEnded) return Promise.resolve();
    this.#tracing ??= deferred<void>();
    this.post({ c: 'trace', isOn });
    return this.#tracing.promise;
  }

  /** Makes its object's storage slow. Resolves when it has heard of it, or ended. */
  slowStorage(storageLatencyMs: number): Promise<void> {
    if (this.isEnded) return Promise.resolve();
    this.#slowing ??= deferred<void>();
    this.post({ c: 'slow', storageLatencyMs });
    return this.#slowing.promise;
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
    this.#state = { state: 'ended' };
    this.#worker.onmessage = null;
    this.#worker.onerror = null;
    const terminate = () => {
      this.#worker.onmessage = null;
      this.#worker.onerror = null;
      this.#worker.terminate();
      this.#terminated.resolve();
    };
    if (before.state !== 'booting' || isOver) terminate();
    else this.#worker.onmessage = this.#worker.onerror = terminate;
    if (before.state === 'booting') before.booted.reject(reason);
    if (before.state === 'starting') before.started.reject(reason);
    if (before.state === 'draining') before.drained.resolve(undefined);
    this.#endQuestions();
    this.#tracing?.resolve();
    this.#sounded(undefined);
    this.#slowing?.resolve();
    this.#looking?.resolve(undefined);
    this.#pulsed();
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
        state.booted.resolve();
        return;
      case 'boot-failed':
        this.#crash(fromControlError(message.error));
        return;
      case 'started':
        assert(state.state === 'starting', 'an isolate starts once');
        this.#state = { state: 'live' };
        state.started.resolve(message.epoch);
        return;
      case 'start-failed': {
        assert(state.state === 'starting', 'only a starting isolate fails to start');
        state.started.reject(fromControlError(message.error));
        this.#state = { state: 'live' };
        this.end();
        return;
      }
      case 'drained':
      case 'drain-refused':
        if (state.state !== 'draining') return;
        this.#state = { state: 'live' };
        this.#hasDrained = message.c === 'drained';
        state.drained.resolve(message.c === 'drained' ? undefined : message.reason);
        return;
      case 'edited':
        this.#settleEdit(message.id)?.resolve(message.result);
        return;
      case 'edit-failed':
        this.#settleEdit(message.id)?.reject(fromControlError(message.error));
        return;
      case 'looked':
        this.#looking?.resolve(message.awake);
        this.#looking = undefined;
        return;
      case 'tracing':
        this.#tracing?.resolve();
        this.#tracing = undefined;
        return;
      case 'slowed':
        this.#slowing?.resolve();
        this.#slowing = undefined;
        return;
      case 'traced':
        this.#onTraced(message.batch);
        return;
      case 'alarmed': {
        const asked = this.#alarms.get(message.id);
        this.#alarms.delete(message.id);
        asked?.resolve(message.outcome);
        return;
      }
      case 'pulse':
        this.#pulsed();
        return;
      case 'still':
        this.#sounded(message.report);
        return;
      case 'connect':
      case 'probe':
      case 'store':
      case 'note-alarm':
      case 'idle':
      case 'reset':
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

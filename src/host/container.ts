/**
 * A host's record of one instance that it holds: an object under its lease, or a Worker.
 *
 * Promise: as long as it is not ended, the lease is held and at most one isolate runs; when it ends, the isolate is
 * terminated first, the peers are told, and only then is the lease given back.
 *
 *     STARTING --started--> LIVE --drain--> DRAINING --drained--> ENDED
 *         \__________________\__ end(error) ________________________/
 *
 * Knows nothing of how the lease was won or how callers reach the isolate.
 */
import { SimulatorError } from '../base/errors.ts';
import type { AlarmOrder, AlarmOutcome } from '../protocol/alarms.ts';
import type { Assignment, DrainReason } from '../protocol/control.ts';
import type { EditResult, ObjectEdit } from '../protocol/edits.ts';
import type { WireError } from '../protocol/link.ts';
import type { EndpointId, Epoch, LinkId } from '../protocol/names.ts';
import type { IsolateHandle, IsolateOwner, IsolateRequest } from './isolate-handle.ts';

/** What an isolate asks of its host that does not concern its life. */
export type HostRequest = Extract<
  IsolateRequest,
  { c: 'connect' | 'probe' | 'store' | 'note-alarm' | 'cache' | 'sockets' | 'log' }
>;

export interface ContainerOptions {
  isolate: IsolateHandle;
  /** one that was prepared for nothing, for an assignment that `isolate` was not prepared for */
  another(): IsolateHandle;
  /** read anew at every start, so that no container starts under an older deployment */
  assignment: Promise<Assignment>;
  /** requests of the isolate that concern its host, not its life */
  onRequest(container: Container, request: HostRequest): void;
  /** it has had nothing to do for the whole idle time */
  onIdle(container: Container): void;
  /** the isolate is gone; `error` is what its callers should see, undefined when it went in good order or died */
  onEnded(container: Container, error: WireError | undefined): void;
}

type ContainerState =
  | { readonly state: 'starting' }
  | { readonly state: 'live'; readonly epoch: Epoch }
  | { readonly state: 'ended' };

export class Container implements IsolateOwner {
  readonly #options: ContainerOptions;
  readonly #started: Promise<Epoch>;
  #isolate: IsolateHandle;
  #state: ContainerState = { state: 'starting' };
  #assigned: Assignment | undefined;
  #draining: Promise<string | undefined> | undefined;
  #hasSlept = false;
  /** counts the callers brought to it, so that the least recently used is known */
  lastUse = 0;

  constructor(options: ContainerOptions) {
    this.#options = options;
    this.#isolate = options.isolate;
    this.#started = options.assignment
      .then((assignment) => {
        this.#assigned = assignment;
        if (!this.isEnded && !this.isolate.canBecome(assignment)) {
          this.isolate.end();
          this.#isolate = options.another();
        }
        return this.isolate.assign(assignment, this);
      })
      .then((epoch) => {
        if (this.#state.state === 'starting') this.#state = { state: 'live', epoch };
        return epoch;
      })
      .catch((error: unknown) => {
        this.end(undefined);
        throw error;
      });
    this.#started.catch(() => {}); // every caller of `live` hears of it
  }

  get isolate(): IsolateHandle {
    return this.#isolate;
  }

  /** Known for good once it is live. */
  get endpoint(): EndpointId {
    return this.isolate.endpoint;
  }

  /** What it was made; undefined until that is known. */
  get assigned(): Assignment | undefined {
    return this.#assigned;
  }

  /** As a person would name it. */
  get label(): string {
    const assigned = this.#assigned;
    if (assigned?.role.kind !== 'object') return assigned?.script.name ?? 'what is starting';
    const { className, name, id } = assigned.role;
    return `${className}:${name ?? id.slice(0, 8)}`;
  }

  /** It ended because nothing was under way: what is kept for the object is for its next instance. */
  get hasSlept(): boolean {
    return this.#hasSlept;
  }

  get isEnded(): boolean {
    return this.#state.state === 'ended';
  }

  /** The epoch once it is ready for links; undefined when it ended (in good order) before, so ask again elsewhere. */
  async live(): Promise<Epoch | undefined> {
    if (this.#draining) await this.#draining;
    if (this.isEnded) return undefined;
    const epoch = await this.#started;
    return this.isEnded ? undefined : epoch;
  }

  /** Gives the isolate its end of a port link. */
  attach(link: LinkId, from: EndpointId, port: MessagePort): void {
    this.isolate.post({ c: 'link', link, from, port }, [port]);
  }

  /** Changes what the object has stored; undefined when it ended in good order before, so ask elsewhere. */
  async edit(edit: ObjectEdit): Promise<EditResult | undefined> {
    return (await this.live()) === undefined ? undefined : this.isolate.edit(edit);
  }

  /** As `IsolateHandle.alarm`. */
  async alarm(order: AlarmOrder): Promise<AlarmOutcome | undefined> {
    return (await this.live()) === undefined ? undefined : this.isolate.alarm(order);
  }

  /** One that ended, or failed to start, has nothing to hear: its next instance is started so. */
  async slowStorage(latencyMs: number): Promise<void> {
    const epoch = await this.live().catch(() => undefined);
    if (epoch !== undefined) await this.isolate.slowStorage(latencyMs);
  }

  /** Ends it if nothing is under way: undefined when it ended, else what holds it. Those who ask meanwhile share the answer. */
  drain(why: DrainReason = 'asked'): Promise<string | undefined> {
    if (this.isEnded) return Promise.resolve(undefined);
    this.#draining ??= this.#drainOnce(why).finally(() => {
      this.#draining = undefined;
    });
    return this.#draining;
  }

  async #drainOnce(why: DrainReason): Promise<string | undefined> {
    try {
      await this.#started;
    } catch {
      return undefined; // it ended by failing to start, and whoever asked for it was told
    }
    const refused = await this.isolate.drain(why);
    if (refused === undefined && !this.isEnded) {
      this.#hasSlept = true;
      this.end(undefined);
    }
    return refused;
  }

  /** Ends it now. @param whyNotStarted  what whoever waits for its start is told */
  end(
    error: WireError | undefined,
    whyNotStarted = new SimulatorError('peer_gone', 'The object was ended while it started.'),
  ): void {
    if (this.isEnded) return;
    this.#state = { state: 'ended' };
    this.isolate.end(whyNotStarted);
    this.#options.onEnded(this, error);
  }

  onRequest(request: IsolateRequest): void {
    switch (request.c) {
      case 'reset':
        this.end(request.error);
        return;
      case 'idle':
        this.#options.onIdle(this);
        return;
      case 'connect':
      case 'probe':
      case 'store':
      case 'note-alarm':
      case 'cache':
      case 'sockets':
      case 'log':
        this.#options.onRequest(this, request);
        return;
      default:
        request satisfies never;
    }
  }

  onCrash(_error: Error): void {
    this.end(undefined);
  }
}

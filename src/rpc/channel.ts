/**
 * What the stubs of one object stand on: finds the way to the object at the first question, and again when it moved.
 *
 *     IDLE --question--> CONNECTING --connected--> OPEN --goaway--> IDLE or CONNECTING   what was not delivered is asked again
 *      ^                     |                      |--broken, lost--> IDLE              what was unanswered fails
 *      '----connect failed---'                      '--closed--> IDLE                    nothing was unanswered
 *
 * Promise: questions of one channel are posted in the order asked, whatever links they go by. One that the peer went
 * away from unread is asked again on the next link, in order; one that it looked at never is. A stub whose connection
 * failed keeps failing in the same way; a new stub connects anew.
 *
 * A link that dies without a word leaves two kinds of questions: those never posted fail with the platform's disconnect
 * (`Network connection lost.`, retryable); those posted may have run, and fail with the same error, marked `indeterminate`.
 *
 * Knows neither how objects are found nor what a link is made of: the realm connects.
 */
import { signalAborted, signalReason } from '../base/abort-signals.ts';
import { SimulatorError } from '../base/errors.ts';
import { arrayJoin, NativePromise, promiseThen } from '../base/primordials.ts';
import { type Sealed, unseal } from '../base/sealed.ts';
import type { Limits } from '../protocol/limits.ts';
import type { LinkEnd, LinkEnding, WireError } from '../protocol/link.ts';
import type { Callee, Entry } from '../protocol/target.ts';
import { Asker, type Route } from './asking.ts';
import { connectionLost, showWaiting } from './errors.ts';
import { Failure, type Outcome, type Parcel, type Path, StubHook } from './hook.ts';
import { BODY_GONE, followed, type OutgoingRequest, REDIRECTS_MAX } from './http.ts';
import { type FetchOutcome, FetchQuestion, MemberQuestion, type Question } from './question.ts';
import type { QuestionOwner, RpcCodecs, RpcContext, RpcSession } from './session.ts';
import { StubLease } from './stub-lease.ts';

export interface ObjectChannelOptions {
  /**
   * Asks the host for a link to the object. What it rejects with reaches the program as it is, but for SimulatorErrors
   * `link_broken` and `peer_gone`: those are the platform's disconnect.
   */
  connect: () => Promise<Sealed<LinkEnd>>;
  /** The session on a link that `connect` gave: the one that is there, if the link is shared. */
  makeSession: (link: LinkEnd) => RpcSession;
  context: RpcContext;
  codecs: RpcCodecs;
  limits: Pick<Limits, 'rpcPathDepth'>;
  /** Throws where nothing may be asked (module scope). */
  assertAllowed?: () => void;
  /** what it leads to, for those whom a stub is sent to */
  target?: Callee;
  /** its lane in the trace */
  lane: string;
  /** called when a question begins and none was open */
  onAsked?: () => void;
  /** called whenever the channel may have become quiet */
  onQuiet?: () => void;
}

type State =
  | { readonly state: 'idle' }
  | { readonly state: 'connecting' }
  | { readonly state: 'open'; readonly session: RpcSession };

interface Waiting {
  readonly question: Question;
  readonly lease: StubLease;
}

export class ObjectChannel implements QuestionOwner {
  readonly #options: ObjectChannelOptions;
  readonly #asker: Asker;
  #state: State = { state: 'idle' };
  #waiting: Waiting[] = [];
  #unsettledCount = 0;

  constructor(options: ObjectChannelOptions) {
    this.#options = options;
    this.#asker = new Asker(options);
  }

  get target(): Callee | undefined {
    return this.#options.target;
  }

  get asker(): Asker {
    return this.#asker;
  }

  /** What is behind it keeps something of this realm's. */
  get isNeeded(): boolean {
    if (this.#state.state !== 'open') return false;
    const { session } = this.#state;
    return session.isNeeded || session.pumpCount > 0;
  }

  /** This realm has something that is kept behind it. */
  get isHolding(): boolean {
    return this.#state.state === 'open' && this.#state.session.isHolding;
  }

  /** Somebody waits for more of a body that comes over it. One that nobody reads keeps nothing (measured in workerd). */
  get isBodyAwaited(): boolean {
    return this.#state.state === 'open' && this.#state.session.link.awaitedStreamCount > 0;
  }

  /** Some of what was given away is over. */
  sweep(): void {
    if (this.#state.state === 'open' && this.#state.session.isOpen) this.#state.session.sweep();
  }

  /** No question is on its way, posted or not. */
  get isQuiet(): boolean {
    return this.#unsettledCount === 0;
  }

  /** Nobody needs the link for now: it goes away in good order, and the next question opens another. True: there is none. */
  rest(): boolean {
    if (this.#state.state !== 'open') return this.#state.state === 'idle' && this.isQuiet;
    const { session } = this.#state;
    if (!this.isQuiet || !session.isQuiet || session.signals.count > 0) return false;
    this.#state = { state: 'idle' };
    session.link.goaway();
    return true;
  }

  /** The realm is over: whoever keeps something of it learns of what, and does not ask it any more. */
  break(error: WireError | undefined): void {
    if (this.#state.state === 'open') this.#state.session.link.break(error);
  }

  /** @throws what the realm throws where nothing may be asked: at once, as the platform does */
  assertAllowed(): void {
    this.#options.assertAllowed?.();
  }

  /** A hook for one new stub, with a view of its own on what broke. `isForeign`: the request that made it is over. */
  lease(isForeign?: () => boolean, entry?: Entry): StubHook {
    return new ObjectHook(this, new StubLease(isForeign, entry));
  }

  /** A hook for a stub of a Worker, where each use is a request of its own: one that failed says nothing about the next. */
  requests(entry: Entry | undefined, isForeign?: () => boolean): StubHook {
    return new RequestsHook(this, entry, isForeign);
  }

  /** The way of one stub's questions. */
  route(lease: StubLease): Route {
    return {
      entry: lease.entry,
      assertOwn: () => lease.assertOwn(),
      begin: () => this.#begin(),
      post: (question) => {
        question.lease = lease;
        this.#post({ question, lease });
      },
    };
  }

  fetch(input: unknown, init: unknown, lease: StubLease): Promise<unknown> {
    return promiseThen(this.#fetch(input, init, lease), unwrap);
  }

  /** Follows redirects within the object, as the platform does. */
  async #fetch(input: unknown, init: unknown, lease: StubLease): Promise<Response | Failure> {
    lease.assertOwn();
    const { http } = this.#options.codecs;
    const request = http.buildRequest(input, init, this.#options.context);
    if (request.data) {
      request.body.abandon(undefined);
      return request.data;
    }
    if (request.signal && signalAborted(request.signal)) {
      request.body.abandon(signalReason(request.signal));
      throw signalReason(request.signal);
    }
    const urls: string[] = [request.head.url];
    for (let asked = request; ; ) {
      const outcome = await this.#askFetch(asked, urls.length > 1, lease);
      if (outcome instanceof Failure) return outcome;
      if ('response' in outcome) return outcome.response;
      if (urls.length > REDIRECTS_MAX) throw new TypeError(`Too many redirects.${arrayJoin(urls, ', ')}`);
      asked = followed(request, outcome.follow);
      urls[urls.length] = outcome.follow.url;
      if (!request.body.rewind(outcome.keepsBody)) throw new TypeError(BODY_GONE);
    }
  }

  giveBack(questions: readonly Question[], ending: LinkEnding): void {
    this.#state = { state: 'idle' };
    const again: Waiting[] = [];
    for (let i = 0; i < questions.length; i++) {
      const question = questions[i] as Question;
      const isUnread = ending.state === 'goaway' && (question.number === 0 || question.number > ending.lastDelivered);
      if (!isUnread) {
        this.#fail(question, ending);
        continue;
      }
      question.pause();
      again[again.length] = { question, lease: question.lease as StubLease };
    }
    for (let i = 0; i < this.#waiting.length; i++) again[again.length] = this.#waiting[i] as Waiting;
    this.#waiting = again;
    if (this.#waiting.length > 0) this.#connect();
  }

  #fail(question: Question, ending: LinkEnding): void {
    if (ending.state === 'broken') {
      question.fail(() => this.#options.codecs.errors.decode(ending.error, question.failureFlags));
    } else {
      const wasPosted = question.number > 0;
      const flags = { ...question.failureFlags, ...(wasPosted ? { indeterminate: true } : {}) };
      question.fail(() => connectionLost(flags));
    }
  }

  #askFetch(request: OutgoingRequest, redirected: boolean, lease: StubLease): Promise<FetchOutcome | Failure> {
    const { context, codecs, lane } = this.#options;
    const { errors, http } = codecs;
    return new NativePromise<FetchOutcome | Failure>((resolve) => {
      const settle = this.#count(resolve);
      const name = request.head.method;
      const cause = context.tracer?.ask('fetch', name, lane);
      const { entry } = lease;
      const question = new FetchQuestion({ request, redirected, http, context, errors, cause, name, settle, entry });
      question.lease = lease;
      context.leave(() => this.#post({ question, lease }));
    });
  }

  /** A question begins; gives what is called when it is over. */
  #begin(): () => void {
    if (this.#unsettledCount++ === 0) this.#options.onAsked?.();
    return this.#settled;
  }

  readonly #settled = (): void => {
    if (--this.#unsettledCount === 0) this.#options.onQuiet?.();
  };

  #count<T>(resolve: (value: T | Failure) => void) {
    const settled = this.#begin();
    return {
      resolve(value: T) {
        resolve(value);
        settled();
      },
      fail(failure: () => unknown) {
        resolve(new Failure(failure));
        settled();
      },
    };
  }

  #post(waiting: Waiting): void {
    const { question, lease } = waiting;
    if (question.isSettled) return;
    const failure = lease.failure(this.#options.codecs);
    if (failure) {
      question.fail(failure);
      return;
    }
    switch (this.#state.state) {
      case 'open': {
        const { session } = this.#state;
        if (session.isOpen) {
          if (question instanceof MemberQuestion && question.settlesHere(session)) return;
          lease.use(session);
          session.ask(question, this);
          return;
        }
        this.#state = { state: 'idle' };
        this.#wait(waiting);
        return;
      }
      case 'idle':
      case 'connecting':
        this.#wait(waiting);
        return;
      default:
        this.#state satisfies never;
    }
  }

  #wait(waiting: Waiting): void {
    this.#waiting[this.#waiting.length] = waiting;
    this.#connect();
  }

  #connect(): void {
    if (this.#state.state === 'connecting') return;
    this.#state = { state: 'connecting' };
    void promiseThen(
      this.#openLink(),
      (link) => this.#onConnected(unseal(link)),
      (error) => this.#onConnectFailed(error),
    );
  }

  /** A connect that throws at once is one that failed. */
  async #openLink(): Promise<Sealed<LinkEnd>> {
    return this.#options.connect();
  }

  #onConnected(link: LinkEnd): void {
    this.#state = { state: 'open', session: this.#options.makeSession(link) };
    const waiting = this.#waiting;
    this.#waiting = [];
    for (let i = 0; i < waiting.length; i++) this.#post(waiting[i] as Waiting);
  }

  #onConnectFailed(error: unknown): void {
    this.#state = { state: 'idle' };
    const failure = () => (isDisconnect(error) ? connectionLost() : error);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (let i = 0; i < waiting.length; i++) {
      const { question, lease } = waiting[i] as Waiting;
      lease.fail(failure);
      question.fail(failure);
    }
  }
}

/** The last step of a fetch: an error made in a reaction has the frames of whoever awaits it, at no cost to a call. */
function unwrap(outcome: unknown): unknown {
  if (!(outcome instanceof Failure)) return outcome;
  const error = outcome.make();
  showWaiting(error, unwrap);
  throw error;
}

/** The hook of one stub. There is nothing to dispose of: the connection is the channel's. */
class ObjectHook extends StubHook {
  readonly #channel: ObjectChannel;
  readonly #lease: StubLease;
  readonly #route: Route;

  constructor(channel: ObjectChannel, lease: StubLease) {
    super();
    this.#channel = channel;
    this.#lease = lease;
    this.#route = channel.route(lease);
  }

  override get target(): Callee | undefined {
    return this.#channel.target;
  }

  override assertAllowed(): void {
    this.#channel.assertAllowed();
  }

  override call(path: Path, args: Parcel): StubHook {
    return this.#channel.asker.call(this.#route, 'main', path, args);
  }

  override get(path: Path): Promise<Outcome> {
    return this.#channel.asker.get(this.#route, 'main', path);
  }

  override async pull(): Promise<Outcome> {
    return new Failure(() => new TypeError('a stub is no result'));
  }

  override fetch(input: unknown, init: unknown): Promise<unknown> {
    this.#channel.assertAllowed();
    return this.#channel.fetch(input, init, this.#lease);
  }

  override dup(): StubHook {
    return new ObjectHook(this.#channel, this.#lease);
  }

  override dispose(): void {}
}

/** The hook of a stub of a Worker. */
class RequestsHook extends StubHook {
  readonly #channel: ObjectChannel;
  readonly #entry: Entry | undefined;
  readonly #isForeign: (() => boolean) | undefined;

  constructor(channel: ObjectChannel, entry: Entry | undefined, isForeign: (() => boolean) | undefined) {
    super();
    this.#channel = channel;
    this.#entry = entry;
    this.#isForeign = isForeign;
  }

  override get target(): Callee | undefined {
    const { target } = this.#channel;
    return target?.kind === 'worker' && this.#entry ? { ...target, entry: this.#entry } : target;
  }

  override assertAllowed(): void {
    this.#channel.assertAllowed();
  }

  #once(): StubHook {
    return this.#channel.lease(this.#isForeign, this.#entry);
  }

  override call(path: Path, args: Parcel): StubHook {
    return this.#once().call(path, args);
  }

  override get(path: Path): Promise<Outcome> {
    return this.#once().get(path);
  }

  override async pull(): Promise<Outcome> {
    return new Failure(() => new TypeError('a stub is no result'));
  }

  override fetch(input: unknown, init: unknown): Promise<unknown> {
    return this.#once().fetch(input, init);
  }

  override dup(): StubHook {
    return new RequestsHook(this.#channel, this.#entry, this.#isForeign);
  }

  override dispose(): void {}
}

function isDisconnect(error: unknown): boolean {
  return error instanceof SimulatorError && (error.code === 'link_broken' || error.code === 'peer_gone');
}

/**
 * The answers of one end of a link: what the peer asks, and what of an answer the peer may still ask for.
 *
 * Promise: a question is answered at most once. An answer is serialised in the turn in which the method settles, and leaves
 * through the output gate; one that is only passed on does not. An answer that holds references is kept until the peer says
 * that it has nothing more to ask of it; of one by value nothing is kept, because whatever can be asked of it the peer can
 * find in its copy.
 *
 *     a question   ASKED --answered--> GONE          the answer is by value, or an error
 *                     |       \-----> KEPT --finish--> GONE
 *                     |--cancel--> CANCELLED      the peer is told so at once; what it comes to is dropped
 *                     '--the link ends--> GONE
 *
 * Knows neither gates nor objects: the realm says when something may leave, and runs each delivery in a turn.
 */
import { each } from '../base/lists.ts';
import { Numbered } from '../base/numbered.ts';
import { promiseThen, typedArrayLength } from '../base/primordials.ts';
import type { LinkEnd, WireError } from '../protocol/link.ts';
import type { CallId, Cause, ExportId, Payload, SessionMessage } from '../protocol/messages.ts';
import type { Entry } from '../protocol/target.ts';
import type { Arrived } from '../protocol/trace.ts';
import type { Keep, RpcContext } from './context.ts';
import type { ErrorFlags } from './errors.ts';
import { type Content, contentSize, handOver } from './handover.ts';
import {
  disposeParcel,
  Failure,
  isPlain,
  nameOf,
  type Outcome,
  type Parcel,
  type Path,
  type StubHook,
} from './hook.ts';
import type { HttpCodec } from './http.ts';
import type { Interest } from './interest.ts';
import { LocalResult, type Main } from './local.ts';
import type { QuestionCodecs } from './question.ts';
import { type Dock, NO_EXTERNALS, type Port, Shipment, unload } from './shipment.ts';
import type { BodyReader } from './streams.ts';
import { MAIN_EXPORT } from './tables.ts';

/** One event for what the link leads to. */
export interface Delivery {
  /** what it is, while a trace is kept */
  readonly arrived: Arrived | undefined;
  /** of its arguments, or of a body that came with it */
  readonly sizeBytes: number;
  /** of a Worker: which of its exports is meant; undefined: the default one */
  readonly entry: Entry | undefined;
  /**
   * Runs the event on the live instance, within a turn. `extra` follows the request of a fetch: (env, ctx) in a Worker.
   * Resolves when the answer was handed to the output gate; never rejects.
   */
  run(target: object, extra?: readonly unknown[], by?: Reception): Promise<void>;
  /** The event never ran (its constructor failed, the object was reset): answers with this error and these flags. A fetch adds `remote`, as seen in workerd. */
  fail(error: unknown, flags?: ErrorFlags): void;
}

/** As what a Worker receives an event. */
export interface Reception {
  readonly main: Main;
  /** the event goes on as long as the asker has something that it gave */
  readonly keep: Keep;
}

export interface SessionMain {
  /** Queues one event, in order. The realm calls exactly one of `run` and `fail`, once. */
  deliver(delivery: Delivery): void;
}

/** What turns values into messages and back; shared by all sessions of a realm. */
export interface RpcCodecs extends QuestionCodecs {
  readonly http: HttpCodec;
}

export interface AnswersOptions {
  port: Port & Dock;
  context: RpcContext;
  codecs: RpcCodecs;
  /** what the link leads to at this end; none at a pure client */
  main: SessionMain | undefined;
  /** what this end keeps for the peer under a number */
  exported(id: ExportId): StubHook | undefined;
  isOpen(): boolean;
  /** the peer asked for what it has no right to */
  breakOff(): void;
  /** an answer left, or a body came to its end */
  onSettled(): void;
}

/** A question of the peer's whose answer has not left yet. */
interface Answering {
  isWanted: boolean;
  /** what it comes to; none for a fetch */
  readonly result: StubHook | undefined;
  /** of a fetch whose handler runs, where the program asks for it */
  interest?: Interest | undefined;
}

const THROWN: ErrorFlags = { remote: true };
/** An instance has `env` and `ctx`; the platform passes it as many arguments all the same (seen). */
const NO_ENV = [undefined, undefined];

export type MemberMessage = SessionMessage & { m: 'call' | 'get' };
type FetchMessage = SessionMessage & { m: 'fetch' };

function arrivedOf(message: MemberMessage | FetchMessage, cause: Cause | undefined): Arrived {
  const name = message.m === 'fetch' ? message.request.method : nameOf(message.path);
  return { what: message.m, name, cause };
}

function sizeOf(message: MemberMessage | FetchMessage): number {
  if (message.m === 'call') return contentSize(message.args);
  return message.m === 'fetch' && message.request.body.kind === 'bytes'
    ? typedArrayLength(message.request.body.bytes)
    : 0;
}

export class Answers {
  readonly #options: AnswersOptions;
  readonly #link: LinkEnd;
  readonly #context: RpcContext;
  readonly #codecs: RpcCodecs;
  /** peer's questions whose answer has not left yet */
  readonly #answering = new Numbered<Answering>();
  readonly #kept = new Numbered<StubHook>();
  /** the peer's questions are numbered upwards */
  #lastId: CallId = 0;

  constructor(options: AnswersOptions) {
    this.#options = options;
    this.#link = options.port.link;
    this.#context = options.context;
    this.#codecs = options.codecs;
  }

  /** Questions whose answer has not left. */
  get openCount(): number {
    return this.#answering.size;
  }

  /** Answers of which the peer may still ask something. */
  get keptCount(): number {
    return this.#kept.size;
  }

  /** The peer lost interest in the answer. It is told that none comes, unless one is on its way: so each question has one last word. */
  cancel(id: CallId): void {
    const answering = this.#answering.get(id);
    if (!answering?.isWanted) return;
    answering.isWanted = false;
    answering.interest?.lost();
    this.#link.send({ m: 'cancelled', id });
  }

  /** The peer has nothing more to ask of the answer. */
  finish(id: CallId): void {
    this.#kept.take(id)?.dispose();
  }

  /** The link is gone, and nobody asks any more. */
  end(): void {
    each(this.#answering.drain(), ({ interest }) => interest?.lost());
    each(this.#kept.drain(), (result) => result.dispose());
  }

  /** False when the peer must not ask under this number: it is no new one. */
  #isNewQuestion(id: CallId): boolean {
    if (id <= this.#lastId) return false;
    this.#lastId = id;
    return true;
  }

  /** A call, or a read. */
  member(message: MemberMessage, cause: Cause | undefined): void {
    const { id, target, path, on } = message;
    const args = message.m === 'call' ? unload(message.args, this.#options.port) : undefined;
    const isWhole = message.m === 'get' || args !== undefined;
    const isKnown = on === undefined || on < id;
    if (!isWhole || !this.#isNewQuestion(id) || !isKnown) {
      if (args) disposeParcel(args);
      this.#options.breakOff();
      return;
    }
    const arrived = this.#context.tracer?.isOn ? arrivedOf(message, cause) : undefined;
    if (on === undefined && target === MAIN_EXPORT) {
      this.#askMain(message, args, arrived);
      return;
    }
    const from = on === undefined ? this.#options.exported(target) : this.#answerOf(on);
    if (from) {
      this.#answerWith(message, from.receive(path, args, arrived));
      return;
    }
    if (args) disposeParcel(args);
    if (on === undefined) this.#options.breakOff();
    else this.#link.send({ m: 'unkept', id });
  }

  #answerOf(id: CallId): StubHook | undefined {
    return this.#kept.get(id) ?? this.#answering.get(id)?.result;
  }

  #askMain(message: MemberMessage, args: Parcel | undefined, arrived: Arrived | undefined): void {
    if (!this.#options.main) {
      if (args) disposeParcel(args);
      this.#options.breakOff();
      return;
    }
    const { id, path } = message;
    const { payload, errors, walker } = this.#codecs;
    const result = new LocalResult({ context: this.#context, payload, errors, walker });
    this.#answering.set(id, { isWanted: true, result });
    this.#options.main.deliver({
      arrived,
      sizeBytes: sizeOf(message),
      entry: message.entry,
      run: (target, _extra, by) => {
        const done = (outcome: Outcome) => this.#sendOutcome(message, outcome, true);
        return result.keptBy(by?.keep).run(target, path, args, done, by?.main ?? 'instance');
      },
      fail: (error, flags = {}) => {
        if (args) disposeParcel(args);
        result.fail(new Failure(() => error));
        this.#sendError(id, error, flags);
      },
    });
  }

  #answerWith(message: MemberMessage, result: StubHook): void {
    this.#answering.set(message.id, { isWanted: true, result });
    void promiseThen(result.pull(), (outcome) => this.#sendOutcome(message, outcome, result.isLocal));
  }

  #sendOutcome({ id, path }: MemberMessage, outcome: Outcome, isLocal: boolean): void {
    if (outcome instanceof Failure) {
      this.#sendErrorAtOnce(id, outcome.make());
      return;
    }
    const { causes } = this.#options.port;
    const keep = !isPlain(outcome);
    const traced = this.#traced('value', path);
    const post = () => {
      const { content, transfer } = handOver(outcome, this.#link);
      const value = keep ? this.#ship(outcome, content) : { ...content, externals: NO_EXTERNALS };
      const { event, lead, cause } = causes.tell(traced);
      this.#link.send({ m: 'result', id, value, event, lead, cause } satisfies SessionMessage, transfer);
    };
    const drop = keep ? () => disposeParcel(outcome) : nothing;
    if (isLocal) this.#answer(id, post, drop, keep);
    else this.#finish(id, post, drop, keep);
  }

  #ship(parcel: Parcel, content: Content): Payload {
    const { port, onSettled } = this.#options;
    const { errors } = this.#codecs;
    return new Shipment({ parcel, context: this.#context, errors, isReplayable: false }).post(port, content, onSettled);
  }

  fetch(message: FetchMessage, cause: Cause | undefined): void {
    const { id, request } = message;
    const isBodyNew = request.body.kind !== 'stream' || this.#options.port.isNewStream(request.body.stream);
    if (!this.#options.main || !isBodyNew || !this.#isNewQuestion(id)) {
      this.#options.breakOff();
      return;
    }
    this.#answering.set(id, { isWanted: true, result: undefined });
    const body = this.#codecs.http.acceptBody(request.body, this.#link);
    this.#options.main.deliver({
      arrived: this.#context.tracer?.isOn ? arrivedOf(message, cause) : undefined,
      sizeBytes: sizeOf(message),
      entry: message.entry,
      run: (target, extra = NO_ENV) => this.#runFetch(message, body, target, extra),
      fail: (error, flags = {}) => {
        body?.cancel(undefined);
        this.#sendError(id, error, { ...flags, remote: true });
      },
    });
  }

  async #runFetch(
    message: FetchMessage,
    body: BodyReader | undefined,
    target: object,
    extra: readonly unknown[],
  ): Promise<void> {
    const { http } = this.#codecs;
    const { id } = message;
    const { onSettled, port } = this.#options;
    const { causes } = port;
    const interest = this.#interestIn(id);
    let response: Response;
    try {
      const setting = { context: this.#context, done: onSettled, signal: interest?.signal };
      const request = http.makeRequest(message.request, body, setting);
      response = http.assertResponse(await http.callHandler(target, request, extra));
    } catch (error) {
      body?.cancel(undefined);
      return this.#sendError(id, error, THROWN);
    }
    try {
      const outgoing = http.readResponse(response, message.request, this.#context);
      const cause = this.#traced('response', []);
      this.#answer(
        id,
        () => {
          const sink = outgoing.body.openStream(this.#link);
          const response = { ...outgoing.head, body: outgoing.body.describe(sink) };
          this.#link.send({ m: 'response', id, response, ...causes.tell(cause) });
          const finish = (isLeft = false) => {
            if (isLeft) interest?.lost();
            else interest?.over();
            body?.release();
            onSettled();
          };
          if (sink) outgoing.body.start(sink, finish);
          else finish();
        },
        () => {
          outgoing.body.abandon(undefined);
          body?.cancel(undefined);
        },
      );
    } catch (error) {
      this.#sendError(id, error, THROWN);
    }
  }

  #interestIn(id: CallId): Interest | undefined {
    const answering = this.#answering.get(id);
    const interest = this.#codecs.http.interest(this.#context);
    if (!answering?.isWanted) interest?.lost();
    else answering.interest = interest;
    return interest;
  }

  /** What a method throws waits for no commit, not even for one that will be refused. What `fetch` throws does (both seen). */
  #sendErrorAtOnce(id: CallId, error: unknown): void {
    if (this.#context.isBroken?.()) return;
    const { causes } = this.#options.port;
    const wire = this.#codecs.errors.encodeAnswer(error, THROWN);
    const cause = this.#traced('error', []);
    this.#finish(id, () => this.#link.send({ m: 'error', id, error: wire, ...causes.tell(cause) }));
  }

  #sendError(id: CallId, error: unknown, flags: ErrorFlags): void {
    const { causes } = this.#options.port;
    const wire: WireError = this.#codecs.errors.encodeAnswer(error, flags);
    const cause = this.#traced('error', []);
    this.#answer(id, () => {
      this.#link.send({ m: 'error', id, error: wire, ...causes.tell(cause) });
    });
  }

  /** Notes an answer; what is returned goes with it. */
  #traced(what: 'value' | 'response' | 'error', path: Path): Cause | undefined {
    const { tracer } = this.#context;
    return tracer?.isOn ? tracer.answer(what, nameOf(path)) : undefined;
  }

  /** Lets an answer leave, unless the asker lost interest meanwhile. */
  #answer(id: CallId, post: () => void, drop: () => void = nothing, keep = false): void {
    this.#context.leave(() => this.#finish(id, post, drop, keep));
  }

  /** @param keep  it holds references: something may be asked of it until the peer says `finish` */
  #finish(id: CallId, post: () => void, drop: () => void = nothing, keep = false): void {
    const answering = this.#answering.take(id);
    const isWanted = answering?.isWanted === true && this.#options.isOpen();
    if (isWanted && keep && answering.result) this.#kept.set(id, answering.result);
    else answering?.result?.dispose();
    if (isWanted) post();
    else drop();
    this.#options.onSettled();
  }
}

function nothing(): void {}

/**
 * One question on its way: what is to be posted, and who waits for the answer.
 *
 * Promise: settled once, through the input gate of the asker as it was when it asked. May be posted more than once, each
 * time as the same question; only the last posting can be answered.
 *
 * Knows its own message only; where it is posted, and again, is the channel's business.
 */
import { signalAborted, whenAborted } from '../base/abort-signals.ts';
import type { LinkEnd } from '../protocol/link.ts';
import type { CallId, Cause, SessionMessage } from '../protocol/messages.ts';
import type { Entry } from '../protocol/target.ts';
import type { Arrived } from '../protocol/trace.ts';
import type { RpcContext } from './context.ts';
import { connectionLost, type ErrorCodec, type ErrorFlags } from './errors.ts';
import { handOver, isLarge, KeptHandover } from './handover.ts';
import { disposeParcel, isPlain, NO_REFERENCES, type Parcel, type Path } from './hook.ts';
import { type HttpCodec, type OutgoingRequest, redirectOf } from './http.ts';
import type { PayloadCodec } from './payload.ts';
import { NO_EXTERNALS, type Port, Shipment } from './shipment.ts';
import type { BodyReader } from './streams.ts';
import { type Import, MAIN_EXPORT } from './tables.ts';
import type { MemberWalker } from './target.ts';

export type AnswerMessage = SessionMessage & { m: 'result' | 'response' | 'error' };

export interface QuestionOptions<T> {
  context: RpcContext;
  errors: ErrorCodec;
  /** the event that asks, while a trace is kept */
  cause: Cause | undefined;
  /** of a Worker: which of its exports is asked */
  entry?: Entry | undefined;
  /** of what is asked for, for the trace */
  name: string;
  /** `fail` is given what makes the error, so that it is made where the asker's stack can be seen. */
  settle: { resolve(value: T): void; fail(failure: () => unknown): void };
}

export abstract class Question<T = unknown> {
  /** number of the message that posted it last, on the link that it was posted on; 0 when it was dropped or not yet posted */
  number = 0;
  /** the asker's own mark: which stub it was */
  lease: unknown;
  /** Fails in transit carry `remote` for this kind: a fetch in flight when its object is reset (seen in workerd). */
  abstract readonly failureFlags: ErrorFlags;
  protected readonly context: RpcContext;
  protected readonly errors: ErrorCodec;
  protected readonly cause: Cause | undefined;
  protected readonly entry: Entry | undefined;
  readonly #name: string;
  readonly #settle: QuestionOptions<T>['settle'];
  readonly #deliver: ReturnType<RpcContext['capture']>;
  #isSettled = false;

  constructor({ context, errors, cause, entry, name, settle }: QuestionOptions<T>) {
    this.context = context;
    this.errors = errors;
    this.cause = cause;
    this.entry = entry;
    this.#name = name;
    this.#settle = settle;
    this.#deliver = context.capture();
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** Posts it; gives the number of its message. `done` is called when a body that it sends came to its end. */
  abstract post(id: CallId, port: Port, done: () => void): number;

  /** Whether a message is an answer to this kind of question. */
  abstract accepts(message: AnswerMessage): boolean;

  /** @param parcel  what a result is at this end */
  protected abstract decode(
    message: AnswerMessage,
    parcel: Parcel | undefined,
    link: LinkEnd,
    done: () => void,
  ): () => T;

  /** It left on a link that is gone and may be posted again. */
  pause(): void {}

  /** An answer that came after `abandon`: what it holds is given back. */
  discard(_message: AnswerMessage, _link: LinkEnd): void {}

  /** Calls `abandon` when the asker loses interest while it is posted. */
  onAbandon(_abandon: () => void): void {}

  /** There is an answer, or there will be none. */
  protected onSettled(): void {}

  /** @param message one that `accepts` accepted */
  answer(
    message: AnswerMessage,
    cause: Cause | undefined,
    parcel: Parcel | undefined,
    link: LinkEnd,
    done: () => void,
  ): void {
    if (message.m === 'error') {
      this.fail(() => this.errors.decode(message.error), cause);
      return;
    }
    const decode = this.decode(message, parcel, link, done);
    this.#settleOnce(() => this.#settle.resolve(decode()), cause);
  }

  protected succeed(value: T): void {
    this.#settleOnce(() => this.#settle.resolve(value));
  }

  /** It failed, or there will be no answer. `failure` makes the error; `cause` is the answer that said so. */
  fail(failure: () => unknown, cause?: Cause): void {
    this.#settleOnce(() => this.#settle.fail(failure), cause);
  }

  #settleOnce(settle: () => void, cause?: Cause): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.onSettled();
    const arrived: Arrived | undefined = this.cause && { what: 'answer', name: this.#name, cause };
    this.#deliver(() => {
      try {
        settle();
      } catch (error) {
        this.#settle.fail(() => error);
      }
    }, arrived);
  }
}

/** What calls and reads are made of; a part of a realm's codecs. */
export interface QuestionCodecs {
  readonly payload: PayloadCodec;
  readonly errors: ErrorCodec;
  readonly walker: MemberWalker;
}

/** Of what the member is: of what the link leads to, of something that the peer keeps, or of the answer to another question. */
export type Address = 'main' | { readonly import: Import } | { readonly on: MemberQuestion };

export interface MemberQuestionOptions extends QuestionOptions<Parcel> {
  codecs: QuestionCodecs;
  address: Address;
  path: Path;
  /** of a call; none: the member is read */
  args: Parcel | undefined;
}

/** Where a question was posted. */
interface Posting {
  readonly port: Port;
  readonly id: CallId;
}

/** Its answer, as far as other questions are asked of it. */
type Answered = { readonly parcel: Parcel } | { readonly failure: () => unknown };

/**
 * A call or a property read.
 *
 * The peer keeps an answer that holds references for as long as something may be asked of it; it is told when that is over
 * (`finish`). Of an answer by value nothing is kept: whoever asks something of it walks the copy that came.
 */
export class MemberQuestion extends Question<Parcel> {
  readonly #codecs: QuestionCodecs;
  readonly #address: Address;
  readonly #path: Path;
  readonly #args: Parcel | undefined;
  readonly #shipment: Shipment | undefined;
  /** there when it is large and may be posted again: what the peer keeps is not asked twice */
  readonly #handover: KeptHandover | undefined;
  #posting: Posting | undefined;
  #answered: Answered | undefined;
  #holdCount = 0;
  #askedCount = 0;
  #finish: (() => void) | undefined;

  constructor(options: MemberQuestionOptions) {
    super(options);
    const { codecs, address, args, context } = options;
    this.#codecs = codecs;
    this.#address = address;
    this.#path = options.path;
    this.#args = args;
    if (args && !isPlain(args)) {
      this.#shipment = new Shipment({ parcel: args, context, errors: codecs.errors, isReplayable: address === 'main' });
      context.adopt?.(() => this.#shipment?.breakOff());
    }
    if (args && isLarge(args) && (address === 'main' || 'on' in address)) {
      this.#handover = new KeptHandover(args, codecs.payload.spareMemory);
    }
    // Until it is answered: no release and no finish overtakes it.
    holder(address)?.hold();
    if (address !== 'main' && 'on' in address) address.on.#askedCount++;
  }

  override get failureFlags(): ErrorFlags {
    return this.#address !== 'main' && 'import' in this.#address ? REMOTE : NO_FLAGS;
  }

  /** It is asked of something whose maker is over. */
  get isOfGone(): boolean {
    return this.#address !== 'main' && 'import' in this.#address && this.#address.import.isGone;
  }

  /** Something may still be asked of the answer. */
  hold(): void {
    this.#holdCount++;
  }

  /** Something was asked of the answer, and may have to be looked for in the copy of it. */
  get isAsked(): boolean {
    return this.#askedCount > 0;
  }

  drop(): void {
    if (--this.#holdCount > 0) return;
    const finish = this.#finish;
    this.#finish = undefined;
    finish?.();
  }

  /** The peer keeps the answer: `finish` tells it that nothing will be asked of it any more. */
  keep(finish: () => void): void {
    if (this.#holdCount === 0) finish();
    else this.#finish = finish;
  }

  /** True when no peer need be asked: what it is asked of is here by now, or will never be. */
  settlesHere(port: Port): boolean {
    if (this.#address === 'main' || 'import' in this.#address) return false;
    const { on } = this.#address;
    const answered = on.#answered;
    const isThere = answered === undefined || ('parcel' in answered && !isPlain(answered.parcel));
    if (isThere && on.#posting?.port === port) return false;
    if (isThere) this.fail(() => connectionLost());
    else this.walk();
    return true;
  }

  /** The answer that it is asked of was by value, and the peer does not have it any more. */
  walk(): void {
    const answered = this.#address !== 'main' && 'on' in this.#address ? this.#address.on.#answered : undefined;
    if (!answered) this.fail(() => connectionLost());
    else if ('failure' in answered) this.fail(answered.failure);
    else this.#walk(answered.parcel);
  }

  #walk(parcel: Parcel): void {
    const { payload, walker } = this.#codecs;
    try {
      const { value } = payload.open({ ...parcel, references: NO_REFERENCES });
      const found = walker.find(value, this.#path);
      if ('hook' in found) throw new TypeError('there are no stubs in a value');
      const member = this.#args ? walker.apply(found, []) : found.value;
      this.succeed(payload.encodeResult(member, []));
    } catch (error) {
      const wire = this.#codecs.errors.encodeAnswer(error, REMOTE);
      this.fail(() => this.#codecs.errors.decode(wire));
    }
  }

  override post(id: CallId, port: Port, done: () => void): number {
    this.#posting = { port, id };
    const address = this.#address;
    const target = address !== 'main' && 'import' in address ? address.import.id : MAIN_EXPORT;
    const on = address !== 'main' && 'on' in address ? (address.on.#posting?.id ?? 0) : undefined;
    const entry = address === 'main' ? this.entry : undefined;
    const path = this.#path;
    const { event, lead, cause } = port.causes.tell(this.cause);
    if (!this.#args) {
      return port.link.send({ m: 'get', id, target, on, path, entry, event, lead, cause } satisfies SessionMessage);
    }
    const { content, transfer } = this.#handover?.post(port.link) ?? handOver(this.#args, port.link);
    const args = this.#shipment?.post(port, content, done) ?? { ...content, externals: NO_EXTERNALS };
    const message = { m: 'call', id, target, on, path, args, entry, event, lead, cause } satisfies SessionMessage;
    return port.link.send(message, transfer);
  }

  override pause(): void {
    this.#shipment?.pause();
    this.#posting = undefined;
  }

  override accepts(message: AnswerMessage): boolean {
    return message.m !== 'response';
  }

  override answer(
    message: AnswerMessage,
    cause: Cause | undefined,
    parcel: Parcel | undefined,
    link: LinkEnd,
    done: () => void,
  ): void {
    if (parcel && this.isSettled) disposeParcel(parcel);
    const lent: Parcel | undefined = parcel && isLarge(parcel) ? { ...parcel, lentBy: this } : parcel;
    if (lent) this.#answered ??= { parcel: lent };
    super.answer(message, cause, lent, link, done);
  }

  override fail(failure: () => unknown, cause?: Cause): void {
    this.#answered ??= { failure };
    super.fail(failure, cause);
  }

  protected override onSettled(): void {
    this.#shipment?.drop();
    this.#handover?.drop();
    const address = this.#address;
    if (address !== 'main' && 'on' in address) address.on.#askedCount--;
    holder(address)?.drop();
  }

  protected override decode(_message: AnswerMessage, parcel: Parcel | undefined): () => Parcel {
    return () => parcel as Parcel;
  }
}

function holder(address: Address): { hold(): void; drop(): void } | undefined {
  if (address === 'main') return undefined;
  return 'import' in address ? address.import : address.on;
}

const NO_FLAGS: ErrorFlags = {};
const REMOTE: ErrorFlags = { remote: true };

/** What a fetch gives: a Response to hand out, or the request to follow a redirect with. */
export type FetchOutcome =
  | { readonly response: Response }
  | { readonly follow: OutgoingRequest['head']; readonly keepsBody: boolean };

export interface FetchQuestionOptions extends QuestionOptions<FetchOutcome> {
  request: OutgoingRequest;
  /** whether an earlier question was answered by a redirect to this one */
  redirected: boolean;
  http: HttpCodec;
}

export class FetchQuestion extends Question<FetchOutcome> {
  override readonly failureFlags = { remote: true };
  readonly #request: OutgoingRequest;
  readonly #redirected: boolean;
  readonly #http: HttpCodec;
  #unlisten = (): void => {};

  constructor(options: FetchQuestionOptions) {
    super(options);
    this.#request = options.request;
    this.#redirected = options.redirected;
    this.#http = options.http;
  }

  override post(id: CallId, { link, causes }: Port, done: () => void): number {
    const { head, body } = this.#request;
    const sink = body.openStream(link);
    body.start(sink, done);
    const request = { ...head, body: body.describe(sink) };
    const entry = this.entry && { entry: this.entry };
    return link.send({ m: 'fetch', id, request, ...entry, ...causes.tell(this.cause) } satisfies SessionMessage);
  }

  override accepts(message: AnswerMessage): boolean {
    return message.m !== 'result';
  }

  protected override decode(
    message: AnswerMessage,
    _parcel: Parcel | undefined,
    link: LinkEnd,
    done: () => void,
  ): () => FetchOutcome {
    const { response } = message as AnswerMessage & { m: 'response' };
    const { head, redirect, shownUrl } = this.#request;
    const body = this.#http.acceptBody(response.body, link);
    return () => {
      const next = redirect === 'follow' ? redirectOf(response, head) : undefined;
      if (next) {
        body?.cancel(undefined);
        return { follow: next.head, keepsBody: next.keepsBody };
      }
      // What is there for GET is not there for HEAD, though its headers are.
      if (head.method === 'HEAD') body?.cancel(undefined);
      const over = this.#untilAborted(body, done);
      const made = { url: shownUrl, redirected: this.#redirected, context: this.context, done: over };
      return { response: this.#http.makeResponse(response, head.method === 'HEAD' ? undefined : body, made) };
    };
  }

  /** The signal ends the body too, for as long as it comes. */
  #untilAborted(body: BodyReader | undefined, done: () => void): () => void {
    const { signal } = this.#request;
    if (!signal || !body) return done;
    let unlisten = (): void => {};
    const over = () => {
      unlisten();
      done();
    };
    if (!signalAborted(signal)) {
      unlisten = whenAborted(signal, () => {
        body.breakOff(this.#http.whyGivenUp(signal));
        over();
      });
    }
    return over;
  }

  override discard(message: AnswerMessage, link: LinkEnd): void {
    if (message.m === 'response') this.#http.acceptBody(message.response.body, link)?.cancel(undefined);
  }

  override pause(): void {
    this.#request.body.pause();
  }

  override fail(failure: () => unknown, cause?: Cause): void {
    this.#request.body.lose();
    super.fail(failure, cause);
  }

  override onAbandon(abandon: () => void): void {
    const { signal } = this.#request;
    if (!signal) return;
    const stop = () => {
      if (this.isSettled) return;
      abandon();
      this.fail(() => this.#http.whyGivenUp(signal));
    };
    this.onSettled();
    this.#unlisten = whenAborted(signal, stop);
  }

  protected override onSettled(): void {
    this.#unlisten();
    this.#unlisten = () => {};
  }
}

/**
 * One question on its way: what is to be posted, and who waits for the answer.
 *
 * Promise: settled once, through the input gate of the asker as it was when it asked. May be posted more than once, each
 * time as the same question; only the last posting can be answered.
 *
 * Knows its own message only; where it is posted, and again, is the channel's business.
 */
import type { LinkEnd } from '../protocol/link.ts';
import type { CallId, Cause, Payload, SessionMessage } from '../protocol/messages.ts';
import type { Arrived } from '../protocol/trace.ts';
import type { RpcContext } from './context.ts';
import type { ErrorCodec, ErrorFlags } from './errors.ts';
import { MAIN_EXPORT } from './externals.ts';
import type { Path } from './hook.ts';
import { type HttpCodec, type OutgoingRequest, redirectOf } from './http.ts';
import type { PayloadCodec } from './payload.ts';

export type AnswerMessage = SessionMessage & { m: 'result' | 'response' | 'error' };

export interface QuestionOptions<T> {
  context: RpcContext;
  errors: ErrorCodec;
  /** the event that asks, while a trace is kept */
  cause: Cause | undefined;
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
  readonly #name: string;
  readonly #settle: QuestionOptions<T>['settle'];
  readonly #deliver: ReturnType<RpcContext['capture']>;
  #isSettled = false;

  constructor({ context, errors, cause, name, settle }: QuestionOptions<T>) {
    this.context = context;
    this.errors = errors;
    this.cause = cause;
    this.#name = name;
    this.#settle = settle;
    this.#deliver = context.capture();
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** The message for one posting. `done` is called when a body that it sends came to its end. */
  abstract message(id: CallId, link: LinkEnd, done: () => void): SessionMessage;

  /** Whether a message is an answer to this kind of question. */
  abstract accepts(message: AnswerMessage): boolean;

  protected abstract decode(message: AnswerMessage, link: LinkEnd, done: () => void): () => T;

  /** It left on a link that is gone and may be posted again. */
  pause(): void {}

  /** Calls `abandon` when the asker loses interest while it is posted. */
  onAbandon(_abandon: () => void): void {}

  /** There is an answer, or there will be none. */
  protected onSettled(): void {}

  /** @param message one that `accepts` accepted */
  answer(message: AnswerMessage, link: LinkEnd, done: () => void): void {
    if (message.m === 'error') {
      this.fail(() => this.errors.decode(message.error), message.cause);
      return;
    }
    const decode = this.decode(message, link, done);
    this.#settleOnce(() => this.#settle.resolve(decode()), message.cause);
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

export interface MemberQuestionOptions extends QuestionOptions<unknown> {
  path: Path;
  /** serialised arguments of a call; none: the member is read */
  args: Payload | undefined;
  payload: PayloadCodec;
}

/** A call or a property read. */
export class MemberQuestion extends Question {
  override readonly failureFlags = {};
  readonly #path: Path;
  readonly #args: Payload | undefined;
  readonly #payload: PayloadCodec;

  constructor(options: MemberQuestionOptions) {
    super(options);
    this.#path = options.path;
    this.#args = options.args;
    this.#payload = options.payload;
  }

  override message(id: CallId): SessionMessage {
    const address = { id, target: MAIN_EXPORT, path: this.#path, ...(this.cause && { cause: this.cause }) };
    return this.#args ? { m: 'call', ...address, args: this.#args } : { m: 'get', ...address };
  }

  override accepts(message: AnswerMessage): boolean {
    return message.m !== 'response';
  }

  protected override decode(message: AnswerMessage): () => unknown {
    const { value } = message as AnswerMessage & { m: 'result' };
    return () => this.#payload.decodeResult(value);
  }
}

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

  override message(id: CallId, link: LinkEnd, done: () => void): SessionMessage {
    const { head, body } = this.#request;
    const sink = body.openStream(link);
    body.start(sink, done);
    return {
      m: 'fetch',
      id,
      request: { ...head, body: body.describe(sink) },
      ...(this.cause && { cause: this.cause }),
    };
  }

  override accepts(message: AnswerMessage): boolean {
    return message.m !== 'result';
  }

  protected override decode(message: AnswerMessage, link: LinkEnd, done: () => void): () => FetchOutcome {
    const { response } = message as AnswerMessage & { m: 'response' };
    const { head, redirect } = this.#request;
    const body = this.#http.acceptBody(response.body, link);
    return () => {
      const next = redirect === 'follow' ? redirectOf(response, head) : undefined;
      if (next) {
        body?.cancel(undefined);
        return { follow: next.head, keepsBody: next.keepsBody };
      }
      const made = { url: head.url, redirected: this.#redirected, context: this.context, done };
      return { response: this.#http.makeResponse(response, body, made) };
    };
  }

  override pause(): void {
    this.#request.body.pause();
  }

  override fail(failure: () => unknown, cause?: Cause): void {
    this.#request.body.abandon(undefined);
    super.fail(failure, cause);
  }

  override onAbandon(abandon: () => void): void {
    const { signal } = this.#request;
    if (!signal) return;
    const stop = () => {
      if (this.isSettled) return;
      abandon();
      this.fail(() => signal.reason);
    };
    this.onSettled();
    this.#unlisten = () => signal.removeEventListener('abort', stop);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop);
  }

  protected override onSettled(): void {
    this.#unlisten();
    this.#unlisten = () => {};
  }
}

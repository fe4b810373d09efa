/**
 * RPC over one link: questions and answers in both directions.
 *
 * Promise: questions are posted in the order asked and delivered in that order at the other end. A question is answered
 * at most once; what is unanswered when the link ends goes back to its owner, with what is known of its fate. An answer
 * is serialised in the turn in which the method settles, and leaves through the output gate.
 *
 *     OPEN --the link ends--> ENDED       every unanswered question is given back, in order   [#onEnd]
 *
 * The two ends are alike: either may lead to something (`main`) and either may ask.
 *
 * Knows neither gates nor objects: the realm says when something may leave, and runs each delivery in a turn.
 */
import { arrayJoin, mapDelete, mapForEach, mapGet, mapSet } from '../base/primordials.ts';
import { INLINE_BODY_BYTES } from '../protocol/limits.ts';
import type { LinkEnd, LinkEnding, WireError } from '../protocol/link.ts';
import type { CallId, Cause, Payload, SessionMessage } from '../protocol/messages.ts';
import type { Arrived } from '../protocol/trace.ts';
import type { RpcContext } from './context.ts';
import { decodeSessionMessage } from './decode.ts';
import type { ErrorCodec, ErrorFlags } from './errors.ts';
import { ExportTable, ImportTable, MAIN_EXPORT } from './externals.ts';
import type { Path } from './hook.ts';
import type { HttpCodec } from './http.ts';
import type { PayloadCodec } from './payload.ts';
import type { AnswerMessage, Question } from './question.ts';
import type { BodyReader } from './streams.ts';
import type { MemberWalker } from './target.ts';

export type { RpcContext } from './context.ts';

/** One event for what the link leads to. */
export interface Delivery {
  /** what it is, while a trace is kept */
  readonly arrived: Arrived | undefined;
  /** of its arguments, or of a body that came with it */
  readonly sizeBytes: number;
  /**
   * Runs the event on the live instance, within a turn. `extra` follows the request of a fetch: (env, ctx) for a
   * handler that is a plain object. Resolves when the answer was handed to the output gate; never rejects.
   */
  run(target: object, extra?: readonly unknown[]): Promise<void>;
  /** The event never ran (its constructor failed, the object was reset): answers with this error and these flags. A fetch adds `remote`, as seen in workerd. */
  fail(error: unknown, flags?: ErrorFlags): void;
}

export interface SessionMain {
  /** Queues one event, in order. The realm calls exactly one of `run` and `fail`, once. */
  deliver(delivery: Delivery): void;
}

/** What turns values into messages and back; shared by all sessions of a realm. */
export interface RpcCodecs {
  readonly payload: PayloadCodec;
  readonly errors: ErrorCodec;
  readonly http: HttpCodec;
  readonly walker: MemberWalker;
}

export interface RpcSessionOptions {
  link: LinkEnd;
  context: RpcContext;
  codecs: RpcCodecs;
  /** what the link leads to at this end; none at a pure client */
  main?: SessionMain;
  /** called whenever the session may have become quiet */
  onQuiet?: () => void;
  /** what else goes over the link */
  beside?: Beside;
}

/** Others that speak on the same link: what is no message of a session is for them. */
export interface Beside {
  /** False when it is none of theirs either. */
  receive(body: unknown): boolean;
  ended(): void;
}

/** Who asked: gets its unanswered questions back, in the order asked, when the link ends. */
export interface QuestionOwner {
  giveBack(questions: readonly Question[], ending: LinkEnding): void;
}

interface Asked {
  readonly question: Question;
  readonly owner: QuestionOwner;
}

const THROWN: ErrorFlags = { remote: true };
const UNTRACED = {};

function arrivedOf(message: SessionMessage & { m: 'call' | 'get' | 'fetch' }): Arrived {
  const name = message.m === 'fetch' ? message.request.method : arrayJoin(message.path, '.');
  return { what: message.m, name, cause: message.cause };
}

function sizeOf(message: SessionMessage & { m: 'call' | 'get' | 'fetch' }): number {
  if (message.m === 'call') return message.args.bytes.length;
  return message.m === 'fetch' && message.request.body.kind === 'bytes' ? message.request.body.bytes.length : 0;
}

export class RpcSession {
  readonly link: LinkEnd;
  readonly #context: RpcContext;
  readonly #codecs: RpcCodecs;
  readonly #main: SessionMain | undefined;
  readonly #onQuiet: () => void;
  readonly #beside: Beside | undefined;
  readonly #asked = new Map<CallId, Asked>();
  /** peer's questions whose answer has not left yet; true once the peer no longer wants it */
  readonly #answering = new Map<CallId, boolean>();
  readonly exports = new ExportTable();
  readonly imports = new ImportTable();
  #lastId: CallId = 0;
  #ending: LinkEnding | undefined;

  constructor({ link, context, codecs, main, onQuiet, beside }: RpcSessionOptions) {
    this.#beside = beside;
    this.link = link;
    this.#context = context;
    this.#codecs = codecs;
    this.#main = main;
    this.#onQuiet = onQuiet ?? (() => {});
    link.start({ onMessage: (body) => this.#onMessage(body), onEnd: (ending) => this.#onEnd(ending) });
  }

  get isOpen(): boolean {
    return this.#ending === undefined && this.link.isOpen;
  }

  /** How it ended, if it did. */
  get ending(): LinkEnding | undefined {
    return this.#ending;
  }

  /** No unanswered question in either direction, no open body, nothing kept for the peer: the link may go away. */
  get isQuiet(): boolean {
    return (
      this.#asked.size === 0 && this.#answering.size === 0 && this.link.streamCount === 0 && this.exports.size === 0
    );
  }

  /** Posts a question. The owner has made sure that the session is open. */
  ask(question: Question, owner: QuestionOwner): void {
    const id = ++this.#lastId;
    mapSet(this.#asked, id, { question, owner });
    question.number = this.link.send(question.message(id, this.link, this.#settled));
    question.onAbandon(() => this.#abandon(id));
  }

  /** Leads to the end of the link without an answer for anybody. */
  #breakOff(): void {
    this.link.break();
    this.#onEnd({ state: 'lost' });
  }

  #onMessage(body: unknown): void {
    if (this.#ending) return;
    const message = decodeSessionMessage(body);
    if (!message) {
      if (!this.#beside?.receive(body)) this.#breakOff();
      return;
    }
    switch (message.m) {
      case 'call':
      case 'get':
      case 'fetch':
        this.#onQuestion(message);
        return;
      case 'result':
      case 'response':
      case 'error':
        this.#onAnswer(message);
        return;
      case 'cancel':
        if (mapGet(this.#answering, message.id) !== undefined) mapSet(this.#answering, message.id, true);
        return;
      case 'release':
        if (!this.exports.release(message.export, message.count)) this.#breakOff();
        else this.#checkQuiet();
        return;
      default:
        message satisfies never;
    }
  }

  #onAnswer(message: AnswerMessage): void {
    const asked = mapGet(this.#asked, message.id);
    if (!asked?.question.accepts(message)) {
      this.#breakOff();
      return;
    }
    mapDelete(this.#asked, message.id);
    asked.question.answer(message, this.link, this.#settled);
    this.#checkQuiet();
  }

  #onQuestion(message: SessionMessage & { m: 'call' | 'get' | 'fetch' }): void {
    const { id, m: kind } = message;
    const isNew = mapGet(this.#answering, id) === undefined;
    if (!this.#main || !isNew || (kind !== 'fetch' && message.target !== MAIN_EXPORT)) {
      this.#breakOff();
      return;
    }
    mapSet(this.#answering, id, false);
    const body = kind === 'fetch' ? this.#codecs.http.acceptBody(message.request.body, this.link) : undefined;
    this.#main.deliver({
      arrived: this.#context.tracer?.isOn ? arrivedOf(message) : undefined,
      sizeBytes: sizeOf(message),
      run: (target, extra = []) =>
        message.m === 'fetch' ? this.#runFetch(message, body, target, extra) : this.#runMember(message, target),
      fail: (error, flags = {}) => {
        body?.cancel(undefined);
        this.#sendError(id, error, kind === 'fetch' ? { ...flags, remote: true } : flags);
      },
    });
  }

  async #runMember(message: SessionMessage & { m: 'call' | 'get' }, target: object): Promise<void> {
    const { payload, walker } = this.#codecs;
    let encoded: Payload;
    try {
      walker.assertEntrypoint(target);
      const value =
        message.m === 'get'
          ? walker.get(target, message.path)
          : walker.call(target, message.path, payload.decodeArgs(message.args));
      encoded = payload.encodeResult(await value);
    } catch (error) {
      return this.#sendErrorAtOnce(message.id, error);
    }
    const answer = { m: 'result', id: message.id, value: encoded, ...this.#traced('value', message.path) } as const;
    // What nobody will ask for again may be handed over instead of copied, once it is worth the trouble.
    this.#answer(message.id, () => {
      if (encoded.bytes.length > INLINE_BODY_BYTES) this.link.send(answer, [encoded.bytes.buffer as ArrayBuffer]);
      else this.link.send(answer);
    });
  }

  async #runFetch(
    message: SessionMessage & { m: 'fetch' },
    body: BodyReader | undefined,
    target: object,
    extra: readonly unknown[],
  ): Promise<void> {
    const { http } = this.#codecs;
    const { id } = message;
    let response: Response;
    try {
      const request = http.makeRequest(message.request, body, this.#context, this.#settled);
      response = http.assertResponse(await http.callHandler(target, request, extra));
    } catch (error) {
      body?.cancel(undefined);
      return this.#sendError(id, error, THROWN);
    }
    try {
      const outgoing = http.readResponse(response, message.request, this.#context);
      const traced = this.#traced('response', []);
      this.#answer(
        id,
        () => {
          const sink = outgoing.body.openStream(this.link);
          this.link.send({
            m: 'response',
            id,
            response: { ...outgoing.head, body: outgoing.body.describe(sink) },
            ...traced,
          });
          const finish = () => {
            body?.release();
            this.#checkQuiet();
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

  /** What a method throws waits for no commit, not even for one that will be refused. What `fetch` throws does (both seen). */
  #sendErrorAtOnce(id: CallId, error: unknown): void {
    if (this.#context.isBroken?.()) return;
    const wire = this.#codecs.errors.encode(error, THROWN);
    const traced = this.#traced('error', []);
    this.#finish(id, () => this.link.send({ m: 'error', id, error: wire, ...traced }));
  }

  #sendError(id: CallId, error: unknown, flags: ErrorFlags): void {
    const wire: WireError = this.#codecs.errors.encode(error, flags);
    const traced = this.#traced('error', []);
    this.#answer(id, () => {
      this.link.send({ m: 'error', id, error: wire, ...traced });
    });
  }

  /** Notes an answer; what is returned goes with it. */
  #traced(what: 'value' | 'response' | 'error', path: Path): { cause?: Cause } {
    const { tracer } = this.#context;
    if (!tracer?.isOn) return UNTRACED;
    const cause = tracer.send({ kind: 'answer', what, name: arrayJoin(path, '.') });
    return cause ? { cause } : UNTRACED;
  }

  /** Lets an answer leave, unless the asker lost interest meanwhile. */
  #answer(id: CallId, post: () => void, drop: () => void = () => {}): void {
    this.#context.leave(() => this.#finish(id, post, drop));
  }

  #finish(id: CallId, post: () => void, drop: () => void = () => {}): void {
    const isUnwanted = mapGet(this.#answering, id) !== false;
    mapDelete(this.#answering, id);
    if (isUnwanted || !this.isOpen) drop();
    else post();
    this.#checkQuiet();
  }

  #abandon(id: CallId): void {
    if (!mapGet(this.#asked, id)) return;
    mapDelete(this.#asked, id);
    this.link.send({ m: 'cancel', id });
    this.#checkQuiet();
  }

  #onEnd(ending: LinkEnding): void {
    if (this.#ending) return;
    this.#ending = ending;
    this.exports.releaseAll();
    this.#beside?.ended();
    const byOwner = new Map<QuestionOwner, Question[]>();
    mapForEach(this.#asked, ({ question, owner }: Asked, id: CallId) => {
      const questions = mapGet(byOwner, owner) ?? [];
      questions[questions.length] = question;
      mapSet(byOwner, owner, questions);
      mapDelete(this.#asked, id);
    });
    mapForEach(this.#answering, (_isUnwanted: boolean, id: CallId) => mapDelete(this.#answering, id));
    mapForEach(byOwner, (questions: Question[], owner: QuestionOwner) => owner.giveBack(questions, ending));
    this.#onQuiet();
  }

  #checkQuiet(): void {
    if (this.isQuiet) this.#onQuiet();
  }

  /** A body came to its end. */
  readonly #settled = (): void => this.#checkQuiet();
}

/**
 * RPC over one link: questions and answers in both directions, and what each end keeps for the other.
 *
 * Promise: questions are posted in the order asked and delivered in that order at the other end. What is unanswered when the
 * link ends goes back to its owner, with what is known of its fate. A peer that names what it was never given breaks its
 * link, and nothing else.
 *
 *     OPEN --the link ends--> ENDED       every unanswered question is given back, in order; what was kept for the
 *                                         peer is disposed of, what it kept fails from then on   [#onEnd]
 *
 * The two ends are alike: either may lead to something (`main`) and either may ask.
 *
 * Knows neither gates nor objects.
 */
import { each } from '../base/lists.ts';
import { Numbered } from '../base/numbered.ts';
import { mapForEach, mapGet, mapSet } from '../base/primordials.ts';
import type { Limits } from '../protocol/limits.ts';
import type { LinkEnd, LinkEnding } from '../protocol/link.ts';
import type { CallId, Cause, ExportId } from '../protocol/messages.ts';
import { Answers, type RpcCodecs, type SessionMain } from './answers.ts';
import { Asker, ImportHook, type Route } from './asking.ts';
import { LinkCauses } from './causes.ts';
import type { RpcContext } from './context.ts';
import { decodeSessionMessage } from './decode.ts';
import { connectionLost } from './errors.ts';
import { disposeParcel, ErrorHook, isPlain, type StubHook } from './hook.ts';
import { contextIsOver } from './local.ts';
import { type AnswerMessage, MemberQuestion, type Question } from './question.ts';
import { type Dock, type Port, unload } from './shipment.ts';
import { LinkSignals } from './signals.ts';
import { ExportTable, ImportTable } from './tables.ts';

export type { Delivery, RpcCodecs, SessionMain } from './answers.ts';
export type { RpcContext } from './context.ts';

export interface RpcSessionOptions {
  link: LinkEnd;
  context: RpcContext;
  codecs: RpcCodecs;
  /** what the link leads to at this end; none at a pure client */
  main?: SessionMain;
  limits: Pick<Limits, 'rpcPathDepth'>;
  /** where a trace shows what the peer keeps for this end */
  lane?: string;
  /** called whenever the session may have become quiet; also when it ended, unless it was quiet before */
  onQuiet?: () => void;
  /** called when it ended and had been quiet: nothing that anybody waits for ended with it */
  onGone?: () => void;
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

export class RpcSession implements Port, Dock, Route, QuestionOwner {
  readonly link: LinkEnd;
  readonly signals: LinkSignals;
  readonly causes = new LinkCauses();
  pumpCount = 0;
  readonly #context: RpcContext;
  readonly #codecs: RpcCodecs;
  readonly #onQuiet: () => void;
  readonly #onGone: () => void;
  readonly #beside: Beside | undefined;
  readonly #asker: Asker;
  readonly #asked = new Numbered<Asked>();
  /** what nobody waits for any more, until the peer's last word on it: an answer that crosses the `cancel`, or `cancelled` */
  readonly #abandoned = new Numbered<Question>();
  readonly #answers: Answers;
  readonly #exports = new ExportTable();
  readonly #imports = new ImportTable((id, count) => this.#release(id, count));
  #lastId: CallId = 0;
  #lastStream = -1;
  #ending: LinkEnding | undefined;

  constructor({ link, context, codecs, limits, main, lane, onQuiet, onGone, beside }: RpcSessionOptions) {
    this.#beside = beside;
    this.link = link;
    this.signals = new LinkSignals(link);
    this.#context = context;
    this.#codecs = codecs;
    this.#onQuiet = onQuiet ?? (() => {});
    this.#onGone = onGone ?? (() => {});
    this.#asker = new Asker({ context, codecs, limits, lane: lane ?? '' });
    this.#answers = new Answers({
      port: this,
      context,
      codecs,
      main,
      exported: (id) => this.#exports.get(id),
      isOpen: () => this.isOpen,
      breakOff: () => this.#breakOff(),
      onSettled: this.#settled,
    });
    link.start({ onMessage: (body) => this.#onMessage(body), onEnd: (ending) => this.#onEnd(ending) });
  }

  get isOpen(): boolean {
    return this.#ending === undefined && this.link.isOpen;
  }

  /** How it ended, if it did. */
  get ending(): LinkEnding | undefined {
    return this.#ending;
  }

  /** No unanswered question in either direction, no open body. */
  get isIdle(): boolean {
    const isAsking = this.#asked.size > 0 || this.#abandoned.size > 0;
    return !isAsking && this.#answers.openCount === 0 && this.link.streamCount === 0;
  }

  /** The peer has something of this end's that it may call. */
  get isNeeded(): boolean {
    return this.#exports.size > 0 || this.#answers.keptCount > 0;
  }

  /** This end has something that the peer keeps for it. */
  get isHolding(): boolean {
    return this.#imports.size > 0;
  }

  /** It is idle, and neither end has anything of the other's: the link may go away. */
  get isQuiet(): boolean {
    return this.isIdle && !this.isNeeded && this.#imports.size === 0;
  }

  /** Posts a question. The owner has made sure that the session is open. */
  ask(question: Question, owner: QuestionOwner): void {
    const id = ++this.#lastId;
    this.#asked.set(id, { question, owner });
    question.number = question.post(id, this, this.#settled);
    question.onAbandon(() => this.#abandon(id));
  }

  /** A question to something that the peer keeps. */
  post(question: MemberQuestion): void {
    if (question.isSettled || question.settlesHere(this)) return;
    if (question.isOfGone) question.fail(contextIsOver);
    else if (this.isOpen) this.ask(question, this);
    else question.fail(() => this.#whyGone());
  }

  /** What was asked of what the peer kept is not asked again: that is gone with the link. */
  giveBack(questions: readonly Question[], ending: LinkEnding): void {
    for (let i = 0; i < questions.length; i++) {
      const question = questions[i] as Question;
      const flags = question.failureFlags;
      if (ending.state === 'broken') question.fail(() => this.#codecs.errors.decode(ending.error, flags));
      else question.fail(() => connectionLost({ ...flags, ...(question.number > 0 ? { indeterminate: true } : {}) }));
    }
  }

  /** How whatever the peer kept fails now: it was reset, or nobody knows what became of it. */
  #whyGone(): unknown {
    return this.#ending?.state === 'broken' ? contextIsOver() : connectionLost();
  }

  export(hook: StubHook): { id: ExportId; isOwn: boolean } {
    if (!(hook instanceof ImportHook && hook.isBehind(this))) return { id: this.#exports.send(hook), isOwn: false };
    const { id } = hook.entry;
    // The message that names it goes before the release that this may send.
    this.#context.afterTurn(() => hook.dispose());
    return { id, isOwn: true };
  }

  import(id: ExportId): StubHook {
    return new ImportHook(this.#imports.receive(id), this.#asker, this);
  }

  own(id: ExportId): StubHook | undefined {
    return this.#exports.get(id)?.dup();
  }

  isNewStream(id: number): boolean {
    if (id <= this.#lastStream) return false;
    this.#lastStream = id;
    return true;
  }

  /** Tells the peer which of what it has here is over, so that it is not kept for nothing. */
  sweep(): void {
    const over = this.#exports.replaceOver(OVER);
    for (let i = 0; i < over.length; i++) this.link.send({ m: 'gone', export: over[i] as ExportId });
  }

  #release(id: ExportId, count: number): void {
    if (!this.isOpen) return;
    this.link.send({ m: 'release', export: id, count });
    this.#checkQuiet();
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
        this.#answers.member(message, this.causes.hear(message));
        return;
      case 'fetch':
        this.#answers.fetch(message, this.causes.hear(message));
        return;
      case 'result':
      case 'response':
      case 'error':
        this.#onAnswer(message, this.causes.hear(message));
        return;
      case 'unkept':
        this.#onUnkept(message.id);
        return;
      case 'finish':
        this.#answers.finish(message.id);
        this.#checkQuiet();
        return;
      case 'cancel':
        this.#answers.cancel(message.id);
        return;
      case 'cancelled':
        if (!this.#abandoned.take(message.id)) this.#breakOff();
        else this.#checkQuiet();
        return;
      case 'abort':
        if (!this.signals.receive(message.signal, message.reason)) this.#breakOff();
        return;
      case 'gone':
        this.#imports.gone(message.export);
        return;
      case 'release':
        if (!this.#exports.release(message.export, message.count)) this.#breakOff();
        else this.#checkQuiet();
        return;
      default:
        message satisfies never;
    }
  }

  #onAnswer(message: AnswerMessage, cause: Cause | undefined): void {
    const abandoned = this.#abandoned.get(message.id);
    if (abandoned?.accepts(message)) {
      this.#abandoned.take(message.id);
      abandoned.discard(message, this.link);
      this.#checkQuiet();
      return;
    }
    const asked = this.#asked.get(message.id);
    const parcel = message.m === 'result' && asked ? unload(message.value, this) : undefined;
    if (!asked?.question.accepts(message) || (message.m === 'result' && !parcel)) {
      if (parcel) disposeParcel(parcel);
      this.#breakOff();
      return;
    }
    this.#asked.take(message.id);
    asked.question.answer(message, cause, parcel, this.link, this.#settled);
    if (parcel && !isPlain(parcel) && asked.question instanceof MemberQuestion) {
      asked.question.keep(() => this.#finishKept(message.id));
    }
    this.#checkQuiet();
  }

  #finishKept(id: CallId): void {
    if (this.isOpen) this.link.send({ m: 'finish', id });
  }

  #onUnkept(id: CallId): void {
    const asked = this.#asked.take(id);
    if (asked?.question instanceof MemberQuestion) asked.question.walk();
    else this.#breakOff();
    this.#checkQuiet();
  }

  #abandon(id: CallId): void {
    const asked = this.#asked.take(id);
    if (!asked) return;
    this.#abandoned.set(id, asked.question);
    this.link.send({ m: 'cancel', id });
  }

  #onEnd(ending: LinkEnding): void {
    if (this.#ending) return;
    const wasQuiet = this.isQuiet;
    this.#ending = ending;
    this.#beside?.ended();
    const byOwner = new Map<QuestionOwner, Question[]>();
    each(this.#asked.drain(), ({ question, owner }) => {
      const questions = mapGet(byOwner, owner) ?? [];
      questions[questions.length] = question;
      mapSet(byOwner, owner, questions);
    });
    this.#abandoned.drain();
    mapForEach(byOwner, (questions: Question[], owner: QuestionOwner) => owner.giveBack(questions, ending));
    // After that: a question that goes another way has taken back what it had given to the peer.
    this.#answers.end();
    this.signals.end();
    this.#imports.forgetAll();
    this.#exports.releaseAll();
    if (wasQuiet) this.#onGone();
    else this.#onQuiet();
  }

  #checkQuiet(): void {
    if (this.isQuiet) this.#onQuiet();
  }

  /** A body came to its end. */
  readonly #settled = (): void => this.#checkQuiet();
}

const OVER = new ErrorHook(contextIsOver);

/**
 * The state of one WebSocket as a program in the cloud holds it: what it may do when, and what it hears.
 *
 * Promise: states, checks and texts are workerd's (1.20260730, as observed). A socket is *fresh* until its program says how it is
 * to be used; what arrives before that waits. Everything that arrives goes through the gate of whoever accepted it, everything that
 * leaves through the output gate, in order.
 *
 *     FRESH --accept()--------------> ACCEPTED        events are dispatched
 *       |  \--ctx.acceptWebSocket()-> HIBERNATABLE    the host keeps it, handlers are called    [hibernation.ts]
 *       |   \--left in a response---> RELEASED        it is somebody else's now
 *     CONSTRUCTED (`new WebSocket`) --opened--> ACCEPTED
 *
 *     readyState: CONNECTING until opened; OPEN; CLOSING once either side has closed, CLOSED once both have. One that broke off
 *     without a close frame stays CLOSING for ever, takes what is sent and drops it (seen).
 *
 * Knows neither JavaScript classes nor links.
 */
import type { Cause } from '../protocol/messages.ts';
import type { ConnectionId } from '../protocol/names.ts';
import { NO_CLOSE_FRAME, NO_STATUS, type SocketData, type SocketReference } from '../protocol/sockets.ts';
import type { Arrived } from '../protocol/trace.ts';
import { type ConnectionEnd, type ConnectionHandlers, connectedPair, sizeOfData } from './connection.ts';
import type { OneByOne } from './one-by-one.ts';
import { type Arriving, inTurns, type SocketContext, type SocketNotice, type SocketSide } from './socket-context.ts';

/** What is at the other side. */
type Far =
  /** the other socket of a pair */
  | { readonly kind: 'pair'; readonly end: ConnectionEnd; readonly sibling: () => Socket }
  /** held elsewhere, and not taken up yet */
  | { readonly kind: 'reference'; readonly reference: SocketReference }
  /** by way of a link */
  | { readonly kind: 'end'; readonly end: ConnectionEnd }
  /** hibernatable: by way of the host */
  | { readonly kind: 'kept'; readonly connection: ConnectionId }
  /** it was left to somebody else, or cannot be reached */
  | { readonly kind: 'none' };

type Use = 'fresh' | 'constructed' | 'accepted' | 'hibernatable' | 'released';

export class Socket {
  url: string | null = null;
  /** null once it is open and the server chose none */
  protocol: string | null = '';
  extensions = '';
  /** serialised */
  attachment: Uint8Array | undefined;
  /** of one that is listed no more, while its program may still send on it */
  partingTags: readonly string[] = [];
  /** set by the class that the program sees */
  notify: (notice: SocketNotice) => unknown = () => undefined;
  readonly #context: SocketContext;
  #far: Far;
  #use: Use;
  #allowHalfOpen = false;
  #hasClosed = false;
  /** before it heard that the other end has */
  #hasClosedUnasked = false;
  #wasClosed = false;
  /** it broke off: what is sent goes nowhere */
  #isCut = false;
  /** the other side is gone; what is sent goes nowhere, but this side may still close */
  #isLost = false;
  /** it is over, and that was told */
  #isDone = false;
  #hasSent = false;
  /** the hibernatable socket that was its pair */
  #keptPair: Socket | undefined;
  /** its end is never followed by an error */
  #endsQuietly = false;
  /** its hibernatable other end was closed before anything was sent: it may be accepted again for ever (seen) */
  #wasRefused = false;
  #isToFail = false;
  /** undefined: not accepted, or over */
  #counted: SocketSide | undefined;
  /** ends the request whose program serves a client by this socket */
  #letGo: (() => void) | undefined;
  #arriving: OneByOne<Arriving> | undefined;

  private constructor(context: SocketContext, far: Far, use: Use) {
    this.#context = context;
    this.#far = far;
    this.#use = use;
  }

  static pair(context: SocketContext): [Socket, Socket] {
    const [left, right] = connectedPair();
    const one: Socket = new Socket(context, { kind: 'pair', end: left, sibling: () => other }, 'fresh');
    const other: Socket = new Socket(context, { kind: 'pair', end: right, sibling: () => one }, 'fresh');
    return [one, other];
  }

  /** Of a response. */
  static taken(context: SocketContext, reference: SocketReference): Socket {
    const socket = new Socket(context, { kind: 'reference', reference }, 'fresh');
    socket.#wasRefused = reference.wasRefused ?? false;
    socket.#endsQuietly = socket.#wasRefused;
    return socket;
  }

  /** Of a response from outside the cloud. */
  static reached(context: SocketContext, end: ConnectionEnd): Socket {
    return new Socket(context, { kind: 'end', end }, 'fresh');
  }

  /** One that the object accepted in a life before. */
  static woken(context: SocketContext, connection: ConnectionId): Socket {
    return new Socket(context, { kind: 'kept', connection }, 'hibernatable');
  }

  /** Of `new WebSocket`: opened later. */
  static constructed(context: SocketContext, url: string): Socket {
    const socket = new Socket(context, { kind: 'none' }, 'constructed');
    socket.url = url;
    // From its first moment on it keeps its object awake.
    socket.#count('own');
    return socket;
  }

  get readyState(): 0 | 1 | 2 | 3 {
    if (this.#use === 'constructed') return 0;
    if (this.#hasClosed && this.#wasClosed) return 3;
    return this.#hasClosed || this.#wasClosed ? 2 : 1;
  }

  get isHibernatable(): boolean {
    return this.#use === 'hibernatable';
  }

  get isAccepted(): boolean {
    return this.#use === 'accepted';
  }

  /** Accepted in one of the two ways, or given away. */
  get isUsed(): boolean {
    return this.#use !== 'fresh';
  }

  /** The name by which the host keeps it. */
  get connection(): ConnectionId | undefined {
    return this.#far.kind === 'kept' ? this.#far.connection : undefined;
  }

  /** @throws TypeError with the platform's text */
  accept({ allowHalfOpen }: { allowHalfOpen: boolean }): void {
    if (this.#isReleased) throw new TypeError("Can't accept() WebSocket that was already used in a response.");
    switch (this.#use) {
      case 'constructed':
        throw new TypeError("Websockets obtained from the 'new WebSocket()' constructor cannot call accept");
      case 'hibernatable':
        throw new TypeError("Can't accept() WebSocket after enabling hibernation.");
      case 'released':
      case 'accepted':
        return;
      case 'fresh':
        this.#allowHalfOpen = allowHalfOpen;
        this.#begin(this.#farEnd());
        return;
      default:
        this.#use satisfies never;
    }
  }

  /** A constructed socket reached its server. */
  opened(end: ConnectionEnd, protocol: string): void {
    this.protocol = protocol || null;
    this.#far = { kind: 'end', end };
    this.#use = 'accepted';
    this.notify({ n: 'open' });
    this.#begin(end);
  }

  /** A constructed socket did not. */
  refused(error: Error): void {
    this.#use = 'accepted';
    this.#isCut = true;
    this.#wasClosed = true;
    this.notify({ n: 'error', message: uncaught(error), error });
    this.#hasClosed = true;
    this.notify({ n: 'close', code: 1006, reason: 'Failed to establish websocket connection', wasClean: false });
    this.#settle();
  }

  /** @throws Error with the platform's text */
  assertAcceptable(): void {
    if (this.#isReleased) throw new Error(PAIR_USED);
    if (this.#use !== 'fresh') {
      throw new Error('Cannot call `acceptWebSocket()` if the WebSocket was already accepted via `accept()`');
    }
    if (this.#far.kind !== 'pair' || this.#far.sibling().isUsed) throw new Error(PAIR_USED);
  }

  /** From now on the host keeps it under this name; what its pair said, or says, is for the host. */
  hibernate(connection: ConnectionId): void {
    const far = this.#far;
    this.#use = 'hibernatable';
    this.#far = { kind: 'kept', connection };
    if (far.kind === 'pair') far.sibling().#isKeptAs(connection, this);
  }

  /** What was this socket's other side in memory is at the host of this isolate now. */
  #isKeptAs(connection: ConnectionId, pair: Socket): void {
    this.#keptPair = pair;
    // Only who has it from a response is told of a lost connection after the close (seen).
    this.#endsQuietly = true;
    this.#far = { kind: 'reference', reference: this.#context.kept().referenceTo(connection) };
  }

  /**
   * Gives it away in a response. The reference says who holds the other end; in a pair that is this isolate, and
   * then `hold` keeps what is to be taken up.
   *
   * @throws TypeError with the platform's text
   */
  release(hold: (end: ConnectionEnd) => SocketReference): SocketReference {
    switch (this.#use) {
      case 'accepted':
      case 'constructed':
        throw new TypeError("Can't return WebSocket in a Response after calling accept().");
      case 'hibernatable':
        throw new TypeError("Can't return WebSocket in a Response after calling acceptWebSocket().");
      case 'released':
        throw new TypeError("Can't return WebSocket that was already used in a response.");
      case 'fresh': {
        const far = this.#far;
        this.#use = 'released';
        if (far.kind === 'pair') far.sibling().#serves();
        this.#far = { kind: 'none' };
        if (far.kind !== 'reference') return hold(endOf(far));
        const pair = this.#keptPair;
        if (pair === undefined || !pair.#refuses) return far.reference;
        return { ...far.reference, wasRefused: true };
      }
      default:
        return this.#use satisfies never;
    }
  }

  /** It may be given one before it is accepted. */
  attach(attachment: Uint8Array): void {
    this.attachment = attachment;
    if (this.#far.kind === 'kept') this.#context.kept().attach(this.#far.connection, attachment);
  }

  /** @throws TypeError with the platform's text */
  send(data: SocketData): void {
    this.#assertOpen();
    if (this.#isOthers || this.#isCut) return;
    if (this.#hasClosed) throw new TypeError("Can't call WebSocket send() after close().");
    this.#hasSent = true;
    const cause = this.#trace('message');
    this.#context.leave(() => {
      if (this.#far.kind === 'kept') this.#context.kept().send(this.#far.connection, data, cause);
      else endOf(this.#far).send(data, cause);
    });
  }

  /** Arguments were checked. @throws TypeError with the platform's text */
  close(code: number | undefined, reason: string): void {
    this.#assertOpen();
    if (this.#isOthers || this.#isCut || this.#hasClosed) return;
    const isReply = this.#wasClosed;
    this.#hasClosedUnasked = !isReply;
    this.#say(code, reason);
    // What the platform's pipe makes of a close that answers another (seen; not for hibernatable sockets).
    if (isReply && this.#use === 'accepted') this.#afterReply();
  }

  /** The close event of a hibernatable socket is about to be handled. */
  keptClosed(): void {
    this.#wasClosed = true;
  }

  get #refuses(): boolean {
    return this.#hasClosed && !this.#hasSent;
  }

  #say(code: number | undefined, reason: string): void {
    this.#hasClosed = true;
    const cause = this.#trace('close');
    this.#context.leave(() => {
      if (this.#far.kind === 'kept') {
        this.#context.kept().close(this.#far.connection, code, reason, cause);
        // With its answer it is over, whoever still handles the close; one that closed first stays as it is (seen).
        if (this.#wasClosed) this.#isDone = true;
      } else endOf(this.#far).close(code, reason, cause);
      this.#settle();
    });
  }

  #trace(what: 'message' | 'close'): Cause | undefined {
    return this.#context.tracer?.send({ kind: 'socket', what });
  }

  /** It is no socket any more: somebody else has it, or nobody. */
  get #isReleased(): boolean {
    return this.#isDone || this.#use === 'released';
  }

  /** It went away in a response: what its program sends on it still goes nowhere, and nobody is told (seen). */
  get #isOthers(): boolean {
    return this.#use === 'released';
  }

  #assertOpen(): void {
    if (this.#use === 'accepted' || this.#use === 'hibernatable' || this.#isOthers) return;
    throw new TypeError(
      'You must call one of accept() or state.acceptWebSocket() on this WebSocket before sending messages.',
    );
  }

  #farEnd(): ConnectionEnd {
    const far = this.#far;
    if (far.kind !== 'reference') return endOf(far);
    const end = this.#context.open(far.reference);
    this.#far = { kind: 'end', end };
    return end;
  }

  #begin(end: ConnectionEnd): void {
    this.#use = 'accepted';
    if (!this.#counted) this.#count(this.#far.kind === 'pair' ? 'served' : 'own');
    if (this.#far.kind === 'pair' && this.#far.sibling().#use === 'released') this.#serves();
    this.#arriving = inTurns(this.#context);
    end.start(this.#handlers(end));
  }

  #count(side: SocketSide): void {
    this.#counted = side;
    this.#context.onAccepted(1, side);
  }

  /** Its other end was given away: who made the pair goes on for as long as this one is open (seen). */
  #serves(): void {
    if (this.#counted) this.#letGo ??= this.#context.holdRequest?.();
  }

  #handlers(end: ConnectionEnd): ConnectionHandlers {
    return {
      onMessage: (data, cause) =>
        this.#deliver({ what: 'socket', name: 'message', cause }, () => {
          end.taken(sizeOfData(data));
          if (!this.#wasClosed) this.#tell({ n: 'message', data });
        }),
      onClose: (code, reason, cause) =>
        this.#deliver({ what: 'socket', name: 'close', cause }, () => this.#onClose(code ?? NO_STATUS, code, reason)),
      onLost: (reason, why) =>
        this.#deliver({ what: 'socket', name: why === undefined ? 'close' : 'error', cause: undefined }, () => {
          if (this.#wasClosed) return;
          if (why !== undefined) {
            const error = new Error(why);
            this.#cut();
            this.notify({ n: 'error', message: uncaught(error), error });
            return;
          }
          this.#tell({ n: 'close', code: 1006, reason: reason === '' ? NO_CLOSE_FRAME : reason, wasClean: false });
          // Who holds a socket may still close it; who took it up may not (seen).
          if (this.#far.kind === 'end') this.#cut();
          this.#wasClosed = true;
          this.#isLost = true;
          this.#settle();
        }),
    };
  }

  #onClose(shown: number, code: number | undefined, reason: string): void {
    if (this.#wasClosed) return;
    this.#wasClosed = true;
    const replies = this.#context.autoReply && !this.#allowHalfOpen && !this.#hasClosed;
    if (replies) this.#say(code, reason);
    this.#tell({ n: 'close', code: shown, reason, wasClean: true });
    if (replies) this.#afterReply();
    else if (this.#hasCrossed()) this.#failAfterClose();
    this.#settle();
  }

  /** Both ends of a pair have closed before they heard of it, and the other one has heard of it by now. */
  #hasCrossed(): boolean {
    if (!this.#context.autoReply || this.#far.kind !== 'pair' || !this.#hasClosedUnasked) return false;
    const other = this.#far.sibling();
    return other.#hasClosedUnasked && other.#wasClosed;
  }

  /** Local workerd tells whoever closes second that the connection is lost: a program's pipe is gone before it is read to its end. */
  #afterReply(): void {
    if (this.#endsQuietly) return;
    const far = this.#far;
    if (!this.#isLost && far.kind === 'pair' && far.end.isClient) return;
    this.#failAfterClose();
  }

  #failAfterClose(): void {
    const error = Object.assign(new Error('Network connection lost.'), { retryable: true });
    this.#isToFail = true;
    this.#deliver({ what: 'socket', name: 'error', cause: undefined }, () => {
      this.#isToFail = false;
      this.notify({ n: 'error', message: uncaught(error), error });
    });
  }

  #deliver(arrived: Arrived, run: () => void): void {
    this.#arriving?.add({ run, arrived: this.#context.tracer?.isOn ? arrived : undefined });
  }

  /** A listener that throws ends the connection, and is told of it. */
  #tell(notice: SocketNotice): void {
    const failed = this.notify(notice) as { readonly error: unknown } | undefined;
    if (!failed || this.#isCut) return;
    const far = this.#far;
    if (far.kind === 'pair' || far.kind === 'end') far.end.abort('');
    this.#cut();
    this.notify({ n: 'error', message: uncaught(failed.error), error: failed.error });
  }

  #cut(): void {
    this.#wasClosed = true;
    this.#isCut = true;
    this.#settle();
  }

  /** It keeps its object awake no more. */
  #settle(): void {
    const side = this.#counted;
    if (!side || !this.#wasClosed || !(this.#hasClosed || this.#isCut || this.#isLost)) return;
    this.#counted = undefined;
    this.#context.onAccepted(-1, side);
    // Its listeners hear of the end in that request still, of an error behind it too.
    const run = () => {
      if (this.#isToFail) return this.#arriving?.add({ run, arrived: undefined });
      this.#isDone = !this.#wasRefused;
      this.#letGo?.();
    };
    this.#arriving?.add({ run, arrived: undefined });
  }
}

function endOf(far: Far): ConnectionEnd {
  if (far.kind === 'pair' || far.kind === 'end') return far.end;
  throw new Error('A socket without a connection is used.');
}

function uncaught(error: unknown): string {
  if (error instanceof Error) return `Uncaught ${error.name}: ${error.message}`;
  return `Uncaught ${typeof error === 'string' ? error : String(error)}`;
}

const PAIR_USED =
  'Cannot call `acceptWebSocket()` on this WebSocket because its pair has already been accepted or used in a Response.';

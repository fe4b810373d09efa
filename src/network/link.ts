/**
 * One end of a link, over a wire.
 *
 * Promise: what protocol/link.ts says. Frames sent within a few microtasks leave as one post, of more if the owner knows of
 * more; each is numbered, and a gap or a repeat ends the link at once instead of delivering what may be wrong. Packets of other links are dropped
 * unseen; a malformed one ends this link and nothing else.
 *
 *     WAITING --start()--> RUNNING                                   [start]
 *        \-------------------+--goaway(), break()--> ENDED closed    [goaway, break]
 *                            |--frame goaway-------> ENDED goaway    [#take]
 *                            |--frame break--------> ENDED broken or lost
 *                            \--lose(), wire lost, bad packet------> ENDED lost, or broken by what the owner says
 *
 * Knows nothing of RPC, nor of who the peer is, nor how the wire came to be.
 */
import { assert } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import { type Delay, DelayLine } from '../base/delay-line.ts';
import { isSimulatorError, SimulatorError } from '../base/errors.ts';
import { each } from '../base/lists.ts';
import { arrayAppend } from '../base/primordials.ts';
import { Queue } from '../base/queue.ts';
import type {
  BodyCodec,
  ByteSink,
  ByteSource,
  Frame,
  LinkEnd,
  LinkEnding,
  LinkHandlers,
  WireError,
} from '../protocol/link.ts';
import { type Account, type Epoch, type LinkId, PROTOCOL_VERSION } from '../protocol/names.ts';
import { sizeOfFrame } from './link-sizes.ts';
import { type StreamFrame, Streams } from './link-streams.ts';
import { isFor, type Packet, type PacketHeader, readPacket, writePacket } from './packets.ts';
import { portWire, type Wire } from './wire.ts';

/** What every link of an endpoint has in common. */
export interface LinkSetting {
  readonly account: Account;
  readonly clock: Clock;
  /** Makes of a serialised error the one that readers and writers of streams reject with; `flags` are added to its own. */
  decodeError(error: WireError, flags?: { readonly remote: true }): unknown;
  /** Of what is said over the links; absent: every body travels as it is. */
  readonly bodies?: BodyCodec | undefined;
  /** Hears why this end gave a link up that nobody meant to end: always `link_broken`. The link is `lost`. */
  onFault(error: SimulatorError): void;
  /** Asked before a post: true when more will be sent right away, and then `flush` is called soon after that. */
  readonly hold?: ((flush: () => void) => boolean) | undefined;
}

export interface LinkOptions extends LinkSetting {
  readonly wire: Wire;
  readonly id: LinkId;
  readonly epoch: Epoch;
  /** 0 dialled, 1 answered */
  readonly end: 0 | 1;
}

/** What faults do to what passes one end of a link. */
export interface Obstacles {
  readonly clock: Pick<Clock<number>, 'now' | 'after'>;
  unit(): number;
  readonly out: Delay;
  readonly in: Delay;
}

interface HeldBack {
  /** one, or none: something that is only to keep its place */
  readonly frame?: Frame;
  go(): void;
}

export class Link implements LinkEnd {
  readonly #options: LinkOptions;
  readonly #header: PacketHeader;
  readonly #streams: Streams;
  #handlers: LinkHandlers | undefined;
  /** messages that came before `start` */
  #inbox: unknown[] = [];
  #ending: LinkEnding | undefined;
  #whenEnded: ((ending: LinkEnding) => void)[] = [];
  #batch = new Queue<Frame>();
  #transfer: Transferable[] = [];
  #isFlushing = false;
  #framesPosted = 0;
  #framesTaken = 0;
  #messagesSent = 0;
  #messagesDelivered = 0;
  #lastActivity: number;
  /** there while faults hold back what passes here */
  #held: { readonly out: DelayLine<HeldBack>; readonly in: DelayLine<HeldBack> } | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#header = {
      v: PROTOCOL_VERSION,
      account: options.account,
      link: options.id,
      epoch: options.epoch,
      end: options.end,
    };
    this.#lastActivity = options.clock.now();
    this.#streams = new Streams({
      send: (frame, transfer) => this.#enqueue(frame, transfer),
      decodeError: (error, flags) => options.decodeError(error, flags),
    });
    options.wire.start({
      onMessage: (message) => this.#receive(message),
      onLost: () => this.#lose(),
    });
  }

  get id(): LinkId {
    return this.#options.id;
  }

  get epoch(): Epoch {
    return this.#options.epoch;
  }

  get isOpen(): boolean {
    return this.#ending === undefined;
  }

  get transfers(): boolean {
    return this.#options.wire.transfers;
  }

  get streamCount(): number {
    return this.#streams.count;
  }

  get awaitedStreamCount(): number {
    return this.#streams.awaitedCount;
  }

  /** Frames that were sent, posted or not, and frames that came. What a fault holds back counts as where it came from. */
  get traffic(): { readonly sent: number; readonly taken: number } {
    const { out, in: into } = this.#held ?? {};
    return {
      sent: this.#framesPosted + this.#batch.length - (out?.held ?? 0),
      taken: this.#framesTaken + (into?.held ?? 0),
    };
  }

  /** Faults hold something back that is to pass this end. */
  get isHolding(): boolean {
    return this.#held !== undefined && !(this.#held.out.isEmpty && this.#held.in.isEmpty);
  }

  /** when the last packet was posted or taken, real ms */
  get lastActivityMs(): number {
    return this.#lastActivity;
  }

  /** No stream is open and nothing waits to be posted. Whether an answer is awaited, only the session knows. */
  get isQuiet(): boolean {
    return this.#streams.count === 0 && this.#batch.length === 0;
  }

  /** Delivers what came early before it returns, even if the link is over by now; then tells how it ended. */
  start(handlers: LinkHandlers): void {
    assert(!this.#handlers, 'a link is started once');
    this.#handlers = handlers;
    const ending = this.#ending;
    this.#guarded(() => {
      const inbox = this.#inbox;
      this.#inbox = [];
      for (let i = 0; i < inbox.length && this.#ending?.state !== 'closed'; i++) {
        handlers.onMessage(inbox[i], ++this.#messagesDelivered);
      }
    });
    if (ending) handlers.onEnd(ending);
  }

  send(body: unknown, transfer?: Transferable[]): number {
    if (!this.isOpen) return 0;
    this.#enqueue({ k: 'message', body }, transfer);
    return ++this.#messagesSent;
  }

  createStream(): ByteSink {
    return this.#streams.create();
  }

  acceptStream(id: number): ByteSource {
    return this.#streams.accept(id);
  }

  goaway(): void {
    this.#close({ k: 'goaway', lastDelivered: this.#messagesDelivered });
  }

  break(error?: WireError): void {
    this.#close({ k: 'break', error });
  }

  /**
   * The owner knows that the peer is dead, and perhaps of what: then the link is `broken` by it. Nothing is posted. What the peer
   * said before and faults still hold back is heard first.
   */
  lose(error?: WireError): void {
    const end = () => this.#end(error ? { state: 'broken', error } : { state: 'lost' });
    if (this.isOpen && this.#held?.in.isEmpty === false) this.#held.in.put({ go: end });
    else end();
  }

  /** The same when all that the peer posted before has come, and may be its `goaway`. */
  loseAfterAll(error?: WireError): void {
    if (this.isOpen) this.#options.wire.whenHeard(() => this.lose(error));
  }

  /** A connection that breaks: both ends lose the link, and what is on its way is gone. */
  cut(): void {
    if (this.isOpen) this.#lose();
    else if (this.isHolding) this.#closeWire(BREAK);
  }

  /** From now on faults hold back what passes here, or do no more. */
  hinder({ clock, unit, out, in: into }: Obstacles): void {
    // What was sent before passes freely; from then on each frame is a packet.
    if (!this.#held) this.#flush();
    const line = () =>
      new DelayLine<HeldBack>({
        clock,
        unit,
        deliver: ({ go }) => go(),
        weigh: ({ frame }) => (frame ? 1 : 0),
        bytesOf: ({ frame }) => (frame ? sizeOfFrame(frame) : 0),
      });
    this.#held ??= { out: line(), in: line() };
    this.#held.out.set(out);
    this.#held.in.set(into);
    if (isNone(out) && isNone(into) && !this.isHolding) this.#held = undefined;
  }

  /** For who keeps the link and does not read it: called once, after `onEnd`; at once when it is over already. */
  whenEnded(hear: (ending: LinkEnding) => void): void {
    if (this.#ending) hear(this.#ending);
    else arrayAppend(this.#whenEnded, hear);
  }

  #close(last: Frame): void {
    if (!this.isOpen) return;
    this.#enqueue(last);
    this.#flush();
    this.#end({ state: 'closed' });
  }

  #enqueue(frame: Frame, transfer?: Transferable[]): void {
    if (!this.isOpen) return;
    this.#batch.append(frame);
    if (transfer) each(transfer, (one) => arrayAppend(this.#transfer, one));
    // Each is late by itself, and is to come with its own last byte.
    if (this.#held) this.#flush();
    else if (!this.#isFlushing) void this.#flushSoon();
  }

  /** Three hops: what the answering code awaits once or twice before it sends still leaves in the same post. */
  async #flushSoon(): Promise<void> {
    this.#isFlushing = true;
    await undefined;
    await undefined;
    await undefined;
    if (!this.#options.hold?.(this.#flushHeld)) this.#flushHeld();
  }

  readonly #flushHeld = (): void => {
    this.#isFlushing = false;
    this.#flush();
  };

  #flush(): void {
    const frames = this.#batch;
    const transfer = this.#transfer;
    if (frames.length === 0 || !this.isOpen) return;
    this.#batch = new Queue();
    this.#transfer = [];
    this.#lastActivity = this.#options.clock.now();
    const packet = { first: this.#framesPosted + 1, frames };
    this.#framesPosted += frames.length;
    // An end that goes in good order is our own doing: it is not to fall behind the end of its thread.
    const isFree = !this.#held || (this.#held.out.isEmpty && isLast(frames.last));
    if (isFree) this.#post(packet, transfer);
    else this.#held?.out.put({ frame: frames.last as Frame, go: () => this.#post(packet, transfer) });
  }

  #post(packet: Packet, transfer: Transferable[]): void {
    try {
      this.#options.wire.post(writePacket(this.#header, packet, this.#options.bodies), transfer);
    } catch (cause) {
      this.#framesPosted -= packet.frames.length;
      if (this.isOpen) this.#fail('what was sent cannot be cloned', cause);
      else this.#closeWire(BREAK);
      return;
    }
    if (this.#ending && this.#held?.out.isEmpty) this.#options.wire.close();
  }

  #receive(message: unknown): void {
    if (!this.isOpen || !isFor(this.#header, message)) return;
    this.#lastActivity = this.#options.clock.now();
    const packet = readPacket(message, this.#options.bodies);
    // The event that brought it keeps it until the whole heap is collected: hundreds of bytes of each call would grow old.
    message.length = 0;
    if (!packet) {
      this.#fail('a malformed packet arrived');
      return;
    }
    if (!this.#held) this.#deliver(packet);
    else {
      let { first } = packet;
      for (let node = packet.frames.first; node; node = node.next) {
        const one = { first: first++, frames: only(node.value) };
        this.#held?.in.put({ frame: node.value, go: () => this.#deliver(one) });
      }
    }
  }

  #deliver(packet: Packet): void {
    if (!this.isOpen) return;
    if (packet.first !== this.#framesTaken + 1) {
      this.#fail(`frame ${this.#framesTaken + 1} was expected and ${packet.first} arrived`);
      return;
    }
    this.#framesTaken += packet.frames.length;
    this.#guarded(() => {
      for (let node = packet.frames.first; node && this.isOpen; node = node.next) this.#take(node.value);
    });
  }

  /** What throws in `deliver` is a bug of the owner's and goes up as it is, but no later frame may pass for the next. */
  #guarded(deliver: () => void): void {
    let isDone = false;
    try {
      deliver();
      isDone = true;
    } finally {
      if (!isDone) this.#fail('the owner of this end threw');
    }
  }

  #take(frame: Frame): void {
    switch (frame.k) {
      case 'message':
        if (this.#handlers) this.#handlers.onMessage(frame.body, ++this.#messagesDelivered);
        else arrayAppend(this.#inbox, frame.body);
        return;
      case 'goaway':
        this.#end({ state: 'goaway', lastDelivered: frame.lastDelivered });
        return;
      case 'break':
        this.#end(frame.error ? { state: 'broken', error: frame.error } : { state: 'lost' });
        return;
      default:
        this.#takeStreamFrame(frame);
    }
  }

  #takeStreamFrame(frame: StreamFrame): void {
    try {
      this.#streams.receive(frame);
    } catch (error) {
      if (!isSimulatorError(error, 'link_broken')) throw error;
      this.#fail('a stream broke the rules', error);
    }
  }

  #fail(what: string, cause?: unknown): void {
    if (!this.isOpen) return;
    this.#lose();
    const text = `Link ${this.#options.id} ended: ${what}.`;
    this.#options.onFault(new SimulatorError('link_broken', text, cause === undefined ? {} : { cause }));
  }

  /** The peer learns it if it still hears us. */
  #lose(): void {
    this.#end({ state: 'lost' }, BREAK);
  }

  /** With last words that nothing holds back, in the place of what was held. */
  #closeWire(last?: Frame): void {
    const heldFrames = this.#held?.out.held ?? 0;
    this.#held?.out.clear();
    if (last) {
      const packet = { first: this.#framesPosted - heldFrames + 1, frames: only(last) };
      this.#options.wire.post(writePacket(this.#header, packet, this.#options.bodies));
    }
    this.#options.wire.close();
  }

  /** @param last  what the peer is told */
  #end(ending: LinkEnding, last?: Frame): void {
    if (this.#ending) return;
    this.#ending = ending;
    this.#batch = new Queue();
    this.#transfer = [];
    if (ending.state === 'closed') this.#inbox = [];
    this.#held?.in.clear();
    // What was said before it went away still leaves, when it may.
    if (ending.state !== 'closed' || this.#held?.out.isEmpty !== false) this.#closeWire(last);
    this.#streams.lose(ending.state === 'broken' ? ending.error : undefined);
    this.#handlers?.onEnd(ending);
    const hearers = this.#whenEnded;
    this.#whenEnded = [];
    each(hearers, (hear) => hear(ending));
  }
}

const BREAK: Frame = { k: 'break', error: undefined };

const isNone = ({ latencyMs, jitterMs, bytesPerSecond, isStalled }: Delay): boolean =>
  latencyMs + jitterMs === 0 && bytesPerSecond === Infinity && !isStalled;

const isLast = (frame: Frame | undefined): boolean => frame?.k === 'goaway' || frame?.k === 'break';

function only(frame: Frame): Queue<Frame> {
  const frames = new Queue<Frame>();
  frames.append(frame);
  return frames;
}

/** A link over a port that the host handed to both ends. It needs no handshake: a port keeps what comes early. */
export function portLink(options: Omit<LinkOptions, 'wire'> & { readonly port: MessagePort }): Link {
  return new Link({ ...options, wire: portWire(options.port) });
}

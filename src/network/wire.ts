/**
 * Wires: what carries messages between two endpoints. Two carriers, BroadcastChannel and MessagePort.
 *
 * Promise: messages arrive in the order posted, each at most once. On a channel a message is lost when nobody else
 * has the channel open yet, so those who open one shake hands first (rendezvous.ts); a port keeps what comes early.
 * The platform's methods are captured at load: prototypes and globals may change under a user's program.
 *
 * Knows nothing of links: a message is whatever structured clone takes.
 */
import { assert } from '../base/assert.ts';
import { heard, linger } from '../base/linger.ts';
import { each } from '../base/lists.ts';
import { postOnPort } from '../base/ports.ts';
import { addListener, arrayAppend, messageData, uncurryThis } from '../base/primordials.ts';
import { listen } from '../base/schedule.ts';
import type { Packed } from './packets.ts';

export interface WireHandler {
  /** anything at all: whoever knows the name can post, so the receiver decodes */
  onMessage(message: unknown): void;
  /** A message could not be read, or a fault cut the wire: nothing after it can be trusted. Says nothing of a dead peer. */
  onLost(): void;
}

export interface Wire<Message = Packed> {
  /** false: what is given to `post` to be transferred is copied */
  readonly transfers: boolean;
  /** @throws DataCloneError when structured clone refuses the message: nothing was sent */
  post(message: Message, transfer?: Transferable[]): void;
  /** Begins delivery, of what came early too. Called once. */
  start(handler: WireHandler): void;
  /** What was posted before still arrives. */
  close(): void;
  /**
   * Calls back when all that anybody posted to this end before has come, however long the carrier takes. A port takes no way on which
   * another message could overtake it for long, so there it is at once.
   */
  whenHeard(go: () => void): void;
}

/** What an end posts to itself: it comes behind all that is on its way. The other end does not know it. */
const ECHO = 'echo';

const Channel = globalThis.BroadcastChannel;
const postOnChannel = uncurryThis(Channel.prototype.postMessage);
const closeChannel = uncurryThis(Channel.prototype.close);
const startPort = uncurryThis(MessagePort.prototype.start);
const closePort = uncurryThis(MessagePort.prototype.close);

const NO_TRANSFER: Transferable[] = [];

/**
 * A BroadcastChannel by name. Buffers are copied: a channel transfers nothing, and refuses a port in a message.
 * An open channel receives everything on its name, handler or not, so a name has as few openers as can be.
 */
export function channelWire<Message = Packed>(name: string): Wire<Message> {
  const channel = new Channel(name);
  let handler: WireHandler | undefined;
  let early: unknown[] = [];
  let awaiting: (() => void)[] = [];
  listen(channel, 'message', (event) => {
    const message = messageData(event);
    if (message === ECHO) {
      const heard = awaiting;
      awaiting = [];
      each(heard, (go) => go());
    } else if (handler) handler.onMessage(message);
    else arrayAppend(early, message);
  });
  addListener(channel, 'messageerror', () => handler?.onLost());
  return {
    transfers: false,
    post: (message) => postOnChannel(channel, message),
    start(next) {
      assert(!handler, 'a wire is started once');
      handler = next;
      const held = early;
      early = [];
      each(held, (message) => next.onMessage(message));
    },
    close: () => closeChannel(channel),
    whenHeard(go) {
      arrayAppend(awaiting, go);
      postOnce(name, ECHO);
    },
  };
}

/** Opens a channel, posts one message and closes it: an idle open channel would receive all that others post on it. */
export function postOnce(name: string, message: unknown): void {
  const channel = new Channel(name);
  postOnChannel(channel, message);
  closeChannel(channel);
}

/**
 * A MessagePort, which it owns from now on. It does not hear of the peer's death: Chromium's ports have no `close`
 * event (asked of 156), so whoever owns the link watches the peer's life lock.
 */
export function portWire<Message = Packed>(port: MessagePort): Wire<Message> {
  return {
    transfers: true,
    post(message, transfer) {
      postOnPort(port, message, transfer ?? NO_TRANSFER);
      linger();
    },
    start(handler) {
      listen(port, 'message', (event) => {
        heard();
        handler.onMessage(messageData(event));
      });
      addListener(port, 'messageerror', () => handler.onLost());
      startPort(port);
    },
    close: () => closePort(port),
    whenHeard: (go) => go(),
  };
}

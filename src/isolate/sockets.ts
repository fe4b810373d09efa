/**
 * The WebSockets of one isolate: the classes of its program, the links that they go by, and how they pass through a response.
 *
 * Promise: what leaves on a socket waits for the output gate, and what arrives goes through the input gate, like every message.
 * A socket that a program only passes on is handed over by reference: nothing of it goes through this isolate.
 *
 * Knows neither instances nor hosts: an object adds its hibernatable sockets.
 */
import { must } from '../base/assert.ts';
import type { Sealed } from '../base/sealed.ts';
import type { Compatibility } from '../protocol/compatibility.ts';
import type { LinkEnd } from '../protocol/link.ts';
import type { ConnectionId, EndpointId, Epoch, MachineId, ObjectAddress } from '../protocol/names.ts';
import { NO_SOCKETS, type SocketCounts } from '../protocol/socket-counts.ts';
import type { SocketReference } from '../protocol/sockets.ts';
import type { Tracer } from '../protocol/tracer.ts';
import { Hibernation, type HibernationOptions } from '../sockets/hibernation.ts';
import { Socket } from '../sockets/socket.ts';
import type { SocketContext, SocketSide } from '../sockets/socket-context.ts';
import { type BesideSession, SocketLinks } from '../sockets/socket-links.ts';
import { makeWebSocketClasses, type WebSocketClasses, type WebSocketOptions } from './web-socket-classes.ts';

export interface IsolateSocketsOptions
  extends Pick<WebSocketOptions, 'codec' | 'connect' | 'assertAllowed' | 'dispatch' | 'events' | 'bind'> {
  /** where this isolate is */
  readonly here: { readonly machine: MachineId; readonly endpoint: EndpointId; readonly host: EndpointId };
  epoch(): Epoch | undefined;
  /** those of whoever runs */
  gates(): Pick<SocketContext, 'leave' | 'capture' | 'turn'>;
  readonly tracer: Tracer;
  readonly compatibility: Compatibility;
  connectTo(reference: SocketReference): Promise<Sealed<LinkEnd>>;
  newConnection(): ConnectionId;
  /** real ms */
  after(delayMs: number, late: () => void): { cancel(): void };
  /** The request that is under way goes on until this is called. Absent: there are no requests. */
  holdRequest?: (() => () => void) | undefined;
  /** an accepted socket ended */
  onOver(): void;
  /** the program opened one to somebody else */
  onOpened(): void;
  /** a socket cannot be given away */
  onRefused(error: unknown): void;
}

/** A host has no storage to fence: links to it name this one. */
export const HOST_EPOCH = 0 as Epoch;

export class IsolateSockets {
  readonly classes: WebSocketClasses;
  readonly context: SocketContext;
  readonly #options: IsolateSocketsOptions;
  readonly #links: SocketLinks;
  #hibernation: Hibernation | undefined;
  #servedCount = 0;
  #ownCount = 0;
  /** what this isolate is, if it is an object */
  #object: ObjectAddress | undefined;

  constructor(options: IsolateSocketsOptions) {
    const { tracer, compatibility } = options;
    this.#options = options;
    this.#links = new SocketLinks({
      connect: (reference) => options.connectTo(reference),
      newConnection: options.newConnection,
      after: options.after,
    });
    this.context = {
      leave: (post) => options.gates().leave(post),
      capture: () => options.gates().capture(),
      turn: () => options.gates().turn?.(),
      open: (reference) => this.#links.open(reference),
      kept: () => must(this.#hibernation, 'the hibernatable sockets of an object').port,
      ...(options.holdRequest ? { holdRequest: options.holdRequest } : {}),
      autoReply: compatibility.autoReplyToClose,
      onAccepted: (count, side) => this.#accepted(count, side),
      tracer,
    };
    this.classes = makeWebSocketClasses({ ...options, context: () => this.context });
  }

  has(value: unknown): boolean {
    return this.classes.socketOf(value) !== undefined;
  }

  #accepted(count: 1 | -1, side: SocketSide): void {
    if (side === 'own') this.#ownCount += count;
    else this.#servedCount += count;
    if (count < 0) this.#options.onOver();
    else if (side === 'own') this.#options.onOpened();
  }

  /** Sockets that live in this isolate and are not over. */
  get count(): number {
    return this.#servedCount + this.#ownCount;
  }

  /** Those of them by which the program reached somebody else. */
  get ownCount(): number {
    return this.#ownCount;
  }

  get counts(): SocketCounts {
    const kept = this.#hibernation?.count ?? 0;
    return { ...NO_SOCKETS, open: this.count, kept, ...this.#links.counts };
  }

  /** The isolate is an object: its host keeps sockets for it. */
  hibernatable(object: ObjectAddress | undefined, say: HibernationOptions['say']): Hibernation {
    this.#object = object;
    const { newConnection } = this.#options;
    const { machine, host } = this.#options.here;
    this.#hibernation = new Hibernation({
      say,
      newConnection,
      referenceTo: (connection) => this.#refer({ machine, endpoint: host, epoch: HOST_EPOCH, connection }),
      wake: (connection, attachment) => {
        const socket = Socket.woken(this.context, connection);
        socket.attachment = attachment;
        return socket;
      },
    });
    return this.#hibernation;
  }

  /** For a link that was opened to this isolate. */
  beside(link: LinkEnd): BesideSession {
    return this.#links.beside(link);
  }

  /**
   * What goes out in a response instead of the socket. One that its program uses itself is refused in the log, and whoever
   * gets the reference finds nothing there (seen).
   */
  give(webSocket: object): SocketReference {
    const socket = must(this.classes.socketOf(webSocket), 'the socket of a response');
    const { machine, endpoint } = this.#options.here;
    const epoch = must(this.#options.epoch(), 'the epoch of a running isolate');
    try {
      return socket.release((end) => this.#refer({ machine, endpoint, epoch, connection: this.#links.hold(end) }));
    } catch (error) {
      this.#options.onRefused(error);
      return { machine, endpoint, epoch, connection: this.#options.newConnection() };
    }
  }

  #refer(reference: SocketReference): SocketReference {
    return this.#object === undefined ? reference : { ...reference, object: this.#object };
  }

  /** The object runs on that machine now. */
  moved(object: ObjectAddress, machine: MachineId): void {
    this.#links.moved(object, machine);
  }

  /** What came in a response. */
  take(reference: SocketReference): object {
    return this.classes.objectOf(Socket.taken(this.context, reference));
  }
}

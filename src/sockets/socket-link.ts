/**
 * The WebSockets that share one link.
 *
 * Promise: each is ordered and has a window of its own: what its program has not taken yet is at most STREAM_WINDOW_BYTES, and
 * one message more; the rest waits with the sender. When the link ends, every socket on it breaks off. A peer that says what no
 * correct peer says is refused by `receive`, and its link is to be broken: it reaches no socket but its own.
 *
 * Knows neither what a link is made of nor who holds a socket: `onOpen` finds it.
 */
import { mapDelete, mapForEach, mapGet, mapSet, mapSize } from '../base/primordials.ts';
import { STREAM_WINDOW_BYTES } from '../protocol/limits.ts';
import type { Cause } from '../protocol/messages.ts';
import type { ConnectionId, ObjectAddress } from '../protocol/names.ts';
import type { SocketData, SocketMessage } from '../protocol/sockets.ts';
import { type ConnectionEnd, type ConnectionHandlers, sizeOfData } from './connection.ts';
import { decodeSocketMessage } from './decode.ts';

export interface SocketLinkOptions {
  send(message: SocketMessage, transfer?: Transferable[]): void;
  /** whoever takes sockets up by it is outside the cloud */
  readonly isClient?: boolean;
  /** Gives `end` to whoever holds that connection; false when nobody does. Absent: nobody may take anything up here. */
  onOpen?(connection: ConnectionId, end: ConnectionEnd): boolean;
  /** the last socket is over */
  onQuiet?(): void;
}

/** Credit is returned in pieces of at least this much: fewer messages. */
const CREDIT_BYTES = STREAM_WINDOW_BYTES / 4;

export class SocketLink {
  readonly #options: SocketLinkOptions;
  readonly #ends = new Map<number, LinkedEnd>();
  #lastId = 0;
  #isEnded = false;

  constructor(options: SocketLinkOptions) {
    this.#options = options;
  }

  /** Sockets that are not over. */
  get count(): number {
    return mapSize(this.#ends);
  }

  /** The link is over: nothing can be taken up by it. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Takes up a socket that the peer holds. What is sent before the peer answers waits there. */
  dial(connection: ConnectionId, object?: ObjectAddress): ConnectionEnd {
    const end = this.#add(++this.#lastId, object);
    if (this.#isEnded) end.lose('');
    else
      this.#options.send({
        s: 'open',
        id: this.#lastId,
        connection,
        ...(this.#options.isClient && { isClient: true }),
      });
    return end;
  }

  /** The peer does not run the object any more: what it holds of it breaks off. */
  moved(object: ObjectAddress): void {
    mapForEach(this.#ends, (end: LinkedEnd) => {
      if (end.object === object) end.breakOff();
    });
  }

  /** Takes a message of the peer's. False when it is none, or breaks the rules. */
  receive(body: unknown): boolean {
    const message = decodeSocketMessage(body);
    if (!message) return false;
    if (message.s === 'open') return this.#open(message);
    // One that is over: the peer could not know yet.
    if (message.id > this.#lastId) return false;
    return mapGet(this.#ends, message.id)?.receive(message) ?? true;
  }

  /** The link is over. */
  ended(): void {
    this.#isEnded = true;
    mapForEach(this.#ends, (end: LinkedEnd) => end.lose(''));
  }

  #open({ id, connection, isClient }: Extract<SocketMessage, { s: 'open' }>): boolean {
    if (!this.#options.onOpen || id !== this.#lastId + 1) return false;
    this.#lastId = id;
    const end = this.#add(id, undefined, isClient ?? false);
    if (!this.#options.onOpen(connection, end)) end.abort('');
    return true;
  }

  #add(id: number, object?: ObjectAddress, isClient = false): LinkedEnd {
    const end = new LinkedEnd({
      id,
      object,
      isClient,
      send: (message, transfer) => {
        if (!this.#isEnded) this.#options.send(message, transfer);
      },
      onOver: () => {
        mapDelete(this.#ends, id);
        if (mapSize(this.#ends) === 0) this.#options.onQuiet?.();
      },
    });
    mapSet(this.#ends, id, end);
    return end;
  }
}

interface LinkedEndOptions {
  readonly id: number;
  /** whose end the other one is, as far as that is known */
  readonly object: ObjectAddress | undefined;
  readonly isClient: boolean;
  send(message: SocketMessage, transfer?: Transferable[]): void;
  onOver(): void;
}

type Arrival = (handlers: ConnectionHandlers) => void;
type Outgoing = Extract<SocketMessage, { s: 'message' | 'close' }>;

interface Queued {
  readonly message: Outgoing;
  readonly sizeBytes: number;
}

class LinkedEnd implements ConnectionEnd {
  readonly #options: LinkedEndOptions;
  #handlers: ConnectionHandlers | undefined;
  #early: Arrival[] = [];
  #waiting: Queued[] = [];
  #waitingBytes = 0;
  /** sent, and not taken yet as far as we know */
  #underWayBytes = 0;
  /** taken here, and not told yet */
  #owedBytes = 0;
  /** came, and not taken yet */
  #unreadBytes = 0;
  #hasClosed = false;
  #wasClosed = false;
  #isOver = false;

  constructor(options: LinkedEndOptions) {
    this.#options = options;
  }

  get object(): ObjectAddress | undefined {
    return this.#options.object;
  }

  get isClient(): boolean {
    return this.#options.isClient;
  }

  get bufferedBytes(): number {
    return this.#waitingBytes;
  }

  start(handlers: ConnectionHandlers): void {
    this.#handlers = handlers;
    const early = this.#early;
    this.#early = [];
    for (let i = 0; i < early.length; i++) (early[i] as Arrival)(handlers);
  }

  send(data: SocketData, cause?: Cause): void {
    if (this.#hasClosed || this.#isOver) return;
    const message = { s: 'message', id: this.#options.id, data, ...(cause && { cause }) } as const;
    this.#put(message, sizeOfData(data));
  }

  close(code: number | undefined, reason: string, cause?: Cause): void {
    if (this.#hasClosed || this.#isOver) return;
    this.#hasClosed = true;
    const given = code === undefined ? {} : { code };
    this.#put({ s: 'close', id: this.#options.id, ...given, reason, ...(cause && { cause }) }, 0);
  }

  abort(reason: string, error?: string): void {
    if (this.#isOver) return;
    this.#options.send({ s: 'lost', id: this.#options.id, reason, ...(error === undefined ? {} : { error }) });
    this.#finish();
  }

  /** Both sides hear that the other one is gone. */
  breakOff(): void {
    if (this.#isOver) return;
    this.#options.send({ s: 'lost', id: this.#options.id, reason: '' });
    this.lose('');
  }

  taken(bytes: number): void {
    if (this.#isOver) return;
    this.#unreadBytes -= bytes;
    this.#owedBytes += bytes;
    if (this.#owedBytes < CREDIT_BYTES) return;
    const owedBytes = this.#owedBytes;
    this.#owedBytes = 0;
    this.#options.send({ s: 'credit', id: this.#options.id, bytes: owedBytes });
  }

  receive(message: Exclude<SocketMessage, { s: 'open' }>): boolean {
    switch (message.s) {
      case 'message':
        // A correct peer begins a message only while there is room.
        if (this.#wasClosed || this.#unreadBytes + this.#owedBytes >= STREAM_WINDOW_BYTES) return false;
        this.#unreadBytes += sizeOfData(message.data);
        this.#hear((handlers) => handlers.onMessage(message.data, message.cause));
        return true;
      case 'close':
        if (this.#wasClosed) return false;
        this.#wasClosed = true;
        this.#hear((handlers) => handlers.onClose(message.code, message.reason, message.cause));
        this.#settle();
        return true;
      case 'lost':
        this.lose(message.reason, message.error);
        return true;
      case 'credit':
        if (message.bytes > this.#underWayBytes) return false;
        this.#underWayBytes -= message.bytes;
        this.#pump();
        return true;
      default:
        return message satisfies never;
    }
  }

  lose(reason: string, error?: string): void {
    if (this.#isOver) return;
    this.#hear((handlers) => handlers.onLost(reason, error));
    this.#finish();
  }

  #hear(arrival: Arrival): void {
    if (this.#handlers) arrival(this.#handlers);
    else this.#early[this.#early.length] = arrival;
  }

  #put(message: Outgoing, sizeBytes: number): void {
    this.#waiting[this.#waiting.length] = { message, sizeBytes };
    this.#waitingBytes += sizeBytes;
    this.#pump();
  }

  #pump(): void {
    let sent = 0;
    while (sent < this.#waiting.length && this.#underWayBytes < STREAM_WINDOW_BYTES) {
      const { message, sizeBytes } = this.#waiting[sent++] as Queued;
      this.#waitingBytes -= sizeBytes;
      this.#underWayBytes += sizeBytes;
      this.#options.send(message);
    }
    if (sent === 0) return;
    const left: Queued[] = [];
    for (let i = sent; i < this.#waiting.length; i++) left[i - sent] = this.#waiting[i] as Queued;
    this.#waiting = left;
    this.#settle();
  }

  /** Over when both have closed and ours has left. */
  #settle(): void {
    if (this.#wasClosed && this.#hasClosed && this.#waiting.length === 0) this.#finish();
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#options.onOver();
  }
}

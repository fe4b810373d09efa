/**
 * The hibernatable sockets of one object, as its host keeps them: they stay while the object sleeps, and wake it.
 *
 * Promise: events are handed on in order, each until the instance says that its program has the socket's oldest: what an instance
 * that went to sleep was given too late goes to the next one. The automatic answer is given here, and wakes nobody. What the object
 * sends before the other end is taken up waits for that.
 *
 *     KEPT --closed by both, or lost: its close event is over--> gone        [obey `over`]
 *      \---not taken up in time, or the other end is gone-----> LOST --the same-->
 *
 * Knows neither links nor isolates.
 */
import type { Cause } from '../protocol/messages.ts';
import type { ConnectionId } from '../protocol/names.ts';
import type { SocketCounts } from '../protocol/socket-counts.ts';
import {
  ABNORMAL,
  type AutoResponse,
  type KeptConnection,
  type KeptSockets,
  NO_CLOSE_FRAME,
  NO_STATUS,
  type SocketData,
  type SocketDeed,
  type SocketEvent,
} from '../protocol/sockets.ts';
import { type ConnectionEnd, sizeOfData } from './connection.ts';

export interface KeeperOptions {
  /** by the program's clock, ms since 1970 */
  now(): number;
  /** Calls back after the time in which the other end of a new socket has to be taken up. */
  afterClaimTime(late: () => void): void;
  /** There is something for the object: it may have to be woken. */
  onEvent(): void;
  /** The automatic answer was given: the instance, if there is one, may want to know. */
  onAnswered(connection: ConnectionId, atMs: number): void;
}

interface Pending {
  readonly event: SocketEvent;
  /** the other end may send more */
  taken(): void;
}

export class Keeper {
  readonly #options: KeeperOptions;
  readonly #sockets = new Map<ConnectionId, Kept>();
  /** their close event is over, and still the instance may send */
  readonly #parting = new Set<Kept>();
  #autoResponse: AutoResponse | undefined;
  #eventTimeoutMs: number | undefined;
  #pending: Pending[] = [];
  /** how many of those this instance was given */
  #givenCount = 0;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /** Nothing is kept: the object's host need not stay its host. */
  get isEmpty(): boolean {
    return this.#sockets.size === 0;
  }

  get counts(): Pick<SocketCounts, 'kept' | 'unclaimed' | 'parting' | 'waiting'> {
    const unclaimed = [...this.#sockets.values()].filter(({ isJoined, isOver }) => !isJoined && !isOver).length;
    return {
      kept: this.#sockets.size - unclaimed,
      unclaimed,
      parting: this.#parting.size,
      waiting: this.#pending.length,
    };
  }

  /** There is an event that the instance was not given. */
  get hasNews(): boolean {
    return this.#pending.length > this.#givenCount;
  }

  has(connection: ConnectionId): boolean {
    return this.#sockets.has(connection);
  }

  /** What an instance that starts finds. */
  get kept(): KeptSockets {
    return {
      connections: [...this.#sockets.values()].map(({ kept }) => kept),
      autoResponse: this.#autoResponse,
      eventTimeoutMs: this.#eventTimeoutMs,
    };
  }

  /** Events that the instance was not given yet; they count as given from now on. */
  take(): SocketEvent[] {
    const given = this.#pending.slice(this.#givenCount).map(({ event }) => event);
    this.#givenCount = this.#pending.length;
    return given;
  }

  /** Whoever has the reference takes the socket up. False when there is nothing to take up. */
  open(connection: ConnectionId, end: ConnectionEnd): boolean {
    return this.#sockets.get(connection)?.join(end) ?? false;
  }

  /** The instance says something. */
  obey(deed: SocketDeed): void {
    switch (deed.o) {
      case 'accept':
        this.#accept(deed.kept);
        return;
      case 'send':
        this.#find(deed.connection)?.send(deed.data, deed.cause);
        return;
      case 'close':
        this.#find(deed.connection)?.close(deed.code, deed.reason, deed.cause);
        return;
      case 'attach': {
        const socket = this.#sockets.get(deed.connection);
        if (socket) socket.kept = { ...socket.kept, attachment: deed.attachment };
        return;
      }
      case 'auto':
        this.#autoResponse = deed.pair;
        return;
      case 'timeout':
        this.#eventTimeoutMs = deed.ms;
        return;
      case 'taken':
        this.#taken(deed.connection);
        return;
      case 'over':
        this.#over(deed.connection);
        return;
      default:
        deed satisfies never;
    }
  }

  /** The instance went to sleep in good order: what it was given and did not take is for the next one. */
  slept(): void {
    this.#givenCount = 0;
    this.#part();
  }

  /** Every socket breaks off. @param reason  what the other ends are told; may be empty */
  breakAll(reason: string): void {
    this.#pending = [];
    this.#givenCount = 0;
    this.#part();
    for (const socket of this.#sockets.values()) socket.abort(reason);
    this.#sockets.clear();
    this.#autoResponse = undefined;
    this.#eventTimeoutMs = undefined;
  }

  #accept(kept: KeptConnection): void {
    const { connection } = kept;
    const socket: Kept = new Kept(kept, {
      onMessage: (data, cause) => this.#onMessage(socket, data, cause),
      onClose: (close) => this.#push({ e: 'close', connection, ...close }),
      onError: (error) => this.#push({ e: 'error', connection, error }),
      onOver: () => this.#parting.delete(socket),
    });
    this.#sockets.set(connection, socket);
    this.#options.afterClaimTime(() => {
      if (!socket.isJoined) socket.lost('');
    });
  }

  #onMessage(socket: Kept, data: SocketData, cause: Cause | undefined): void {
    const auto = this.#autoResponse;
    if (auto && data === auto.request) {
      const atMs = this.#options.now();
      socket.kept = { ...socket.kept, answeredMs: atMs };
      socket.send(auto.response, cause);
      socket.taken(data);
      this.#options.onAnswered(socket.kept.connection, atMs);
      return;
    }
    const { connection } = socket.kept;
    this.#push({ e: 'message', connection, data, ...(cause && { cause }) }, () => socket.taken(data));
  }

  #push(event: SocketEvent, taken: () => void = () => {}): void {
    this.#pending.push({ event, taken });
    this.#options.onEvent();
  }

  /** What was broken off is gone by now. */
  #taken(connection: ConnectionId): void {
    for (let i = 0; i < this.#givenCount; i++) {
      const pending = this.#pending[i];
      if (pending?.event.connection !== connection) continue;
      this.#givenCount--;
      this.#pending.splice(i, 1);
      pending.taken();
      return;
    }
  }

  #find(connection: ConnectionId): Kept | undefined {
    const known = this.#sockets.get(connection);
    if (known) return known;
    for (const socket of this.#parting) if (socket.kept.connection === connection) return socket;
    return undefined;
  }

  #over(connection: ConnectionId): void {
    const socket = this.#sockets.get(connection);
    if (!socket) return;
    this.#sockets.delete(connection);
    if (!socket.isOver) this.#parting.add(socket);
  }

  #part(): void {
    for (const socket of this.#parting) socket.abort('');
    this.#parting.clear();
  }
}

interface KeptHandlers {
  onMessage(data: SocketData, cause: Cause | undefined): void;
  onClose(close: { code: number; reason: string; wasClean: boolean; cause?: Cause }): void;
  onError(error: string): void;
  /** nothing can be said or heard any more */
  onOver(): void;
}

/** One socket. */
class Kept {
  kept: KeptConnection;
  readonly #handlers: KeptHandlers;
  #end: ConnectionEnd | undefined;
  /** said before the other end was taken up */
  #early: ((end: ConnectionEnd) => void)[] = [];
  #hasClosed = false;
  #wasClosed = false;
  #isLost = false;

  constructor(kept: KeptConnection, handlers: KeptHandlers) {
    this.kept = kept;
    this.#handlers = handlers;
  }

  get isJoined(): boolean {
    return this.#end !== undefined;
  }

  get isOver(): boolean {
    return this.#isLost || (this.#hasClosed && this.#wasClosed);
  }

  join(end: ConnectionEnd): boolean {
    if (this.#end || this.#isLost) return false;
    this.#end = end;
    end.start({
      onMessage: (data, cause) => this.#handlers.onMessage(data, cause),
      onClose: (code, reason, cause) => {
        this.#wasClosed = true;
        this.#handlers.onClose({ code: code ?? NO_STATUS, reason, wasClean: true, ...(cause && { cause }) });
      },
      onLost: (reason, error) => this.lost(reason, error),
    });
    for (const say of this.#early.splice(0)) say(end);
    return true;
  }

  send(data: SocketData, cause: Cause | undefined): void {
    this.#say((end) => end.send(data, cause));
  }

  close(code: number | undefined, reason: string, cause: Cause | undefined): void {
    this.#hasClosed = true;
    this.#say((end) => end.close(code, reason, cause));
    if (this.isOver) this.#handlers.onOver();
  }

  taken(data: SocketData): void {
    this.#end?.taken(sizeOfData(data));
  }

  abort(reason: string): void {
    if (this.isOver) return;
    this.#isLost = true;
    this.#say((end) => end.abort(reason));
    this.#handlers.onOver();
  }

  /** The other end is gone. */
  lost(reason: string, error?: string): void {
    const isTold = !this.#isLost && !this.#wasClosed;
    this.#isLost = true;
    this.#handlers.onOver();
    if (!isTold) return;
    if (error !== undefined) this.#handlers.onError(error);
    else this.#handlers.onClose({ code: ABNORMAL, reason: reason === '' ? NO_CLOSE_FRAME : reason, wasClean: false });
  }

  #say(say: (end: ConnectionEnd) => void): void {
    if (this.#end) say(this.#end);
    else this.#early.push(say);
  }
}

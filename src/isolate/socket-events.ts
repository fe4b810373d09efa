/**
 * Delivers to an object's handlers what happens on its hibernatable WebSockets.
 *
 * Promise: each event is one delivery through the input gate, those of one socket in order and one at a time; handlers are not
 * waited for, so the next event begins as soon as the one before pauses at something that holds no gate. What a handler throws is
 * logged, and the socket stays. One that is closed is listed until the turn in which its handler began is over, however long the
 * handler goes on (seen).
 *
 * Knows nothing of links: the host hands events on, and hears when the program has them.
 */
import type { Timer } from '../base/clock.ts';
import { type HandlerName, instanceHandler } from '../base/instance-handlers.ts';
import { mapDelete, mapGet, mapSet, NativeMap, reflectApply } from '../base/primordials.ts';
import type { ConnectionId } from '../protocol/names.ts';
import type { SocketEvent } from '../protocol/sockets.ts';
import type { Hibernation } from '../sockets/hibernation.ts';
import { OneByOne } from '../sockets/one-by-one.ts';
import type { Socket } from '../sockets/socket.ts';
import type { Event } from './actor.ts';
import { bufferOf } from './web-socket-classes.ts';

export interface SocketEventsOptions {
  hibernation: Hibernation;
  /** what the program holds of a socket */
  objectOf(socket: Socket): object;
  deliver(event: Event, follows: 'keptMessage' | undefined): void;
  /** the number of the turn that runs now */
  turn: () => number | undefined;
  /** tells the host that the program has the socket's oldest event */
  taken(connection: ConnectionId): void;
  /** on the program's clock */
  after(delayMs: number, fire: () => void): Timer;
  /** what a handler gave as a promise */
  promiseOf(given: unknown): Promise<unknown>;
  onUncaught(error: unknown): void;
  /** a handler takes longer than it may */
  onTooLong(error: Error): void;
  onSettled(): void;
}

const TOO_LONG = 'Actor exceeded event execution time and was disconnected.';

export class SocketEvents {
  readonly #options: SocketEventsOptions;
  /** whose close event is being handled in this turn */
  #parting: ConnectionId[] = [];
  /** of sockets that have had an event */
  readonly #arriving = new NativeMap<ConnectionId, OneByOne<SocketEvent>>();

  constructor(options: SocketEventsOptions) {
    this.#options = options;
  }

  give(event: SocketEvent): void {
    const { connection } = event;
    let arriving = mapGet(this.#arriving, connection);
    if (!arriving) {
      arriving = this.#inTurns(connection);
      mapSet(this.#arriving, connection, arriving);
    }
    arriving.add(event);
  }

  #inTurns(connection: ConnectionId): OneByOne<SocketEvent> {
    return new OneByOne<SocketEvent>({
      turn: this.#options.turn,
      deliver: (event, begun, isNext) => {
        const { e: name, cause } = event;
        const run = (instance: object) => {
          const handled = this.#run(event, instance);
          begun();
          return handled;
        };
        // When it fails the object was reset, and its host breaks every socket off.
        const delivery = {
          arrived: { what: 'socket', name, cause },
          run,
          fail: () => void mapDelete(this.#arriving, connection),
        } as const;
        this.#options.deliver(delivery, isNext ? 'keptMessage' : undefined);
      },
    });
  }

  turnEnded(): void {
    const parting = this.#parting;
    if (parting.length === 0) return;
    this.#parting = [];
    for (let i = 0; i < parting.length; i++) {
      const connection = parting[i] as ConnectionId;
      mapDelete(this.#arriving, connection);
      this.#options.hibernation.over(connection);
    }
  }

  async #run(event: SocketEvent, instance: object): Promise<void> {
    const { hibernation, taken, objectOf, promiseOf, onUncaught, onSettled } = this.#options;
    taken(event.connection);
    const socket = hibernation.find(event.connection);
    if (!socket) return;
    if (event.e !== 'message') this.#parting[this.#parting.length] = event.connection;
    const timer = this.#limit();
    try {
      switch (event.e) {
        case 'message': {
          const data = typeof event.data === 'string' ? event.data : bufferOf(event.data);
          await promiseOf(call(instance, 'webSocketMessage', [objectOf(socket), data]));
          break;
        }
        case 'close': {
          const { code, reason, wasClean } = event;
          socket.keptClosed();
          await promiseOf(call(instance, 'webSocketClose', [objectOf(socket), code, reason, wasClean]));
          break;
        }
        case 'error':
          socket.keptClosed();
          await promiseOf(call(instance, 'webSocketError', [objectOf(socket), new Error(event.error)]));
          break;
        default:
          event satisfies never;
      }
    } catch (error) {
      onUncaught(error);
    } finally {
      timer?.cancel();
      onSettled();
    }
  }

  #limit(): Timer | undefined {
    const { hibernation, after, onTooLong } = this.#options;
    const { eventTimeoutMs } = hibernation;
    return eventTimeoutMs === undefined ? undefined : after(eventTimeoutMs, () => onTooLong(new Error(TOO_LONG)));
  }
}

/** A handler that is not there is not missed. */
function call(instance: object, name: HandlerName, args: readonly unknown[]): unknown {
  const handler = instanceHandler(instance, name);
  return typeof handler === 'function' ? reflectApply(handler, instance, args) : undefined;
}

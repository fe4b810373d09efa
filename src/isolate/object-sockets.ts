/**
 * The hibernatable WebSockets of the object that this isolate is: what `ctx` says of them, and what its handlers are told.
 *
 * Promise: they are as the instance before left them when the constructor runs. Knows nothing of how the host keeps them.
 */
import type { Timer } from '../base/clock.ts';
import type { ConnectionId, ObjectAddress } from '../protocol/names.ts';
import type { KeptSockets, SocketDeed, SocketEvent } from '../protocol/sockets.ts';
import type { Hibernation } from '../sockets/hibernation.ts';
import type { Event } from './actor.ts';
import { SocketApi } from './socket-api.ts';
import { SocketDeeds } from './socket-deeds.ts';
import { SocketEvents } from './socket-events.ts';
import type { IsolateSockets } from './sockets.ts';

export interface ObjectSocketsOptions {
  sockets: Pick<IsolateSockets, 'classes' | 'hibernatable'>;
  /** whose they are */
  object: ObjectAddress | undefined;
  /** what the instance before left */
  kept: KeptSockets | undefined;
  /** tells the host */
  say(deeds: readonly SocketDeed[]): void;
  /** True when more deliveries wait: then `go` is called once they are through. */
  afterBurst(go: () => void): boolean;
  /** the host was told all */
  onTold(): void;
  deliver(event: Event, follows: 'keptMessage' | undefined): void;
  /** the number of the turn that runs now */
  turn: () => number | undefined;
  after(delayMs: number, fire: () => void): Timer;
  promiseOf(given: unknown): Promise<unknown>;
  onUncaught(error: unknown): void;
  onTooLong(error: Error): void;
  onSettled(): void;
}

export class ObjectSockets {
  readonly api: SocketApi;
  readonly #hibernation: Hibernation;
  readonly #events: SocketEvents;
  readonly #deeds: SocketDeeds;

  constructor({ sockets, object, kept, say, afterBurst, onTold, ...rest }: ObjectSocketsOptions) {
    const deeds = new SocketDeeds({ post: say, afterBurst, onEmpty: onTold });
    this.#deeds = deeds;
    this.#hibernation = sockets.hibernatable(object, (deed) => deeds.say(deed));
    if (kept) this.#hibernation.restore(kept);
    this.api = new SocketApi(this.#hibernation, sockets.classes);
    this.#events = new SocketEvents({
      ...rest,
      hibernation: this.#hibernation,
      objectOf: (socket) => sockets.classes.objectOf(socket),
      taken: (connection) => deeds.say({ o: 'taken', connection }),
    });
  }

  /** The host was told all that was said. */
  get isTold(): boolean {
    return this.#deeds.isEmpty;
  }

  give(events: readonly SocketEvent[]): void {
    for (let i = 0; i < events.length; i++) this.#events.give(events[i] as SocketEvent);
  }

  turnEnded(): void {
    this.#events.turnEnded();
    this.#deeds.turnEnded();
  }

  /** The instance ends: what has left is told. */
  flush(): void {
    this.#deeds.flush();
  }

  /** The host gave the automatic answer. */
  answered(connection: ConnectionId, atMs: number): void {
    this.#hibernation.answered(connection, atMs);
  }
}

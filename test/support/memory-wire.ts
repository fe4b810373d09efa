/**
 * Two wires that are joined in memory, for tests.
 *
 * Promise: behaves as a MessagePort does (structured clone, order, what comes early is kept), but delivers only when
 * the test says so: one message of a side chosen by the test, or everything until nothing moves.
 */
import type { Packed } from '../../src/network/packets.ts';
import type { Wire, WireHandler } from '../../src/network/wire.ts';

type Side = 0 | 1;

export interface MemoryWires<Message = Packed> {
  readonly wires: readonly [Wire<Message>, Wire<Message>];
  /** messages on their way from this side */
  inFlight(from: Side): number;
  /** Delivers the oldest message that `from` posted; false when there is none or the other end has not started. */
  deliver(from: Side): boolean;
  /** Delivers in turn, letting promises go on, until nothing moves. */
  settle(): Promise<void>;
  /** Sees each message as it is posted. */
  onPost: ((message: Message, from: Side) => void) | undefined;
  /** Puts a message on the wire as if `from` had posted it. */
  inject(from: Side, message: unknown): void;
  /** The wire is gone: both ends hear of it. */
  lose(): void;
}

/** A place among the messages: whoever asked for it hears that all before it have come. */
class Heard {
  readonly go: () => void;

  constructor(go: () => void) {
    this.go = go;
  }
}

/** Lets every promise go on that can. */
export async function microtasks(): Promise<void> {
  for (let i = 0; i < 50; i++) await undefined;
}

export function memoryWires<Message = Packed>(): MemoryWires<Message> {
  const queues: [unknown[], unknown[]] = [[], []];
  const handlers: [WireHandler | undefined, WireHandler | undefined] = [undefined, undefined];
  const isClosed: [boolean, boolean] = [false, false];
  const make = (side: Side): Wire<Message> => ({
    transfers: true,
    post(message, transfer = []) {
      if (isClosed[side]) return;
      self.onPost?.(message, side);
      queues[side].push(structuredClone(message, { transfer: transfer as never }));
    },
    start(handler) {
      if (handlers[side]) throw new Error('started twice');
      handlers[side] = handler;
    },
    close() {
      isClosed[side] = true;
    },
    whenHeard(go) {
      queues[side === 0 ? 1 : 0].push(new Heard(go));
    },
  });
  const self: MemoryWires<Message> = {
    wires: [make(0), make(1)],
    onPost: undefined,
    inFlight: (from) => queues[from].length,
    deliver(from) {
      const to = from === 0 ? 1 : 0;
      const handler = handlers[to];
      if (!handler || queues[from].length === 0) return false;
      const message = queues[from].shift();
      if (message instanceof Heard) message.go();
      else if (!isClosed[to]) handler.onMessage(message);
      return true;
    },
    async settle() {
      for (;;) {
        await microtasks();
        const moved = [self.deliver(0), self.deliver(1)];
        if (!moved.includes(true)) return;
      }
    },
    inject: (from, message) => {
      queues[from].push(message);
    },
    lose() {
      for (const handler of handlers) handler?.onLost();
    },
  };
  return self;
}

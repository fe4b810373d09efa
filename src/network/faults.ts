/**
 * Misfortune on purpose: a wire around a wire that behaves as TCP would show trouble on the way.
 *
 * Promise: what arrives, arrives whole and in order. Latency delays, a partition holds back until it is healed, a cut
 * ends the link at both ends; nothing is ever lost or swapped silently. Without a fault a message passes straight
 * through. Each end delays what it posts itself, so both ends need the same settings.
 *
 * Knows nothing of links: it sees messages and two machines.
 */
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { MachineId } from '../protocol/names.ts';
import type { Wire, WireHandler } from './wire.ts';

export interface Latency {
  readonly latencyMs: number;
  /** each message takes up to this much longer, and never overtakes the one before it */
  readonly jitterMs: number;
}

export interface FaultsOptions {
  readonly clock: Clock;
  readonly random: Random;
}

const NONE: Latency = { latencyMs: 0, jitterMs: 0 };

/** The weather between machines, for every wire that was put into it. */
export class Faults {
  readonly #options: FaultsOptions;
  readonly #wires = new Set<FaultyWire<unknown>>();
  readonly #partitions = new Set<string>();
  #latency = NONE;

  constructor(options: FaultsOptions) {
    this.#options = options;
  }

  get latency(): Latency {
    return this.#latency;
  }

  set latency(latency: Latency) {
    this.#latency = latency;
  }

  wrap<Message>(wire: Wire<Message>, from: MachineId, to: MachineId): Wire<Message> {
    const faulty = new FaultyWire<Message>({
      wire,
      ...this.#options,
      latency: () => this.#latency,
      isHeld: () => this.isPartitioned(from, to),
      isBetween: (a, b) => (a === from && b === to) || (a === to && b === from),
      onClose: () => this.#wires.delete(faulty as FaultyWire<unknown>),
    });
    this.#wires.add(faulty as FaultyWire<unknown>);
    return faulty;
  }

  isPartitioned(a: MachineId, b: MachineId): boolean {
    return this.#partitions.has(pair(a, b));
  }

  /** From now on nothing passes between the two, in either direction. */
  partition(a: MachineId, b: MachineId): void {
    this.#partitions.add(pair(a, b));
  }

  /** What was held back arrives now, in order. */
  heal(a: MachineId, b: MachineId): void {
    this.#partitions.delete(pair(a, b));
    for (const wire of [...this.#wires]) if (wire.isBetween(a, b)) wire.pump();
  }

  /** Ends every link between the two as a broken connection does: what is on its way is gone, and both ends know. */
  cut(a: MachineId, b: MachineId): void {
    for (const wire of [...this.#wires]) if (wire.isBetween(a, b)) wire.cut();
  }
}

const pair = (a: MachineId, b: MachineId): string => JSON.stringify([a, b].sort());

interface FaultyWireOptions<Message> extends FaultsOptions {
  readonly wire: Wire<Message>;
  latency(): Latency;
  isHeld(): boolean;
  isBetween(a: MachineId, b: MachineId): boolean;
  onClose(): void;
}

class FaultyWire<Message> implements Wire<Message> {
  readonly #options: FaultyWireOptions<Message>;
  /** on their way, in order */
  #queue: { message: Message; transfer: Transferable[] | undefined; dueMs: number }[] = [];
  #handler: WireHandler | undefined;
  #isTimed = false;
  #isClosing = false;

  constructor(options: FaultyWireOptions<Message>) {
    this.#options = options;
  }

  isBetween(a: MachineId, b: MachineId): boolean {
    return this.#options.isBetween(a, b);
  }

  post(message: Message, transfer?: Transferable[]): void {
    if (this.#isClosing) return;
    const { clock, random, wire } = this.#options;
    const { latencyMs, jitterMs } = this.#options.latency();
    const delayMs = latencyMs + jitterMs * random.unit();
    if (delayMs === 0 && this.#queue.length === 0 && !this.#options.isHeld()) {
      wire.post(message, transfer);
      return;
    }
    this.#queue.push({ message, transfer, dueMs: clock.now() + delayMs });
    this.pump();
  }

  start(handler: WireHandler): void {
    this.#handler = handler;
    this.#options.wire.start(handler);
  }

  /** What was posted before still arrives, when its time has come. */
  close(): void {
    this.#isClosing = true;
    this.pump();
  }

  /** Posts what is due; who is not keeps those behind it waiting. */
  pump(): void {
    const { clock, wire, isHeld } = this.#options;
    while (!isHeld()) {
      const next = this.#queue[0];
      if (!next) break;
      const waitMs = next.dueMs - clock.now();
      if (waitMs > 0) {
        this.#wake(waitMs);
        return;
      }
      this.#queue.shift();
      this.#postNow(next.message, next.transfer);
    }
    if (this.#isClosing && this.#queue.length === 0) {
      wire.close();
      this.#options.onClose();
    }
  }

  cut(): void {
    this.#queue = [];
    this.#handler?.onLost();
  }

  #wake(waitMs: number): void {
    if (this.#isTimed) return;
    this.#isTimed = true;
    this.#options.clock.after(waitMs, () => {
      this.#isTimed = false;
      this.pump();
    });
  }

  /** The poster is long gone on: a message that cannot be cloned ends the wire instead of its call. */
  #postNow(message: Message, transfer: Transferable[] | undefined): void {
    try {
      this.#options.wire.post(message, transfer);
    } catch (error) {
      this.cut();
      throw error;
    }
  }
}

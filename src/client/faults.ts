/**
 * Misfortune on purpose, as a page orders it: `sim.faults`.
 *
 * Promise: a fault holds when its promise has resolved: of storage for the objects of this machine, of the network for all of the
 * account, and for what starts later. The network behaves as TCP shows trouble: what arrives, arrives whole and in order;
 * a connection that breaks is noticed at both ends. Each order is an event of the trace.
 */
import { type Delay, NO_DELAY } from '../base/delay-line.ts';
import { SimulatorError } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import { randomName } from '../base/random.ts';
import type { HostControl } from '../protocol/control.ts';
import type { FaultDirection, FaultOrder, FaultPlace, NetworkFault, Weather } from '../protocol/faults.ts';
import type { MachineId } from '../protocol/names.ts';
import type { TraceDetail } from '../protocol/trace.ts';
import type { Tracer } from '../protocol/tracer.ts';
import { addressOfReference, referenceOf } from './references.ts';
import type { SocketFaults } from './socket-faults.ts';

export interface StorageFault {
  /** how much later a commit counts as durable, ms of the program's time; 0 is none */
  readonly latencyMs: number;
  /** a stub of this simulator, or the key of an object it listed; left out: every object, but those that have their own */
  readonly object?: object;
}

/** Where the network is bad: one of these, or everywhere between any two threads and machines. */
export interface FaultWhere {
  /** a stub of this simulator, or the key of an object it listed: all its calls, bodies and WebSockets */
  readonly object?: object;
  /** the objects of a class */
  readonly className?: string;
  /** between pages and the cloud */
  readonly clients?: true;
  /** between a machine and all others */
  readonly machine?: string;
  /** one WebSocket of this page; the same as seen from the page */
  readonly socket?: WebSocket;
}

export interface LastingFault extends FaultWhere {
  /** as seen from the place; default 'both' */
  readonly direction?: FaultDirection;
}

export interface NetworkLatency extends LastingFault {
  /** what passes takes so long in each direction, ms of the program's time */
  readonly latencyMs: number;
  /** and up to so much longer, but never overtakes what went before; default 0 */
  readonly jitterMs?: number;
  /** of the chance in `jitterMs`: the same gives the same; default: another one each time */
  readonly seed?: number;
}

export interface NetworkBandwidth extends LastingFault {
  /**
   * of what passes in each direction, by the program's clock: texts, bodies and serialised values. Each connection has so much for
   * itself, and each WebSocket of an object or a class.
   */
  readonly bytesPerSecond: number;
}

/** A fault that lasts until it is lifted, or all are cleared. */
export interface Fault {
  /** What it held back passes now, in order; what is under way already keeps the latency that it set out with. */
  lift(): Promise<void>;
}

export interface FaultsParts {
  readonly control: Pick<HostControl, 'slowStorage' | 'fault'>;
  readonly sockets: SocketFaults;
  readonly random: Random;
  readonly tracer: Tracer;
  /** this page goes by them */
  feel(weather: Weather): void;
}

type Where = { readonly place: FaultPlace; readonly text: string } | { readonly socket: WebSocket };

export class Faults {
  readonly #parts: FaultsParts;

  constructor(parts: FaultsParts) {
    this.#parts = parts;
  }

  /**
   * Makes storage slow, so that gates are seen to close: what an object sends after a write leaves when that is durable, and
   * `sync()` waits. Reads do not wait: with SQLite they are done when they are called.
   *
   * @throws SimulatorError `config_invalid` for a latency that is none
   */
  async storage({ latencyMs, object }: StorageFault): Promise<void> {
    assertMs('latencyMs', latencyMs);
    this.#note('storage', object ? nameOf(object) : 'everywhere');
    await this.#parts.control.slowStorage(latencyMs, object && addressOfReference(object));
  }

  /**
   * Makes the way there long: calls, bodies and WebSockets take `latencyMs` longer in each direction. Several faults of one place
   * add up.
   *
   * @throws SimulatorError `config_invalid` for a latency that is none, or a place that is not one
   */
  async latency({ latencyMs, jitterMs = 0, seed, ...where }: NetworkLatency): Promise<Fault> {
    assertMs('latencyMs', latencyMs);
    assertMs('jitterMs', jitterMs);
    return this.#set('latency', where, { ...NO_DELAY, latencyMs, jitterMs }, seed);
  }

  /**
   * Makes the way there narrow: of what is sent no more than `bytesPerSecond` gets through in each direction, one after the other,
   * and each message arrives with its last byte. A WebSocket's `bufferedAmount` grows once the way there is full. Of several faults of one
   * place the narrowest holds; latency comes on top.
   *
   * @throws SimulatorError `config_invalid` for what is no bandwidth, or a place that is not one
   */
  async bandwidth({ bytesPerSecond, ...where }: NetworkBandwidth): Promise<Fault> {
    if (!Number.isFinite(bytesPerSecond) || bytesPerSecond <= 0) {
      throw new SimulatorError(
        'config_invalid',
        `bytesPerSecond is ${bytesPerSecond}: give more than 0, or \`stall\` the network.`,
      );
    }
    return this.#set('bandwidth', where, { ...NO_DELAY, bytesPerSecond });
  }

  /**
   * Nothing gets through until the fault is lifted, and nobody is told: calls wait, and what is sent is kept and comes in order
   * then. A WebSocket's `bufferedAmount` grows once the way there is full.
   *
   * @throws SimulatorError `config_invalid` for a place that is not one
   */
  async stall(where: LastingFault = {}): Promise<Fault> {
    return this.#set('stall', where, { ...NO_DELAY, isStalled: true });
  }

  /**
   * Nothing gets through between two machines, or between one and all others, in either direction. Each goes on by itself:
   * calls within a machine work, calls to the other side wait until the fault is lifted.
   *
   * @param machine  as `sim.machine` of that side says
   */
  partition(machine: string, other?: string): Promise<Fault> {
    const place = {
      p: 'machine',
      machine: machine as MachineId,
      ...(other ? { other: other as MachineId } : {}),
    } as const;
    const text = `machine ${machine}${other ? ` and ${other}` : ''}`;
    return this.#order({ place, text }, 'stall', { ...NO_DELAY, isStalled: true, direction: 'both' });
  }

  /**
   * Breaks what is connected there now, once: what is on its way is gone, calls without an answer fail with `Network connection
   * lost.` (`retryable`), WebSockets close with 1006 at both ends. Whoever connects anew gets through.
   *
   * @throws SimulatorError `config_invalid` for a place that is not one
   */
  async cut(where: FaultWhere = {}): Promise<void> {
    const at = readWhere(where);
    if ('socket' in at) {
      this.#parts.sockets.cut(at.socket);
      this.#note('cut', 'a WebSocket of the page');
      return;
    }
    this.#note('cut', at.text);
    await this.#obey({ o: 'cut', place: at.place });
  }

  /** Ends every fault of the account, whoever ordered it; slow storage too. */
  async clear(): Promise<void> {
    this.#note('clear', 'everywhere');
    this.#parts.sockets.clear();
    await this.#obey({ o: 'clear' });
  }

  async #set(
    fault: 'latency' | 'bandwidth' | 'stall',
    { direction, ...where }: LastingFault,
    delay: Delay,
    seed?: number,
  ): Promise<Fault> {
    const at = readWhere(where);
    if (direction && 'place' in at && at.place.p === 'everywhere') {
      throw new SimulatorError(
        'config_invalid',
        'A direction is one of a place: say of which object, class, machine or socket.',
      );
    }
    return this.#order(at, fault, { ...delay, direction: direction ?? 'both' }, seed);
  }

  async #order(
    at: Where,
    kind: 'latency' | 'bandwidth' | 'stall',
    what: Omit<NetworkFault, 'id' | 'place' | 'seed'>,
    seed?: number,
  ): Promise<Fault> {
    const { random, sockets } = this.#parts;
    const id = randomName(random);
    const chance = { id, seed: seed ?? Math.floor(random.unit() * 2 ** 32) };
    if ('socket' in at) {
      sockets.set(at.socket, { ...what, ...chance, place: { p: 'clients' } });
      this.#note(kind, 'a WebSocket of the page');
      return { lift: async () => sockets.lift(id) };
    }
    const { place, text } = at;
    this.#note(kind, text);
    await this.#obey({ o: 'set', fault: { ...what, ...chance, place } });
    return {
      lift: async () => {
        this.#note('lift', text);
        await this.#obey({ o: 'lift', id });
      },
    };
  }

  /** The answer, and what the host told this page meanwhile, come by different ways. */
  async #obey(order: FaultOrder): Promise<void> {
    const faults = await this.#parts.control.fault(order);
    this.#parts.feel({ faults });
  }

  #note(fault: (TraceDetail & { kind: 'fault' })['fault'], place: string): void {
    this.#parts.tracer.note({ kind: 'fault', fault, place });
  }
}

/** @throws SimulatorError `config_invalid` */
function readWhere(where: FaultWhere): Where {
  const { object, className, clients, machine, socket } = where;
  const given = [object, className, clients, machine, socket].filter((one) => one !== undefined);
  if (given.length > 1) {
    throw new SimulatorError(
      'config_invalid',
      'Give one place: an object, a class, a machine, the clients or a socket.',
    );
  }
  if (object) return { place: { p: 'object', object: addressOfReference(object) }, text: nameOf(object) };
  if (className !== undefined) return { place: { p: 'class', className }, text: `class ${className}` };
  if (clients) return { place: { p: 'clients' }, text: 'clients' };
  if (machine !== undefined) {
    return { place: { p: 'machine', machine: machine as MachineId }, text: `machine ${machine}` };
  }
  return socket ? { socket } : { place: { p: 'everywhere' }, text: 'everywhere' };
}

function nameOf(object: object): string {
  const { namespace, id, name } = referenceOf(object);
  return `${namespace} ${name ?? id.slice(0, 8)}`;
}

/** @throws SimulatorError `config_invalid` */
function assertMs(name: string, ms: number): void {
  if (Number.isFinite(ms) && ms >= 0) return;
  throw new SimulatorError('config_invalid', `${name} is ${ms}: give milliseconds, 0 for none.`);
}

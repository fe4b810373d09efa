/**
 * What happened, as an account tells it: one event for each delivery, question, answer, gate, commit, timer and step of a life.
 *
 * Promise: plain structured-cloneable data. An event names its cause, if something in the account caused it; causes lead
 * across threads and machines. Knows no user value: names of methods and sizes, never arguments.
 */
import type { Cause } from './messages.ts';
import type { EndpointId, MachineId } from './names.ts';

export type LogLevel = 'debug' | 'log' | 'info' | 'warn' | 'error';

/** Who has events. An object has a new actor for each of its instances; they share a lane. */
export interface TraceActor {
  readonly id: EndpointId;
  readonly kind: 'client' | 'worker' | 'object';
  /** what stays while instances come and go; questions name it as the one they are for */
  readonly lane: string;
  /** for people: `Class:name`, a script's name */
  readonly label: string;
  readonly machine: MachineId;
}

/** What arrives through the input gate. */
export interface Arrived {
  readonly what: 'call' | 'get' | 'fetch' | 'answer' | 'timer' | 'alarm' | 'edit' | 'socket';
  /** the method's name, or what was armed; may be empty */
  readonly name: string;
  readonly cause: Cause | undefined;
}

export type TraceDetail =
  /** it would have been delivered, had the input gate been open */
  | { readonly kind: 'wait'; readonly what: Arrived['what']; readonly name: string }
  /** code of the program begins to run; it had waited so long, real ms */
  | { readonly kind: 'deliver'; readonly what: Arrived['what']; readonly name: string; readonly waitedMs: number }
  /** `to` is a lane */
  | { readonly kind: 'ask'; readonly what: 'call' | 'get' | 'fetch'; readonly name: string; readonly to: string }
  | { readonly kind: 'answer'; readonly what: 'value' | 'response' | 'error'; readonly name: string }
  | {
      readonly kind: 'gate';
      readonly gate: 'input' | 'output';
      readonly state: 'closed' | 'open';
      /** what closed it: `blockConcurrencyWhile`, `transaction`, `commit` */
      readonly reason: string;
    }
  /** what the turns until here wrote is on its way to the disk; and it is there */
  | { readonly kind: 'commit'; readonly state: 'began'; readonly pages: number }
  | {
      readonly kind: 'commit';
      readonly state: 'durable';
      /** the state that it made, as `at` of `sim.inspect` takes it */
      readonly moment: number;
    }
  /** something leaves on a WebSocket */
  | { readonly kind: 'socket'; readonly what: 'message' | 'close' }
  | { readonly kind: 'timer'; readonly name: string; readonly delayMs: number }
  | { readonly kind: 'life'; readonly step: 'start' | 'construct' | 'sleep' | 'reset'; readonly reason: string }
  /** somebody made the network or the storage worse, or better, at that place; or: a connection of this actor's was cut */
  | {
      readonly kind: 'fault';
      readonly fault: 'latency' | 'bandwidth' | 'stall' | 'cut' | 'storage' | 'lift' | 'clear';
      readonly place: string;
    }
  | { readonly kind: 'log'; readonly level: LogLevel; readonly text: string };

/** What happened, to whom, when and why. */
export type TraceEvent = TraceDetail & {
  readonly actor: TraceActor;
  /** counts the events of its actor, from 1 */
  readonly number: number;
  /** greater than that of every event that it can know of */
  readonly lamport: number;
  /** the program's time, ms since 1970 */
  readonly atMs: number;
  /** the machine's, with fractions */
  readonly realMs: number;
  readonly cause: Pick<Cause, 'actor' | 'number'> | undefined;
};

/** The order in which a trace is told: by the program's time, then by what can have caused what. */
export function compareEvents(a: TraceEvent, b: TraceEvent): number {
  return (
    a.atMs - b.atMs ||
    a.lamport - b.lamport ||
    (a.actor.id < b.actor.id ? -1 : a.actor.id > b.actor.id ? 1 : a.number - b.number)
  );
}

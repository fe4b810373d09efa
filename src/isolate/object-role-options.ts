/** What an object is told at its birth, and whom it tells what becomes of it: the thread that it is in. */
import type { Schedule } from '../base/schedule.ts';
import type { Plan } from '../protocol/control.ts';
import type { WireError } from '../protocol/link.ts';
import type { SocketDeed } from '../protocol/sockets.ts';
import type { Tracer } from '../protocol/tracer.ts';
import type { Runtime } from './runtime.ts';

export interface ObjectRoleOptions {
  plan: Plan;
  schedule: Schedule;
  tracer: Tracer;
  /** tells the host that the instance is finished */
  onReset(message: string, error: WireError): void;
  /** the instance has had nothing to do for the whole idle time */
  onIdle(): void;
  /** the object may be at rest, and its engine not needed */
  onRest(): void;
  /** asks for an engine again, because something waits to be delivered */
  wantEngine(): void;
  /** the same for code that cannot wait: `useEngine` was called when it returns */
  takeEngine(): void;
  /** what is done with hibernatable sockets: the host keeps them */
  saySockets(deeds: readonly SocketDeed[]): void;
  /** ends this thread; throws when the host listens no more */
  halt(): never;
}

/** What an object needs of its realm; the isolate's Runtime has it all. */
export type ObjectRealm = Pick<
  Runtime,
  | 'after'
  | 'bindings'
  | 'channels'
  | 'codecs'
  | 'compatibility'
  | 'env'
  | 'linkSetting'
  | 'log'
  | 'makeMember'
  | 'networkWaits'
  | 'promiseOf'
  | 'props'
  | 'timers'
  | 'values'
> & {
  readonly sockets: Pick<Runtime['sockets'], 'beside' | 'classes' | 'count' | 'hibernatable' | 'ownCount'>;
  readonly random: Runtime['random'];
  readonly virtualClock: Pick<Runtime['virtualClock'], 'now'>;
  readonly connector: Pick<Runtime['connector'], 'close' | 'isHolding'>;
  readonly stillness: Pick<Runtime['stillness'], 'touch'>;
};

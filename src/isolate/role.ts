/**
 * What a thread's role decides for its runtime: an object, a Worker, and each of several instances that share a thread.
 *
 * Knows nothing of what a runtime is made of.
 */
import type { LinkEnd } from '../protocol/link.ts';
import type { Epoch } from '../protocol/names.ts';
import type { ObjectChannels } from '../rpc/object-channels.ts';
import type { RpcCodecs, RpcContext } from '../rpc/session.ts';
import type { SocketContext } from '../sockets/socket-context.ts';
import type { ScriptBindings } from './bindings.ts';
import type { Timers } from './timers.ts';

/** One of several instances that share a thread: what is its own of that which code reaches by itself. */
export interface Member {
  readonly context: RpcContext;
  readonly codecs: RpcCodecs;
  readonly channels: ObjectChannels;
  readonly bindings: ScriptBindings;
  readonly env: Readonly<Record<string, unknown>>;
  readonly timers: Timers;
  readonly socketGates: Pick<SocketContext, 'leave' | 'capture' | 'turn'>;
  waitUntil(promise: unknown): void;
}

/** What a role decides for the runtime. */
export interface Role {
  readonly context: RpcContext;
  /** the epoch that links must name */
  epoch(): Epoch | undefined;
  onLink(link: LinkEnd): void;
  waitUntil(promise: unknown): void;
  onQuiet(): void;
  /** the program began something that goes on beside its events */
  ioBegan?(): void;
  /** the program opened a WebSocket to somebody else */
  socketOpened?(): void;
  /** For a stub that is made now: tells from then on whether the request that made it is over. Absent: there are none. */
  bindToRequest?(): () => boolean;
  /** The request that runs now is not over until this is called. Absent: there are none. */
  holdRequest?(): () => void;
  /** Nothing of it runs, is being stored or waits to leave. What waits for a timer or for somebody's answer is still. */
  isStill(): boolean;
  /** The gates as sockets pass them. */
  readonly socketGates: Member['socketGates'];
  /** The facet whose code runs; undefined: the isolate's own does. Absent: there is nobody else. */
  facet?(): Member | undefined;
  /** The program ends its instance, with what its callers hear. Absent: there is none that could be ended. */
  exit?(error: Error): never;
  /** True when more events wait: then `go` is called after them. Absent: they never do. */
  afterBurst?(go: () => void): boolean;
}

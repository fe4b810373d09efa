/**
 * The gates as RPC sees them: when something may leave, when something may arrive.
 *
 * Promise: RPC posts nothing and delivers nothing but through these. Knows no gate: the realm is behind it.
 */
import type { Arrived } from '../protocol/trace.ts';
import type { Tracer } from '../protocol/tracer.ts';

/** Keeps an event going that gave something away; what it gives lets go, and is called once. */
export type Keep = () => () => void;

/** What RPC needs of the realm's gates. A page passes everything through. */
export interface RpcContext {
  /** Something leaves: waits for the output gate, in order with everything else that leaves. */
  leave(post: () => void): void;
  /** Nothing leaves any more, and the reason is told instead. Absent: never. */
  isBroken?(): boolean;
  /** Taken when a question is asked; what it returns delivers the answer through the input gate of the asker. */
  capture(): (deliver: () => void, arrived?: Arrived) => void;
  /** Something of somebody else's arrives, begun by no code of ours: an event like any other. */
  arrive(run: () => void, arrived?: Arrived): void;
  /** What is made or received now belongs to the request that is under way; `over` is called when that is over. Absent: never. */
  adopt?(over: () => void): void;
  /** What a disposer threw: nobody waits for it. */
  report?(error: unknown): void;
  /**
   * Goes on once the current turn is over, in the order of the calls. workerd yields to its event loop before it posts
   * an RPC call, and not before a fetch: in one turn all fetches leave first (workerd: api/worker-rpc.c++, seen).
   */
  afterTurn(go: () => void): void;
  /** where questions and answers are written down */
  readonly tracer?: Tracer;
}

/**
 * What every instance has around it, an object's as a facet's: what it is delivered, what leaves it, and its life between.
 *
 * Promise: a turn that ends is committed before anything else happens, and what left in it goes once that is durable; what the
 * program is told of arrives through the input gate, inside the critical section that began it; a critical section that fails, or a
 * commit, ends the instance, once.
 *
 *     ARRIVAL --io--> TURN of the actor's instance --outbox--> output gate --durable--> LEFT
 *
 * Knows nothing of where the instance's storage is, of who calls it, or of who hears of its end: that is given.
 */
import { makeAfterTurn, type Schedule } from '../base/schedule.ts';
import { OutputGate } from '../gates/output-gate.ts';
import type { Limits } from '../protocol/limits.ts';
import type { Tracer } from '../protocol/tracer.ts';
import type { RpcContext } from '../rpc/session.ts';
import type { Committer } from '../storage/committer.ts';
import { Actor, type ActorOptions } from './actor.ts';
import { IoContext, type IoContextOptions } from './io-context.ts';
import { Outbox } from './outbox.ts';
import type { Role, Runtime } from './runtime.ts';
import { WaitUntil } from './wait-until.ts';

type Told = Pick<ActorOptions, 'construct' | 'isTold' | 'onReset' | 'onQuiet'>;

export interface InstanceGatesOptions extends Told, Pick<IoContextOptions, 'onTurn' | 'after' | 'onBroken'> {
  schedule: Schedule;
  tracer: Tracer;
  limits: Pick<Limits, 'sectionDepth' | 'sectionMs'>;
  /** of its storage; undefined until that is open */
  committer(): Committer | undefined;
  /** the turn is committed, and what left in it waits for that: what else is to be said now */
  onTurnEnded?(): void;
  /** the output gate closed, or opened again */
  onTurned?(isOpen: boolean): void;
  /** what was to leave waits for a commit that failed */
  onCommitFailed(error: unknown): void;
  /** it ends: drops what waits to leave, as `Actor` says, and whatever else must not go on */
  onBreaking(atOnce: boolean): void;
  /** its links are not listened to any more */
  isOver(): boolean;
  log: Runtime['log'];
  promiseOf: Runtime['promiseOf'];
}

export class InstanceGates {
  readonly io: IoContext;
  readonly output: OutputGate;
  readonly outbox: Outbox;
  readonly actor: Actor;
  readonly waitUntil: WaitUntil;
  /** for what it does by RPC */
  readonly context: RpcContext;
  /** for what it does by WebSockets */
  readonly socketGates: Role['socketGates'];

  constructor(options: InstanceGatesOptions) {
    const { onQuiet, committer, schedule } = options;
    this.output = new OutputGate({
      onBroken: options.onCommitFailed,
      onEmpty: onQuiet,
      ...(options.onTurned ? { onTurned: options.onTurned } : {}),
    });
    this.io = new IoContext({
      ...options,
      endTurn: () => {
        committer()?.endTurn();
        this.outbox.turnEnded();
        options.onTurnEnded?.();
        onQuiet();
      },
      sectionDepthMax: options.limits.sectionDepth,
      sectionMsMax: options.limits.sectionMs,
    });
    this.outbox = new Outbox({
      gate: this.output,
      turn: () => this.io.turn,
      isWriting: () => committer()?.isOpen ?? false,
      onEmpty: onQuiet,
    });
    this.actor = new Actor({
      ...options,
      io: this.io,
      lastWords: (say) => this.outbox.lastWords(say),
      flushed: () => committer()?.flush() ?? Promise.resolve(),
    });
    this.waitUntil = new WaitUntil({
      promiseOf: options.promiseOf,
      onError: (error) => options.log('error', ['Uncaught (in promise)', error]),
      onSettled: onQuiet,
    });
    this.socketGates = {
      leave: (post) => this.outbox.leaveFree(post),
      capture: () => this.io.capture(),
      turn: () => this.io.turn,
    };
    const afterTurn = makeAfterTurn(schedule);
    this.context = {
      leave: (post) => this.outbox.leave(post),
      isBroken: options.isOver,
      capture: () => this.io.capture(),
      arrive: (run, arrived) => this.io.arrive(run, arrived),
      report: (error) => options.log('error', ['Uncaught', error]),
      afterTurn: (go) => afterTurn(() => !options.isOver() && go()),
      tracer: options.tracer,
    };
  }

  /** Nothing waits to leave. */
  get isSettled(): boolean {
    return this.output.isOpen && this.outbox.isEmpty;
  }
}

/**
 * The facets of an object in its isolate: what they share with it, and whose code runs.
 *
 * Promise: all of them are instances in the object's own thread, so one of them runs at a time; what the platform gives to code by
 * itself (timers, `fetch`, `env` of the module) belongs to the one whose event was delivered last.
 *
 * DIFFERS: a promise of the browser's own (cryptography, a compressed stream) tells nobody when it settles. Code that goes on by
 * it, while an event of another facet was delivered meanwhile, arms timers and fetches behind that one's gates.
 *
 * Knows nothing of one facet's life.
 */
import { randomName } from '../base/random.ts';
import type { Schedule } from '../base/schedule.ts';
import type { OutputGate } from '../gates/output-gate.ts';
import { portLink } from '../network/link.ts';
import type { AssignedObject, Plan } from '../protocol/control.ts';
import type { LinkId } from '../protocol/names.ts';
import type { Tracer } from '../protocol/tracer.ts';
import { classReferenceOf } from '../rpc/loopback.ts';
import type { RpcContext } from '../rpc/session.ts';
import type { Engine } from '../storage/engine.ts';
import { Facet } from './facet.ts';
import { makeFacetApi } from './facet-api.ts';
import type { FacetClass } from './facet-realm.ts';
import { Facets } from './facets.ts';
import type { ObjectStorage } from './object-storage.ts';
import type { PropsCodec } from './props.ts';
import type { Member, Role, Runtime } from './runtime.ts';

export interface ObjectFacetsOptions {
  readonly what: AssignedObject;
  readonly plan: Pick<Plan, 'limits'>;
  readonly runtime: Pick<
    Runtime,
    | 'after'
    | 'channels'
    | 'codecs'
    | 'bindings'
    | 'env'
    | 'linkSetting'
    | 'log'
    | 'makeMember'
    | 'promiseOf'
    | 'props'
    | 'random'
    | 'timers'
    | 'values'
  > & {
    readonly virtualClock: Pick<Runtime['virtualClock'], 'now'>;
    readonly sockets: Pick<Runtime['sockets'], 'beside'>;
  };
  readonly program: Readonly<Record<string, unknown>>;
  readonly schedule: Schedule;
  readonly tracer: Tracer;
  readonly storage: ObjectStorage;
  readonly role: Pick<Role, 'waitUntil' | 'socketGates'>;
  readonly context: RpcContext;
  readonly gate: Pick<OutputGate, 'lock'>;
  takeEngine(): void;
  wantEngine(): void;
  onLogFailed(error: unknown): void;
  readonly onQuiet: () => void;
}

export class ObjectFacets {
  /** `ctx.facets` */
  readonly api: object;
  readonly #facets: Facets;
  #running: Member | undefined;

  constructor(options: ObjectFacetsOptions) {
    const { what, runtime, program, schedule, tracer, storage, role, context, gate } = options;
    const { takeEngine, wantEngine, onLogFailed, onQuiet } = options;
    this.#facets = new Facets({
      realm: {
        schedule,
        tracer,
        program,
        storage,
        takeEngine,
        wantEngine,
        onLogFailed,
        onQuiet,
        random: runtime.random,
        limits: options.plan.limits,
        values: runtime.values,
        after: (delayMs, fire) => runtime.after(delayMs, fire),
        log: (level, args) => runtime.log(level, args),
        promiseOf: (given) => runtime.promiseOf(given),
        now: () => runtime.virtualClock.now(),
        engine: () => storage.database.engine,
        enter: (member) => {
          this.#running = member;
        },
        makeMember: (parts) => runtime.makeMember(parts),
        beside: (link) => runtime.sockets.beside(link),
        classOf: (value) => classOf(value, runtime.props),
        linkPair: () => linkPair(options),
        makeFacet: (one) => new Facet(one),
      },
      parent: {
        member: {
          context,
          codecs: runtime.codecs,
          channels: runtime.channels,
          bindings: runtime.bindings,
          env: runtime.env,
          timers: runtime.timers,
          socketGates: role.socketGates,
          waitUntil: (promise) => role.waitUntil(promise),
        },
        gate,
        file: storage.volume.root,
        identity: { hex: what.id, name: what.name },
        depth: 0,
      },
    });
    this.api = makeFacetApi(this.#facets);
  }

  /** The facet whose code runs; undefined: the object's own does. */
  get running(): Member | undefined {
    return this.#running;
  }

  /** The object's own code runs from now on. */
  leave(): void {
    this.#running = undefined;
  }

  /** Lets go of the engine, if each of them can. */
  lendEngine(): boolean {
    if (!this.#facets.lendEngine(true)) return false;
    return this.#facets.lendEngine(false);
  }

  useEngine(engine: Engine): void {
    this.#facets.useEngine(engine);
  }

  get isStill(): boolean {
    return this.#facets.isStill;
  }

  get whyHeld(): string | undefined {
    return this.#facets.whyHeld;
  }

  whyIo(isKeptByPromises: boolean): string | undefined {
    return this.#facets.whyIo(isKeptByPromises);
  }

  /** The object is over, and they with it. */
  halt(): void {
    this.#facets.halt();
  }

  close(): void {
    this.#facets.halt();
    this.#facets.close();
  }
}

function classOf(value: unknown, codec: Pick<PropsCodec, 'decode'>): FacetClass | undefined {
  const found = classReferenceOf(value);
  if (!found) return undefined;
  const { className, props } = found;
  return { className, props: () => (props ? codec.decode(props) : {}) };
}

/** Programs of older dates have none, and others may replace it. */
const NativeChannel = MessageChannel;

function linkPair({ runtime, storage }: ObjectFacetsOptions) {
  const { port1, port2 } = new NativeChannel();
  const setting = {
    ...runtime.linkSetting,
    id: randomName(runtime.random) as LinkId,
    epoch: storage.log.epoch,
  };
  return [portLink({ ...setting, port: port1, end: 0 }), portLink({ ...setting, port: port2, end: 1 })] as const;
}

/**
 * Everything through which one realm reaches objects: its namespaces, their stubs, one channel for each object it calls.
 *
 * Promise: stubs of one object share a link; the name that a link is asked for is that of the stubs that use it, because
 * the object sees it. A question that stays open for long makes the host look whether the holder is alive.
 *
 * What was not used for the idle time is forgotten, however many objects were called before; a stub that is used again brings its
 * channel back. What stays is what something is still held through.
 *
 * Knows neither hosts nor links: how to connect and how to probe are given.
 */
import type { Clock } from '../base/clock.ts';
import { mapDelete, setAdd, setDelete, setForEach, uncurryThis } from '../base/primordials.ts';
import type { Sealed } from '../base/sealed.ts';
import { HOLDER_ANSWER_MS, LINK_IDLE_MS, type Limits } from '../protocol/limits.ts';
import type { LinkEnd, WireError } from '../protocol/link.ts';
import type { UniqueKey } from '../protocol/names.ts';
import { type Callee, laneOf, type WorkerTarget } from '../protocol/target.ts';
import { ObjectChannel } from './channel.ts';
import type { StubHook } from './hook.ts';
import { type DurableObjectNamespace, makeNamespace, type NamespaceOptions } from './namespace.ts';
import { type RpcCodecs, type RpcContext, RpcSession } from './session.ts';
import { makeObjectStub } from './stub.ts';

export interface ObjectChannelsOptions {
  context: RpcContext;
  codecs: RpcCodecs;
  limits: Limits;
  clock: Clock;
  connect(target: Callee): Promise<Sealed<LinkEnd>>;
  /** Throws where nothing may be asked (module scope). */
  assertAllowed?(): void;
  /** A question to the target has been open for long. */
  probe(target: Callee): void;
  randomBytes(length: number): Uint8Array;
  /** told of each new stub (the page finds objects by it) */
  onStub?(stub: object, target: { namespace: UniqueKey; id: string; name: string | undefined }): void;
  onQuiet?(): void;
  /** an object is called */
  onAsked?(): void;
  /** asked for each new stub: tells from then on whether the request that made it is over */
  bindStub?(): () => boolean;
}

const stringify = JSON.stringify;
const get = uncurryThis(Map.prototype.get) as <K, V>(map: Map<K, V>, key: K) => V | undefined;
const set = uncurryThis(Map.prototype.set) as <K, V>(map: Map<K, V>, key: K, value: V) => unknown;

export class ObjectChannels {
  readonly #options: ObjectChannelsOptions;
  /** by target: where new stubs find theirs */
  readonly #channels = new Map<string, ObjectChannel>();
  /** those that were asked anything, and had not been idle for long since; of one that was forgotten there may be two */
  readonly #used = new Set<ObjectChannel>();

  constructor(options: ObjectChannelsOptions) {
    this.#options = options;
  }

  /** No question to any object is open. */
  get isQuiet(): boolean {
    return !this.#some((channel) => !channel.isQuiet);
  }

  /** Something of this realm's may be called by an object that it called. */
  get isNeeded(): boolean {
    return this.#some((channel) => channel.isNeeded);
  }

  /** This realm has something that an object which it called keeps. */
  get isHolding(): boolean {
    return this.#some((channel) => channel.isHolding);
  }

  /** Somebody waits for more of the body of an answer. */
  get isBodyAwaited(): boolean {
    return this.#some((channel) => channel.isBodyAwaited);
  }

  /** A request is over, and what it gave away with it: those who have it are told. */
  sweep(): void {
    setForEach(this.#used, (channel) => channel.sweep());
  }

  /** The realm is over, and what it gave away with it. @param error  of what; undefined: they lost their connection */
  break(error: WireError | undefined): void {
    setForEach(this.#used, (channel) => channel.break(error));
  }

  #some(test: (channel: ObjectChannel) => boolean): boolean {
    let isSo = false;
    setForEach(this.#used, (channel) => {
      isSo ||= test(channel);
    });
    return isSo;
  }

  /** A new way to an object or a Worker, as a stub of it has. */
  find(target: Callee): StubHook {
    const isForeign = this.#options.bindStub?.();
    const channel = this.channel(target);
    return target.kind === 'worker' ? channel.requests(target.entry, isForeign) : channel.lease(isForeign);
  }

  /** A way to a Worker that belongs to no request: bindings and `ctx.exports` have it. */
  service(target: WorkerTarget): StubHook {
    return this.channel(target).requests(target.entry);
  }

  namespace(namespace: UniqueKey): DurableObjectNamespace {
    return makeNamespace(this.namespaceOptions(namespace));
  }

  namespaceOptions(namespace: UniqueKey): NamespaceOptions {
    const { randomBytes, onStub, codecs } = this.#options;
    return {
      namespace,
      randomBytes,
      makeStub: ({ id, hex, name }) => {
        const hook = this.find({ kind: 'object', namespace, id: hex, name });
        const stub = makeObjectStub({ hook, codec: codecs.payload, id, name });
        onStub?.(stub, { namespace, id: hex, name });
        return stub;
      },
    };
  }

  /** How many targets are known, for tests: what was forgotten is none of them. */
  get count(): number {
    return this.#channels.size;
  }

  #forget(key: string, channel: ObjectChannel): void {
    setDelete(this.#used, channel);
    if (get(this.#channels, key) === channel) mapDelete(this.#channels, key);
  }

  /** The channel to a target; there is one, until it was idle for long. All exports of a Worker share it. */
  channel(asked: Callee): ObjectChannel {
    const target: Callee = asked.kind === 'worker' ? { kind: 'worker', script: asked.script } : asked;
    const key = stringify(target);
    const known = get(this.#channels, key);
    if (known) return known;
    const { context, codecs, limits, connect, assertAllowed } = this.#options;
    const lane = laneOf(target);
    const watch = new Watch({
      clock: this.#options.clock,
      isQuiet: () => channel.isQuiet,
      onSlow: () => this.#options.probe(target),
      onIdle: () => {
        if (channel.rest()) this.#forget(key, channel);
      },
    });
    const channel: ObjectChannel = new ObjectChannel({
      connect: () => connect(target),
      makeSession: (link) =>
        new RpcSession({ link, context, codecs, limits, lane, onQuiet: () => this.#options.onQuiet?.() }),
      context,
      codecs,
      limits,
      target,
      lane,
      ...(assertAllowed ? { assertAllowed } : {}),
      onAsked: () => {
        setAdd(this.#used, channel);
        // A stub that was kept while its channel was forgotten.
        if (!get(this.#channels, key)) set(this.#channels, key, channel);
        watch.asked();
        this.#options.onAsked?.();
      },
      onQuiet: () => {
        this.#options.onQuiet?.();
      },
    });
    set(this.#channels, key, channel);
    return channel;
  }
}

interface WatchOptions {
  clock: Clock;
  isQuiet(): boolean;
  /** a question has been open for as long as a holder may take to answer another host */
  onSlow(): void;
  /** nothing was asked for the whole idle time */
  onIdle(): void;
}

/** Looks after one channel from its first question on. One timer, whatever the traffic: arming one a call would cost more than the call. */
class Watch {
  readonly #options: WatchOptions;
  #isRunning = false;
  #asked = 0;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  asked(): void {
    this.#asked++;
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#wait(this.#asked, 0);
  }

  #wait(seen: number, quietMs: number): void {
    this.#options.clock.after(HOLDER_ANSWER_MS, () => {
      if (!this.#options.isQuiet()) {
        this.#options.onSlow();
        this.#wait(this.#asked, 0);
      } else if (this.#asked !== seen) {
        this.#wait(this.#asked, 0);
      } else if (quietMs + HOLDER_ANSWER_MS < LINK_IDLE_MS) {
        this.#wait(seen, quietMs + HOLDER_ANSWER_MS);
      } else {
        this.#isRunning = false;
        this.#options.onIdle();
      }
    });
  }
}

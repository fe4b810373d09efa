/**
 * The facets of one instance: which of them run, and how one is started, ended and forgotten.
 *
 * Promise: a facet runs at most once at a time; its startup callback is called when somebody calls it and it does not run, as
 * the parent's own code. A stub that has used a facet stays with that instance, and fails when that ended; one that has not finds the next.
 *
 *     NONE --first use--> STARTING --callback--> RUNNING --reset, abort, delete, cloned over--> NONE
 *                             \--callback failed--> FAILED --abort, delete, cloned over--------> NONE
 *
 * Knows nothing of pages or links.
 * @see workerd: api/actor-state.c++, server/server.c++ (ActorContainer); each text was seen in workerd 1.20260730
 */
import { deferred } from '../base/async.ts';
import { internalError } from '../base/internal-error.ts';
import { mapDelete, mapForEach, mapGet, mapSet, NativePromise, promiseThen } from '../base/primordials.ts';
import { type Sealed, seal, unseal } from '../base/sealed.ts';
import type { Link } from '../network/link.ts';
import type { LinkEnd } from '../protocol/link.ts';
import { ObjectChannel } from '../rpc/channel.ts';
import { FacetHook } from '../rpc/facet-hook.ts';
import { RpcSession } from '../rpc/session.ts';
import { makeServiceStub } from '../rpc/stub.ts';
import type { Engine } from '../storage/engine.ts';
import type { Volume } from '../storage/volume.ts';
import { type FacetPort, readStart } from './facet-api.ts';
import type { FacetPlace, FacetRealm, RunningFacet } from './facet-realm.ts';

/** The object itself is the first of them. */
const DEPTH_MAX = 4;
const TOO_DEEP = `Facet nesting depth limit exceeded. The maximum depth including the root Durable Object is ${DEPTH_MAX}.`;

export class Facets implements FacetPort {
  readonly #realm: FacetRealm;
  readonly #parent: FacetPlace;
  readonly #slots = new Map<string, Slot>();

  constructor({ realm, parent }: { realm: FacetRealm; parent: FacetPlace }) {
    this.#realm = realm;
    this.#parent = parent;
  }

  get(name: string, startup: () => unknown): object {
    if (this.#parent.depth + 1 >= DEPTH_MAX) throw new Error(TOO_DEEP);
    const hook = new FacetHook(() => this.#slot(name).use(startup));
    return makeServiceStub(hook, this.#parent.member.codecs.payload);
  }

  abort(name: string, reason: unknown): void {
    this.#end(name, reason);
  }

  delete(name: string): void {
    this.#end(name, new Error('Facet was deleted.'));
    this.#commit(this.#volume.remove(this.#parent.file.id, name));
  }

  clone(from: string, to: string): void {
    mapGet(this.#slots, from)?.facet?.settle();
    this.#end(to, new Error('Facet was cloned-over.'));
    this.#commit(this.#volume.clone(this.#parent.file.id, from, to));
  }

  /** All of them end, and nobody is told: their parent is over. */
  halt(): void {
    mapForEach(this.#slots, (slot: Slot) => slot.facet?.halt());
  }

  close(): void {
    mapForEach(this.#slots, (slot: Slot) => slot.facet?.close());
  }

  /** @throws Error when a transaction is open in one of them */
  settle(): void {
    mapForEach(this.#slots, (slot: Slot) => slot.facet?.settle());
  }

  /** @param isDry  only looks whether they could */
  lendEngine(isDry: boolean): boolean {
    return this.#all((slot) => slot.facet?.lendEngine(isDry) ?? true);
  }

  useEngine(engine: Engine): void {
    mapForEach(this.#slots, (slot: Slot) => slot.facet?.useEngine(engine));
  }

  get isStill(): boolean {
    return this.#all((slot) => slot.isStill);
  }

  get whyHeld(): string | undefined {
    return this.#first((slot) => slot.whyHeld);
  }

  whyIo(isKeptByPromises: boolean): string | undefined {
    return this.#first((slot) => slot.facet?.whyIo(isKeptByPromises));
  }

  get #volume(): Volume {
    return this.#realm.storage.volume;
  }

  #slot(name: string): Slot {
    const known = mapGet(this.#slots, name);
    if (known) return known;
    const slot: Slot = new Slot(this.#realm, this.#parent, name, () => {
      if (mapGet(this.#slots, name) === slot) mapDelete(this.#slots, name);
    });
    mapSet(this.#slots, name, slot);
    return slot;
  }

  #end(name: string, reason: unknown): void {
    const slot = mapGet(this.#slots, name);
    mapDelete(this.#slots, name);
    slot?.end(reason);
  }

  /** At once, whatever becomes of the turn that asks for it; what is sent after it waits for it. */
  #commit(commit: ReturnType<Volume['remove']>): void {
    if (!commit) return;
    const { promise, resolve, reject } = deferred<void>();
    void promiseThen(promise, undefined, () => {}); // the object hears of it
    this.#parent.gate.lock(promise);
    this.#realm.storage.queue.add(commit, {
      stored: resolve,
      failed: (error) => {
        reject(error);
        this.#realm.onLogFailed(error);
      },
    });
  }

  #all(test: (slot: Slot) => boolean): boolean {
    let isSo = true;
    mapForEach(this.#slots, (slot: Slot) => {
      isSo &&= test(slot);
    });
    return isSo;
  }

  #first(why: (slot: Slot) => string | undefined): string | undefined {
    let found: string | undefined;
    mapForEach(this.#slots, (slot: Slot) => {
      found ??= why(slot);
    });
    return found;
  }
}

/** One facet from its first use to its end. */
class Slot {
  facet: RunningFacet | undefined;
  readonly #realm: FacetRealm;
  readonly #parent: FacetPlace;
  readonly #name: string;
  readonly #onEnded: () => void;
  readonly #channel: ObjectChannel;
  readonly #links: (readonly [Link, Link])[] = [];
  #startup: (() => Promise<unknown>) | undefined;
  #starting: Promise<Sealed<RunningFacet>> | undefined;
  #isStarting = false;
  /** it was ended from outside */
  #isOver = false;
  /** rejects then, with what who waits for it is told */
  readonly #end = deferred<never>();

  constructor(realm: FacetRealm, parent: FacetPlace, name: string, onEnded: () => void) {
    const { context, codecs } = parent.member;
    const { limits, onQuiet } = realm;
    void promiseThen(this.#end.promise, undefined, () => {}); // nobody may be waiting
    this.#realm = realm;
    this.#parent = parent;
    this.#name = name;
    this.#onEnded = onEnded;
    const lane = `facet ${name}`;
    this.#channel = new ObjectChannel({
      connect: () => this.#connect(),
      makeSession: (link) => new RpcSession({ link, context, codecs, limits, lane, onQuiet }),
      context,
      codecs,
      limits,
      lane,
      onQuiet,
    });
  }

  /** A stub begins to use it; the first one says how it is started. */
  use(startup: () => unknown): ObjectChannel {
    if (!this.#startup) {
      const arrive = this.#parent.member.context.capture();
      this.#startup = () =>
        new NativePromise((resolve, reject) => {
          arrive(() => {
            const run = async (): Promise<unknown> => startup();
            void promiseThen(run(), resolve, reject);
          });
        });
    }
    return this.#channel;
  }

  end(reason: unknown): void {
    const { errors } = this.#parent.member.codecs;
    this.#isOver = true;
    this.#end.reject(errors.decode(errors.encode(reason)));
    // DIFFERS: to a call that is on its way local workerd has an internal error to say.
    this.facet?.reset(reason, {});
  }

  get isStill(): boolean {
    if (this.#isStarting) return false;
    for (const [near, far] of this.#links) {
      const isQuiet = near.traffic.sent === far.traffic.taken && far.traffic.sent === near.traffic.taken;
      if (near.isOpen && far.isOpen && !isQuiet) return false;
    }
    return this.facet?.isStill ?? true;
  }

  get whyHeld(): string | undefined {
    if (this.#isStarting) return 'a facet is starting';
    return this.#channel.isQuiet ? this.facet?.whyHeld : 'a call to a facet is open';
  }

  async #connect(): Promise<Sealed<LinkEnd>> {
    this.#starting ??= this.#start();
    const facet = unseal(await Promise.race([this.#end.promise, this.#starting]));
    const pair = this.#realm.linkPair();
    this.#links[this.#links.length] = pair;
    facet.accept(pair[1]);
    return seal(pair[0]);
  }

  async #start(): Promise<Sealed<RunningFacet>> {
    this.#isStarting = true;
    try {
      return await this.#startOnce();
    } finally {
      this.#isStarting = false;
      this.#realm.onQuiet();
    }
  }

  async #startOnce(): Promise<Sealed<RunningFacet>> {
    const { classOf, schedule, storage, random } = this.#realm;
    const { Class, id } = readStart(await this.#startup?.(), classOf);
    if (this.#name === '') throw internalError(random, new Error('A facet has a name.'));
    // Whoever ran before it has let go of the file by then.
    await new NativePromise<void>((resolve) => schedule(resolve));
    if (this.#isOver) return this.#end.promise;
    this.facet = this.#realm.makeFacet({
      realm: this.#realm,
      what: { className: Class.className, id: id ?? this.#parent.identity, props: Class.props() },
      file: storage.volume.ensure(this.#parent.file.id, this.#name),
      depth: this.#parent.depth + 1,
      onEnded: this.#onEnded,
    });
    return seal(this.facet);
  }
}

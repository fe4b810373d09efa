/**
 * What facets are to each other and to their object: what they share, what each is, and what one that runs can be asked.
 *
 * Knows nothing of how any of it is done.
 */
import type { Random } from '../base/random.ts';
import type { Schedule } from '../base/schedule.ts';
import type { OutputGate } from '../gates/output-gate.ts';
import type { Link } from '../network/link.ts';
import type { Plan } from '../protocol/control.ts';
import type { LinkEnd } from '../protocol/link.ts';
import type { Tracer } from '../protocol/tracer.ts';
import type { ErrorFlags } from '../rpc/errors.ts';
import type { Beside } from '../rpc/session.ts';
import type { Engine } from '../storage/engine.ts';
import type { VolumeFile } from '../storage/volume.ts';
import type { ObjectStorage } from './object-storage.ts';
import type { Member, Runtime } from './runtime.ts';

/** What the facets of an object share. */
export interface FacetRealm extends Pick<Runtime, 'after' | 'log' | 'promiseOf' | 'values'> {
  readonly schedule: Schedule;
  readonly tracer: Tracer;
  readonly random: Random;
  readonly limits: Plan['limits'];
  readonly program: Readonly<Record<string, unknown>>;
  readonly storage: Pick<ObjectStorage, 'volume' | 'queue'>;
  now(): number;
  engine(): Engine;
  takeEngine(): void;
  wantEngine(): void;
  /** its code runs from now on */
  enter(member: Member): void;
  makeMember(parts: Pick<Member, 'context' | 'waitUntil' | 'socketGates'>): Member;
  beside(link: LinkEnd): Beside;
  /** what a program gives as a class, if it is one of its own */
  classOf(value: unknown): FacetClass | undefined;
  /** two ends of a new link within this thread */
  linkPair(): readonly [Link, Link];
  makeFacet(options: FacetOptions): RunningFacet;
  /** the log of the object takes nothing any more */
  onLogFailed(error: unknown): void;
  readonly onQuiet: () => void;
}

export interface FacetClass {
  readonly className: string;
  /** made anew for each instance */
  props(): unknown;
}

/** Whoever has facets: an object, or a facet. */
export interface FacetPlace {
  readonly member: Member;
  readonly gate: Pick<OutputGate, 'lock'>;
  readonly file: VolumeFile;
  readonly identity: FacetIdentity['id'];
  readonly depth: number;
}

/** What a facet is. */
export interface FacetIdentity {
  readonly className: string;
  /** as `ctx.id` is: a string if it was given one */
  readonly id: string | { readonly hex: string; readonly name: string | undefined };
  /** a copy for each instance */
  readonly props: unknown;
}

export interface FacetOptions {
  readonly realm: FacetRealm;
  readonly what: FacetIdentity;
  readonly file: VolumeFile;
  /** how deep it is: 1 under the object */
  readonly depth: number;
  /** it has ended by itself, or by its parent's will; callers were not told yet */
  onEnded(): void;
}

/** A facet that runs, as whoever started it sees it. */
export interface RunningFacet {
  accept(link: LinkEnd): void;
  /** Ends now, for all callers with this error, marked by `flags`. They hear of it when the turns before are durable. */
  reset(error: unknown, flags?: ErrorFlags): void;
  /** Ends with its parent: whoever called it is over too. */
  halt(): void;
  /** Gives its memory back. */
  close(): void;
  /** Its database may be copied as it lies in its file. @throws Error when a transaction is open on it, or below it */
  settle(): void;
  /** @param isDry  only looks whether it could */
  lendEngine(isDry: boolean): boolean;
  useEngine(engine: Engine): void;
  readonly isStill: boolean;
  /** what of it keeps the object for good */
  readonly whyHeld: string | undefined;
  /** What of it goes on beside events. */
  whyIo(isKeptByPromises: boolean): string | undefined;
}

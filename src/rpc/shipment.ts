/**
 * A parcel on its way over a link: references become numbers that the peer understands, and numbers references again.
 *
 * Promise: what was posted to a peer that never looked at it is the sender's again, whole, and can be posted to another; what
 * nobody will post is disposed of. A thing of the peer's own that goes back to it is named as its own, so a stub that comes home
 * leads there straight.
 *
 *     OWNED --post()--> POSTED --pause()--> OWNED
 *       \--drop()--> DROPPED
 */
import type { LinkEnd } from '../protocol/link.ts';
import type { ExportId, External, Payload } from '../protocol/messages.ts';
import type { LinkCauses } from './causes.ts';
import type { RpcContext } from './context.ts';
import { connectionLost, type ErrorCodec } from './errors.ts';
import { type Content, contentOf } from './handover.ts';
import { disposeParcel, NO_REFERENCES, type Parcel, type Reference, type StubHook } from './hook.ts';
import type { LinkSignals } from './signals.ts';
import { OutgoingBody } from './streams.ts';

/** What of a session numbers are good for. */
export interface Port {
  readonly link: LinkEnd;
  readonly signals: LinkSignals;
  readonly causes: LinkCauses;
  /** streams that this end passed and that are still written: they hold it */
  pumpCount: number;
  /** Takes the hook over; gives what the peer knows it by. */
  export(hook: StubHook): { readonly id: ExportId; readonly isOwn: boolean };
}

export interface ShipmentOptions {
  parcel: Parcel;
  context: RpcContext;
  errors: ErrorCodec;
  /** a second posting may be asked for */
  isReplayable: boolean;
}

export const NO_EXTERNALS: readonly External[] = [];

export class Shipment {
  readonly #options: ShipmentOptions;
  #parcel: Parcel;
  #isOwned = true;
  /** by their place among the references */
  readonly #bodies: OutgoingBody[] = [];

  constructor(options: ShipmentOptions) {
    this.#options = options;
    this.#parcel = options.parcel;
  }

  /** The payload for one posting, with what of it is by value. `done` is called whenever a stream that it opened came to its end. */
  post(port: Port, content: Content, done: () => void): Payload {
    const { references, disposer } = this.#parcel;
    this.#isOwned = false;
    const externals: External[] = [];
    for (let i = 0; i < references.length; i++)
      externals[i] = this.#describe(references[i] as Reference, i, port, done);
    return { ...content, externals, ...(disposer && { disposer: port.export(disposer).id }) };
  }

  /** The peer never looked at it. Called before what was exported to that peer is released. */
  pause(): void {
    const { bytes, references } = this.#parcel;
    const again: Reference[] = [];
    for (let i = 0; i < references.length; i++) {
      const reference = references[i] as Reference;
      again[i] = 'hook' in reference ? { ...reference, hook: reference.hook.dup() } : reference;
      this.#bodies[i]?.pause();
    }
    this.#parcel = { bytes, references: again };
    this.#isOwned = true;
  }

  /** The request that passed it is over: streams that it passed end here. */
  breakOff(): void {
    for (let i = 0; i < this.#bodies.length; i++) this.#bodies[i]?.breakOff(connectionLost());
  }

  /** It will not be posted again: what was not, is disposed of. */
  drop(): void {
    if (!this.#isOwned) return;
    this.#isOwned = false;
    disposeParcel(this.#parcel);
  }

  #describe(reference: Reference, index: number, port: Port, done: () => void): External {
    switch (reference.kind) {
      case 'stub':
      case 'writable': {
        const { id, isOwn } = port.export(reference.hook);
        return isOwn ? { kind: reference.kind, own: id } : { kind: reference.kind, export: id };
      }
      case 'readable':
        return { kind: 'readable', stream: this.#openStream(reference.source, index, port, done) };
      case 'signal':
        return { kind: 'signal', signal: port.signals.send(reference.source) };
      case 'target':
      case 'blob':
        return reference;
      default:
        return reference satisfies never;
    }
  }

  #openStream(
    source: (Reference & { kind: 'readable' })['source'],
    index: number,
    port: Port,
    done: () => void,
  ): number {
    const { context, errors, isReplayable } = this.#options;
    const body =
      this.#bodies[index] ??
      new OutgoingBody({ bytes: undefined, source, context, errors, replayable: isReplayable, whenLeft: 'told' });
    this.#bodies[index] = body;
    const sink = body.openStream(port.link);
    if (sink) port.pumpCount++;
    body.start(sink, () => {
      port.pumpCount--;
      done();
    });
    return sink?.id ?? 0;
  }
}

/** What a session makes of what came. */
export interface Dock {
  readonly link: LinkEnd;
  readonly signals: LinkSignals;
  readonly causes: LinkCauses;
  /** A handle on the peer's export, counted as one arrival. */
  import(id: ExportId): StubHook;
  /** A handle on this end's own export that came home; undefined when there is none. */
  own(id: ExportId): StubHook | undefined;
  /** Whether a stream of this number may be taken up. */
  isNewStream(id: number): boolean;
}

/** The parcel that a payload is at this end; undefined when the peer names what it has no right to. */
export function unload(payload: Payload, dock: Dock): Parcel | undefined {
  const { bytes, externals, disposer } = payload;
  if (externals.length === 0 && disposer === undefined) return { ...contentOf(payload), references: NO_REFERENCES };
  const references: Reference[] = [];
  for (let i = 0; i < externals.length; i++) {
    const reference = unloadOne(externals[i] as External, dock);
    if (!reference) {
      disposeParcel({ bytes, references });
      return undefined;
    }
    references[i] = reference;
  }
  const parcel = { ...contentOf(payload), references };
  return disposer === undefined ? parcel : { ...parcel, disposer: dock.import(disposer) };
}

function unloadOne(external: External, dock: Dock): Reference | undefined {
  switch (external.kind) {
    case 'stub':
    case 'writable': {
      const hook = external.export === undefined ? dock.own(external.own as ExportId) : dock.import(external.export);
      return hook && { kind: external.kind, hook };
    }
    case 'readable': {
      if (!dock.isNewStream(external.stream)) return undefined;
      const source = dock.link.acceptStream(external.stream);
      const cancel = () => source.cancel();
      const lose = (isTold: boolean) => source.cancel({ isLoss: isTold });
      return { kind: 'readable', source: { read: () => source.read(), cancel, lose } };
    }
    case 'signal': {
      const source = dock.signals.take(external.signal);
      return source && { kind: 'signal', source };
    }
    case 'target':
    case 'blob':
      return external;
    default:
      return external satisfies never;
  }
}

/**
 * Signals that are passed: an AbortSignal of this realm as something to listen to, and a signal that aborts as one elsewhere does.
 *
 *     this end      PASSED --it aborts--> TOLD            one message, with the reason
 *                      |--its request is over, or nobody holds it any more--> SILENT      one message, without
 *                      |--its link is over--> SILENT
 *     other end     WAITING --told--> ABORTED
 *                      \--its request is over, or the link--> SILENT, and never aborts
 *
 * Promise: a signal keeps nobody awake, though a link that has one does not go away for being idle; whoever ends without having
 * aborted it leaves it as it is, as workerd does. A reason that cannot be copied, or that holds something by reference, is not told,
 * and the signal stays as it is (seen).
 *
 * Knows no messages but its own.
 */
import { makeAbortable, signalAborted, signalReason, whenAborted } from '../base/abort-signals.ts';
import { mapClear, mapDelete, mapGet, mapSet, mapSize } from '../base/primordials.ts';
import { finalizationRegister } from '../base/weak-references.ts';
import type { LinkEnd } from '../protocol/link.ts';
import type { SignalId } from '../protocol/messages.ts';
import type { RpcContext } from './context.ts';
import type { ExternalWriter } from './externals.ts';
import { disposeParcel, type HearAbort, isPlain, NO_REFERENCES, type SignalSource } from './hook.ts';
import type { LocalRealm } from './local.ts';

/** A signal that has aborted travels by its reason alone: the number that says so. */
export const ABORTED_SIGNAL = 7;

/** What the realm does with signals of its own. */
export class PassedSignals {
  readonly #realm: () => LocalRealm;

  constructor(realm: () => LocalRealm) {
    this.#realm = realm;
  }

  write(signal: AbortSignal, out: ExternalWriter): void {
    if (signalAborted(signal)) {
      out.writeUint32(ABORTED_SIGNAL);
      out.writeValue(signalReason(signal));
    } else {
      out.reference({ kind: 'signal', source: this.#sourceOf(signal) });
    }
  }

  aborted(reason: unknown): AbortSignal {
    const { signal, abort } = makeAbortable();
    abort(reason);
    return signal;
  }

  /** A signal that aborts as `source` does. */
  signalOf(source: SignalSource): AbortSignal {
    const { context, payload } = this.#realm();
    const { signal, abort } = makeAbortable();
    const arrive = context.capture();
    let isOver = false;
    context.adopt?.(() => {
      isOver = true;
    });
    source.onAbort((bytes) => {
      if (isOver || !bytes) return;
      arrive(() => abort((payload.open({ bytes, references: NO_REFERENCES }).value as unknown[])[0]));
    });
    return signal;
  }

  #sourceOf(signal: AbortSignal): SignalSource {
    const { context } = this.#realm();
    const source = new Source(context);
    whenAborted(signal, () => source.tell(this.#copyOf(signalReason(signal))));
    context.adopt?.(() => source.tell(undefined));
    finalizationRegister(unreachable, signal, source);
    return source;
  }

  #copyOf(reason: unknown): Uint8Array | undefined {
    try {
      const parcel = this.#realm().payload.encodeArgs([reason], true);
      if (isPlain(parcel)) return parcel.bytes;
      disposeParcel(parcel);
    } catch {
      // DIFFERS: who aborts is told nothing; workerd throws it out of `abort()`.
    }
    return undefined;
  }
}

/** A signal of this realm, for whoever listens to it. Must not reach the signal, or it would never be lost. */
class Source implements SignalSource {
  readonly #context: Pick<RpcContext, 'leave'>;
  readonly #hearing: HearAbort[] = [];
  #told: { readonly reason: Uint8Array | undefined } | undefined;

  constructor(context: Pick<RpcContext, 'leave'>) {
    this.#context = context;
  }

  /**
   * What it tells leaves as whatever the program sends does. Once; then there is nothing more to hear.
   *
   * @param reason  undefined: it will never abort, as far as anybody here can tell
   */
  tell(reason: Uint8Array | undefined): void {
    if (this.#told) return;
    this.#told = { reason };
    for (let i = 0; i < this.#hearing.length; i++) {
      const hear = this.#hearing[i] as HearAbort;
      this.#context.leave(() => hear(reason));
    }
  }

  onAbort(hear: HearAbort): void {
    const { reason } = this.#told ?? {};
    if (this.#told) this.#context.leave(() => hear(reason));
    else this.#hearing[this.#hearing.length] = hear;
  }
}

/** Signals that nobody holds cannot abort any more. */
const unreachable = new FinalizationRegistry<Source>((source) => source.tell(undefined));

/** Those of one link, by number: each end numbers what it passes, upwards from 1. */
export class LinkSignals {
  readonly #link: LinkEnd;
  #lastSent: SignalId = 0;
  #lastTaken: SignalId = 0;
  #sentCount = 0;
  /** what came and has not aborted */
  readonly #waiting = new Map<SignalId, HearAbort>();

  constructor(link: LinkEnd) {
    this.#link = link;
  }

  /** Those that may still abort: their link is not to go away for nothing. */
  get count(): number {
    return this.#sentCount + mapSize(this.#waiting);
  }

  /** Gives the number under which the peer will hear of it, after the message that is posted now. */
  send(source: SignalSource): SignalId {
    const id = ++this.#lastSent;
    this.#sentCount++;
    void this.#listen(id, source);
    return id;
  }

  async #listen(id: SignalId, source: SignalSource): Promise<void> {
    await undefined; // the message that names it goes first
    source.onAbort((reason) => {
      this.#sentCount--;
      this.#link.send({ m: 'abort', signal: id, ...(reason && { reason }) });
    });
  }

  /** undefined when the peer must not pass one under this number */
  take(id: SignalId): SignalSource | undefined {
    if (id <= this.#lastTaken) return undefined;
    this.#lastTaken = id;
    let came: { readonly reason: Uint8Array | undefined } | undefined;
    mapSet(this.#waiting, id, (reason: Uint8Array | undefined) => {
      came = { reason };
    });
    return {
      onAbort: (hear) => {
        if (came) hear(came.reason);
        else if (mapGet(this.#waiting, id)) mapSet(this.#waiting, id, hear);
      },
    };
  }

  /** False when the peer never passed it, or told it before. */
  receive(id: SignalId, reason: Uint8Array | undefined): boolean {
    const hear = mapGet(this.#waiting, id) as HearAbort | undefined;
    mapDelete(this.#waiting, id);
    hear?.(reason);
    return hear !== undefined;
  }

  /** The link is gone. */
  end(): void {
    mapClear(this.#waiting);
  }
}

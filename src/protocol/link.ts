/**
 * What a link promises to those who talk over it, and the frames that cross it.
 *
 * A link joins exactly two endpoints. Messages arrive in the order sent, each at most once. It ends once, for good:
 *
 *     OPEN --goaway (either end)--> ENDED        messages above `lastDelivered` were never looked at
 *      |  \--break (either end)---> ENDED        with an error that says why
 *       \---peer died-------------> ENDED        with none: the outcome of what is unanswered is unknown
 *
 * Knows nothing of RPC: a message is opaque, a stream is bytes.
 */
import type { Epoch, LinkId } from './names.ts';

/** An error that crosses a link: the serialised value (values/), with its flags already own properties of it. */
export interface WireError {
  readonly bytes: Uint8Array;
  /** those that the value names; only in an answer */
  readonly blobs?: readonly Blob[] | undefined;
}

export type Frame =
  | { readonly k: 'message'; readonly body: unknown }
  /** bytes of stream `s`; consumes credit */
  | { readonly k: 'data'; readonly s: number; readonly bytes: Uint8Array }
  | { readonly k: 'credit'; readonly s: number; readonly bytes: number }
  | { readonly k: 'end'; readonly s: number }
  /** the writer gave up */
  | { readonly k: 'abort'; readonly s: number; readonly error: WireError }
  /** the reader lost interest */
  | ({ readonly k: 'cancel'; readonly s: number; readonly takenBytes: number } & CancelOptions)
  | { readonly k: 'goaway'; readonly lastDelivered: number }
  | { readonly k: 'break'; readonly error: WireError | undefined };

/** How a reader lost interest. */
export interface CancelOptions {
  readonly error?: WireError;
  /** it read for somebody else, and was told that nobody is there any more */
  readonly isLoss?: boolean;
}

/** The same as its writer hears it. */
export interface Cancellation extends CancelOptions {
  /** something was sent that the reader had not taken */
  readonly hasUnread: boolean;
}

export type LinkEnding =
  /** the peer went away in good order: it answered everything up to `lastDelivered` and looked at nothing above */
  | { readonly state: 'goaway'; readonly lastDelivered: number }
  /** the peer broke it and said why (an object's reset) */
  | { readonly state: 'broken'; readonly error: WireError }
  /** the peer died, or the link did */
  | { readonly state: 'lost' }
  /** this end closed it */
  | { readonly state: 'closed' };

/** Makes lists of bodies that are sent often, which take less to carry than objects. */
export interface BodyCodec {
  /** A list that has no `null` in it; undefined: the body travels as it is. */
  pack(body: unknown): unknown[] | undefined;
  /** The body; undefined when it cannot be one of the packed. Anybody can have sent the list. */
  unpack(list: readonly unknown[]): unknown;
}

export interface LinkHandlers {
  /** `number` counts the peer's messages from 1 */
  onMessage(body: unknown, number: number): void;
  /** called exactly once */
  onEnd(ending: LinkEnding): void;
}

/** Writes one stream of bytes to the peer. */
export interface ByteSink {
  readonly id: number;
  /** Resolves when there is credit for more; rejects once the reader cancelled or the link ended. `chunk` is taken over. */
  write(chunk: Uint8Array): Promise<void>;
  close(): void;
  abort(error: WireError): void;
  /** Resolves when the reader cancels; never rejects. */
  readonly cancelled: Promise<Cancellation>;
}

/** Reads one stream of bytes from the peer; credit is given back as it is read. */
export interface ByteSource {
  readonly id: number;
  /** The next chunk, undefined at the end. Rejects with what `decodeError` in the link's options makes of an abort, or a lost link. */
  read(): Promise<Uint8Array | undefined>;
  cancel(how?: CancelOptions): void;
}

export interface LinkEnd {
  readonly id: LinkId;
  readonly epoch: Epoch;
  readonly isOpen: boolean;
  /** false: what is given to `send` to be handed over is copied all the same */
  readonly transfers: boolean;
  /** Begins delivery; what arrived before waits for this. Called once. */
  start(handlers: LinkHandlers): void;
  /**
   * Sends a message and returns its number in this direction, from 1. After the end it is dropped and gives 0. What is in `transfer`
   * is the peer's from the next post on, if the link transfers.
   */
  send(body: unknown, transfer?: Transferable[]): number;
  /** Opens a stream of bytes to the peer; its id goes into a message so that the peer can `accept` it. */
  createStream(): ByteSink;
  /** Takes up a stream that the peer announced in a message. Once per id. */
  acceptStream(id: number): ByteSource;
  /** Stops delivery, tells the peer the number of the last message delivered, and ends the link. */
  goaway(): void;
  /** Tells the peer why (undefined: it is simply lost to it), and ends the link. */
  break(error?: WireError): void;
  /** number of open streams in both directions */
  readonly streamCount: number;
  /** number of those from which somebody waits for bytes */
  readonly awaitedStreamCount: number;
}

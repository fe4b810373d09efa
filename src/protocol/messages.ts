/**
 * What an RPC session says over a link: calls, fetches, their answers, releases.
 *
 * Promise: plain structured-cloneable data. By-reference values are externals: an index in the payload's bytes, a
 * descriptor here. Knows no user value: payloads are bytes of `values/`.
 */
import type { WireError } from './link.ts';
import type { SocketReference } from './socket-reference.ts';
import type { Callee, Entry } from './target.ts';

/** Number of something that one end keeps for the other; 0 is the object or entrypoint that the link leads to. */
export type ExportId = number;
/** Number of a question, chosen by the asking end, from 1. */
export type CallId = number;
/** Number of a signal that one end passed, from 1. */
export type SignalId = number;

/** Something by reference inside a payload. `export`: the sender keeps it for the receiver; `own`: the receiver's own comes home. */
export type External =
  | { readonly kind: 'stub' | 'writable'; readonly export: ExportId; readonly own?: undefined }
  | { readonly kind: 'stub' | 'writable'; readonly own: ExportId; readonly export?: undefined }
  /** an object or a Worker, to which the receiver finds its own way */
  | { readonly kind: 'target'; readonly target: Callee }
  | { readonly kind: 'readable'; readonly stream: number }
  | { readonly kind: 'signal'; readonly signal: SignalId }
  | { readonly kind: 'blob'; readonly blob: Blob };

export interface Payload {
  readonly bytes: Uint8Array;
  /** large buffers, which the bytes name by number */
  readonly buffers?: readonly ArrayBuffer[] | undefined;
  readonly externals: readonly External[];
  /** what is released when a result that is a plain object is disposed of */
  readonly disposer?: ExportId;
}

/** A body: none, whole (small), or a stream of the link. */
export type WireBody =
  | { readonly kind: 'none' }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'stream'; readonly stream: number };

export interface WireRequest {
  readonly method: string;
  readonly url: string;
  /** name and value pairs in order; `set-cookie` may repeat */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: WireBody;
  readonly redirect: 'follow' | 'manual' | 'error';
  /** JSON: what the platform knows of the client */
  readonly cf?: string;
}

export interface WireResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: WireBody;
  /** where redirects led; empty for a response the object made itself */
  readonly url: string;
  /** of a response of status 101: who holds the other end */
  readonly webSocket?: SocketReference;
}

export type SessionMessage =
  /** `on`: asked of the answer to that question, which the peer may have given by now */
  | (Caused & {
      readonly m: 'call';
      readonly id: CallId;
      readonly target: ExportId;
      readonly on?: CallId | undefined;
      readonly path: readonly string[];
      readonly args: Payload;
      /** of what a link to a Worker leads to: which of its exports */
      readonly entry?: Entry | undefined;
    })
  | (Caused & {
      readonly m: 'get';
      readonly id: CallId;
      readonly target: ExportId;
      readonly on?: CallId | undefined;
      readonly path: readonly string[];
      readonly entry?: Entry | undefined;
    })
  | (Caused & {
      readonly m: 'fetch';
      readonly id: CallId;
      readonly request: WireRequest;
      readonly entry?: Entry | undefined;
    })
  | (Caused & { readonly m: 'result'; readonly id: CallId; readonly value: Payload })
  | (Caused & { readonly m: 'response'; readonly id: CallId; readonly response: WireResponse })
  | (Caused & { readonly m: 'error'; readonly id: CallId; readonly error: WireError })
  /** what it was asked of had nothing by reference in it and is not kept: the asker has it, and walks it */
  | { readonly m: 'unkept'; readonly id: CallId }
  /** nothing more will be asked of an answer that held references */
  | { readonly m: 'finish'; readonly id: CallId }
  /** the asker no longer wants the answer (a dropped fetch), which may be on its way */
  | { readonly m: 'cancel'; readonly id: CallId }
  /** it was not, and will not come */
  | { readonly m: 'cancelled'; readonly id: CallId }
  /** a signal that was passed has aborted; without a reason: it never will */
  | { readonly m: 'abort'; readonly signal: SignalId; readonly reason?: Uint8Array }
  /** whoever made it is over: it fails from now on, and the peer releases it */
  | { readonly m: 'gone'; readonly export: ExportId }
  | { readonly m: 'release'; readonly export: ExportId; readonly count: number };

/** The event that caused a message: who, its number there, and a Lamport count. */
export interface Cause {
  readonly actor: string;
  readonly number: number;
  readonly lamport: number;
}

/**
 * What a message of a session says of its cause, beside what can be foreseen from the messages before it on the same link in the same
 * direction: to say it each time, and to read it, would cost more than the event itself.
 */
export interface Caused {
  /** the event's number; 0: nobody keeps a trace any more; left out: as foreseen, or nobody ever did */
  readonly event?: number | undefined;
  /** by how much the Lamport count is ahead of the event's number; left out: as foreseen */
  readonly lead?: number | undefined;
  /** its actor; left out: the one that was said last */
  readonly cause?: string | undefined;
}

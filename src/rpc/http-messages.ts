/**
 * Requests and responses as plain parts, and the way into and out of the classes that programs hold.
 *
 * Promise: parts say everything that travels. Whoever makes an `HttpMessages` answers for it against patched prototypes.
 */

export type HeaderPairs = readonly (readonly [string, string])[];
/** Whole where the class knows its bytes without reading; whoever takes it owns it. */
export type MessageBody = Uint8Array | ReadableStream | null;

/** Until whoever got a request has answered, its body can be read; what of it was read by then belongs to its readers. */
export interface BodyLease {
  isOver: boolean;
  isRead: boolean;
}

export const TOO_LATE = "Can't read from request stream after response has been sent.";

export interface RequestParts {
  readonly method: string;
  readonly url: string;
  readonly headers: HeaderPairs;
  readonly redirect: 'follow' | 'manual' | 'error';
  readonly body: MessageBody;
  readonly signal?: AbortSignal | undefined;
  /** it came to a program */
  readonly isIncoming?: boolean;
  /** of a body that is bytes, and may be read only for so long */
  readonly lease?: BodyLease | undefined;
  /** what the platform knows of the client; anything that JSON can say */
  readonly cf?: unknown;
}

export interface ResponseParts {
  readonly status: number;
  readonly statusText: string;
  readonly headers: HeaderPairs;
  readonly body: MessageBody;
  readonly url: string;
  readonly redirected: boolean;
  /** the program's, of a response of status 101 */
  readonly webSocket?: unknown;
}

/** The way into and out of Request and Response. Must hold against patched prototypes. */
export interface HttpMessages {
  Request: new (input: never, init: never) => Request;
  isRequest(value: unknown): boolean;
  isResponse(value: unknown): boolean;
  requestFrom(parts: RequestParts): Request;
  /** Its headers cannot be changed unless it is asked for, where the class can be like that. */
  responseFrom(parts: ResponseParts, options?: { mutableHeaders?: boolean }): Response;
  /** False where there is none, of which nothing is used up by asking. */
  hasBody(message: Request | Response): boolean;
  /** Its body counts as used afterwards. @throws TypeError with the platform's text when it was used before */
  takeRequest(request: Request): RequestParts;
  takeResponse(response: Response): Omit<ResponseParts, 'url' | 'redirected'>;
}

/**
 * The frame's end of the port to its preview.
 *
 * Promise: a question has one answer; when it is given up, its answer is thrown away.
 */
import { receiveStream, sendStream } from '../base/port-stream.ts';
import type { FrameRequest, FromFrame, ToFrame } from '../protocol/preview.ts';

type Of<T extends ToFrame['t']> = Extract<ToFrame, { t: T }>;

export type Head = Omit<Of<'head'>, 'body' | 't' | 'id'> & {
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>> | null;
};

/** A request as the frame makes it; a stream is sent as one. */
export type Asking = Omit<FrameRequest, 'body'> & {
  readonly body: ArrayBuffer | ReadableStream<Uint8Array> | null;
};

interface Question {
  resolve(head: Head): void;
  reject(error: unknown): void;
}

export class Channel {
  readonly #port: MessagePort;
  readonly #listeners = new Map<string, (message: never) => void>();
  readonly #questions = new Map<number, Question>();
  #count = 0;

  constructor(port: MessagePort) {
    this.#port = port;
    port.onmessage = ({ data }: MessageEvent<ToFrame>) => this.#take(data);
  }

  /** One listener for each kind of message. */
  on<T extends ToFrame['t']>(t: T, listener: (message: Of<T>) => void): void {
    this.#listeners.set(t, listener as (message: never) => void);
  }

  post(message: FromFrame, transfer: Transferable[] = []): void {
    this.#port.postMessage(message, transfer);
  }

  /** @throws TypeError when there is no answer, the signal's reason when it is aborted */
  ask({ body, ...rest }: Asking, signal?: AbortSignal): Promise<Head> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    this.#count += 1;
    const id = this.#count;
    const [sent, transfer] = bodyOf(body);
    const answer = new Promise<Head>((resolve, reject) => this.#questions.set(id, { resolve, reject }));
    this.post({ t: 'fetch', id, request: { ...rest, body: sent } }, transfer);
    signal?.addEventListener('abort', () => {
      this.#questions.get(id)?.reject(signal.reason);
      if (this.#questions.delete(id)) this.post({ t: 'abort', id });
    });
    return answer;
  }

  #take(message: ToFrame): void {
    if (message.t !== 'head' && message.t !== 'failed') {
      this.#listeners.get(message.t)?.(message as never);
      return;
    }
    const question = this.#questions.get(message.id);
    this.#questions.delete(message.id);
    if (message.t === 'failed') {
      question?.reject(new TypeError(message.message));
      return;
    }
    const { t: _t, id: _id, body, ...head } = message;
    const stream = body instanceof MessagePort ? receiveStream(body) : null;
    if (question) question.resolve({ ...head, body: stream });
    else void stream?.cancel('given up');
  }
}

function bodyOf(body: Asking['body']): [FrameRequest['body'], Transferable[]] {
  if (!(body instanceof ReadableStream)) return [body, []];
  const { port1, port2 } = new MessageChannel();
  sendStream(body, port1);
  return [port2, [port2]];
}

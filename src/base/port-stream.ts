/**
 * A stream of bytes over a MessagePort, for threads that cannot hand a ReadableStream over.
 *
 * Promise: a chunk is sent when the reader asks for one, so a slow reader slows the source down; an end, a failure and a
 * cancellation each arrive once and close the port. What is no message of this kind fails the stream and nothing else.
 *
 *     reader -- pull --> source -- { chunk } | { end } | { failed } --> reader
 *     reader -- { cancelled } --> source
 */

type FromReader = { readonly pull: true } | { readonly cancelled: string };
type FromSource = { readonly chunk: Uint8Array } | { readonly end: true } | { readonly failed: string };

/** Sends `stream`, which it owns from now on. @returns what ends it when the reader is gone */
export function sendStream(stream: ReadableStream<Uint8Array>, port: MessagePort): () => void {
  const reader = stream.getReader();
  let isOver = false;
  const finish = (last?: FromSource): void => {
    if (isOver) return;
    isOver = true;
    if (last) port.postMessage(last);
    port.close();
  };
  const stop = (why: string): void => {
    if (isOver) return;
    finish();
    reader.cancel(why).catch(() => {}); // the source may have failed in the same moment: nobody is left to hear of it
  };
  port.onmessage = ({ data }: MessageEvent<FromReader | null>) => {
    if (typeof data !== 'object' || data === null || !('pull' in data)) {
      stop('the reader wants no more');
      return;
    }
    reader.read().then(
      ({ done, value }) => {
        if (isOver) return;
        if (done) finish({ end: true });
        else port.postMessage({ chunk: value } satisfies FromSource);
      },
      (error: unknown) => finish({ failed: String(error instanceof Error ? error.message : error) }),
    );
  };
  return () => stop('the reader is gone');
}

/** What `sendStream` sends at the other end of `port`. A failure of the source is a TypeError, as of a network. */
export function receiveStream(port: MessagePort): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      start(controller) {
        port.onmessage = ({ data }: MessageEvent<FromSource | null>) => {
          const message = typeof data === 'object' && data !== null ? data : {};
          if ('chunk' in message && message.chunk instanceof Uint8Array) {
            controller.enqueue(message.chunk as Uint8Array<ArrayBuffer>);
            return;
          }
          port.close();
          if ('end' in message) controller.close();
          else controller.error(new TypeError('failed' in message ? String(message.failed) : 'network error'));
        };
      },
      pull: () => port.postMessage({ pull: true } satisfies FromReader),
      cancel(reason) {
        port.postMessage({ cancelled: String(reason) } satisfies FromReader);
        port.close();
      },
    },
    { highWaterMark: 1 },
  );
}

/**
 * One document in the frame of a preview, from its first word to the next document.
 *
 * Promise: it gets a port only if it says hello from this very frame, and only once; every message is read by
 * `readFromFrame`, and one that is none ends the page's port. When the page goes, what it asked for is given up.
 *
 *     LOADING --hello--> OPEN --close()--> CLOSED
 *        \-------close()-------------------/
 *
 * Knows nothing of history; what is asked of the preview is handed to it.
 */
import { receiveStream, sendStream } from '../base/port-stream.ts';
import type { Cookie } from '../protocol/cookies.ts';
import {
  FRAME_HELLO,
  FRAME_PORT,
  type FrameDocument,
  type FrameRequest,
  type FromFrame,
  readFromFrame,
  type ToFrame,
} from '../protocol/preview.ts';
import type { BrowserAnswer, BrowserRequest, BrowserRequests } from './preview-requests.ts';
import { PreviewSockets, type SocketsOptions } from './preview-sockets.ts';

export interface PageOptions {
  readonly frame: HTMLIFrameElement;
  /** text of the frame's script */
  readonly shim: string;
  readonly document: FrameDocument;
  readonly requests: BrowserRequests;
  /** all but requests and sockets */
  readonly onMessage: (message: Exclude<FromFrame, { t: 'fetch' | 'abort' | `socket${string}` }>) => void;
  readonly onAnswer: (request: BrowserRequest, status: number) => void;
  readonly connect: SocketsOptions['connect'];
  readonly onSocket: SocketsOptions['tell'];
}

const SANDBOX = 'allow-scripts allow-forms allow-modals';

export class PreviewPage {
  readonly #options: PageOptions;
  readonly #sockets: PreviewSockets;
  readonly #asked = new Map<number, AbortController>();
  readonly #bodies = new Set<() => void>();
  /** what the page shows now: `history` and fragments change it */
  url: URL;
  #port: MessagePort | undefined;
  #isClosed = false;

  constructor(options: PageOptions) {
    this.#options = options;
    this.url = new URL(options.document.url);
    this.#sockets = new PreviewSockets({
      connect: options.connect,
      post: (message) => this.post(message),
      tell: options.onSocket,
    });
    addEventListener('message', this.#hear);
    const { frame, shim } = options;
    const script = shim.replace(/<(?=\/script|!--|script)/gi, '\\x3c');
    changeOutside(frame, () => {
      frame.setAttribute('sandbox', SANDBOX);
      frame.removeAttribute('src');
      frame.srcdoc = `<!doctype html><meta charset="utf-8"><script>${script}</script>`;
    });
  }

  send(socket: number, data: string | ArrayBuffer): boolean {
    return this.#sockets.send(socket, data);
  }

  post(message: ToFrame, transfer: Transferable[] = []): void {
    if (!this.#isClosed) this.#port?.postMessage(message, transfer);
  }

  showCookies(cookies: readonly Cookie[]): void {
    this.post({ t: 'cookies', cookies });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    removeEventListener('message', this.#hear);
    this.#sockets.close();
    for (const asked of this.#asked.values()) asked.abort();
    for (const stop of this.#bodies) stop();
    this.#port?.close();
  }

  readonly #hear = ({ source, data }: MessageEvent<unknown>): void => {
    const { frame, document } = this.#options;
    if (source === null || source !== frame.contentWindow || data !== FRAME_HELLO) return;
    removeEventListener('message', this.#hear);
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.onmessage = (event: MessageEvent<unknown>) => this.#take(event.data);
    // The frame has no origin that could be named; it said hello, so it is the one that is meant.
    (source as Window).postMessage(FRAME_PORT, '*', [port2]);
    this.post({ t: 'document', document });
  };

  #take(data: unknown): void {
    if (this.#isClosed) return;
    const message = readFromFrame(data);
    if (!message) {
      this.#options.onMessage({ t: 'problem', text: 'The page was cut off: it posted what no browser would ask for.' });
      this.close();
      return;
    }
    switch (message.t) {
      case 'fetch':
        void this.#fetch(message.id, message.request);
        return;
      case 'abort':
        this.#asked.get(message.id)?.abort();
        return;
      case 'socket':
      case 'socket-send':
      case 'socket-close':
        this.#sockets.take(message);
        return;
      default:
        this.#options.onMessage(message);
    }
  }

  /** Answers in every case; what goes wrong is told to the page. */
  async #fetch(id: number, { url, body, ...request }: FrameRequest): Promise<void> {
    const asked = new AbortController();
    this.#asked.set(id, asked);
    try {
      const to = URL.canParse(url) ? new URL(url) : undefined;
      if (to?.origin !== this.url.origin) throw new TypeError(`Failed to fetch: ${url} is not of this origin`);
      const full: BrowserRequest = {
        ...request,
        url: to,
        referrer: this.url,
        body: body instanceof MessagePort ? receiveStream(body) : body,
      };
      const answer = await this.#options.requests.send(full, asked.signal);
      if (answer.kind === 'elsewhere') {
        throw new TypeError(`Failed to fetch: redirected to another origin (${answer.url.href})`);
      }
      this.#options.onAnswer(full, answer.response.status);
      if (this.#isClosed)
        void answer.response.body?.cancel().catch(() => {}); // the page went meanwhile
      else this.#postAnswer(id, answer);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.post({ t: 'failed', id, message });
    } finally {
      this.#asked.delete(id);
    }
  }

  #postAnswer(id: number, { response, url, isRedirected }: Extract<BrowserAnswer, { kind: 'answer' }>): void {
    const { status, statusText, headers, body } = response;
    const head = { t: 'head', id, status, statusText, headers: [...headers], url: url.href, isRedirected } as const;
    if (!body) {
      this.post({ ...head, body: null });
      return;
    }
    const { port1, port2 } = new MessageChannel();
    const stop = sendStream(body, port1);
    this.#bodies.add(stop);
    this.post({ ...head, body: port2 }, [port2]);
  }
}

/**
 * Changes what the frame loads while it is not in its document, and puts it back: a frame that is put in takes no step in the
 * history of the page around it, and one that has a document and gets another does.
 */
export function changeOutside(frame: HTMLIFrameElement, change: () => void): void {
  const { parentNode, nextSibling, ownerDocument } = frame;
  const hadFocus = ownerDocument.activeElement === frame;
  frame.remove();
  change();
  parentNode?.insertBefore(frame, nextSibling);
  if (hadFocus) frame.focus({ preventScroll: true });
}

/**
 * What scripts for any class `WebSocket` say, as lines.
 *
 * Promise: a transcript says what a page can observe, in order, and nothing that depends on how quick anybody is.
 */

type Class = typeof WebSocket;

export interface Script {
  readonly WebSocket: Class;
  /** where the program is, as `ws:` */
  readonly base: string;
  /** What has to be read first keeps its place. */
  readonly say: (line: string | Promise<string>) => void;
}

/** A handler's events as lines; resolves them by name. */
export class Heard {
  readonly socket: WebSocket;
  readonly #waiting = new Map<string, () => void>();
  readonly #count = new Map<string, number>();

  constructor({ say }: Script, socket: WebSocket) {
    this.socket = socket;
    for (const type of ['open', 'message', 'error', 'close']) {
      socket.addEventListener(type, (event) => {
        say(shown(event, socket));
        this.#count.set(type, (this.#count.get(type) ?? 0) + 1);
        this.#waiting.get(type)?.();
      });
    }
  }

  /** The next event of that type, or one that came. */
  async next(type: string): Promise<void> {
    if (!this.#count.get(type)) await new Promise<void>((resolve) => this.#waiting.set(type, resolve));
    this.#waiting.delete(type);
    this.#count.set(type, (this.#count.get(type) ?? 0) - 1);
  }
}

function shown(event: Event, socket: WebSocket): string | Promise<string> {
  const { type, bubbles, cancelable, composed, eventPhase } = event;
  const on = `${event.target === socket}/${event.currentTarget === socket} phase ${eventPhase}`;
  const flags = `${bubbles}/${cancelable}/${composed} state ${socket.readyState} ${event.composedPath().length}`;
  const head = `${event.constructor.name} ${Object.prototype.toString.call(event)} ${type} ${on} ${flags}`;
  if (event instanceof MessageEvent) {
    const { data, origin, lastEventId, source, ports } = event;
    const rest = `${origin.replace(/^ws:\/\/[^/]*$/, '<origin>')} ${lastEventId}|${source}|${ports.length}`;
    const text = shownData(data);
    return typeof text === 'string' ? `${head} ${text} ${rest}` : text.then((read) => `${head} ${read} ${rest}`);
  }
  if (event instanceof CloseEvent) return `${head} ${event.code} ${JSON.stringify(event.reason)} ${event.wasClean}`;
  return head;
}

function shownData(data: unknown): string | Promise<string> {
  if (typeof data === 'string') return JSON.stringify(data);
  if (data instanceof Blob) {
    return data.arrayBuffer().then((bytes) => `Blob ${data.type}|${data.size} ${new Uint8Array(bytes).join()}`);
  }
  if (data instanceof ArrayBuffer) return `ArrayBuffer ${new Uint8Array(data).join()}`;
  return Object.prototype.toString.call(data);
}

/** What it gives, or how it fails. */
export function tried({ say, base }: Script, what: string, run: () => unknown): void {
  const clean = (text: string) => text.replaceAll(base, '<base>').replaceAll(base.replace('ws', 'http'), '<http base>');
  try {
    say(`${what} -> ${clean(String(run()))}`);
  } catch (error) {
    const { name, message, code } = error as DOMException;
    const kind = error instanceof DOMException ? `DOMException ${code}` : (error as Error).constructor.name;
    say(`${what} -> throws ${kind} ${name}: ${clean(message)}`);
  }
}

export async function opened(script: Script, path: string, protocols?: string | string[]): Promise<Heard> {
  const heard = new Heard(script, new script.WebSocket(script.base + path, protocols));
  await heard.next('open');
  return heard;
}

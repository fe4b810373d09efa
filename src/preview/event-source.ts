/**
 * `EventSource` of a page in the preview, over its `fetch`.
 *
 * Promise: events, ids, `retry` and reconnection as the standard says, with `Last-Event-ID`; an answer that is no event
 * stream ends it for good.
 *
 *     CONNECTING <--> OPEN      when the stream ends, after the retry time
 *          \---> CLOSED         close(), or an answer that is none
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
import type { Clock, Timer } from '../base/clock.ts';
import { defineConstants, defineHandlers } from '../base/event-handlers.ts';
import { schedule } from '../base/schedule.ts';
import type { Fetch } from './http.ts';
import { provide } from './patch.ts';

const RETRY_MS = 3000; // what Chromium waits where the server says nothing

export interface StreamedEvent {
  readonly type: string;
  readonly data: string;
  readonly lastEventId: string;
}

/** Reads the text of an event stream, piece by piece. */
export class EventReader {
  lastEventId = '';
  retryMs = RETRY_MS;
  #rest = '';
  #isFirst = true;
  #type = '';
  #data: string[] = [];

  /** The events that this piece completes. */
  read(piece: string): StreamedEvent[] {
    let text = this.#rest + piece;
    if (this.#isFirst && text !== '') {
      this.#isFirst = false;
      text = text.replace(/^\ufeff/, '');
    }
    const events: StreamedEvent[] = [];
    // A carriage return at the very end may be half of a line end.
    for (let end = /\r\n|\n|\r(?!$)/.exec(text); end; end = /\r\n|\n|\r(?!$)/.exec(text)) {
      const event = this.#line(text.slice(0, end.index));
      if (event) events.push(event);
      text = text.slice(end.index + end[0].length);
    }
    this.#rest = text;
    return events;
  }

  /** The stream ended: what was not completed is dropped. */
  end(): void {
    [this.#rest, this.#type, this.#data, this.#isFirst] = ['', '', [], true];
  }

  #line(line: string): StreamedEvent | undefined {
    if (line === '') return this.#complete();
    const [, field = '', value = ''] = /^([^:]*)(?::\x20?([\s\S]*))?$/.exec(line) ?? [];
    if (field === 'data') this.#data.push(value);
    else if (field === 'event') this.#type = value;
    else if (field === 'id' && !value.includes('\0')) this.lastEventId = value;
    else if (field === 'retry' && /^\d+$/.test(value)) this.retryMs = Number(value);
    return undefined;
  }

  #complete(): StreamedEvent | undefined {
    const [type, data] = [this.#type, this.#data];
    [this.#type, this.#data] = ['', []];
    if (data.length === 0) return undefined;
    return { type: type === '' ? 'message' : type, data: data.join('\n'), lastEventId: this.lastEventId };
  }
}

export function installEventSource(fetch: Fetch, clock: Clock): void {
  class EventSource extends EventTarget {
    readonly url: string;
    readonly withCredentials: boolean;
    readonly #reader = new EventReader();
    readonly #abort = new AbortController();
    #state = 0;
    #timer: Timer | undefined;

    constructor(url: string | URL, init: EventSourceInit = {}) {
      super();
      if (!URL.canParse(String(url), document.baseURI)) {
        throw new DOMException(`Cannot open an EventSource to '${url}'. The URL is invalid.`, 'SyntaxError');
      }
      this.url = new URL(url, document.baseURI).href;
      this.withCredentials = init.withCredentials ?? false;
      void this.#connect();
    }

    get readyState(): number {
      return this.#state;
    }

    close(): void {
      this.#state = 2;
      this.#timer?.cancel();
      this.#abort.abort();
    }

    async #connect(): Promise<void> {
      const { lastEventId } = this.#reader;
      const headers = { accept: 'text/event-stream', ...(lastEventId === '' ? {} : { 'last-event-id': lastEventId }) };
      const credentials = this.withCredentials ? 'include' : 'same-origin';
      try {
        const response = await fetch(this.url, { headers, credentials, cache: 'no-store', signal: this.#abort.signal });
        const isStream = /^text\/event-stream\s*(;|$)/i.test(response.headers.get('content-type') ?? '');
        if (response.status !== 200 || !isStream) {
          void response.body?.cancel();
          this.close();
          this.dispatchEvent(new Event('error'));
          return;
        }
        this.#state = 1;
        this.dispatchEvent(new Event('open'));
        const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
        for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
          for (const event of this.#reader.read(read.value)) {
            this.#tell(event);
            await new Promise<void>(schedule); // each is a task of its own
          }
        }
      } catch {
        // A connection that breaks is what reconnecting is for.
      }
      if (this.readyState !== 2) this.#reconnect();
    }

    #reconnect(): void {
      this.#reader.end();
      this.#state = 0;
      this.#timer = clock.after(this.#reader.retryMs, () => void this.#connect());
      this.dispatchEvent(new Event('error'));
    }

    #tell({ type, data, lastEventId }: StreamedEvent): void {
      if (this.#state === 2) return;
      this.dispatchEvent(new MessageEvent(type, { data, lastEventId, origin: new URL(this.url).origin }));
    }
  }
  defineHandlers(EventSource.prototype, ['open', 'message', 'error']);
  defineConstants(EventSource, ['CONNECTING', 'OPEN', 'CLOSED']);
  provide('EventSource', EventSource);
}

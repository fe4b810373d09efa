/**
 * `XMLHttpRequest` of a page in the preview, over its `fetch`.
 *
 * Promise: states, events, response types, upload progress, timeout and abort as the standard says.
 *
 * DIFFERS: a synchronous request is refused with a sentence: nothing here could wait for the Worker.
 *
 * @see https://xhr.spec.whatwg.org/
 */
import type { Clock, Timer } from '../base/clock.ts';
import { defineConstants, defineHandlers } from '../base/event-handlers.ts';
import type { Fetch } from './http.ts';
import { provide } from './patch.ts';

const STATES = ['UNSENT', 'OPENED', 'HEADERS_RECEIVED', 'LOADING', 'DONE'];
const PROGRESS = ['loadstart', 'progress', 'abort', 'error', 'load', 'timeout', 'loadend'];

/** A request under way. */
interface Sent {
  readonly abort: AbortController;
  /** of the body, bytes */
  readonly size: number;
  timer: Timer | undefined;
}

type Ending = 'load' | 'error' | 'abort' | 'timeout';

interface Tools {
  readonly fetch: Fetch;
  readonly clock: Clock;
}

export function installXhr(fetch: Fetch, clock: Clock): void {
  class XMLHttpRequest extends PageRequest {
    constructor() {
      super({ fetch, clock });
    }
  }
  defineConstants(XMLHttpRequest, STATES);
  provide('XMLHttpRequest', XMLHttpRequest);
  provide('XMLHttpRequestUpload', Upload);
}

class Upload extends EventTarget {}

class PageRequest extends EventTarget {
  readonly #tools: Tools;
  readonly upload = new Upload();
  withCredentials = false;
  timeout = 0;
  #state = 0;
  #method = 'GET';
  #url = '';
  #type: XMLHttpRequestResponseType = '';
  #mime: string | undefined;
  #headers = new Headers();
  #sent: Sent | undefined;
  #answer: Response | undefined;
  #bytes = new Uint8Array();
  #made: unknown;

  constructor(tools: Tools) {
    super();
    this.#tools = tools;
  }

  get readyState(): number {
    return this.#state;
  }

  get status(): number {
    return this.#answer?.status ?? 0;
  }

  get statusText(): string {
    return this.#answer?.statusText ?? '';
  }

  get responseURL(): string {
    return this.#answer?.url ?? '';
  }

  get responseType(): XMLHttpRequestResponseType {
    return this.#type;
  }

  set responseType(type: XMLHttpRequestResponseType) {
    if (this.#state >= 3) throw new DOMException('The response is being read.', 'InvalidStateError');
    if (['', 'text', 'json', 'arraybuffer', 'blob', 'document'].includes(type)) this.#type = type;
  }

  get responseText(): string {
    if (this.#type !== '' && this.#type !== 'text') {
      throw new DOMException(`The responseType is '${this.#type}', not text.`, 'InvalidStateError');
    }
    return this.#state >= 3 ? this.#text() : '';
  }

  get responseXML(): Document | null {
    if (this.#type !== '' && this.#type !== 'document') {
      throw new DOMException(`The responseType is '${this.#type}'.`, 'InvalidStateError');
    }
    return this.#state === 4 ? this.#document() : null;
  }

  get response(): unknown {
    if (this.#type === '' || this.#type === 'text') return this.responseText;
    if (this.#state !== 4 || !this.#answer) return null;
    this.#made ??= this.#make();
    return this.#made;
  }

  open(method: string, url: string | URL, isAsync = true): void {
    if (!isAsync) {
      throw new DOMException(
        'Synchronous requests do not work in the preview: pass true, or use fetch.',
        'InvalidAccessError',
      );
    }
    this.#sent?.abort.abort();
    this.#sent?.timer?.cancel();
    const request = new Request(url, { method });
    [this.#method, this.#url] = [request.method, request.url];
    this.#sent = undefined;
    this.#answer = undefined;
    this.#bytes = new Uint8Array();
    this.#made = undefined;
    this.#headers = new Headers();
    this.#become(1);
  }

  setRequestHeader(name: string, value: string): void {
    if (this.#state !== 1 || this.#sent) throw new DOMException('It is not opened, or sent.', 'InvalidStateError');
    this.#headers.append(name, value);
  }

  overrideMimeType(mime: string): void {
    if (this.#state >= 3) throw new DOMException('The response is being read.', 'InvalidStateError');
    this.#mime = mime;
  }

  getResponseHeader(name: string): string | null {
    return this.#answer?.headers.get(name) ?? null;
  }

  getAllResponseHeaders(): string {
    return [...(this.#answer?.headers ?? [])].map(([name, value]) => `${name}: ${value}\r\n`).join('');
  }

  send(body: Document | XMLHttpRequestBodyInit | null = null): void {
    if (this.#state !== 1 || this.#sent) throw new DOMException('It is not opened, or sent.', 'InvalidStateError');
    const hasBody = body !== null && !/^(get|head)$/i.test(this.#method);
    const init = hasBody ? bodyInit(body) : null;
    const size = sizeOf(init);
    const sent: Sent = { abort: new AbortController(), size, timer: undefined };
    this.#sent = sent;
    this.#tell(this, 'loadstart', 0, 0);
    if (size > 0) this.#tell(this.upload, 'loadstart', 0, size);
    if (this.#sent !== sent) return;
    if (this.timeout > 0) sent.timer = this.#tools.clock.after(this.timeout, () => this.#end(sent, 'timeout'));
    const credentials = this.withCredentials ? 'include' : 'same-origin';
    if (init instanceof Blob && init.type === '' && body instanceof Document)
      this.#headers.set('content-type', 'text/html');
    const request = {
      method: this.#method,
      headers: this.#headers,
      body: init,
      credentials,
      signal: sent.abort.signal,
    };
    void this.#run(sent, this.#tools.fetch(this.#url, request as RequestInit));
  }

  abort(): void {
    const sent = this.#sent;
    if (sent) this.#end(sent, 'abort');
    if (this.#state === 4) this.#state = 0;
  }

  async #run(sent: Sent, answering: Promise<Response>): Promise<void> {
    try {
      const answer = await answering;
      if (this.#sent !== sent) return;
      if (sent.size > 0) {
        for (const name of ['progress', 'load', 'loadend']) this.#tell(this.upload, name, sent.size, sent.size);
      }
      this.#answer = answer;
      this.#become(2);
      const total = Number(answer.headers.get('content-length') ?? 0);
      const reader = answer.body?.getReader();
      for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
        if (this.#sent !== sent) return;
        this.#bytes = joined(this.#bytes, read.value);
        this.#become(3);
        this.#tell(this, 'progress', this.#bytes.length, total);
      }
      this.#end(sent, 'load');
    } catch {
      this.#end(sent, 'error'); // the standard tells a script no more than that
    }
  }

  #end(sent: Sent, how: Ending): void {
    if (this.#sent !== sent) return;
    sent.timer?.cancel();
    this.#sent = undefined;
    if (how !== 'load') {
      sent.abort.abort();
      this.#answer = undefined;
      this.#bytes = new Uint8Array();
    }
    this.#become(4);
    if (how !== 'load' && sent.size > 0) {
      this.#tell(this.upload, how, 0, 0);
      this.#tell(this.upload, 'loadend', 0, 0);
    }
    this.#tell(this, how, this.#bytes.length, this.#bytes.length);
    this.#tell(this, 'loadend', this.#bytes.length, this.#bytes.length);
  }

  #become(state: number): void {
    this.#state = state;
    this.dispatchEvent(new Event('readystatechange'));
  }

  #tell(target: EventTarget, name: string, loaded: number, total: number): void {
    target.dispatchEvent(new ProgressEvent(name, { loaded, total, lengthComputable: total > 0 }));
  }

  #text(): string {
    const label = /charset\s*=\s*"?([\w-]+)/i.exec(this.#contentType())?.[1] ?? 'utf-8';
    try {
      return new TextDecoder(label).decode(this.#bytes);
    } catch (error) {
      if (error instanceof RangeError) return new TextDecoder().decode(this.#bytes); // no encoding of that name
      throw error;
    }
  }

  #contentType(): string {
    return this.#mime ?? this.#answer?.headers.get('content-type') ?? '';
  }

  #document(): Document | null {
    const type = this.#contentType().split(';')[0]?.trim() ?? '';
    if (type === 'text/html') return new DOMParser().parseFromString(this.#text(), 'text/html');
    return /[/+]xml$/.test(type) ? new DOMParser().parseFromString(this.#text(), 'text/xml') : null;
  }

  #make(): unknown {
    switch (this.#type) {
      case 'arraybuffer':
        return this.#bytes.slice().buffer;
      case 'blob':
        return new Blob([this.#bytes], { type: this.#contentType() });
      case 'document':
        return this.#document();
      default:
        try {
          return JSON.parse(this.#text());
        } catch (error) {
          if (error instanceof SyntaxError) return null; // as the standard says of what is no JSON
          throw error;
        }
    }
  }
}

defineHandlers(Upload.prototype, PROGRESS);
defineHandlers(PageRequest.prototype, ['readystatechange', ...PROGRESS]);

function bodyInit(body: Document | XMLHttpRequestBodyInit): BodyInit {
  if (body instanceof Document) return new Blob([body.documentElement.outerHTML], { type: 'text/html;charset=UTF-8' });
  return body;
}

function sizeOf(body: BodyInit | null): number {
  if (typeof body === 'string') return new TextEncoder().encode(body).length;
  if (body instanceof URLSearchParams) return body.toString().length;
  if (body instanceof Blob) return body.size;
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return body.byteLength;
  return body === null ? 0 : 1; // a form: how large is known to the browser alone
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}

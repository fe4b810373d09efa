/**
 * `Body`: what Request and Response have in common, and the two tables of HTTP.
 *
 * Promise: the members and their order are workerd's; each reader reads the body once. Knows neither of its subclasses.
 */
import { must } from '../base/assert.ts';
import { internalError } from '../base/internal-error.ts';
import { mimeText, parseMime } from '../base/mime.ts';
import { objectDefineProperty, objectHasOwn, uncurryGetter, uncurryThis } from '../base/primordials.ts';
import { systemRandom } from '../base/random.ts';
import { isObject } from '../base/shapes.ts';
import { type BodyState, type BodyTools, type ByteStream, extractBody, textOf } from './fetch-body.ts';
import type { HeadersFactory } from './fetch-headers.ts';
import { fieldError, shapeClass } from './native-shape.ts';
import { wellEncoded } from './urlencoded.ts';

export interface MessageTools extends BodyTools {
  readonly headers: HeadersFactory;
  /** true for a value that may stand as `webSocket` of a 101 response */
  isWebSocket(value: unknown): boolean;
  isFetcher(value: unknown): value is object;
  /** of requests that came */
  nextFetcher(): object | null;
}

/** What a message is made of inside: handed to the constructor instead of what a program may write. */
export class Made<T> {
  readonly head: T;
  readonly body: BodyState;

  constructor(head: T, body: BodyState) {
    this.head = head;
    this.body = body;
  }
}

export interface BodyClass {
  readonly Body: BodyConstructor;
  stateOf(body: object): BodyState;
}

export type BodyConstructor = abstract new (state: BodyState, headers: Headers) => BodyMembers;

export interface BodyMembers {
  readonly body: ByteStream | null;
  readonly bodyUsed: boolean;
  arrayBuffer(): Promise<ArrayBuffer>;
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
  text(): Promise<string>;
  json(): Promise<unknown>;
  formData(): Promise<FormData>;
  blob(): Promise<Blob>;
}

const random = systemRandom();
const parse = JSON.parse;
const stringify = JSON.stringify as (value: unknown) => string | undefined;
const NativeBlob = Blob;
const NativeFormData = FormData;
const blobType = uncurryGetter<string>(Blob.prototype, 'type') as (blob: unknown) => string;
const blobText = uncurryThis(Blob.prototype.text);
const formAppend = uncurryThis(FormData.prototype.append) as (form: FormData, name: string, value: unknown) => void;
const formForEach = uncurryThis(FormData.prototype.forEach);
const fileName = uncurryGetter<string>(File.prototype, 'name') as (file: unknown) => string;
const headersGet = uncurryThis(Headers.prototype.get) as (headers: unknown, name: string) => string | null;
const arrayBufferOf = uncurryGetter<ArrayBuffer>(Object.getPrototypeOf(Uint8Array.prototype), 'buffer') as (
  bytes: unknown,
) => ArrayBuffer;

export function makeBody(tools: MessageTools): BodyClass {
  const read = readers(tools);
  let stateOf: BodyClass['stateOf'] | undefined;

  class Body implements BodyMembers {
    readonly #state: BodyState;
    readonly #headers: Headers;

    static {
      stateOf = (body) => (body as Body).#state;
    }

    constructor(state: BodyState, headers: Headers) {
      if (new.target === Body) throw new TypeError('Illegal constructor');
      this.#state = state;
      this.#headers = headers;
    }

    get body(): ByteStream | null {
      return this.#state.stream;
    }

    get bodyUsed(): boolean {
      return this.#state.used;
    }

    // What is no body is refused at once, and not by the promise.
    arrayBuffer(): Promise<ArrayBuffer> {
      return read.arrayBuffer(this.#state);
    }

    bytes(): Promise<Uint8Array<ArrayBuffer>> {
      return read.bytes(this.#state);
    }

    text(): Promise<string> {
      return read.text(this.#state);
    }

    json(): Promise<unknown> {
      return read.json(this.#state);
    }

    formData(): Promise<FormData> {
      return read.formData(this.#state, this.#headers);
    }

    blob(): Promise<Blob> {
      return read.blob(this.#state, this.#headers);
    }
  }

  shapeClass(Body, 'Body');
  return { Body: Body as unknown as BodyConstructor, stateOf: must(stateOf, 'the access to a body') };
}

/** What a body can be read as. */
function readers(tools: MessageTools) {
  const responseFormData = uncurryThis(tools.Response.prototype.formData);
  return {
    async arrayBuffer(state: BodyState): Promise<ArrayBuffer> {
      return arrayBufferOf(await state.read());
    },

    async bytes(state: BodyState): Promise<Uint8Array<ArrayBuffer>> {
      return await state.read();
    },

    async text(state: BodyState): Promise<string> {
      return textOf(tools, await state.read());
    },

    async json(state: BodyState): Promise<unknown> {
      return parse(textOf(tools, await state.read()));
    },

    async formData(state: BodyState, headers: Headers): Promise<FormData> {
      state.assertReadable();
      const type = headersGet(headers, 'content-type');
      if (type === null) throw new TypeError('Parsing a Body as FormData requires a Content-Type header.');
      if (!FORM_TYPE.test(type)) {
        throw new TypeError(
          'Unrecognized Content-Type header value. FormData can only parse the following MIME types: ' +
            'multipart/form-data, application/x-www-form-urlencoded',
        );
      }
      if (MULTIPART.test(type) && !BOUNDARY.test(type)) throw new TypeError(NO_BOUNDARY);
      const read = await state.read();
      const bytes = MULTIPART.test(type) ? read : wellEncoded(read);
      const message = new tools.Response(bytes, { headers: { 'content-type': type } });
      let data: FormData;
      try {
        data = (await responseFormData(message)) as FormData;
      } catch {
        throw new TypeError('No initial boundary string (or you have a truncated message).'); // of the bytes nothing else is wrong
      }
      return withTexts(data, (file) => tools.compatibility.formFiles && fileName(file) !== '');
    },

    async blob(state: BodyState, headers: Headers): Promise<Blob> {
      return blobOf(tools, await state.read(), (headersGet(headers, 'content-type') as string | null) ?? '');
    },
  };
}

/** The browser's class writes all of a type in small letters. */
function blobOf({ compatibility }: MessageTools, bytes: Uint8Array<ArrayBuffer>, given: string): Blob {
  const parsed = compatibility.parsesTypes ? parseMime(given) : undefined;
  const type = compatibility.parsesTypes ? (parsed ? mimeText(parsed) : '') : given;
  const blob = new NativeBlob([bytes], { type });
  if (blobType(blob) !== type) objectDefineProperty(blob, 'type', { value: type, configurable: true });
  return blob;
}

type Part = File | string;

/** A part with an empty file name is a text like any other to the platform; before its date, every file is. */
async function withTexts(data: FormData, isFile: (file: File) => boolean): Promise<FormData> {
  const entries: [string, Part][] = [];
  let isAsItIs = true;
  formForEach(data, (value: Part, name: string) => {
    entries[entries.length] = [name, value];
    if (typeof value !== 'string' && !isFile(value)) isAsItIs = false;
  });
  if (isAsItIs) return data;
  const made = new NativeFormData();
  for (let i = 0; i < entries.length; i++) {
    const { 0: name, 1: value } = entries[i] as [string, Part];
    formAppend(made, name, typeof value === 'string' || isFile(value) ? value : await blobText(value));
  }
  return made;
}

const NO_BOUNDARY =
  'No boundary string in Content-Type header. The multipart/form-data MIME type requires a boundary parameter, ' +
  `e.g. 'Content-Type: multipart/form-data; boundary="abcd"'. See RFC 7578, section 4.`;
const MULTIPART = /^\s*multipart\//i;
const BOUNDARY = /;\s*boundary\s*=/i;
const FORM_TYPE = /^\s*(multipart\/form-data|application\/x-www-form-urlencoded)\s*(;|$)/i;

/** Reads the `body` of an init, and completes the headers with the type that it implies. */
export function bodyWithType(tools: MessageTools, given: unknown, headers: Headers): BodyState {
  const { state, contentType } = extractBody(tools, given);
  if (contentType !== undefined && headersGet(headers, 'content-type') === null) {
    tools.headers.set(headers, 'content-type', contentType);
  }
  return state;
}

/**
 * A copy of the `cf` of an init, as JSON has it.
 * @throws TypeError unless `value` is an object; what JSON throws; an internal error for what JSON makes no object of, such as a date
 */
export function readCf(value: unknown, dictionary: string): unknown {
  if (value === undefined) return undefined;
  if (!isObject(value)) throw fieldError('cf', dictionary, 'Object');
  const copy: unknown = parse(stringify(value) as string);
  if (!isObject(copy)) throw internalError(random);
  return copy;
}

/** True for the methods that workerd's parser knows; in capitals. Other tokens are refused, `CONNECT` too. */
export function isHttpMethod(method: string): boolean {
  return objectHasOwn(METHODS, method);
}

const METHODS: Readonly<Record<string, true>> = Object.fromEntries(
  (
    'GET HEAD POST PUT DELETE PATCH PURGE OPTIONS TRACE COPY LOCK MKCOL MOVE PROPFIND PROPPATCH SEARCH UNLOCK ACL ' +
    'REPORT MKACTIVITY CHECKOUT MERGE MSEARCH NOTIFY SUBSCRIBE UNSUBSCRIBE QUERY BAN'
  )
    .split(' ')
    .map((method) => [method, true]),
);

/**
 * What travels over RPC beside plain data, and how each is written and read: one list for every realm.
 *
 * Promise: functions, targets and stubs go by reference; streams of bytes go with back-pressure, their ends and their
 * cancellation; Request, Response, Headers and Blob are copied, bodies streamed. What the platform refuses is refused in its words.
 *
 * Knows no links. What a realm's classes are is given.
 * @see every row was seen in workerd 1.20260730.1
 */
import { notSerializable, notSerializableText } from '../base/platform-objects.ts';
import { NativeUint8Array, reflectApply, typedArrayLength } from '../base/primordials.ts';
import { dataCloneError } from '../values/clone-error.ts';
import type { HostReader } from '../values/deserializer.ts';
import { type ByteStreams, LOCKED } from './byte-streams.ts';
import { withOwnFields } from './errors.ts';
import { type ExternalKind, ExternalRegistry, type ExternalWriter } from './externals.ts';
import type { HeaderPairs, HttpMessages, MessageBody } from './http-messages.ts';
import { isOfRequest } from './interest.ts';
import type { ValueMakers } from './payload.ts';
import { ABORTED_SIGNAL, type PassedSignals } from './signals.ts';
import { disposeStub, hookOf, stubKindOf } from './stub.ts';

export interface RealmValues {
  isRpcTarget(value: object): boolean;
  messages: Pick<
    HttpMessages,
    'hasBody' | 'isRequest' | 'isResponse' | 'requestFrom' | 'responseFrom' | 'takeRequest' | 'takeResponse'
  >;
  headers: {
    pairs(value: Headers): HeaderPairs;
    from(pairs: HeaderPairs): Headers;
  };
  /** the browser's name of a class of its own, for an instance of one */
  nativeTypeOf(value: object): string | undefined;
  /** the platform's name of what stands for the platform itself */
  platformTypeOf?(value: object): string | undefined;
}

/** The first number of each says which it is. */
const HEADERS = 4;
const REQUEST = 5;
const RESPONSE = 6;

/** The kinds that a realm's values are of. */
export function externalRegistry(
  realm: RealmValues,
  streams: ByteStreams,
  signals: PassedSignals | undefined,
): ExternalRegistry {
  const { isRpcTarget, messages, headers, nativeTypeOf, platformTypeOf } = realm;
  const typeOf = (value: object) => platformTypeOf?.(value) ?? nativeTypeOf(value);
  const native = (name: string) => (value: object) => nativeTypeOf(value) === name;
  return new ExternalRegistry([
    {
      matches: (value) => stubKindOf(value) !== undefined,
      refusal: (value) => hookOf(value)?.refusal,
      write: writeStub,
    },
    { matches: isRpcTarget, write: targetWriter(isRpcTarget) },
    {
      matches: (value) => typeof value === 'function' && platformTypeOf?.(value) !== undefined,
      refusal: (value) => notSerializableText(typeOf(value) ?? 'Object'),
    },
    { matches: (value) => typeof value === 'function', write: writeFunction },
    {
      matches: native('ReadableStream'),
      write: (value, out) => out.reference({ kind: 'readable', source: streams.sourceOf(value as ReadableStream) }),
    },
    {
      matches: native('WritableStream'),
      write: (value, out) => out.reference({ kind: 'writable', hook: streams.hookOf(value as WritableStream) }),
    },
    {
      matches: (value) => messages.isRequest(value),
      write(value, out) {
        const {
          method,
          url,
          headers: pairs,
          redirect,
          body,
          signal,
        } = takeUnused(() => messages.takeRequest(value as Request));
        if (signal && !signals && !isOfRequest(signal)) throw withOwnFields(dataCloneError(SIGNAL_REFUSED));
        writeMessage(out, REQUEST, { method, url, headers: pairs, redirect }, body);
      },
      mayBeThrown: (value) => !messages.hasBody(value as Request),
    },
    {
      matches: (value) => messages.isResponse(value),
      write(value, out) {
        const {
          status,
          statusText,
          headers: pairs,
          body,
          ...rest
        } = takeUnused(() => messages.takeResponse(value as Response));
        if ((rest as { webSocket?: unknown }).webSocket) throw refuse('WebSocket');
        writeMessage(out, RESPONSE, { status, statusText, headers: pairs }, body);
      },
      mayBeThrown: (value) => !messages.hasBody(value as Response),
    },
    {
      matches: native('Headers'),
      write(value, out) {
        out.writeUint32(HEADERS);
        out.writeValue(headers.pairs(value as Headers));
      },
      mayBeThrown: () => true,
    },
    {
      matches: native('Blob'),
      write: (value, out) => out.reference({ kind: 'blob', blob: value as Blob }),
      mayBeThrown: () => true,
    },
    signalKind(native('AbortSignal'), signals),
    {
      matches: (value) => typeOf(value) !== undefined,
      refusal: (value) => notSerializableText(typeOf(value) ?? 'Object'),
    },
  ]);
}

function signalKind(matches: ExternalKind['matches'], signals: PassedSignals | undefined): ExternalKind {
  if (!signals) return { matches, refusal: () => SIGNAL_REFUSED };
  return { matches, write: (value, out) => signals.write(value as AbortSignal, out) };
}

const SIGNAL_REFUSED = 'AbortSignal serialization is not enabled.';

/** The way back. */
export function valueMakers(
  { messages, headers }: RealmValues,
  streams: ByteStreams,
  signals: PassedSignals,
): ValueMakers {
  return {
    readable: ({ source }) => streams.readableOf(source),
    writable: ({ hook }) => streams.writableOf(hook),
    signal: ({ source }) => signals.signalOf(source),
    platformValue(reader, kind) {
      switch (kind) {
        case ABORTED_SIGNAL:
          return signals.aborted(reader.readValue());
        case HEADERS:
          return headers.from(headerPairs(reader, reader.readValue()));
        case REQUEST: {
          const { head, body } = readMessage(reader);
          const { method, url, redirect } = head;
          if (typeof method !== 'string' || typeof url !== 'string')
            return reader.fail('a request without a method or url');
          const way = redirect === 'manual' ? 'manual' : 'follow';
          return messages.requestFrom({ method, url, headers: headerPairs(reader, head.headers), redirect: way, body });
        }
        case RESPONSE: {
          const { head, body } = readMessage(reader);
          const { status, statusText } = head;
          if (typeof status !== 'number' || typeof statusText !== 'string')
            return reader.fail('a response without a status');
          const pairs = headerPairs(reader, head.headers);
          return messages.responseFrom({ status, statusText, headers: pairs, url: '', redirected: false, body });
        }
        default:
          return reader.fail(`a host object of the unknown kind ${kind}`);
      }
    },
  };
}

function writeStub(value: object, out: ExternalWriter): void {
  const hook = stubKindOf(value) === 'LoopbackServiceStub' ? undefined : hookOf(value);
  if (!hook) throw refuse(stubKindOf(value) ?? 'Object');
  if (hook.target) {
    out.reference({ kind: 'target', target: hook.target });
    return;
  }
  out.reference({ kind: 'stub', hook: hook.dup() });
  out.give(() => disposeStub(value));
}

function targetWriter(isRpcTarget: (value: object) => boolean): NonNullable<ExternalKind['write']> {
  const isTarget = (value: unknown): value is object =>
    typeof value === 'object' && value !== null && isRpcTarget(value);
  return (value, out) => {
    const sent = out.isShared ? dupOf(value, isTarget, ['RcpTarget', 'RpcTarget', 'an RpcTarget']) : value;
    out.reference({ kind: 'stub', hook: out.local(sent) });
  };
}

function writeFunction(value: object, out: ExternalWriter): void {
  const isFunction = (dup: unknown): dup is object => typeof dup === 'function';
  const sent = out.isShared ? dupOf(value, isFunction, ['function', 'function', 'a function']) : value;
  out.reference({ kind: 'stub', hook: out.local(sent) });
}

/** What is sent of a thing that has a `dup()` of its own: the sender keeps the thing itself. */
function dupOf(
  value: object,
  isOne: (dup: unknown) => dup is object,
  [it, other, one]: [string, string, string],
): object {
  const dup: unknown = (value as { dup?: unknown }).dup;
  if (typeof dup !== 'function') return value;
  const made = reflectApply(dup, value, []);
  if (isOne(made)) return made;
  throw withOwnFields(
    dataCloneError(
      `Couldn't create a stub for the ${it} because it has a dup() method which did not return another ${other}. ` +
        `Either remove the dup() method or make sure it returns ${one}.`,
    ),
  );
}

/** A body that was used is, to the platform, a stream that has a reader. */
function takeUnused<T>(take: () => T): T {
  try {
    return take();
  } catch (error) {
    throw error instanceof TypeError ? new TypeError(LOCKED) : error;
  }
}

interface Head {
  readonly headers: HeaderPairs;
  readonly method?: string;
  readonly url?: string;
  readonly redirect?: string;
  readonly status?: number;
  readonly statusText?: string;
}

/** A body: 0 none, 1 bytes, 2 a stream. */
function writeMessage(out: ExternalWriter, kind: number, head: Head, body: MessageBody): void {
  out.writeUint32(kind);
  out.writeValue(head);
  if (body === null) {
    out.writeUint32(0);
  } else if (body instanceof NativeUint8Array) {
    out.writeUint32(1);
    out.writeUint32(typedArrayLength(body));
    out.writeRawBytes(body);
  } else {
    out.writeUint32(2);
    out.writeValue(body);
  }
}

function readMessage(reader: HostReader): { head: Head; body: MessageBody } {
  const head = reader.readValue();
  if (typeof head !== 'object' || head === null) return reader.fail('a message without a head');
  const kind = reader.readUint32();
  if (kind === 0) return { head: head as Head, body: null };
  if (kind === 1) return { head: head as Head, body: reader.readRawBytes(reader.readUint32()) };
  const body = reader.readValue();
  return { head: head as Head, body: body as ReadableStream };
}

function headerPairs(reader: HostReader, value: unknown): HeaderPairs {
  const isPair = (pair: unknown) =>
    Array.isArray(pair) && pair.length === 2 && typeof pair[0] === 'string' && typeof pair[1] === 'string';
  return Array.isArray(value) && value.every(isPair)
    ? (value as HeaderPairs)
    : reader.fail('headers that are no pairs');
}

const refuse = (type: string) => withOwnFields(notSerializable(type));

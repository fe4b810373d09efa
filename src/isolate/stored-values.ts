/**
 * Values as storage keeps them: V8's format, with workerd's own layout for the platform values that it can store.
 *
 * Promise: class instances lose their prototype; Headers, Blob, Request and a Response without a body are kept; what goes by
 * reference, and what stands for the platform itself, is refused with the platform's text before anything is written.
 *
 * @see values/tags.ts for the layout, which is measured
 */
import { bytesIn, isArrayBuffer } from '../base/bytes.ts';
import { internalError } from '../base/internal-error.ts';
import { hasAny } from '../base/lists.ts';
import { notSerializable, notSerializableText, platformTypeOf } from '../base/platform-objects.ts';
import {
  arrayBufferDetached,
  arrayIsArray,
  NativeUint8Array,
  typedArrayBuffer,
  typedArrayLength,
} from '../base/primordials.ts';
import type { Random } from '../base/random.ts';
import { isDictionary } from '../base/shapes.ts';
import { hookOf, stubKindOf } from '../rpc/stub.ts';
import type { ValueCodec } from '../storage/kv.ts';
import { DamagedValueError, deserialize, type HostReader, unreadable } from '../values/deserializer.ts';
import type { NativeTypeOf } from '../values/native-types.ts';
import { COMMON_NAMES, HEADERS_GUARD, PlatformValue, readPlatformValue } from '../values/platform-values.ts';
import { type HostWriter, type SerializeOptions, serialize } from '../values/serializer.ts';
import type { FetchClasses } from './fetch-classes.ts';
import { fieldError, named, parameterError } from './native-shape.ts';

const CODES = new Map(COMMON_NAMES.map((name, index) => [name, index + 1]));

export interface StoredValuesOptions {
  classes: FetchClasses;
  isRpcTarget(value: object): boolean;
  nativeTypeOf: NativeTypeOf;
  /** own properties, causes and more error types are kept (2026-04-21) */
  enhancedErrors: boolean;
  /** signals may be passed over RPC, and are refused here with another text */
  passesSignals: boolean;
  /** what carries stubs of services besides; instances of classes are refused then. Default: the other way round */
  stubs?: StubPassage;
  /** for the reference of what cannot be read again; default: that is told as it is */
  random?: Random;
}

export interface StubPassage {
  /** The number that stands for it; undefined: it cannot be carried. */
  write(stub: object): number | undefined;
  read(number: number): object | undefined;
}

/** What stands before the number of a stub that is carried: in no stored value. */
const CARRIED_STUB = 64;

type Write = (value: object, writer: HostWriter) => void;

export interface StoredValues extends ValueCodec {
  /** The program's `structuredClone`, which refuses what storage refuses. */
  clone(value: unknown): unknown;
}

const nativeClone = structuredClone;

/**
 * Refuses what the platform refuses. What is transferred is copied and then taken away, but for a buffer that is the value: the
 * copy of any other keeps what a browser's would lose.
 */
export function structuredCloneOf(values: StoredValues): (...args: unknown[]) => unknown {
  return named('structuredClone', (...args: unknown[]) => {
    const { 0: value, 1: options } = args;
    if (args.length === 0) throw parameterError('structuredClone', 'ServiceWorkerGlobalScope', 1, 'JsValue');
    if (!isDictionary(options)) {
      throw parameterError('structuredClone', 'ServiceWorkerGlobalScope', 2, 'StructuredCloneOptions');
    }
    const transfer = transferOf((options as { transfer?: unknown } | null | undefined)?.transfer);
    if (hasAny(transfer, (buffer) => buffer === value)) return nativeClone(value, { transfer });
    const copy = values.clone(value);
    if (transfer.length > 0) nativeClone(undefined, { transfer });
    return copy;
  });
}

/** Buffers that are still there, each once. @throws TypeError with the platform's texts */
function transferOf(given: unknown): ArrayBuffer[] {
  const buffers: ArrayBuffer[] = [];
  if (given === undefined) return buffers;
  if (!arrayIsArray(given)) throw fieldError('transfer', 'StructuredCloneOptions', 'Array');
  for (let i = 0; i < given.length; i++) {
    const one: unknown = given[i];
    const bytes = isArrayBuffer(one) ? undefined : bytesIn(one);
    const buffer = bytes ? typedArrayBuffer(bytes) : one;
    if (!isArrayBuffer(buffer)) throw new TypeError('Object is not transferable');
    if (!arrayBufferDetached?.(buffer) && !hasAny(buffers, (one) => one === buffer)) buffers[buffers.length] = buffer;
  }
  return buffers;
}

export function storedValues(options: StoredValuesOptions): StoredValues {
  const { classes, isRpcTarget, nativeTypeOf, enhancedErrors, stubs, random } = options;
  const writers = platformWriters(classes);
  const writerOf = (value: object): Write | undefined => {
    if (classes.isRequest(value)) return writers.request;
    if (classes.isResponse(value)) return writers.response;
    switch (nativeTypeOf(value)) {
      case 'Headers':
        return writers.headers;
      case 'Blob':
      case 'File':
        return writers.blob;
      default:
        return undefined;
    }
  };
  const isHostObject = (value: object): boolean =>
    platformTypeOf(value) !== undefined ||
    stubKindOf(value) !== undefined ||
    isRpcTarget(value) ||
    classes.isRequest(value) ||
    classes.isResponse(value) ||
    nativeTypeOf(value) !== undefined;
  const settings: SerializeOptions = {
    errors: enhancedErrors ? 'native' : 'v8',
    ...(stubs ? { classInstances: 'host' as const } : {}),
    delegate: {
      isHostObject,
      writeHostObject(value, writer) {
        if (!isHostObject(value)) return false;
        const carried = stubs?.write(value);
        if (carried !== undefined) {
          writer.writeUint32(CARRIED_STUB);
          writer.writeUint32(carried);
          return true;
        }
        refuse(value, options);
        const write = writerOf(value);
        if (!write) throw notSerializable(platformTypeOf(value) ?? nativeTypeOf(value) ?? 'Object');
        write(value, writer);
        return true;
      },
    },
  };
  const delegate = {
    readHostObject: (reader: HostReader) =>
      readPlatformValue(reader, classes, (kind) =>
        kind === CARRIED_STUB ? stubs?.read(reader.readUint32()) : undefined,
      ),
  };
  const codec = {
    serialize: (value: unknown) => serialize(value, settings),
    deserialize(bytes: Uint8Array): unknown {
      try {
        return deserialize(bytes, { delegate });
      } catch (error) {
        // Of what it stored and cannot read the platform says nothing.
        throw error instanceof DamagedValueError && random ? internalError(random, error) : error;
      }
    },
  };
  return {
    ...codec,
    clone(value) {
      const kind = stubKindOf(value) ?? (typeof value === 'function' ? platformTypeOf(value) : undefined);
      // The platform looks closer at what it stores: what can be called is a function to it here.
      if (kind !== undefined && kind !== 'stub') {
        throw new DOMException(`#<${kind}> could not be cloned.`, 'DataCloneError');
      }
      const bytes = codec.serialize(value);
      try {
        return deserialize(bytes, { delegate });
      } catch (error) {
        throw unreadable(error);
      }
    },
  };
}

/** What is refused with a text of its own. */
function refuse(value: object, { isRpcTarget, nativeTypeOf, passesSignals }: StoredValuesOptions): void {
  const native = nativeTypeOf(value) ?? '';
  const why = isRpcTarget(value)
    ? 'Remote RPC references can only be serialized for RPC.'
    : (hookOf(value)?.refusal ??
      REFUSED_STUBS[stubKindOf(value) ?? ''] ??
      (passesSignals && native === 'AbortSignal' ? SIGNAL : REFUSED_STREAMS[native]));
  if (why !== undefined) throw new DOMException(why, 'DataCloneError');
}

const SIGNAL = 'AbortSignal can only be serialized for RPC.';
const READABLE = 'ReadableStream can only be serialized for RPC.';
const REFUSED_STREAMS: Readonly<Record<string, string>> = {
  ReadableStream: READABLE,
  WritableStream: 'WritableStream can only be serialized for RPC.',
  AbortSignal: 'AbortSignal serialization is not enabled.',
};
const REFUSED_STUBS: Readonly<Record<string, string>> = {
  stub: 'ServiceStub cannot be serialized in this context.',
  RpcStub: 'RpcStub cannot be serialized in this context.',
  LoopbackServiceStub: notSerializableText('LoopbackServiceStub'),
  RpcProperty: notSerializableText('RpcProperty'),
  RpcPromise: notSerializableText('RpcPromise'),
};

/** What only a worker's scope has. */
interface WorkerOnly {
  FileReaderSync: new () => { readAsArrayBuffer(blob: Blob): ArrayBuffer };
}

function platformWriters(classes: FetchClasses): Record<'headers' | 'request' | 'response' | 'blob', Write> {
  const Reader = (globalThis as unknown as WorkerOnly).FileReaderSync;
  const pairsOf = (value: object) => classes.headerPairs(value as Headers);
  const headers: Write = (value, writer) => {
    const pairs = pairsOf(value);
    writer.writeUint32(PlatformValue.headers);
    writer.writeUint32(HEADERS_GUARD);
    writer.writeUint32(pairs.length);
    for (const [name, text] of pairs) {
      const code = CODES.get(name) ?? 0;
      writer.writeUint32(code);
      if (code === 0) writer.writeUtf8(name);
      writer.writeUtf8(text);
    }
  };
  return {
    headers,
    blob(value, writer) {
      const blob = value as Blob;
      // Only workers have it, and only it reads a Blob while `put` is still being called.
      const bytes = new NativeUint8Array(new Reader().readAsArrayBuffer(blob));
      writer.writeUint32(PlatformValue.blob);
      writer.writeUtf8(blob.type);
      writer.writeUint32(typedArrayLength(bytes));
      writer.writeRawBytes(bytes);
    },
    request(value, writer) {
      const { url, method, headers: list, hasBody } = classes.peekRequest(value as Request);
      if (hasBody) throw new DOMException(READABLE, 'DataCloneError');
      writer.writeUint32(PlatformValue.request);
      writer.writeUtf8(url);
      writer.writeValue({
        method: method === 'GET' ? undefined : method,
        headers: new classes.Headers(list as [string, string][]),
        body: null,
        redirect: undefined,
        fetcher: undefined,
        cf: undefined,
        cache: undefined,
        integrity: undefined,
        signal: undefined,
        encodeResponseBody: undefined,
      });
    },
    response(value, writer) {
      const { status, statusText, headers: list, hasBody } = classes.peekResponse(value as Response);
      if (hasBody) throw new DOMException(READABLE, 'DataCloneError');
      const isDefault = status === 200;
      writer.writeUint32(PlatformValue.response);
      writer.writeValue(null);
      writer.writeValue({
        status: isDefault ? undefined : status,
        statusText: isDefault ? undefined : statusText,
        headers: new classes.Headers(list as [string, string][]),
        cf: undefined,
        webSocket: undefined,
        encodeBody: undefined,
      });
    },
  };
}

/**
 * Errors that cross a link.
 *
 * Promise: what was thrown arrives as the platform would deliver it: the class when it is a standard one, the message,
 * own properties, cause and name; never the thrower's stack. What cannot be copied shrinks to class and message rather
 * than failing. Flags say where and why: `remote` for what the callee's code threw, the others for what became of the object.
 *
 *     thrown                          arrives, enhanced (2026-04-21)     before
 *     standard error                  its class, own properties          its class and message
 *     error of another name or class  Error with that own name           Error, message `name: message`
 *     DOMException                    DOMException                       DOMException
 *     string, null, number, symbol    Error with that text               the same
 *     object, array, Date, Map        a copy of it, flags added          Error with its description
 *     Headers, Blob                   the same                           Error with its description
 *     Request, Response               the same, if there is no body      Error with its description
 *     function, RpcTarget, stream     Error with its description         the same
 *     stub                            the same, and `overloaded`         the same
 *
 * On the wire: the bytes of the array [value, flags], since a DOMException's bytes have no room for flags, and the blobs in it.
 * Only an answer holds what is the platform's: what becomes of an object or a stream is told to hosts too, which know no such things.
 * @see workerd: jsg/util.c++; every row was seen in workerd 1.20260730.1
 */
import { isJoined, signalReason } from '../base/abort-signals.ts';
import {
  arrayIsArray,
  objectDefineProperty,
  objectGetOwnPropertyDescriptor,
  objectGetPrototypeOf,
  objectHasOwn,
  objectToString,
  reflectConstruct,
  regExpExec,
} from '../base/primordials.ts';
import { isObject } from '../base/shapes.ts';
import type { WireError } from '../protocol/link.ts';
import { cloneErrorText } from '../values/clone-error.ts';
import { deserialize, type HostReader } from '../values/deserializer.ts';
import { ownExceptionFields } from '../values/errors.ts';
import { type HostWriter, type SerializeOptions, serialize } from '../values/serializer.ts';
import type { ExternalRegistry, ExternalWriter } from './externals.ts';

export interface ErrorFlags {
  /** thrown by the callee's code */
  remote?: boolean;
  /** a disconnect: trying again may work */
  retryable?: boolean;
  overloaded?: boolean;
  /** the instance is lost, and its memory with it */
  durableObjectReset?: boolean;
  /** Ours: the link died after the call was posted; whether it ran cannot be known. */
  indeterminate?: boolean;
}

/** In the order in which the platform sets them. */
const FLAGS = ['remote', 'retryable', 'overloaded', 'durableObjectReset', 'indeterminate'] as const;

export interface ErrorCodecOptions {
  registry: ExternalRegistry;
  /** compatibility flag enhanced_error_serialization (2026-04-21) */
  enhancedErrors: boolean;
  /** Reads what a kind of the registry wrote. Absent: nothing of that arrives. */
  read?(reader: HostReader, kind: number): object;
}

/** Stands before the number of a blob; smaller ones are the registry's kinds'. */
const BLOB = 64;

export class ErrorCodec {
  readonly #registry: ExternalRegistry;
  readonly #isEnhanced: boolean;
  readonly #write: SerializeOptions;
  readonly #readKind: ErrorCodecOptions['read'];

  constructor({ registry, enhancedErrors, read }: ErrorCodecOptions) {
    this.#registry = registry;
    this.#readKind = read;
    // Members that are the platform's own are left out; those of the program's classes arrive as plain data.
    this.#write = { ...WRITE, delegate: { isHostObject: (value) => registry.kindOf(value) !== undefined } };
    this.#isEnhanced = enhancedErrors;
  }

  /** Never throws: what cannot be sent is described. */
  encode(thrown: unknown, flags: ErrorFlags = {}): WireError {
    return this.#encode(thrown, flags, false);
  }

  /** The same of what a program threw at who called it. */
  encodeAnswer(thrown: unknown, flags: ErrorFlags): WireError {
    return this.#encode(thrown, flags, true);
  }

  #encode(thrown: unknown, flags: ErrorFlags, isAnswer: boolean): WireError {
    const own = this.#isEnhanced ? {} : flagsOf(thrown);
    const inherited = { ...flags, ...own, ...(seemsOverloaded(thrown) ? { overloaded: true } : {}) };
    const copy = this.#tryCopy(thrown, inherited, isAnswer);
    return copy ?? { bytes: serialize([this.#shrink(thrown), inherited], WRITE) };
  }

  /** A new error each time. `flags` are added to those it came with. */
  decode(wire: WireError, flags: ErrorFlags = {}): unknown {
    const [value, sent] = this.#readPair(wire);
    if (value instanceof Error) adopt(value);
    return addFlags(value, { ...sent, ...flags });
  }

  /** undefined when it cannot be copied as it is */
  #tryCopy(thrown: unknown, flags: ErrorFlags, isAnswer: boolean): WireError | undefined {
    if (!this.#isEnhanced || thrown === null || typeof thrown !== 'object') return;
    const kind = this.#registry.kindOf(thrown);
    if (kind && !(isAnswer && kind.mayBeThrown?.(thrown))) return;
    const blobs: Blob[] = [];
    try {
      const bytes = serialize([thrown, flags], isAnswer ? this.#writeAnswer(blobs) : this.#write);
      const wire = blobs.length > 0 ? { bytes, blobs } : { bytes };
      this.#readPair(wire); // an error that reaches itself can be written and not read
      return wire;
    } catch {
      return undefined;
    }
  }

  /** What is the platform's is written where it may be thrown. @param blobs  gets those that are met */
  #writeAnswer(blobs: Blob[]): SerializeOptions {
    const { delegate } = this.#write;
    return {
      ...this.#write,
      delegate: {
        ...delegate,
        writeHostObject: (value, writer) => {
          const kind = this.#registry.kindOf(value);
          if (!kind?.mayBeThrown?.(value)) return false;
          kind.write?.(value, answerWriter(writer, blobs));
          return true;
        },
      },
    };
  }

  #readPair({ bytes, blobs }: WireError): [value: unknown, flags: ErrorFlags] {
    const readHostObject = (reader: HostReader): object => {
      const kind = reader.readUint32();
      if (kind === BLOB) return blobs?.[reader.readUint32()] ?? reader.fail('a blob that is not there');
      return this.#readKind?.(reader, kind) ?? reader.fail('what is not known here');
    };
    const pair = deserialize(bytes, { delegate: { readHostObject } });
    const isPair = arrayIsArray(pair) && pair.length === 2 && typeof pair[1] === 'object' && pair[1] !== null;
    return isPair ? (pair as [unknown, ErrorFlags]) : [pair, {}];
  }

  #shrink(thrown: unknown): Error {
    if (thrown instanceof DOMException) return thrown;
    if (!(thrown instanceof Error)) return new Error(describe(thrown));
    const name = dataProperty(thrown, 'name');
    const message = dataProperty(thrown, 'message') ?? '';
    const type = STANDARD_TYPES.get(name ?? 'Error');
    if (type) return reflectConstruct(Error, [message], type) as Error;
    return new Error(name && message ? `${name}: ${message}` : name || message);
  }
}

/** For kinds that write themselves by value. */
function answerWriter(writer: HostWriter, blobs: Blob[]): ExternalWriter {
  const refuse = (): never => {
    throw new TypeError('this goes by reference');
  };
  return {
    isShared: true,
    writeUint32: (number) => writer.writeUint32(number),
    writeUint64: (number) => writer.writeUint64(number),
    writeDouble: (number) => writer.writeDouble(number),
    writeRawBytes: (bytes) => writer.writeRawBytes(bytes),
    writeUtf8: (text) => writer.writeUtf8(text),
    writeValue: (inner) => writer.writeValue(inner),
    reference(reference) {
      if (reference.kind !== 'blob') return refuse();
      writer.writeUint32(BLOB);
      writer.writeUint32(blobs.length);
      blobs[blobs.length] = reference.blob;
    },
    local: refuse,
    give: () => {},
  };
}

const WRITE = { errors: 'native', errorStacks: 'drop' } as const;

/** Sets the flags that hold, in the platform's order, on whatever can have properties. Returns `value`. */
export function addFlags<T>(value: T, flags: ErrorFlags): T {
  if (value === null || typeof value !== 'object') return value;
  for (let i = 0; i < FLAGS.length; i++) {
    const flag = FLAGS[i] as (typeof FLAGS)[number];
    if (flags[flag]) defineOwn(value, flag, true);
  }
  return value;
}

/**
 * The error that the platform makes of a signal's reason. Of a reason that the platform gave it keeps the flag, unless the signal
 * is one of several (seen).
 *
 * @param keepsFlag  false: nor here
 */
export function reasonAsThrown(
  errors: Pick<ErrorCodec, 'encode' | 'decode'>,
  signal: AbortSignal,
  keepsFlag: boolean,
): unknown {
  const reason = signalReason(signal);
  const isOwn = keepsFlag && reason instanceof DOMException && !isJoined(signal);
  return errors.decode(errors.encode(reason, { retryable: isOwn && objectHasOwn(reason, 'retryable') }));
}

/** The platform's disconnect. `indeterminate` when what was asked may have run. */
export function connectionLost(flags: Pick<ErrorFlags, 'remote' | 'indeterminate'> = {}): Error {
  // DIFFERS: workerd does not tell a call that never left from one that may have run: both are retryable, and so they
  // are here; the second kind says so in one more property.
  return addFlags(new Error('Network connection lost.'), { retryable: true, ...flags });
}

/** What everything throws that belongs to another request. @see workerd: io/io-context.c++ */
export function otherRequest(type: 'OutgoingFactory' | 'SubrequestChannel' | 'Client' | 'Native'): Error {
  return new Error(
    'Cannot perform I/O on behalf of a different request. I/O objects (such as streams, request/response bodies, and others) ' +
      "created in the context of one request handler cannot be accessed from a different request's handler. This is a limitation of " +
      `Cloudflare Workers which allows us to improve overall performance. (I/O type: ${type})`,
  );
}

type ErrorType = new (message: string) => Error;

const STANDARD_TYPES: ReadonlyMap<string, ErrorType> = new Map<string, ErrorType>(
  [Error, TypeError, RangeError, ReferenceError, SyntaxError, EvalError, URIError, AggregateError as never].map(
    (type: ErrorType) => [type.name, type],
  ),
);

/** A string that the error or its prototypes hold as plain data; no getter runs. */
function dataProperty(error: object, key: string): string | undefined {
  for (let at: object | null = error; at !== null; at = objectGetPrototypeOf(at)) {
    const property = objectGetOwnPropertyDescriptor(at, key);
    if (property) return typeof property.value === 'string' ? property.value : undefined;
  }
  return undefined;
}

function flagsOf(thrown: unknown): ErrorFlags {
  if (!(thrown instanceof Error)) return {};
  const has = (flag: string) => objectGetOwnPropertyDescriptor(thrown, flag)?.value === true;
  return { ...(has('retryable') && { retryable: true }), ...(has('overloaded') && { overloaded: true }) };
}

const STUB_TAG = /^\[object (?:Js)?(Rpc(?:Stub|Promise|Property)|DurableObject|Fetcher)\]$/;

/** The name of a stub's class as V8 has it; undefined for what is no stub. */
function stubName(thrown: unknown): string | undefined {
  if (!isObject(thrown)) return undefined;
  try {
    return regExpExec(STUB_TAG, objectToString(thrown) as string)?.[1];
  } catch {
    return undefined; // its tag is a getter of the program's, which says nothing of who has called
  }
}

/** Any name asks a stub for a property of what it stands for, `overloaded` too: so the platform finds (seen). */
function seemsOverloaded(thrown: unknown): boolean {
  return stubName(thrown) !== undefined && Boolean((thrown as { overloaded?: unknown }).overloaded);
}

/** What V8 prints of a thrown value: the text of a primitive, else `#<Class>`. */
function describe(thrown: unknown): string {
  const stub = stubName(thrown);
  if (stub !== undefined) return `#<${stub}>`;
  if (typeof thrown !== 'object' && typeof thrown !== 'function') return String(thrown);
  if (thrown === null) return 'null';
  return cloneErrorText(thrown, 'uncloneable').slice(0, -' could not be cloned.'.length);
}

/** Makes a decoded error the receiver's: the frames it has are the decoder's and no help to anybody, so only the head line stays. */
function adopt(error: Error): void {
  const { name, message } = error;
  const stack = message === '' ? name : `${name}: ${message}`;
  if (error instanceof DOMException) withOwnFields(error, stack);
  else objectDefineProperty(error, 'stack', { value: stack, enumerable: false, writable: true, configurable: true });
}

const captureStackTrace = (Error as { captureStackTrace?: (target: object, below: unknown) => void }).captureStackTrace;

/**
 * Gives an error the stack of those who wait for it, as in workerd: the asynchronous frames below the function `below`,
 * which runs as a promise reaction. Only V8 knows them; elsewhere the head line stands alone.
 */
export function showWaiting(error: unknown, below: unknown): void {
  if (!(error instanceof Error) || !captureStackTrace) return;
  const place: { stack?: string } = {};
  captureStackTrace(place, below);
  const frames = `${place.stack}`.split('\n');
  const own = `${error.stack}`;
  const end = own.indexOf('\n    at ');
  let stack = end < 0 ? own : own.slice(0, end);
  for (let i = 1; i < frames.length; i++) if (frames[i]?.startsWith('    at ')) stack += `\n${frames[i]}`;
  const enumerable = error instanceof DOMException;
  objectDefineProperty(error, 'stack', { value: stack, enumerable, writable: true, configurable: true });
}

/** Gives a DOMException its fields as own enumerable properties, as workerd's have them; a browser's are on the prototype. */
export function withOwnFields(error: DOMException, stack = error.stack): DOMException {
  ownExceptionFields(error);
  defineOwn(error, 'stack', stack);
  return error;
}

function defineOwn(target: object, key: string, value: unknown): void {
  objectDefineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });
}

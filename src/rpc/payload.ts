/**
 * Arguments and results as parcels, and back.
 *
 * Promise: the count of arguments and trailing `undefined` are kept; what arrives shares nothing with what was sent; a
 * value over the limit, or one that cannot be copied, is refused with the platform's text before anything is sent, and
 * what it held by reference is disposed of. Every result that is an object can be disposed of, as on the platform, even one
 * with nothing in it to dispose.
 *
 * Knows no messages. What goes by reference is the registry's business; how it is numbered on a link, the session's.
 */

import { notSerializableText } from '../base/platform-objects.ts';
import {
  arrayIsArray,
  objectDefineProperty,
  objectGetPrototypeOf,
  objectPrototype,
  reflectApply,
} from '../base/primordials.ts';
import { SpareMemory } from '../base/spare-memory.ts';
import type { Limits } from '../protocol/limits.ts';
import type { Callee } from '../protocol/target.ts';
import { dataCloneError } from '../values/clone-error.ts';
import { deserialize, type HostReader, unreadable } from '../values/deserializer.ts';
import { type HostWriter, type SerializeOptions, serializeForPost } from '../values/serializer.ts';
import type { Keep } from './context.ts';
import { withOwnFields } from './errors.ts';
import type { ExternalKind, ExternalRegistry, ExternalWriter } from './externals.ts';
import { copyBuffers } from './handover.ts';
import { disposeParcel, disposeReference, NO_REFERENCES, type Parcel, type Reference, type StubHook } from './hook.ts';
import { makeRpcStub, makeServiceStub, stubKindOf } from './stub.ts';
import type { StubCodec } from './stub-handlers.ts';
import { NEWEST_SURFACE, type StubSurface } from './stub-shortcuts.ts';

/** Makes what arrived of a reference, and of the platform's own values. */
export interface ValueMakers {
  readable(reference: Reference & { kind: 'readable' }): ReadableStream;
  writable(reference: Reference & { kind: 'writable' }): WritableStream;
  signal(reference: Reference & { kind: 'signal' }): AbortSignal;
  /** Reads what a kind of the registry wrote by itself. */
  platformValue(reader: HostReader, kind: number): object;
}

export interface PayloadCodecOptions {
  registry: ExternalRegistry;
  limits: Pick<Limits, 'rpcMessageBytes'>;
  /** compatibility flag enhanced_error_serialization (2026-04-21): errors keep own properties and lose their stack */
  enhancedErrors: boolean;
  /** compatibility flag rpc_params_dup_stubs (2026-01-20): who passes a stub keeps its own */
  dupsParams: boolean;
  /** what its stubs have; left out: what they have at the newest date */
  stubs?: StubSurface;
  /** A hook on a thing of this realm; `release` is called on a later turn when nobody has a handle any more. */
  local(value: unknown, release?: () => unknown, keep?: Keep): StubHook;
  /** What may be wrapped into a stub. */
  isReceiver(value: object): boolean;
  /** The way to an object or a Worker. */
  find(target: Callee): StubHook;
  values: ValueMakers;
  /** What is made now belongs to the request that is under way; `over` is called when that is over. */
  adopt?(over: () => void): void;
  /** Told of each stub that arrives: nothing else remembers that the program has it. */
  onStub?(handler: object, hook: StubHook): void;
  /** How a stub fails whose request is over. */
  foreign?(): unknown;
}

export interface Opened {
  readonly value: unknown;
  /** disposes of the stubs in it; undefined when there are none */
  readonly release: (() => void) | undefined;
}

const MIB = 1024 * 1024;
/** The number that stands before a reference's index; smaller ones are the platform values'. */
const REFERENCE = 64;

/** What one value is made of while it is written. */
interface Writing {
  references: Reference[] | undefined;
  /** Takes what was sent away from the program. Absent: it stays. */
  readonly given: (() => void)[] | undefined;
  /** of the event that it is an answer of */
  readonly keep: Keep | undefined;
}

export class PayloadCodec implements StubCodec {
  readonly surface: StubSurface;
  /** for what is kept of arguments that were handed over */
  readonly spareMemory = new SpareMemory();
  readonly #options: PayloadCodecOptions;
  readonly #serialize: SerializeOptions;
  #writing: Writing | undefined;
  /** what is being read, and by what; no code of the program runs meanwhile */
  #parcel: Parcel | undefined;
  #reading: Reading | undefined;

  constructor(options: PayloadCodecOptions) {
    const { registry, enhancedErrors } = options;
    this.#options = options;
    this.surface = options.stubs ?? NEWEST_SURFACE;
    this.#serialize = {
      classInstances: 'host',
      errors: enhancedErrors ? 'native' : 'v8',
      errorStacks: enhancedErrors ? 'drop' : 'keep',
      delegate: {
        writeHostObject: (value, writer) => {
          const kind = stubKindOf(value);
          // The platform refuses a property or a promise itself; what it would give must be awaited first.
          if (kind === 'RpcProperty' || kind === 'RpcPromise') throw refusal(notSerializableText(kind));
          const external = registry.kindOf(value);
          if (!external) return false;
          const refused = external.refusal?.(value);
          if (refused !== undefined) throw refusal(refused);
          this.#write(external, value, writer);
          return true;
        },
        cloneError: (_value, _kind, text) => refusal(text),
      },
    };
  }

  /**
   * @param isWhole  everything by value is in the bytes, for who keeps those and opens them more than once
   * @throws DataCloneError, or Error when it is too large: the platform's texts
   */
  encodeArgs(args: readonly unknown[], isWhole = false): Parcel {
    if (this.#options.dupsParams) return this.#encode(args, undefined, undefined, isWhole);
    const given: (() => void)[] = [];
    const parcel = this.#encode(args, given, undefined, isWhole);
    for (let i = 0; i < given.length; i++) (given[i] as () => void)();
    return parcel;
  }

  /** @param given  gets what takes the stubs in it away from the program, once they are not needed any more */
  encodeResult(value: unknown, given: (() => void)[], keep?: Keep): Parcel {
    const parcel = this.#encode(value, given, keep);
    const dispose = disposerOf(value);
    if (!dispose) return parcel;
    return { ...parcel, disposer: this.#options.local(undefined, () => reflectApply(dispose, value, []), keep) };
  }

  /** @throws SerializationError of values/ for bytes that no serializer wrote */
  open(parcel: Parcel): Opened {
    return this.#decode(parcel);
  }

  /** The value, with a hidden `Symbol.dispose` when it is an object. */
  decodeResult(parcel: Parcel): Opened {
    const { value, release } = this.#decode(parcel);
    const all = withDisposer(release, parcel.disposer);
    if (all) this.#options.adopt?.(all);
    if (value !== null && typeof value === 'object') {
      objectDefineProperty(value, Symbol.dispose, {
        value: all
          ? (
              () => () =>
                all()
            )()
          : nothingToDispose,
        enumerable: false,
        writable: true,
        configurable: true,
      });
    }
    return { value, release: all };
  }

  local(value: unknown): StubHook {
    return this.#options.local(value);
  }

  wrap(value: object): StubHook | undefined {
    const { local, isReceiver } = this.#options;
    return isReceiver(value) ? local(value, disposal(value)) : undefined;
  }

  #encode(value: unknown, given: Writing['given'], keep?: Keep, isWhole = false): Parcel {
    const outer = this.#writing;
    const writing: Writing = { references: undefined, given, keep };
    this.#writing = writing;
    try {
      const { bytes, buffers, sizeBytes } = serializeForPost(value, this.#serialize, isWhole);
      const references = writing.references ?? NO_REFERENCES;
      this.#assertSize(sizeBytes, references);
      return buffers ? { bytes, buffers, references } : { bytes, references };
    } catch (error) {
      const references = writing.references ?? NO_REFERENCES;
      for (let i = 0; i < references.length; i++) disposeReference(references[i] as Reference);
      if (given) given.length = 0;
      throw error;
    } finally {
      this.#writing = outer;
    }
  }

  #assertSize(length: number, references: readonly Reference[]): void {
    let sizeBytes = length;
    for (let i = 0; i < references.length; i++) {
      const reference = references[i] as Reference;
      if (reference.kind === 'blob') sizeBytes += reference.blob.size;
    }
    const limitBytes = this.#options.limits.rpcMessageBytes;
    if (sizeBytes <= limitBytes) return;
    throw new Error(
      `Serialized RPC arguments or return values are limited to ${limitBytes / MIB}MiB, ` +
        `but the size of this value was: ${sizeBytes} bytes.`,
    );
  }

  #write(external: ExternalKind, value: object, writer: HostWriter): void {
    const writing = this.#writing as Writing;
    const { given } = writing;
    const out: ExternalWriter = {
      isShared: given === undefined,
      writeUint32: (number) => writer.writeUint32(number),
      writeUint64: (number) => writer.writeUint64(number),
      writeDouble: (number) => writer.writeDouble(number),
      writeRawBytes: (bytes) => writer.writeRawBytes(bytes),
      writeUtf8: (text) => writer.writeUtf8(text),
      writeValue: (inner) => writer.writeValue(inner),
      reference: (reference) => {
        writing.references ??= [];
        writer.writeUint32(REFERENCE);
        writer.writeUint32(writing.references.length);
        writing.references[writing.references.length] = reference;
      },
      local: (thing) => this.#options.local(thing, disposal(thing), writing.keep),
      give: (dispose) => {
        if (given) given[given.length] = dispose;
      },
    };
    external.write?.(value, out);
  }

  #decode(parcel: Parcel): Opened {
    const { bytes, references, lentBy } = parcel;
    const buffers = parcel.buffers && lentBy?.isAsked ? copyBuffers(parcel.buffers) : parcel.buffers;
    this.#parcel = parcel;
    this.#reading = undefined;
    let isRead = false;
    try {
      const value = deserialize(bytes, buffers ? { ...this.#deserialize, buffers } : this.#deserialize);
      isRead = true;
      return { value, release: this.#read()?.release };
    } catch (error) {
      throw unreadable(error);
    } finally {
      const reading = this.#read();
      if (references.length > 0) disposeParcel({ bytes, references: reading?.untaken ?? references });
      if (!isRead) reading?.release?.();
      this.#reading = undefined;
    }
  }

  #read(): Reading | undefined {
    return this.#reading;
  }

  /** Most values hold nothing that it would be needed for. */
  readonly #deserialize = {
    delegate: {
      readHostObject: (reader: HostReader) => {
        this.#reading ??= new Reading((this.#parcel as Parcel).references, this, this.#options);
        return this.#reading.read(reader);
      },
    },
  };
}

/** One value while it is read: takes each reference once. */
class Reading {
  readonly #references: readonly Reference[];
  readonly #codec: StubCodec;
  readonly #options: PayloadCodecOptions;
  readonly #isTaken: boolean[] = [];
  readonly #releases: (() => void)[] = [];

  constructor(references: readonly Reference[], codec: StubCodec, options: PayloadCodecOptions) {
    this.#references = references;
    this.#codec = codec;
    this.#options = options;
  }

  /** References that nothing in the bytes names. */
  get untaken(): Reference[] {
    const left: Reference[] = [];
    for (let i = 0; i < this.#references.length; i++) {
      if (!this.#isTaken[i]) left[left.length] = this.#references[i] as Reference;
    }
    return left;
  }

  get release(): (() => void) | undefined {
    const releases = this.#releases;
    if (releases.length === 0) return undefined;
    return () => {
      for (let i = 0; i < releases.length; i++) (releases[i] as () => void)();
    };
  }

  read(reader: HostReader): object {
    const kind = reader.readUint32();
    if (kind === REFERENCE) return this.#make(this.#take(reader, reader.readUint32()));
    return this.#options.values.platformValue(reader, kind);
  }

  #take(reader: HostReader, index: number): Reference {
    const reference = this.#references[index];
    if (!reference || this.#isTaken[index]) return reader.fail(`reference ${index} is not there, or was read before`);
    this.#isTaken[index] = true;
    return reference;
  }

  #make(reference: Reference): object {
    switch (reference.kind) {
      case 'stub': {
        const { adopt, foreign, onStub } = this.#options;
        const { stub, handler } = makeRpcStub(reference.hook, this.#codec);
        this.#releases[this.#releases.length] = () => handler.dispose();
        onStub?.(handler, reference.hook);
        if (foreign) adopt?.(() => handler.dispose(foreign));
        return stub;
      }
      case 'target':
        return makeServiceStub(this.#options.find(reference.target), this.#codec);
      case 'readable':
        return this.#options.values.readable(reference);
      case 'writable':
        return this.#options.values.writable(reference);
      case 'signal':
        return this.#options.values.signal(reference);
      case 'blob':
        return reference.blob;
      default:
        return reference satisfies never;
    }
  }
}

/** What a result has that holds nothing: known by its identity, so that passing the result on costs no message. */
const nothingToDispose = (() => () => {})();

/** The disposer that the platform takes over to the caller: of a plain object that is a result. */
function disposerOf(value: unknown): (() => unknown) | undefined {
  if (typeof value !== 'object' || value === null || arrayIsArray(value)) return undefined;
  if (objectGetPrototypeOf(value) !== objectPrototype) return undefined;
  const dispose: unknown = (value as { [Symbol.dispose]?: unknown })[Symbol.dispose];
  return typeof dispose === 'function' && dispose !== nothingToDispose ? (dispose as () => unknown) : undefined;
}

/** What runs when the last handle on a thing of the program's is gone. */
function disposal(value: object): () => unknown {
  return () => {
    const dispose: unknown = (value as { [Symbol.dispose]?: unknown })[Symbol.dispose];
    return typeof dispose === 'function' ? reflectApply(dispose, value, []) : undefined;
  };
}

function withDisposer(release: (() => void) | undefined, disposer: StubHook | undefined): (() => void) | undefined {
  if (!disposer) return release;
  return () => {
    release?.();
    disposer.dispose();
  };
}

const refusal = (text: string) => withOwnFields(dataCloneError(text));

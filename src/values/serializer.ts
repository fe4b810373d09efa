/**
 * Values to bytes: V8's value serialization, version 15.
 *
 * Promise: for a value that was just built the bytes are the ones that workerd writes, and always bytes that V8 reads
 * as the same value. Every property and element is read once. A value that cannot be written throws the platform's own
 * error and leaves nothing behind.
 *
 * V8 chooses between equal encodings by things that script cannot see (how an array came to be, whether a number is
 * kept as a double, whether a string once held a wide character). Where they show, the choice here is V8's for
 * literals: an array is dense when it has no holes, is extensible and does not consist of numbers and `undefined`;
 * numbers that are not all small integers are all written as doubles.
 *
 * Knows neither RPC nor storage: what the format has no bytes for goes to the delegate.
 */
import { arrayIsArray, mapForEach, numberOf, objectHasOwn, objectKeys, setForEach } from '../base/primordials.ts';
import { arrayIndexOf } from './array-index.ts';
import { type Brand, brandOf } from './brands.ts';
import { viewShape } from './buffers.ts';
import { ByteWriter } from './byte-writer.ts';
import { type CloneErrorKind, cloneErrorText, dataCloneError } from './clone-error.ts';
import { isSmall, readElements } from './elements.ts';
import {
  type ErrorLike,
  type ErrorSink,
  type ErrorStacks,
  writeDomException,
  writeNativeError,
  writeV8Error,
} from './errors.ts';
import { ObjectIds } from './object-ids.ts';
import { isStackOverflow, tooDeepError } from './stack-limit.ts';
import { DEPTH_MAX, HostTag, NATIVE_ERROR_DEPTH, Tag } from './tags.ts';
import { writeBuffer, writeLeaf, writeView } from './write-builtins.ts';

export interface SerializerDelegate {
  /**
   * Writes an object that the format has no bytes for: a function, a class instance (with `classInstances: 'host'`), or
   * what `isHostObject` claimed. The host-object tag is already written; the first thing written must be a
   * `writeUint32` that says what follows, other than 8 and 10 (`HostTag`).
   *
   * @returns false when it wrote nothing: the value is refused. It may as well throw the error itself.
   */
  writeHostObject?(value: object, writer: HostWriter): boolean;
  /** Claims an array, a plain object or a class instance before the format looks at its properties. */
  isHostObject?(value: object): boolean;
  /** Makes the error for a refused value; `text` is the platform's sentence, the default a DataCloneError of it. */
  cloneError?(value: unknown, kind: CloneErrorKind, text: string): Error;
}

export interface SerializeOptions {
  delegate?: SerializerDelegate;
  /** `strip` (default) writes an instance's own data as a plain object; `host` gives it to the delegate, as RPC does. */
  classInstances?: 'strip' | 'host';
  /** `native` (default) is workerd's form since 2026-04-21, with own properties; `v8` the one before. */
  errors?: 'native' | 'v8';
  /** default `keep` */
  errorStacks?: ErrorStacks;
}

/** A value that is about to be posted. */
export interface Posted {
  /** may lie in a buffer that is a little larger */
  readonly bytes: Uint8Array;
  /** large buffers of the value, which the bytes name by number; undefined: there are none */
  readonly buffers: readonly ArrayBuffer[] | undefined;
  /** length of the whole as `serialize` writes it, in one piece */
  readonly sizeBytes: number;
}

/** Writes inside a host object; the reader must read the same things in the same order. */
export interface HostWriter {
  writeUint32(value: number): void;
  writeUint64(value: bigint): void;
  writeDouble(value: number): void;
  writeRawBytes(bytes: Uint8Array): void;
  /** UTF-8 behind its length in bytes */
  writeUtf8(text: string): void;
  /** any value; objects written before are referred to, not repeated */
  writeValue(value: unknown): void;
}

/**
 * Writes `value`, version header included, into a buffer of its own.
 *
 * @throws DataCloneError (a DOMException) for what cannot be cloned, unless the delegate makes another error
 * @throws RangeError `Maximum call stack size exceeded` when it is nested deeper than `DEPTH_MAX`
 * @throws whatever a getter of the value throws
 */
export function serialize(value: unknown, options: SerializeOptions = NO_OPTIONS): Uint8Array {
  return write(value, options, Infinity, whole);
}

/**
 * The same for what is posted and not kept: large buffers stand beside the bytes, each copied once, so that they can be
 * transferred and be the receiver's as they are. Only `deserialize` with these buffers reads it.
 *
 * @param isWhole  true: nothing stands beside
 */
export function serializeForPost(value: unknown, options: SerializeOptions = NO_OPTIONS, isWhole = false): Posted {
  return write(value, options, isWhole ? Infinity : BESIDE_BYTES_MIN, posted);
}

function write<T>(value: unknown, options: SerializeOptions, besideMin: number, take: (out: ByteWriter) => T): T {
  const out = new ByteWriter(besideMin);
  try {
    new Serializer(out, options).writeValue(value);
    return take(out);
  } catch (error) {
    throw isStackOverflow(error) ? tooDeepError() : error;
  } finally {
    out.release();
  }
}

const whole = (out: ByteWriter) => out.toBytes();
const posted = (out: ByteWriter): Posted => {
  const sizeBytes = out.wholeLength;
  return { bytes: out.toBytes(true), buffers: out.buffers, sizeBytes };
};

const NO_OPTIONS: SerializeOptions = {};
/** By going beside, a call with 1 KiB each way takes a tenth longer, with 4 as long, with 8 an eighth less, with 16 almost half (measured). */
const BESIDE_BYTES_MIN = 8192;

class Serializer implements HostWriter, ErrorSink {
  readonly #out: ByteWriter;
  readonly #options: SerializeOptions;
  readonly #delegate: SerializerDelegate | undefined;
  readonly #ids = new ObjectIds();
  #depth = 0;

  constructor(out: ByteWriter, options: SerializeOptions) {
    this.#out = out;
    this.#options = options;
    this.#delegate = options.delegate;
  }

  writeValue(value: unknown): void {
    switch (typeof value) {
      case 'string':
        this.#out.string(value);
        break;
      case 'number':
        this.#writeNumber(value);
        break;
      case 'object':
        if (value === null) this.#out.byte(Tag.null);
        else this.#writeObject(value);
        break;
      case 'boolean':
        this.#out.byte(value ? Tag.true : Tag.false);
        break;
      case 'undefined':
        this.#out.byte(Tag.undefined);
        break;
      case 'bigint':
        this.#out.byte(Tag.bigint);
        this.#out.bigint(value);
        break;
      case 'function':
        this.#writeFunction(value);
        break;
      default:
        this.#refuse(value, 'uncloneable');
    }
  }

  #writeNumber(value: number): void {
    if (isSmall(value)) {
      this.#out.int32(value);
    } else {
      this.#out.byte(Tag.double);
      this.#out.double(value);
    }
  }

  /** Plain objects and arrays are handled here and one call further, for each call on the way is stack. */
  #writeObject(value: object): void {
    if (this.#wroteReference(value)) return;
    if (++this.#depth > DEPTH_MAX) throw tooDeepError();
    const brand = arrayIsArray(value) ? 'array' : brandOf(value);
    // A view takes its number after its buffer's.
    if (brand !== 'view') this.#ids.add(value);
    if (brand === 'plain' || brand === 'instance' || brand === 'array') {
      if (this.#isHost(value, brand)) {
        this.#writeHost(value, 'unserializable-type');
      } else if (brand === 'array') {
        this.#writeArray(value as unknown[]);
      } else {
        this.#out.byte(Tag.beginObject);
        const count = this.#writeProperties(value, objectKeys(value), 0);
        this.#out.byte(Tag.endObject);
        this.#out.varint(count);
      }
    } else {
      this.#writeBuiltIn(value, brand);
    }
    this.#depth--;
  }

  #isHost(value: object, brand: 'plain' | 'instance' | 'array'): boolean {
    const delegate = this.#delegate;
    if (delegate?.isHostObject?.(value)) return true;
    return brand === 'instance' && this.#options.classInstances === 'host';
  }

  #writeFunction(value: object): void {
    if (this.#wroteReference(value)) return;
    this.#ids.add(value);
    this.#writeHost(value, 'uncloneable');
  }

  #writeBuiltIn(value: object, brand: Exclude<Brand, 'plain' | 'instance'>): void {
    switch (brand) {
      case 'map':
        this.#writeMap(value as Map<unknown, unknown>);
        break;
      case 'set':
        this.#writeSet(value as Set<unknown>);
        break;
      case 'view':
        this.#writeView(value as ArrayBufferView);
        break;
      case 'error':
      case 'domException':
        this.#writeError(value, brand);
        break;
      case 'refused':
        this.#refuse(value, 'uncloneable');
        break;
      default:
        writeLeaf(this.#out, value, brand);
    }
  }

  // Objects

  #writeProperties(value: object, keys: readonly string[], from: number): number {
    let count = 0;
    for (let i = from; i < keys.length; i++) {
      const key = keys[i] as string;
      const property = (value as Record<string, unknown>)[key];
      // Gone since the keys were listed: a getter of an earlier property removed it.
      if (property === undefined && !objectHasOwn(value, key)) continue;
      this.#writeKey(key);
      this.writeValue(property);
      count++;
    }
    return count;
  }

  #writeKey(key: string): void {
    const index = arrayIndexOf(key);
    if (index >= 0) this.#writeNumber(index);
    else this.#out.string(key);
  }

  #writeHost(value: object, kind: CloneErrorKind): void {
    const delegate = this.#delegate;
    if (!delegate?.writeHostObject) this.#refuse(value, kind);
    this.#out.byte(Tag.hostObject);
    if (!delegate.writeHostObject(value, this)) this.#refuse(value, kind);
  }

  #writeError(error: object, brand: 'error' | 'domException'): void {
    const stacks = this.#options.errorStacks ?? 'keep';
    if (brand === 'error' && this.#options.errors === 'v8') {
      this.#out.byte(Tag.error);
      writeV8Error(this, error as ErrorLike, stacks);
      return;
    }
    this.#out.byte(Tag.hostObject);
    this.#out.varint(brand === 'error' ? HostTag.nativeError : HostTag.domException);
    if (brand === 'domException') {
      writeDomException(this, error, stacks);
      return;
    }
    this.#depth += NATIVE_ERROR_DEPTH;
    writeNativeError(this, error as ErrorLike, stacks);
    this.#depth -= NATIVE_ERROR_DEPTH;
  }

  // Arrays and collections

  #writeArray(array: unknown[]): void {
    const elements: unknown[] = [];
    const kind = readElements(array, elements);
    if (kind === 'sparse') {
      this.#writeSparse(array, elements);
      return;
    }
    const out = this.#out;
    const length = elements.length;
    out.byte(Tag.beginDenseArray);
    out.varint(length);
    for (let i = 0; i < length; i++) {
      if (kind === 'doubles') {
        out.byte(Tag.double);
        out.double(elements[i] as number);
      } else {
        this.writeValue(elements[i]);
      }
    }
    // Indexes come first among the keys: what stands behind `length` of them are the other properties.
    const count = this.#writeProperties(array, objectKeys(array), length);
    out.byte(Tag.endDenseArray);
    out.varint(count);
    out.varint(length);
  }

  /** `elements` are those already read, from the first on. */
  #writeSparse(array: unknown[], elements: readonly unknown[]): void {
    const out = this.#out;
    const length = array.length;
    out.byte(Tag.beginSparseArray);
    out.varint(length);
    const keys = objectKeys(array);
    let count = 0;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as string;
      const index = arrayIndexOf(key);
      const isRead = index >= 0 && index < elements.length;
      const element = isRead ? elements[index] : array[key as never];
      if (element === undefined && !isRead && !objectHasOwn(array, key)) continue;
      this.#writeKey(key);
      this.writeValue(element);
      count++;
    }
    out.byte(Tag.endSparseArray);
    out.varint(count);
    out.varint(length);
  }

  /** Entries are listed first: a getter met on the way may change the map. */
  #writeMap(map: Map<unknown, unknown>): void {
    const entries: unknown[] = [];
    mapForEach(map, (value: unknown, key: unknown) => {
      const at = entries.length;
      entries[at] = key;
      entries[at + 1] = value;
    });
    this.#out.byte(Tag.beginMap);
    for (let i = 0; i < entries.length; i++) this.writeValue(entries[i]);
    this.#out.byte(Tag.endMap);
    this.#out.varint(entries.length);
  }

  #writeSet(set: Set<unknown>): void {
    const members: unknown[] = [];
    setForEach(set, (member: unknown) => {
      members[members.length] = member;
    });
    this.#out.byte(Tag.beginSet);
    for (let i = 0; i < members.length; i++) this.writeValue(members[i]);
    this.#out.byte(Tag.endSet);
    this.#out.varint(members.length);
  }

  /** The buffer comes first, as an object or a reference, then the view onto it. */
  #writeView(view: ArrayBufferView): void {
    const shape = viewShape(view);
    if (!this.#wroteReference(shape.buffer)) {
      this.#ids.add(shape.buffer);
      writeBuffer(this.#out, shape.buffer);
    }
    this.#ids.add(view);
    writeView(this.#out, shape);
  }

  #wroteReference(value: object): boolean {
    const id = this.#ids.idOf(value);
    if (id < 0) return false;
    this.#out.byte(Tag.objectReference);
    this.#out.varint(id);
    return true;
  }

  #refuse(value: unknown, kind: CloneErrorKind): never {
    const text = cloneErrorText(value, kind);
    throw this.#delegate?.cloneError?.(value, kind, text) ?? dataCloneError(text);
  }

  // HostWriter and ErrorSink

  writeUint32(value: number): void {
    this.#out.varint(value);
  }

  writeUint64(value: bigint): void {
    let rest = BigInt.asUintN(64, value);
    for (; rest > 0x7fn; rest >>= 7n) this.#out.byte(numberOf(rest & 0x7fn) | 0x80);
    this.#out.byte(numberOf(rest));
  }

  writeDouble(value: number): void {
    this.#out.double(value);
  }

  writeRawBytes(bytes: Uint8Array): void {
    this.#out.raw(bytes);
  }

  writeUtf8(text: string): void {
    this.#out.utf8(text);
  }

  writeString(text: string): void {
    this.#out.string(text);
  }

  beginObject(): void {
    if (++this.#depth > DEPTH_MAX) throw tooDeepError();
    this.#ids.skip();
    this.#out.byte(Tag.beginObject);
  }

  endObject(propertyCount: number): void {
    this.#depth--;
    this.#out.byte(Tag.endObject);
    this.#out.varint(propertyCount);
  }
}

/**
 * Bytes to values: V8's value serialization, versions 13 to 15.
 *
 * Promise: bytes that V8 wrote give the same value. Any other bytes give a value or a DamagedValueError, in time and
 * memory bounded by their number: no claimed length is believed before what is left was counted, and nesting ends at
 * `READ_DEPTH_MAX`. Objects are built with own data properties only, so nothing in the bytes can reach a prototype or run a
 * setter.
 *
 * Knows neither RPC nor storage: host objects other than errors go to the delegate.
 */
import { arrayBufferByteLength, mapSet, setAdd } from '../base/primordials.ts';
import { defineDataProperty, makeBuffer, makeRegExp, makeSparseArray, makeView } from './builders.ts';
import { ByteReader, DamagedValueError } from './byte-reader.ts';
import { dataCloneError } from './clone-error.ts';
import { type ErrorSource, readDomException, readNativeError, readV8Error } from './errors.ts';
import { isStackOverflow } from './stack-limit.ts';
import {
  FIRST_VERSION_WITH_VIEW_FLAGS,
  FORMAT_VERSION,
  HostTag,
  NATIVE_ERROR_DEPTH,
  OLDEST_READABLE_VERSION,
  READ_DEPTH_MAX,
  Tag,
  VERSION_TAG,
} from './tags.ts';

export { DamagedValueError } from './byte-reader.ts';

export interface DeserializerDelegate {
  /**
   * Reads what a serializer's delegate wrote, from its first `writeUint32` on, and makes the object. What it throws
   * passes through as it is; for damage `reader.fail` is the way.
   */
  readHostObject?(reader: HostReader): object;
}

export interface DeserializeOptions {
  delegate?: DeserializerDelegate;
  /** what `serializeForPost` put beside the bytes; the value consists of these very buffers */
  buffers?: readonly ArrayBuffer[] | undefined;
}

export interface HostReader {
  readUint32(): number;
  readUint64(): bigint;
  readDouble(): number;
  /** a copy */
  readRawBytes(length: number): Uint8Array<ArrayBuffer>;
  readUtf8(): string;
  readValue(): unknown;
  /** @throws DamagedValueError always, with the present offset */
  fail(reason: string): never;
}

/**
 * Reads one value, version header included; the bytes are not kept.
 *
 * @throws DamagedValueError for bytes that are no value, are cut, go on behind their value, or nest too deep
 * @throws whatever the delegate throws
 */
export function deserialize(bytes: Uint8Array, options: DeserializeOptions = NO_OPTIONS): unknown {
  const deserializer = new Deserializer(bytes, options);
  try {
    return deserializer.readWhole();
  } catch (error) {
    if (isStackOverflow(error)) deserializer.fail(TOO_DEEP);
    throw error;
  }
}

/**
 * What a program hears of a value that it could write and cannot read: an error that reaches itself, or whose message is no
 * text. Anything else that was thrown stays what it is.
 *
 * @see seen in workerd 1.20260730
 */
export function unreadable(error: unknown): unknown {
  if (!(error instanceof DamagedValueError)) return error;
  if (error.reason === NO_STRING) return dataCloneError('Deserialization failed: error message is not a string');
  return new Error('Unable to deserialize cloned data.');
}

const NO_OPTIONS: DeserializeOptions = {};
const NO_BUFFERS: readonly ArrayBuffer[] = [];
const TOO_DEEP = 'it is nested too deeply';
const NO_STRING = 'a string was expected';

class Deserializer implements HostReader, ErrorSource {
  readonly #in: ByteReader;
  readonly #delegate: DeserializerDelegate | undefined;
  readonly #buffers: readonly ArrayBuffer[];
  #takenCount = 0;
  /** By id; undefined while the object is being read by a delegate. */
  readonly #objects: (object | undefined)[] = [];
  #version = FORMAT_VERSION;
  #depth = 0;

  constructor(bytes: Uint8Array, { delegate, buffers }: DeserializeOptions) {
    this.#in = new ByteReader(bytes);
    this.#delegate = delegate;
    this.#buffers = buffers ?? NO_BUFFERS;
  }

  readWhole(): unknown {
    if (this.#in.byte() !== VERSION_TAG) this.#failAtLastByte('it does not begin with a version');
    this.#version = this.#in.varint();
    if (this.#version < OLDEST_READABLE_VERSION || this.#version > FORMAT_VERSION) {
      this.#failAtLastByte(`version ${this.#version} is not one that can be read`);
    }
    const value = this.readValue();
    if (this.#in.remaining > 0) this.fail('it goes on behind its value');
    if (this.#takenCount < this.#buffers.length) this.fail('a buffer beside it has no place in it');
    return value;
  }

  readValue(): unknown {
    return this.#readTagged(this.#tag());
  }

  fail(reason: string): never {
    this.#in.fail(reason);
  }

  #failAtLastByte(reason: string): never {
    throw new DamagedValueError(this.#in.offset - 1, reason);
  }

  #tag(): number {
    let tag = this.#in.byte();
    while (tag === Tag.padding) tag = this.#in.byte();
    return tag;
  }

  #readTagged(tag: number): unknown {
    switch (tag) {
      case Tag.oneByteString:
        return this.#in.oneByteString();
      case Tag.int32: {
        const folded = this.#in.varint();
        return (folded >>> 1) ^ -(folded & 1);
      }
      case Tag.double:
        return this.#in.double();
      case Tag.undefined:
        return undefined;
      case Tag.null:
        return null;
      case Tag.true:
        return true;
      case Tag.false:
        return false;
      case Tag.twoByteString:
        return this.#in.twoByteString();
      case Tag.uint32:
        return this.#in.varint();
      case Tag.bigint:
        return this.#in.bigint();
      case Tag.utf8String:
        return this.#in.utf8();
      case Tag.objectCount:
        this.#in.varint();
        return this.readValue();
      default: {
        if (++this.#depth > READ_DEPTH_MAX) this.fail(TOO_DEEP);
        const object = this.#readObject(tag);
        this.#depth--;
        return object;
      }
    }
  }

  /** A view stands behind its buffer, which is an object or a reference to one. */
  #orViewOn(object: object): object {
    return this.#in.peek() === Tag.arrayBufferView ? this.#readView(object) : object;
  }

  #readObject(tag: number): object {
    switch (tag) {
      case Tag.beginObject: {
        const object = this.#adopt({});
        this.#readProperties(object, Tag.endObject);
        return object;
      }
      case Tag.beginDenseArray:
        return this.#readDenseArray();
      case Tag.objectReference:
        return this.#orViewOn(this.#readReference());
      case Tag.hostObject:
        return this.#readHostObject();
      case Tag.beginMap:
        return this.#readMap();
      case Tag.beginSet:
        return this.#readSet();
      case Tag.date:
        return this.#adopt(new Date_(this.#in.double()));
      case Tag.arrayBuffer:
      case Tag.resizableArrayBuffer:
        return this.#orViewOn(this.#adopt(makeBuffer(this.#in, tag === Tag.resizableArrayBuffer)));
      case Tag.transferredArrayBuffer:
        return this.#orViewOn(this.#adopt(this.#takeBuffer()));
      case Tag.beginSparseArray:
        return this.#readSparseArray();
      case Tag.error:
        return readV8Error(this, (error) => this.#adopt(error));
      case Tag.regExp: {
        const id = this.#reserve();
        const source = this.readString();
        return this.#fulfil(id, makeRegExp(this.#in, source));
      }
      case Tag.trueObject:
        return this.#adopt(Object_(true));
      case Tag.falseObject:
        return this.#adopt(Object_(false));
      case Tag.numberObject:
        return this.#adopt(Object_(this.#in.double()));
      case Tag.bigintObject:
        return this.#adopt(Object_(this.#in.bigint()));
      case Tag.stringObject: {
        const id = this.#reserve();
        return this.#fulfil(id, Object_(this.readString()));
      }
      default:
        return this.#failAtLastByte(`no value begins with ${tag}`);
    }
  }

  // Objects

  /** Reads keys and values up to `end`, then the number of pairs, which must agree. */
  #readProperties(target: object, end: number): void {
    let count = 0;
    for (;;) {
      const tag = this.#tag();
      if (tag === end) break;
      const key = this.#readTagged(tag);
      if (typeof key !== 'string' && typeof key !== 'number') this.fail('a key is neither a string nor a number');
      const value = this.#readTagged(this.#tag());
      if (key in target) defineDataProperty(target, key, value);
      else (target as Record<string | number, unknown>)[key] = value;
      count++;
    }
    if (this.#in.varint() !== count) this.fail('properties were miscounted');
  }

  /** Each stands in the bytes once, and in the order of their numbers. */
  #takeBuffer(): ArrayBuffer {
    const number = this.#in.varint();
    const buffer = number === this.#takenCount ? this.#buffers[number] : undefined;
    this.#takenCount++;
    return buffer ?? this.fail(`buffer ${number} is not beside it, or was read before`);
  }

  #readReference(): object {
    const id = this.#in.varint();
    return this.#objects[id] ?? this.fail(`it refers to object ${id}, which is not there yet`);
  }

  #readHostObject(): object {
    const id = this.#reserve();
    const start = this.#in.offset;
    const kind = this.#in.varint();
    if (kind === HostTag.nativeError) {
      this.#depth += NATIVE_ERROR_DEPTH;
      const error = readNativeError(this);
      this.#depth -= NATIVE_ERROR_DEPTH;
      return this.#fulfil(id, error);
    }
    if (kind === HostTag.domException) return this.#fulfil(id, readDomException(this));
    const delegate = this.#delegate;
    if (!delegate?.readHostObject) return this.fail(`host object ${kind} has no reader here`);
    this.#in.rewind(start);
    return this.#fulfil(id, delegate.readHostObject(this));
  }

  // Arrays and collections

  #readDenseArray(): object {
    const length = this.#in.length('an array');
    const array: unknown[] = [];
    this.#adopt(array);
    for (let i = 0; i < length; i++) {
      const tag = this.#tag();
      if (tag === Tag.hole) array.length = i + 1;
      else array[i] = this.#readTagged(tag);
    }
    this.#readProperties(array, Tag.endDenseArray);
    if (this.#in.varint() !== length) this.fail('an array was miscounted');
    return array;
  }

  #readSparseArray(): object {
    const length = this.#in.varint();
    const array = makeSparseArray(length, this.#in.remaining);
    this.#adopt(array);
    this.#readProperties(array, Tag.endSparseArray);
    if (this.#in.varint() !== length) this.fail('an array was miscounted');
    return array;
  }

  #readMap(): object {
    const map = new Map_<unknown, unknown>();
    this.#adopt(map);
    let count = 0;
    for (let tag = this.#tag(); tag !== Tag.endMap; tag = this.#tag()) {
      const key = this.#readTagged(tag);
      mapSet(map, key, this.#readTagged(this.#tag()));
      count += 2;
    }
    if (this.#in.varint() !== count) this.fail('a map was miscounted');
    return map;
  }

  #readSet(): object {
    const set = new Set_<unknown>();
    this.#adopt(set);
    let count = 0;
    for (let tag = this.#tag(); tag !== Tag.endSet; tag = this.#tag()) {
      setAdd(set, this.#readTagged(tag));
      count++;
    }
    if (this.#in.varint() !== count) this.fail('a set was miscounted');
    return set;
  }

  #readView(buffer: object): object {
    let length: number;
    try {
      length = arrayBufferByteLength(buffer);
    } catch {
      this.fail('a view stands behind what is no buffer');
    }
    this.#in.byte();
    const hasFlags = this.#version >= FIRST_VERSION_WITH_VIEW_FLAGS;
    return this.#adopt(makeView(this.#in, buffer as ArrayBuffer, length, hasFlags));
  }

  // Identity: ids count objects in the order in which they begin

  #adopt<T extends object>(object: T): T {
    this.#objects[this.#objects.length] = object;
    return object;
  }

  #reserve(): number {
    const id = this.#objects.length;
    this.#objects[id] = undefined;
    return id;
  }

  #fulfil<T extends object>(id: number, object: T): T {
    this.#objects[id] = object;
    return object;
  }

  // HostReader and ErrorSource

  readUint32(): number {
    return this.#in.varint();
  }

  readUint64(): bigint {
    return this.#in.bigVarint();
  }

  readDouble(): number {
    return this.#in.double();
  }

  readRawBytes(length: number): Uint8Array<ArrayBuffer> {
    return this.#in.raw(length);
  }

  readUtf8(): string {
    return this.#in.utf8();
  }

  readString(): string {
    const value = this.readValue();
    return typeof value === 'string' ? value : this.fail(NO_STRING);
  }
}

// Tests like to replace these; `Object_` makes wrappers.
const Date_ = Date;
const Map_ = Map;
const Object_ = Object;
const Set_ = Set;

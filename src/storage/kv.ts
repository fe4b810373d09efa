/**
 * The key-value storage, as user code sees it: `ctx.storage.get/put/delete/list` and `ctx.storage.kv`.
 *
 * Promise: coercions, order, texts and moments as workerd 1.20260730 on SQLite. Work is done when the call returns; the promises of
 * the asynchronous face settle two microtask hops later than a settled promise would, which programs can observe.
 *
 * Values go through a codec given from outside; its errors (`… could not be cloned.`) pass unchanged, before anything is written.
 */
import { compareBytes, encodeText, hasSurrogates } from '../base/bytes.ts';
import { illegalInvocation } from '../base/platform-objects.ts';
import {
  arrayIsArray,
  arraySort,
  mapSet,
  NativeMap,
  NativeSet,
  objectKeys,
  setAdd,
  setHas,
} from '../base/primordials.ts';
import type { Statement } from './engine.ts';
import { checkOptions, rangeOf, settled, writeOptions, wrongType } from './kv-arguments.ts';
import { type KeyRange, type KvRows, type Row, rowOf, storedKey } from './kv-rows.ts';
import { checkKeySize, checkValueSize, type KvSizes } from './kv-sizes.ts';
import { platformClass, textOf } from './platform-class.ts';

/** Values to bytes and back (V8's format, version 15). */
export interface ValueCodec {
  serialize(value: unknown): Uint8Array;
  deserialize(bytes: Uint8Array): unknown;
}

export interface KvOptions {
  readonly rows: KvRows;
  readonly codec: ValueCodec;
  /** the class whose methods these are, for the texts; default `DurableObjectStorage` */
  readonly owner?: string;
  /** bounds that storage without SQLite has; with it, a row has one of its own */
  readonly sizes?: KvSizes | undefined;
}

const INVALIDATED =
  'kv.list() iterator was invalidated because a new call to kv.list() was started. Only one kv.list() iterator can exist at a time.';
const PUT_FORMS =
  'put() may only be called with a single key-value pair and optional options as put(key, value, options) or with multiple ' +
  'key-value pairs and optional options as put(entries, options)';

/** The asynchronous face. Methods take what user code passed, unchecked. */
export class AsyncKv {
  readonly #rows: KvRows;
  readonly #codec: ValueCodec;
  readonly #owner: string | undefined;
  readonly #sizes: KvSizes | undefined;

  constructor({ rows, codec, owner, sizes }: KvOptions) {
    this.#rows = rows;
    this.#codec = codec;
    this.#owner = owner;
    this.#sizes = sizes;
  }

  get(...args: unknown[]): Promise<unknown> {
    return settled(() => {
      if (args.length === 0) throw wrongType('get', 1, 'string or Array', this.#owner);
      const keys = arrayIsArray(args[0]) ? textsOf(args[0]) : textOf(args[0]);
      checkOptions('get', 2, args[1], 'GetOptions', this.#owner);
      if (typeof keys === 'string') return this.#read(keys);
      this.#checkCount(keys.length);
      for (let i = 0; i < keys.length; i++) this.#checkKey(keys[i] as string);
      const found = new NativeMap<string, unknown>();
      const distinct = inStoredOrder(keys);
      for (let i = 0; i < distinct.length; i++) {
        const key = distinct[i] as string;
        const bytes = this.#rows.get(key);
        if (bytes) mapSet(found, storedKey(key), this.#codec.deserialize(bytes));
      }
      return found;
    });
  }

  put(...args: unknown[]): Promise<void> {
    return settled(() => {
      const first = args[0];
      const second = args[1];
      if (args.length === 0) throw wrongType('put', 1, 'string or object', this.#owner);
      if (isDictionary(first)) {
        this.#putEntries(first, second);
        return;
      }
      const key = textOf(first);
      const options = checkOptions('put', 3, args[2], 'PutOptions', this.#owner);
      if (second === undefined) throw new TypeError('put() called with undefined value.');
      this.#rows.put(key, this.#serialize(key, second), writeOptions(options));
    });
  }

  /** What is wrong with the arguments is thrown at once, here alone (the platform declares no promise for it). */
  delete(...args: unknown[]): Promise<boolean | number> {
    if (args.length === 0) throw wrongType('delete', 1, 'string or Array', this.#owner);
    const keys = arrayIsArray(args[0]) ? textsOf(args[0]) : textOf(args[0]);
    const options = writeOptions(checkOptions('delete', 2, args[1], 'PutOptions', this.#owner));
    return settled(() => {
      if (typeof keys === 'string') {
        this.#checkKey(keys);
        return this.#rows.delete(keys, options);
      }
      this.#checkCount(keys.length);
      for (let i = 0; i < keys.length; i++) this.#checkKey(keys[i] as string);
      let count = 0;
      for (let i = 0; i < keys.length; i++) if (this.#rows.delete(keys[i] as string, options)) count++;
      return count;
    });
  }

  list(...args: unknown[]): Promise<Map<string, unknown>> {
    return settled(() => {
      const range = rangeOf(checkOptions('list', 1, args[0], 'ListOptions', this.#owner));
      const found = new NativeMap<string, unknown>();
      const rows = this.#rows.list(range);
      for (let i = 0; i < rows.length; i++) {
        const { key, value } = rows[i] as Row;
        mapSet(found, key, this.#codec.deserialize(value));
      }
      return found;
    });
  }

  #read(key: string): unknown {
    this.#checkKey(key);
    const bytes = this.#rows.get(key);
    return bytes && this.#codec.deserialize(bytes);
  }

  #putEntries(entries: Record<string, unknown>, second: unknown): void {
    if (second !== undefined && second !== null && typeof second !== 'object') throw new TypeError(PUT_FORMS);
    const rows: Row[] = [];
    const keys = objectKeys(entries);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as string;
      const value = entries[key];
      if (value !== undefined) rows[rows.length] = { key, value: this.#serialize(key, value) };
    }
    this.#checkCount(rows.length);
    this.#rows.putAll(rows, writeOptions(second));
  }

  #serialize(key: string, value: unknown): Uint8Array {
    this.#checkKey(key);
    const bytes = this.#codec.serialize(value);
    if (this.#sizes) checkValueSize(bytes, this.#sizes);
    return bytes;
  }

  #checkKey(key: string): void {
    if (this.#sizes) checkKeySize(key, this.#sizes);
  }

  #checkCount(count: number): void {
    const max = this.#rows.database.limits.kvBatchCount;
    if (count > max) {
      throw new RangeError(`Maximum number of key value pairs is ${max}. ${count} pairs were provided.`);
    }
  }
}

/** `ctx.storage.kv`. */
export class SyncKvStorage {
  readonly #rows: KvRows;
  readonly #codec: ValueCodec;
  #iterator: ListIterator | undefined;

  constructor({ rows, codec }: KvOptions) {
    this.#rows = rows;
    this.#codec = codec;
  }

  get(...args: unknown[]): unknown {
    SyncKvStorage.#check(this);
    if (args.length === 0) throw wrongType('get', 1, 'string', 'SyncKvStorage');
    const bytes = this.#rows.get(textOf(args[0]));
    return bytes && this.#codec.deserialize(bytes);
  }

  /** Reads lazily. A new call ends the iterator of the one before. */
  list(...args: unknown[]): ListIterator {
    SyncKvStorage.#check(this);
    const range = rangeOf(checkOptions('list', 1, args[0], 'ListOptions', 'SyncKvStorage'));
    if (this.#iterator) ListIterator.invalidate(this.#iterator, new Error(INVALIDATED));
    this.#iterator = new ListIterator(this.#rows, range, this.#codec);
    return this.#iterator;
  }

  /** Here `undefined` is a value: the key then exists. */
  put(...args: unknown[]): void {
    SyncKvStorage.#check(this);
    if (args.length === 0) throw wrongType('put', 1, 'string', 'SyncKvStorage');
    const key = textOf(args[0]);
    if (args.length === 1) throw wrongType('put', 2, 'JsValue', 'SyncKvStorage');
    this.#rows.put(key, this.#codec.serialize(args[1]));
  }

  delete(...args: unknown[]): boolean {
    SyncKvStorage.#check(this);
    if (args.length === 0) throw wrongType('delete', 1, 'string', 'SyncKvStorage');
    return this.#rows.delete(textOf(args[0]));
  }

  static #check(value: unknown): void {
    if (typeof value !== 'object' || value === null || !(#rows in value)) throw illegalInvocation();
  }
}

/** Pairs in key order, read as they are asked for: rows put meanwhile, ahead of it, are seen. */
class ListIterator implements IterableIterator<[string, unknown], undefined> {
  readonly #rows: KvRows;
  readonly #codec: ValueCodec;
  #statement: Statement | undefined;
  #error: Error | undefined;
  /** The platform has no words for a list that a deleteAll ended; a cursor's it has. */
  readonly #run = {
    cancel: (why?: Error) => ListIterator.invalidate(this, why ?? this.#rows.database.internalError()),
  };

  constructor(rows: KvRows, range: KeyRange, codec: ValueCodec) {
    this.#rows = rows;
    this.#codec = codec;
    this.#statement = rows.openList(range, false);
    if (this.#statement) rows.database.trackRun(this.#run);
  }

  next(): IteratorResult<[string, unknown], undefined> {
    if (typeof this !== 'object' || this === null || !(#statement in this)) throw illegalInvocation();
    if (this.#error) throw this.#error;
    const statement = this.#statement;
    if (!statement) return { done: true, value: undefined };
    if (!this.#rows.database.step(statement)) {
      this.#end();
      return { done: true, value: undefined };
    }
    const { key, value } = rowOf(statement);
    return { done: false, value: [key, this.#codec.deserialize(value)] };
  }

  [Symbol.iterator](): this {
    return this;
  }

  /** Ends it before its time; one that has come to its end stays as it is. */
  static invalidate(iterator: ListIterator, error: Error): void {
    if (!iterator.#statement) return;
    iterator.#end();
    iterator.#error = error;
  }

  #end(): void {
    this.#statement?.finalize();
    this.#statement = undefined;
    this.#rows.database.untrackRun(this.#run);
  }
}

platformClass(SyncKvStorage, { name: 'SyncKvStorage' });
platformClass(ListIterator, { name: 'ListIterator', isIterator: true });

function isDictionary(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !arrayIsArray(value);
}

/** Without repeats, in the order of UTF-8 bytes; that of UTF-16 units is the same but for surrogates. */
function inStoredOrder(keys: readonly string[]): string[] {
  const seen = new NativeSet<string>();
  const distinct: string[] = [];
  let isByUnits = true;
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    if (setHas(seen, key)) continue;
    setAdd(seen, key);
    distinct[distinct.length] = key;
    if (hasSurrogates(key)) isByUnits = false;
  }
  return isByUnits
    ? arraySort(distinct)
    : arraySort(distinct, (left, right) => compareBytes(encodeText(left), encodeText(right)));
}

function textsOf(values: readonly unknown[]): string[] {
  const texts: string[] = [];
  for (let i = 0; i < values.length; i++) texts[i] = textOf(values[i]);
  return texts;
}

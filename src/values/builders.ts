/**
 * Makes the objects whose bytes must be doubted: buffers, views, regular expressions, long arrays.
 *
 * Promise: memory is taken only for bytes that are there. What the platform's own constructor refuses is damage.
 */
import { arrayBufferResizable, mapGet, NativeUint8Array, objectDefineProperty } from '../base/primordials.ts';
import type { ByteReader } from './byte-reader.ts';
import { REGEXP_FLAGS, VIEW_LENGTH_TRACKING, VIEW_OF_RESIZABLE, VIEW_TAGS } from './tags.ts';

/** An array that claims more elements than this beyond what the bytes can fill is kept as a table, not a vector. */
const VECTOR_SPARE_ELEMENTS = 1024;

type ViewType = { new (buffer: ArrayBuffer, byteOffset: number, length?: number): ArrayBufferView };

const ArrayBuffer_ = ArrayBuffer as new (length: number, options?: { maxByteLength: number }) => ArrayBuffer;
const RegExp_ = RegExp;
const viewTypes = findViewTypes();

/** Reads what stands behind a buffer's tag. On a platform without resizable buffers one becomes fixed. */
export function makeBuffer(input: ByteReader, isResizable: boolean): ArrayBuffer {
  const length = input.varint();
  const maxByteLength = isResizable ? input.varint() : length;
  if (length > input.remaining) input.fail('a buffer claims to be longer than the rest');
  if (maxByteLength < length) input.fail('a buffer is longer than it may become');
  if (!isResizable || !arrayBufferResizable) return input.raw(length).buffer;
  const buffer = orDamage(input, () => new ArrayBuffer_(length, { maxByteLength }));
  input.copyTo(new NativeUint8Array(buffer));
  return buffer;
}

/** Reads what stands behind a view's tag. */
export function makeView(
  input: ByteReader,
  buffer: ArrayBuffer,
  bufferLength: number,
  hasFlags: boolean,
): ArrayBufferView {
  const tag = input.byte();
  const byteOffset = input.varint();
  const byteLength = input.varint();
  const flags = hasFlags ? input.varint() : 0;
  const kind = mapGet(viewTypes, tag) ?? input.fail(`no view of kind ${tag} exists here`);
  if (byteOffset > bufferLength || byteLength > bufferLength - byteOffset) input.fail('a view exceeds its buffer');
  if (flags > (VIEW_LENGTH_TRACKING | VIEW_OF_RESIZABLE)) input.fail("a view's flags are unknown");
  if (byteOffset % kind.elementBytes !== 0 || byteLength % kind.elementBytes !== 0) input.fail('a view is not aligned');
  const resizable = arrayBufferResizable?.(buffer) === true;
  if (arrayBufferResizable && resizable !== (flags & VIEW_OF_RESIZABLE) > 0 && hasFlags) {
    input.fail('a view and its buffer disagree on being resizable');
  }
  const tracks = (flags & VIEW_LENGTH_TRACKING) > 0;
  if (tracks && !(flags & VIEW_OF_RESIZABLE)) input.fail('a view follows a buffer of fixed length');
  if (tracks && resizable) return orDamage(input, () => new kind.type(buffer, byteOffset));
  const length = tracks ? bufferLength - byteOffset : byteLength;
  return orDamage(
    input,
    () => new kind.type(buffer, byteOffset, (length - (length % kind.elementBytes)) / kind.elementBytes),
  );
}

/** Reads the flags that stand behind a regular expression's source. */
export function makeRegExp(input: ByteReader, source: string): RegExp {
  let bits = input.varint();
  let letters = '';
  for (let i = 0; i < REGEXP_FLAGS.length; i++) {
    const flag = REGEXP_FLAGS[i] as (typeof REGEXP_FLAGS)[number];
    if (bits & flag[1]) letters += flag[0];
    bits &= ~flag[1];
  }
  if (bits !== 0) input.fail("a regular expression's flags are unknown");
  return orDamage(input, () => new RegExp_(source, letters));
}

/**
 * An empty array of that length. Engines reserve room for every element of a middling length; one that went through
 * the largest length is a table and stays one.
 */
export function makeSparseArray(length: number, remainingBytes: number): unknown[] {
  const array: unknown[] = [];
  if (length > remainingBytes + VECTOR_SPARE_ELEMENTS) array.length = 0xffffffff;
  array.length = length;
  return array;
}

export function defineDataProperty(target: object, key: PropertyKey, value: unknown): void {
  objectDefineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

function orDamage<T>(input: ByteReader, make: () => T): T {
  try {
    return make();
  } catch (error) {
    // RangeError or SyntaxError: out of what the platform can make.
    return input.fail(`the platform refuses it (${error instanceof Error ? error.message : 'no reason given'})`);
  }
}

function findViewTypes(): Map<number, { type: ViewType; elementBytes: number }> {
  const found = new Map<number, { type: ViewType; elementBytes: number }>();
  for (const [name, tag] of VIEW_TAGS) {
    const type = (globalThis as Record<string, unknown>)[name] as
      | (ViewType & { BYTES_PER_ELEMENT?: number })
      | undefined;
    if (type) found.set(tag, { type, elementBytes: type.BYTES_PER_ELEMENT ?? 1 });
  }
  return found;
}

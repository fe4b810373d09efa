/** Built-ins that contain no other values: buffers, views, regular expressions, wrappers, dates. */
import {
  bigintValueOf,
  booleanValueOf,
  dateGetTime,
  mapGet,
  numberValueOf,
  regExpFlags,
  regExpSource,
  stringIndexOf,
  stringValueOf,
  typedArrayLength,
} from '../base/primordials.ts';
import type { Brand } from './brands.ts';
import { bufferShape, type ViewShape } from './buffers.ts';
import type { ByteWriter } from './byte-writer.ts';
import { dataCloneError } from './clone-error.ts';
import { REGEXP_FLAGS, Tag, VIEW_LENGTH_TRACKING, VIEW_OF_RESIZABLE, VIEW_TAGS } from './tags.ts';

export type LeafBrand = Extract<Brand, 'arrayBuffer' | 'regExp' | 'date' | 'number' | 'string' | 'boolean' | 'bigint'>;

/** @throws DataCloneError for a detached buffer */
export function writeLeaf(out: ByteWriter, value: object, brand: LeafBrand): void {
  switch (brand) {
    case 'arrayBuffer':
      writeBuffer(out, value as ArrayBuffer);
      break;
    case 'regExp':
      writeRegExp(out, value);
      break;
    case 'date':
      out.byte(Tag.date);
      out.double(dateGetTime(value));
      break;
    case 'number':
      out.byte(Tag.numberObject);
      out.double(numberValueOf(value));
      break;
    case 'string':
      out.byte(Tag.stringObject);
      out.string(stringValueOf(value));
      break;
    case 'boolean':
      out.byte(booleanValueOf(value) ? Tag.trueObject : Tag.falseObject);
      break;
    case 'bigint':
      out.byte(Tag.bigintObject);
      out.bigint(bigintValueOf(value));
      break;
    default:
      brand satisfies never;
  }
}

/** A resizable buffer never goes beside the bytes: it is rare, and its room would have to be there in every copy. */
export function writeBuffer(out: ByteWriter, buffer: ArrayBuffer): void {
  const { bytes, maxByteLength } = bufferShape(buffer);
  if (maxByteLength === undefined && out.goesBeside(bytes)) {
    out.byte(Tag.transferredArrayBuffer);
    out.beside(bytes);
    return;
  }
  out.byte(maxByteLength === undefined ? Tag.arrayBuffer : Tag.resizableArrayBuffer);
  out.varint(typedArrayLength(bytes));
  if (maxByteLength !== undefined) out.varint(maxByteLength);
  out.raw(bytes);
}

/** The view itself; its buffer, or a reference to it, stands before. */
export function writeView(out: ByteWriter, shape: ViewShape): void {
  const tag = mapGet(VIEW_TAGS as Map<string, number>, shape.type);
  if (tag === undefined) throw dataCloneError(`#<${shape.type}> could not be cloned.`);
  out.byte(Tag.arrayBufferView);
  out.byte(tag);
  out.varint(shape.byteOffset);
  out.varint(shape.isLengthTracking ? 0 : shape.byteLength);
  out.varint((shape.isLengthTracking ? VIEW_LENGTH_TRACKING : 0) | (shape.isResizable ? VIEW_OF_RESIZABLE : 0));
}

function writeRegExp(out: ByteWriter, value: object): void {
  const letters = regExpFlags(value);
  let flags = 0;
  for (let i = 0; i < REGEXP_FLAGS.length; i++) {
    const flag = REGEXP_FLAGS[i] as (typeof REGEXP_FLAGS)[number];
    if (stringIndexOf(letters, flag[0]) >= 0) flags |= flag[1];
  }
  out.byte(Tag.regExp);
  out.string(regExpSource(value));
  out.varint(flags);
}

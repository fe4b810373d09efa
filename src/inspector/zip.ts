/**
 * Zips, as far as a folder of databases needs them. The compression is fflate's.
 *
 * Promise: nothing is unpacked before the zip's directory was looked at: no name leads out of the zip, and what is wanted fits
 * the bound. What was unpacked has the checksum that the directory gives. Names have `/` between their parts.
 */
import { type UnzipFileInfo, unzipSync, Zip, ZipDeflate } from 'fflate';
import { concat, fromUtf8 } from '../base/bytes.ts';
import { SimulatorError } from '../base/errors.ts';

export interface ZipOptions {
  readonly zip: Uint8Array;
  /** asked for every file; folders are none */
  wants(path: string): boolean;
  readonly bytesMax: number;
}

export interface Unzipped {
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** paths of the files that were not wanted */
  readonly others: readonly string[];
}

/** @throws SimulatorError `file_invalid` */
export function readZip({ zip, wants, bytesMax }: ZipOptions): Unzipped {
  const wanted = new Set<string>();
  const others: string[] = [];
  let bytes = 0;
  unzip(zip, ({ name, originalSize }) => {
    const path = pathOf(name);
    if (path.endsWith('/')) return false;
    if (!wants(path)) {
      others.push(path);
      return false;
    }
    wanted.add(name);
    bytes += originalSize;
    return false;
  });
  if (bytes > bytesMax) {
    const [size, max] = [bytes, bytesMax].map((one) => `${Math.ceil(one / 1024 ** 2)} MiB`);
    throw new SimulatorError('file_invalid', `The zip is too big: it holds ${size} of at most ${max}.`);
  }
  const checksums = checksumsOf(zip);
  const found = unzip(zip, ({ name }) => wanted.has(name));
  const files = new Map<string, Uint8Array>();
  for (const [name, content] of Object.entries(found)) {
    const checksum = checksums.get(name);
    if (checksum !== undefined && checksum !== crc32(content)) throw damaged(`the checksum of ${name} is wrong`);
    files.set(pathOf(name), content);
  }
  return { files, others };
}

function unzip(zip: Uint8Array, filter: (file: UnzipFileInfo) => boolean): Record<string, Uint8Array> {
  try {
    return unzipSync(zip, { filter });
  } catch (error) {
    if (error instanceof SimulatorError) throw error;
    const isZip = zip[0] === 0x50 && zip[1] === 0x4b;
    throw isZip
      ? damaged('it is cut off, encrypted, or packed in an unknown way', error)
      : new SimulatorError('file_invalid', 'The file is not a zip.', { cause: error });
  }
}

/** @throws SimulatorError `file_invalid` for a name that leads out of the zip */
function pathOf(name: string): string {
  const path = name.replaceAll('\\', '/');
  if (path.startsWith('/') || /^[a-z]:/i.test(path) || path.split('/').includes('..')) {
    throw new SimulatorError('file_invalid', `The zip names a path outside itself: "${name}".`);
  }
  return path.replace(/^(\.\/)+/, '');
}

function damaged(why: string, cause?: unknown): SimulatorError {
  return new SimulatorError('file_invalid', `The zip is damaged: ${why}.`, { cause });
}

const END_BYTES = 22;
const END_SIGNATURE = 0x06054b50;
const ENTRY_BYTES = 46;
const ENTRY_SIGNATURE = 0x02014b50;

/**
 * What the directory says of each file's content, by name; fflate does not look at it. Empty for a directory beyond 4 GiB.
 *
 * @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT (4.3.12, 4.3.16)
 */
function checksumsOf(zip: Uint8Array): Map<string, number> {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  let end = zip.length - END_BYTES;
  while (end >= 0 && view.getUint32(end, true) !== END_SIGNATURE) end--;
  const found = new Map<string, number>();
  let at = end < 0 ? zip.length : view.getUint32(end + 16, true);
  while (at + ENTRY_BYTES <= zip.length && view.getUint32(at, true) === ENTRY_SIGNATURE) {
    const nameBytes = view.getUint16(at + 28, true);
    const name = fromUtf8(zip.subarray(at + ENTRY_BYTES, at + ENTRY_BYTES + nameBytes));
    found.set(name, view.getUint32(at + 16, true));
    at += ENTRY_BYTES + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return found;
}

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte;
  for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  return sum;
});

function crc32(bytes: Uint8Array): number {
  let sum = -1;
  for (let i = 0; i < bytes.length; i++) {
    sum = (CRC_TABLE[(sum ^ (bytes[i] as number)) & 0xff] as number) ^ (sum >>> 8);
  }
  return ~sum >>> 0;
}

/** Packs files one after the other, so that only one of them is in memory beside what is packed already. */
export class ZipWriter {
  readonly #parts: Uint8Array[] = [];
  readonly #zip: Zip;

  constructor() {
    this.#zip = new Zip((error, part) => {
      if (error) throw error;
      this.#parts.push(part);
    });
  }

  add(path: string, content: Uint8Array): void {
    const file = new ZipDeflate(path, { level: 6 });
    file.mtime = EPOCH;
    this.#zip.add(file);
    file.push(content, true);
  }

  finish(): Uint8Array<ArrayBuffer> {
    this.#zip.end();
    return concat(this.#parts) as Uint8Array<ArrayBuffer>;
  }
}

/** The earliest that a zip can say, so that the same state gives the same bytes. */
const EPOCH = '1980-01-01T12:00:00Z';

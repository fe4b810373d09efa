/**
 * What a write-ahead log adds to its database file.
 *
 * Promise: exactly what SQLite would recover: the frames up to the last commit whose checksums hold. A tail that a killed
 * process left half-written is no fault, as it is none for SQLite; a log that is damaged before a commit is refused, because
 * leaving out what was committed would be a loss that nobody sees.
 *
 * @see https://www.sqlite.org/fileformat2.html#walformat
 */
import { SimulatorError } from '../base/errors.ts';
import { PAGE_SIZE_BYTES, type PageCommit } from './pages.ts';

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const FRAME_BYTES = FRAME_HEADER_BYTES + PAGE_SIZE_BYTES;
/** the last bit says in which byte order checksums are computed */
const MAGIC = 0x377f0682;

type Sums = readonly [number, number];

/**
 * Reads a `-wal` file.
 *
 * @returns the pages that it holds, each in its last committed form; undefined when nothing was committed in it
 * @throws SimulatorError `file_invalid`
 */
export function readWal(bytes: Uint8Array): PageCommit | undefined {
  // SQLite makes the file before it writes its header.
  if (bytes.length < HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isBigEndian = checkHeader(view);
  const salts = view.getBigUint64(16);
  const isOfThisLog = (frame: number) => view.getBigUint64(frame + 8) === salts;

  const pages = new Map<number, number>();
  const uncommitted = new Map<number, number>();
  let pageCount: number | undefined;
  let sums: Sums = [view.getUint32(24), view.getUint32(28)];
  let frame = HEADER_BYTES;
  for (; frame + FRAME_BYTES <= bytes.length; frame += FRAME_BYTES) {
    if (!isOfThisLog(frame)) break;
    sums = checksum(view, sums, { from: frame, length: 8, isBigEndian });
    sums = checksum(view, sums, { from: frame + FRAME_HEADER_BYTES, length: PAGE_SIZE_BYTES, isBigEndian });
    if (sums[0] !== view.getUint32(frame + 16) || sums[1] !== view.getUint32(frame + 20)) break;
    uncommitted.set(view.getUint32(frame), frame + FRAME_HEADER_BYTES);
    const committedPages = view.getUint32(frame + 4);
    if (committedPages === 0) continue;
    for (const [number, at] of uncommitted) pages.set(number, at);
    uncommitted.clear();
    pageCount = committedPages;
  }
  // Frames of an older log may follow; a commit of this very log may not.
  for (let later = frame + FRAME_BYTES; later + FRAME_BYTES <= bytes.length; later += FRAME_BYTES) {
    if (!isOfThisLog(later) || view.getUint32(later + 4) === 0) continue;
    const number = (frame - HEADER_BYTES) / FRAME_BYTES + 1;
    throw damaged(`its checksum is wrong at frame ${number}, before a later commit`);
  }
  return pageCount === undefined ? undefined : commitOf(bytes, pages, pageCount);
}

/** @returns whether checksums read big-endian words */
function checkHeader(view: DataView): boolean {
  const magic = view.getUint32(0);
  if ((magic & ~1) !== MAGIC) throw damaged('it does not begin as one');
  const pageSize = view.getUint32(8);
  if (pageSize !== PAGE_SIZE_BYTES) throw damaged(`it holds pages of ${pageSize} bytes instead of ${PAGE_SIZE_BYTES}`);
  const isBigEndian = (magic & 1) === 1;
  const [first, second] = checksum(view, [0, 0], { from: 0, length: 24, isBigEndian });
  if (first !== view.getUint32(24) || second !== view.getUint32(28))
    throw damaged('the checksum of its header is wrong');
  return isBigEndian;
}

function checksum(
  view: DataView,
  before: Sums,
  range: { readonly from: number; readonly length: number; readonly isBigEndian: boolean },
): Sums {
  let [first, second] = before;
  const end = range.from + range.length;
  for (let at = range.from; at < end; at += 8) {
    first = (first + view.getUint32(at, !range.isBigEndian) + second) >>> 0;
    second = (second + view.getUint32(at + 4, !range.isBigEndian) + first) >>> 0;
  }
  return [first, second];
}

function commitOf(wal: Uint8Array, places: ReadonlyMap<number, number>, pageCount: number): PageCommit {
  const numbers = Uint32Array.from([...places.keys()].filter((number) => number <= pageCount)).sort();
  const bytes = new Uint8Array(numbers.length * PAGE_SIZE_BYTES);
  numbers.forEach((number, i) => {
    const at = places.get(number) ?? 0;
    bytes.set(wal.subarray(at, at + PAGE_SIZE_BYTES), i * PAGE_SIZE_BYTES);
  });
  return { pages: { numbers, bytes }, pageCount };
}

function damaged(why: string): SimulatorError {
  return new SimulatorError(
    'file_invalid',
    `The database's write-ahead log (its -wal file) is damaged: ${why}. Open the database with SQLite once, which writes the log into it, and import it without one.`,
  );
}

/**
 * The facets of an object as workerd keeps them: a database each, and an index beside them.
 *
 *     <id>.sqlite        the object itself
 *     <id>.<n>.sqlite    the facet that is the n-th of the index
 *     <id>.facets        magic, then of each facet from 1 on: number of its parent (0: the object), length, name
 *
 * Promise: what is read was checked, and what is written is what workerd reads. Numbers are 16 bits, the lower byte first. The index
 * of workerd names facets that were deleted too: those have no file.
 * @see workerd: server/facet-tree-index.c++; seen in workerd 1.20260730
 */
import { concat, fromUtf8, utf8 } from '../base/bytes.ts';
import { SimulatorError } from '../base/errors.ts';
import type { FacetPath } from '../protocol/inspection.ts';
import { PageFile } from '../storage/page-file.ts';
import { PAGE_SIZE_BYTES } from '../storage/pages.ts';
import { ROOT, Volume } from '../storage/volume.ts';

const MAGIC = new Uint8Array([0x57, 0xef, 0xb0, 0xc5, 0x5b, 0xce, 0xcd, 0xc4]);

/** @param facets  parents first: the first is number 1 */
export function writeIndex(facets: readonly FacetPath[]): Uint8Array {
  const numbers = new Map(facets.map((path, i) => [JSON.stringify(path), i + 1]));
  const entries = facets.map((path) => {
    const name = utf8(path.at(-1) ?? '');
    const head = new DataView(new ArrayBuffer(4));
    head.setUint16(0, numbers.get(JSON.stringify(path.slice(0, -1))) ?? 0, true);
    head.setUint16(2, name.length, true);
    return concat([new Uint8Array(head.buffer), name]);
  });
  return concat([MAGIC, ...entries]);
}

/** @returns of each number from 1 on the facet that it is @throws SimulatorError `file_invalid` */
export function readIndex(bytes: Uint8Array): FacetPath[] {
  if (MAGIC.some((byte, i) => bytes[i] !== byte)) throw invalid('This is no index of facets.');
  const facets: FacetPath[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = MAGIC.length; at < bytes.length; ) {
    if (at + 4 > bytes.length) break; // workerd was stopped while it wrote
    const parent = view.getUint16(at, true);
    const length = view.getUint16(at + 2, true);
    if (at + 4 + length > bytes.length) break;
    const above = parent === 0 ? [] : facets[parent - 1];
    if (!above) throw invalid(`Facet ${facets.length + 1} is under facet ${parent}, which comes after it.`);
    facets.push([...above, fromUtf8(bytes.subarray(at + 4, at + 4 + length))]);
    at += 4 + length;
  }
  return facets;
}

/** One file of several: as an object with facets is stored here. */
export function joinFacets(
  object: Uint8Array,
  facets: readonly { readonly path: FacetPath; readonly bytes: Uint8Array }[],
): Uint8Array<ArrayBuffer> {
  const pages = new PageFile();
  pages.load(1, object.slice());
  const volume = new Volume(pages);
  const joined = new PageFile();
  joined.load(1, object.slice());
  for (const { path, bytes } of [...facets].sort((a, b) => a.path.length - b.path.length)) {
    let one = volume.root;
    for (const name of path) one = volume.ensure(one.id, name);
    for (let at = 0; at < bytes.length; at += PAGE_SIZE_BYTES) {
      one.file.write(at / PAGE_SIZE_BYTES + 1, bytes.subarray(at, at + PAGE_SIZE_BYTES));
    }
    const commit = one.file.takeDirty();
    const placed = commit && one.id !== ROOT ? volume.place(one.id, commit) : undefined;
    if (placed && 'pages' in placed) joined.apply(placed);
  }
  return joined.toBytes() as Uint8Array<ArrayBuffer>;
}

function invalid(text: string): SimulatorError {
  return new SimulatorError('file_invalid', text);
}

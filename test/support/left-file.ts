/**
 * The file of an object as a killed browser left it: read from the log itself, by nothing that could mend it.
 *
 * Promise: for pages of tests; nothing is opened for writing.
 */
import { fill, readSnapshot } from '../../src/storage/log-state.ts';
import type { ObjectStore } from '../../src/storage/object-store.ts';
import { PageFile } from '../../src/storage/page-file.ts';

/** @returns undefined when it has no pages */
export async function leftFile(
  store: ObjectStore,
  options: { readonly at?: number } = {},
): Promise<Uint8Array | undefined> {
  const state = await readSnapshot(store, options);
  const file = new PageFile();
  if (state) fill(file, state);
  return file.pageCount > 0 ? file.toBytes() : undefined;
}

export function base64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(text);
}

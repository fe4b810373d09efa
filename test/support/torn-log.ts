/**
 * What a browser that is killed inside a write leaves of the file that it wrote: Chromium's LevelDB under IndexedDB.
 *
 * Promise: nothing that was written whole is touched; the file ends as if one more write had begun.
 */
import { appendFile, readdir, stat } from 'node:fs/promises';
import path from 'node:path';

/** LevelDB's log is blocks of so many bytes, filled with entries of a header and a payload. */
const BLOCK_BYTES = 32_768;
const HEADER_BYTES = 7;
/** as it was found after a kill: the header of so long a payload, and no payload */
const PAYLOAD_BYTES = 2_663;
const WHOLE_ENTRY = 1;

/** Tears the log of the origin's databases. @throws Error when the profile has none */
export async function tearLog(profile: string, origin: string): Promise<void> {
  const { hostname, port } = new URL(origin);
  const folder = path.join(profile, 'Default', 'IndexedDB', `http_${hostname}_${port}.indexeddb.leveldb`);
  const log = (await readdir(folder))
    .filter((name) => name.endsWith('.log'))
    .sort()
    .at(-1);
  if (!log) throw new Error(`There is no log in ${folder}.`);
  const file = path.join(folder, log);
  const { size } = await stat(file);
  const room = BLOCK_BYTES - (size % BLOCK_BYTES);
  // No header lies across two blocks, and no entry does without saying so.
  const padding = room < HEADER_BYTES + PAYLOAD_BYTES ? room : 0;
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16LE(PAYLOAD_BYTES, 4);
  header.writeUInt8(WHOLE_ENTRY, 6);
  await appendFile(file, Buffer.concat([Buffer.alloc(padding), header]));
}

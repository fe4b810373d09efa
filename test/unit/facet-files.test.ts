/** Objects with facets in a folder: as real workerd leaves them, as they are stored here, and back on workerd. */
import { deserialize } from 'node:v8';
import { zipSync } from 'fflate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Files } from '../../src/inspector/files.ts';
import { packFolder, unpackFolder } from '../../src/inspector/folder.ts';
import { entriesOf } from '../../src/inspector/reader.ts';
import { Snapshots } from '../../src/inspector/snapshots.ts';
import { readZip } from '../../src/inspector/zip.ts';
import { objectAddress, uniqueKey } from '../../src/protocol/names.ts';
import { ObjectLog } from '../../src/storage/log.ts';
import { PAGE_SIZE_BYTES } from '../../src/storage/pages.ts';
import { MemoryObject, MemoryObjectStore } from '../../src/storage/vault-memory.ts';
import { seenError } from '../support/seen-error.ts';
import { sharedEngine } from '../support/storage.ts';
import { type StateFolder, stateFolder } from '../support/workerd-state.ts';

const PROGRAM = {
  worker: 'parent',
  className: 'Parent',
  script: `
    import { DurableObject } from 'cloudflare:workers';
    export class Kid extends DurableObject {
      async at([name, ...rest], key, value) {
        if (name) return this.ctx.facets.get(name, () => ({ class: this.ctx.exports.Kid })).at(rest, key, value);
        if (value !== null) await this.ctx.storage.put(key, value);
        return (await this.ctx.storage.get(key)) ?? null;
      }
    }
    export class Parent extends Kid {
      async fetch(request) {
        const url = new URL(request.url);
        const path = url.pathname.split('/').slice(2);
        if (url.searchParams.has('delete')) this.ctx.facets.delete(path[0]);
        else return new Response(this.ctx.id + ' ' + (await this.at(path, 'k', url.searchParams.get('put'))));
        return new Response('deleted');
      }
    }
    export default { fetch(request, env) {
      return env.OBJECTS.get(env.OBJECTS.idFromName(new URL(request.url).pathname.split('/')[1])).fetch(request);
    } }`,
};
const KEY = uniqueKey('parent', 'Parent');
const PATHS = ['/o', '/o/a', '/o/b/below', '/o/b'];

let left: StateFolder;
let files: Files;
let id: string;

beforeAll(async () => {
  files = new Files(await sharedEngine());
  left = stateFolder();
  const puts = ['/o?put=own', '/o/gone?put=1', '/o/a?put=of-a', '/o/b/below?put=below-b', '/o/gone?delete'];
  const [answer = ''] = await left.run(PROGRAM, puts);
  id = answer.slice(0, 64);
});
afterAll(() => left.remove());

const zipOf = (found: ReadonlyMap<string, Uint8Array>): Uint8Array => zipSync(Object.fromEntries(found), { level: 0 });

/** The image as an object here would have it stored. */
async function stored(bytes: Uint8Array) {
  const object = new MemoryObject();
  const address = objectAddress(KEY, id);
  const find = async () => new MemoryObjectStore({ address, object, onDestroy: () => {} });
  const { log } = await ObjectLog.open({ store: await find(), now: () => 0 });
  const pageCount = bytes.length / PAGE_SIZE_BYTES;
  const numbers = Uint32Array.from({ length: pageCount }, (_, i) => i + 1);
  await log.append({ pages: { numbers, bytes }, pageCount });
  return { address, snapshots: new Snapshots({ find, engine: await sharedEngine() }) };
}

test('what workerd left of an object and its facets is one image, in which each of them is found', async () => {
  const { objects, skipped } = unpackFolder(zipOf(left.files()), [KEY], files);
  expect(objects.map((one) => one.id)).toEqual([id]);
  expect(skipped).toEqual([]);
  const { address, snapshots } = await stored(objects[0]?.bytes ?? new Uint8Array());
  const facets = await snapshots.facets(address, undefined);
  expect(facets.map(({ facet }) => facet.join('/')).sort()).toEqual(['a', 'b', 'b/below']);
  expect(facets.every(({ sizeBytes }) => sizeBytes > 0)).toBe(true);
  const value = (facet: string[]) =>
    snapshots.read(address, { facet }, (database) =>
      entriesOf(database, {}).map(({ key, value }) => [key, deserialize(value)]),
    );
  expect(await value([])).toEqual([['k', 'own']]);
  expect(await value(['a'])).toEqual([['k', 'of-a']]);
  expect(await value(['b', 'below'])).toEqual([['k', 'below-b']]);
  expect(await value(['b'])).toEqual([]);
  expect(await value(['gone'])).toEqual([]);
});

test('what is packed here is what workerd goes on with', async () => {
  const { objects } = unpackFolder(zipOf(left.files()), [KEY], files);
  const { address, snapshots } = await stored(objects[0]?.bytes ?? new Uint8Array());
  const zip = await packFolder([{ namespace: KEY, id, name: 'o' }], files, {
    facets: () => snapshots.facets(address, undefined),
    content: (_object, facet) => snapshots.read(address, { facet }, (database) => files.write(database)),
  });
  const back = stateFolder();
  back.write(readZip({ zip, wants: () => true, bytesMax: 1e9 }).files);
  const answers = await back.run(PROGRAM, PATHS);
  back.remove();
  expect(answers.map((answer) => answer.slice(65))).toEqual(['own', 'of-a', 'below-b', 'null']);
});

test('facets without their index, or that it does not name, are refused and nothing is taken', async () => {
  const whole = left.files();
  const index = [...whole.keys()].find((path) => path.endsWith('.facets')) ?? '';
  const without = new Map([...whole].filter(([path]) => path !== index));
  const refused = (found: ReadonlyMap<string, Uint8Array>) => {
    try {
      return unpackFolder(zipOf(found), [KEY], files);
    } catch (error) {
      return seenError(error);
    }
  };
  expect(refused(without)).toMatchObject({
    message: expect.stringMatching(/is the database of a facet; which one says/),
  });
  const short = new Map([...whole, [index, (whole.get(index) ?? new Uint8Array()).slice(0, 8)]]);
  expect(refused(short)).toMatchObject({ message: expect.stringMatching(/names no facet \d+\.$/) });
  const wrong = new Map([...whole, [index, new Uint8Array(20)]]);
  expect(refused(wrong)).toMatchObject({ message: expect.stringMatching(/\.facets: This is no index of facets\.$/) });
});

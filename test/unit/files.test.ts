/** Files from outside: those that real workerd leaves on a disk, and every way in which one can be wrong. */

import { deserialize } from 'node:v8';
import { strToU8, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isSimulatorError } from '../../src/base/errors.ts';
import { seededRandom } from '../../src/base/random.ts';
import { Files } from '../../src/inspector/files.ts';
import { packFolder, unpackFolder } from '../../src/inspector/folder.ts';
import { entriesOf } from '../../src/inspector/reader.ts';
import { readZip } from '../../src/inspector/zip.ts';
import type { CheckedFile } from '../../src/protocol/edits.ts';
import { IdFactory } from '../../src/protocol/ids.ts';
import { resolveLimits } from '../../src/protocol/limits.ts';
import { uniqueKey } from '../../src/protocol/names.ts';
import { Database } from '../../src/storage/database.ts';
import { PageFile } from '../../src/storage/page-file.ts';
import { type DatabaseFile, readDatabaseFile } from '../../src/storage/sqlite-file.ts';
import { sharedEngine } from '../support/storage.ts';
import { type StateFolder, stateFolder } from '../support/workerd-state.ts';

const PROGRAM = {
  worker: 'writer',
  className: 'Writer',
  script: `
    import { DurableObject } from 'cloudflare:workers';
    export class Writer extends DurableObject {
      async fetch(request) {
        const url = new URL(request.url);
        const { storage } = this.ctx;
        for (let n = Number(url.searchParams.get('commits') ?? 0); n > 0; n--) {
          const count = ((await storage.get('n')) ?? 0) + 1;
          storage.put('n', count);
          storage.put('row' + (count % 50), new Uint8Array(Number(url.searchParams.get('bytes'))).fill(count));
          await storage.sync();
        }
        if (url.searchParams.has('alarm')) await storage.setAlarm(Number(url.searchParams.get('alarm')));
        return Response.json([String(this.ctx.id), await storage.get('n'), await storage.getAlarm()]);
      }
      alarm() {}
    }
    export default { fetch(request, env) {
      const name = new URL(request.url).pathname.slice(1);
      return env.OBJECTS.get(env.OBJECTS.idFromName(name)).fetch(request);
    } }`,
};
const KEY = uniqueKey('writer', 'Writer');
const sourceOf = (content: CheckedFile) => ({ facets: async () => [], content: async () => content });
const ALARM = 4_000_000_000_123;

let small: StateFolder;
let large: StateFolder;
let files: Files;
let id: string;
let file: { bytes: Uint8Array; wal: Uint8Array };
let restarted: { bytes: Uint8Array; wal: Uint8Array };

beforeAll(async () => {
  files = new Files(await sharedEngine());
  [small, large] = [stateFolder(), stateFolder()];
  const [answer = ''] = await small.run(PROGRAM, [`/a?commits=20&bytes=10&alarm=${ALARM}`]);
  id = JSON.parse(answer)[0];
  file = objectIn(small, id);
  // Enough pages that workerd copies its log into the file several times and begins it anew.
  const [grown = ''] = await large.run(PROGRAM, ['/a?commits=1500&bytes=9000']);
  expect(JSON.parse(grown)).toEqual([id, 1500, null]);
  restarted = objectIn(large, id);
});

afterAll(() => {
  small.remove();
  large.remove();
});

function objectIn(folder: StateFolder, object: string): { bytes: Uint8Array; wal: Uint8Array } {
  const found = folder.files();
  const [bytes, wal] = ['', '-wal'].map((end) => found.get(`do/${KEY}/${object}.sqlite${end}`));
  if (!bytes || !wal) throw new Error(`workerd left ${[...found.keys()].join(', ')}`);
  return { bytes, wal };
}

async function entries(given: DatabaseFile): Promise<Map<string, unknown>> {
  const bytes = files.check(given).bytes;
  const pages = new PageFile();
  if (bytes.length > 0) pages.load(1, bytes);
  const database = new Database({ engine: await sharedEngine(), file: pages, limits: resolveLimits('workerd') });
  try {
    return new Map(entriesOf(database, {}).map(({ key, value }) => [key, deserialize(value)]));
  } finally {
    database.close();
  }
}

const count = async (given: DatabaseFile): Promise<unknown> => (await entries(given)).get('n') ?? 0;

const sentence = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (isSimulatorError(error, 'file_invalid')) return error.message;
    throw error;
  }
  throw new Error('it did not fail');
};

describe('what workerd leaves', () => {
  test('is read with the log beside it: keys, values, alarm', async () => {
    const found = await entries(file);
    expect(found.get('n')).toBe(20);
    expect(found.get('row7')).toEqual(new Uint8Array(10).fill(7));
    expect(found.size).toBe(21);
    expect(files.check(file).alarm).toBe(ALARM);
    expect(files.check(restarted).alarm).toBe(null);
  });

  test('is read when the log was begun anew, and older frames lie behind its end', async () => {
    expect(restarted.bytes.length).toBeGreaterThan(4096 * 10);
    expect(await count(restarted)).toBe(1500);
  });

  test('becomes a file with nothing beside it', () => {
    const { bytes } = files.check(file);
    expect([bytes[18], bytes[19]]).toEqual([1, 1]);
    expect(bytes.length % 4096).toBe(0);
    expect(files.check({ bytes })).toEqual(files.check(file));
  });

  test('with its log cut off anywhere is the state at some commit, never one that is older than a shorter cut gives', async () => {
    let last = 0;
    const seen = new Set<unknown>();
    for (let length = 0; length <= file.wal.length; length += 1030) {
      const n = (await count({ bytes: file.bytes, wal: file.wal.slice(0, length) })) as number;
      expect(n).toBeGreaterThanOrEqual(last);
      last = n;
      seen.add(n);
    }
    expect(await count(file)).toBe(20);
    expect(seen.size).toBeGreaterThan(10);
  });

  test('with a torn last frame loses the last commit, as it does for SQLite', async () => {
    const wal = file.wal.slice();
    wal[wal.length - 1] = (wal[wal.length - 1] as number) ^ 1;
    expect(files.check({ bytes: file.bytes, wal }).alarm).toBe(null);
    expect(await count({ bytes: file.bytes, wal })).toBe(20);
  });
});

describe('a database that cannot be taken', () => {
  const changed = (at: number, ...bytes: number[]): Uint8Array => {
    const { bytes: copy } = files.check(file);
    copy.set(bytes, at);
    return copy;
  };
  const refused: [string, () => DatabaseFile, RegExp][] = [
    ['is empty', () => ({ bytes: new Uint8Array(0) }), /^The file is empty/],
    [
      'is text',
      () => ({ bytes: strToU8('hello, I am a file') }),
      /^The file is not an SQLite database, or it is encrypted\.$/,
    ],
    ['is 512 bytes of rubbish', () => ({ bytes: seededRandom(1).bytes(512) }), /not an SQLite database/],
    ['is encrypted', () => ({ bytes: seededRandom(2).bytes(8192) }), /or it is encrypted/],
    ['has small pages', () => ({ bytes: changed(16, 4, 0) }), /pages of 1024 bytes.*PRAGMA page_size = 4096/],
    ['has large pages', () => ({ bytes: changed(16, 0, 1) }), /pages of 65536 bytes/],
    ['is UTF-16', () => ({ bytes: changed(56, 0, 0, 0, 2) }), /UTF-16/],
    ['ends inside a page', () => ({ bytes: files.check(file).bytes.slice(0, -1) }), /cut off: its \d+ bytes/],
    [
      'ends before its last page',
      () => ({ bytes: files.check(file).bytes.slice(0, -4096) }),
      /cut off: it has \d of the \d pages/,
    ],
    ['has a damaged page', () => ({ bytes: changed(4096, 1, 2, 3, 4, 5, 6, 7, 8, 9) }), /^The database is damaged: /],
    [
      'has a damaged schema',
      () => ({ bytes: changed(100, 13, 0, 0, 0, 9, 0, 200, 0, 0, 1, 0, 2) }),
      /^The database is damaged: /,
    ],
    ['is nothing but a header', () => ({ bytes: changed(0).slice(0, 200) }), /cut off/],
    [
      'has a log that is none',
      () => ({ bytes: file.bytes, wal: seededRandom(3).bytes(9000) }),
      /-wal file\) is damaged: it does not begin as one/,
    ],
    [
      'has a log with a damaged header',
      () => ({ bytes: file.bytes, wal: flipped(file.wal, 17) }),
      /checksum of its header/,
    ],
    [
      'has a log that is damaged before its end',
      () => ({ bytes: file.bytes, wal: flipped(file.wal, 5000) }),
      /checksum is wrong at frame 2/,
    ],
  ];
  for (const [what, make, text] of refused) {
    test(what, () => expect(sentence(() => files.check(make()))).toMatch(text));
  }

  test('is too big', () => expect(sentence(() => readDatabaseFile(file, 1000))).toMatch(/too big/));

  test('has something of the platform that the platform does not know', async () => {
    const made = async (...statements: string[]): Promise<Uint8Array> => {
      const pages = new PageFile();
      const database = new Database({ engine: await sharedEngine(), file: pages, limits: resolveLimits('workerd') });
      for (const sql of statements) database.run(sql);
      database.close();
      return pages.toBytes();
    };
    const kv = await made('CREATE TABLE _cf_KV (a, b)');
    expect(sentence(() => files.check({ bytes: kv }))).toMatch(/"_cf_KV" that is not the platform's/);
    const other = await made('CREATE TABLE t (a)', 'CREATE VIEW _cf_view AS SELECT * FROM t');
    expect(sentence(() => files.check({ bytes: other }))).toMatch(/"_cf_view"/);
    expect(files.check({ bytes: await made('CREATE TABLE t (a)') }).alarm).toBe(null);
  });

  test('any one damaged byte of a page is refused or gives a database that SQLite calls whole', async () => {
    const { bytes } = files.check(restarted);
    const random = seededRandom(7);
    for (let round = 0; round < 150; round++) {
      const at = Math.floor(random.unit() * bytes.length);
      try {
        await entries({ bytes: flipped(bytes, at) });
      } catch (error) {
        // A value may have changed: then the file is whole and V8's reader is the one that complains.
        if (!(error instanceof Error) || isSimulatorError(error, 'file_invalid')) continue;
        expect(error.message).toMatch(/deserialize/i);
      }
    }
  });
});

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = (copy[at] as number) ^ 0x55;
  return copy;
}

describe('a folder in a zip', () => {
  const zipOf = (found: ReadonlyMap<string, Uint8Array>, prefix = ''): Uint8Array =>
    zipSync(Object.fromEntries([...found].map(([path, content]) => [prefix + path, content])), { level: 1 });

  test('as workerd left it gives its objects, wherever in the zip the folder lies', () => {
    for (const prefix of ['', '.wrangler/state/v3/', 'project/.wrangler/state/v3/', './']) {
      const { objects, skipped } = unpackFolder(zipOf(small.files(), prefix), [KEY], files);
      expect(objects.map(({ namespace, id: object, name, alarm }) => [namespace, object, name, alarm])).toEqual([
        [KEY, id, 'a', ALARM],
      ]);
      expect(skipped).toEqual([]);
      expect(objects[0]?.bytes).toEqual(files.check(file).bytes);
    }
    const inside = new Map([...small.files()].map(([path, content]) => [path.slice('do/'.length), content]));
    expect(unpackFolder(zipOf(inside), [KEY], files).objects).toHaveLength(1);
  });

  test('that was packed here is unpacked the same, and skips what it does not know', async () => {
    const { bytes, alarm } = files.check(file);
    const name = "it's";
    const object = { namespace: KEY, id: new IdFactory(KEY).fromName(name), name };
    const zip = await packFolder([object], files, sourceOf({ bytes, alarm }));
    expect(unpackFolder(zip, [KEY], files).objects).toEqual([{ ...object, bytes, alarm }]);
    const lying = await packFolder([{ ...object, name: 'other' }], files, sourceOf({ bytes, alarm }));
    expect(unpackFolder(lying, [KEY], files).objects[0]?.name).toBe(undefined);
    const again = await packFolder([object], files, sourceOf({ bytes, alarm }));
    expect(again).toEqual(zip);
    const more = zipSync({
      'do/other-Class/x.sqlite': bytes,
      'cache/miniflare-CacheObject/metadata.sqlite': bytes,
      [`do/${KEY}/${id}.sqlite`]: bytes,
    });
    expect(unpackFolder(more, [KEY], files).skipped).toEqual([
      'do/other-Class/x.sqlite',
      'cache/miniflare-CacheObject/metadata.sqlite',
    ]);
  });

  const path = () => `do/${KEY}/${id}.sqlite`;
  const good = () => files.check(file).bytes;
  const refused: [string, () => Uint8Array, RegExp][] = [
    ['is no zip', () => seededRandom(4).bytes(5000), /^The file is not a zip\.$/],
    ['is empty', () => new Uint8Array(0), /^The file is not a zip\.$/],
    ['is cut off', () => zipOf(small.files()).slice(0, -100), /^The zip is damaged/],
    [
      'is damaged inside',
      () => flipped(zipSync({ [path()]: good() }, { level: 0 }), 9000),
      /checksum of do\/writer-Writer/,
    ],
    ['leads out of itself', () => zipSync({ [`../../${path()}`]: good() }), /path outside itself: "\.\.\//],
    ['leads to the root', () => zipSync({ [`/${path()}`]: good() }), /path outside itself/],
    ['leads to a drive', () => zipSync({ [`C:\\do\\${KEY}\\${id}.sqlite`]: good() }), /path outside itself/],
    ['holds nothing', () => zipSync({ 'readme.txt': strToU8('hi') }), /no stored objects/],
    [
      'holds another program',
      () => zipSync({ [`do/other-Thing/${id}.sqlite`]: good() }),
      /objects of other-Thing only; this account has the classes writer-Writer/,
    ],
    [
      'holds an object with an id of another class',
      () => zipSync({ [`do/${KEY}/${'0'.repeat(64)}.sqlite`]: good() }),
      /^do\/.*: No object of this class/,
    ],
    [
      'holds a database that is none',
      () => zipSync({ [path()]: seededRandom(5).bytes(4096) }),
      /^do\/.*\.sqlite: The file is not an SQLite database/,
    ],
    ['holds an object twice', () => zipSync({ [path()]: good(), [`again/${path()}`]: good() }), /twice/],
  ];
  for (const [what, make, text] of refused) {
    test(`that ${what} is refused`, () => expect(sentence(() => unpackFolder(make(), [KEY], files))).toMatch(text));
  }

  test('that would grow beyond its bound is refused before it is unpacked', () => {
    const zip = zipSync({ bomb: new Uint8Array(3_000_000) });
    expect(sentence(() => readZip({ zip, wants: () => true, bytesMax: 2_000_000 }))).toMatch(
      /too big: it holds 3 MiB of at most 2 MiB/,
    );
  });
});

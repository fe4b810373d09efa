/** Several databases in one log: whatever is committed of whichever, a reader finds all of them as one moment left them. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SimulatorError } from '../../src/base/errors.ts';
import { asAccount, objectAddress, uniqueKey } from '../../src/protocol/names.ts';
import { CommitQueue } from '../../src/storage/commit-queue.ts';
import { ObjectLog } from '../../src/storage/log.ts';
import { fill, readSnapshot } from '../../src/storage/log-state.ts';
import type { ObjectStore } from '../../src/storage/object-store.ts';
import { PageFile } from '../../src/storage/page-file.ts';
import { PAGE_SIZE_BYTES } from '../../src/storage/pages.ts';
import { openVault } from '../../src/storage/vault.ts';
import { ROOT, Volume, type VolumeFile } from '../../src/storage/volume.ts';
import { intercept } from '../support/log-model.ts';

const OBJECT = objectAddress(uniqueKey('worker', 'Counter'), 'a'.repeat(64));

const page = (value: number): Uint8Array => new Uint8Array(PAGE_SIZE_BYTES).fill(value);

/** The path of each file that has pages, and the first byte of each of its pages. */
function contentsOf(volume: Volume, id = ROOT, path = ''): Record<string, number[]> {
  const found: Record<string, number[]> = {};
  const add = (at: string, file: PageFile) => {
    const values = Array.from({ length: file.pageCount }, (_, i) => file.read(i + 1)[0] ?? -1);
    if (values.length > 0) found[at] = values;
  };
  if (id === ROOT) add('/', volume.root.file);
  for (const one of volume.under(id)) {
    add(`${path}/${one.name}`, one.file);
    Object.assign(found, contentsOf(volume, one.id, `${path}/${one.name}`));
  }
  return found;
}

async function memoryStore(): Promise<() => Promise<ObjectStore>> {
  const { vault } = await openVault({ mode: 'memory', account: asAccount('volume') });
  return () => vault.openObject(OBJECT);
}

async function openVolume(store: ObjectStore, tailBytesMax?: number) {
  const options = tailBytesMax === undefined ? {} : { tailBytesMax: () => tailBytesMax };
  const { log, state } = await ObjectLog.open({ store, now: () => 0, ...options });
  const pages = new PageFile();
  fill(pages, state);
  return { log, volume: new Volume(pages) };
}

async function stored(store: ObjectStore): Promise<Record<string, number[]>> {
  const state = await readSnapshot(store);
  const pages = new PageFile();
  if (state) fill(pages, state);
  return contentsOf(new Volume(pages));
}

const NAMES = ['a', 'b'];
const path = fc.array(fc.constantFrom(...NAMES), { maxLength: 3 });
const write = fc.record({
  kind: fc.constant('write' as const),
  path,
  pages: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 }),
  pageCount: fc.option(fc.integer({ min: 0, max: 40 }), { freq: 3 }),
  isLent: fc.boolean(),
});
const remove = fc.record({ kind: fc.constant('remove' as const), name: fc.constantFrom(...NAMES) });
const clone = fc.record({
  kind: fc.constant('clone' as const),
  from: fc.constantFrom(...NAMES),
  to: fc.constantFrom(...NAMES),
});
const reopen = fc.record({ kind: fc.constant('reopen' as const) });
const step = fc.oneof(
  { arbitrary: write, weight: 6 },
  { arbitrary: remove, weight: 1 },
  { arbitrary: clone, weight: 1 },
  { arbitrary: reopen, weight: 1 },
);

test('whatever files are written, cut, removed, cloned and folded, what is stored is what each of them holds', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
      const open = await memoryStore();
      let { log, volume } = await openVolume(await open(), 40_000);
      let value = 0;
      for (const each of steps) {
        switch (each.kind) {
          case 'write': {
            let one: VolumeFile = volume.root;
            for (const name of each.path) one = volume.ensure(one.id, name);
            for (const number of each.pages) one.file.write(number, page(++value % 256));
            if (each.pageCount !== null) one.file.truncate(each.pageCount);
            const commit = each.isLent ? one.file.lendDirty() : one.file.takeDirty();
            if (commit) await log.append(volume.place(one.id, commit));
            break;
          }
          case 'remove': {
            const commit = volume.remove(ROOT, each.name);
            if (commit) await log.append(commit);
            break;
          }
          case 'clone': {
            const commit = volume.clone(ROOT, each.from, each.to);
            if (commit) await log.append(commit);
            break;
          }
          case 'reopen':
            await log.close();
            ({ log, volume } = await openVolume(await open(), 40_000));
            break;
          default:
            each satisfies never;
        }
        await log.checkpointIfDue();
        expect(await stored(await open())).toEqual(contentsOf(volume));
      }
    }),
    { numRuns: 60 },
  );
});

test('an object without facets is stored page by page as ever', async () => {
  const open = await memoryStore();
  const { log, volume } = await openVolume(await open());
  volume.root.file.write(3, page(7));
  const commit = volume.root.file.takeDirty();
  expect(commit && volume.place(ROOT, commit)).toBe(commit);
  if (commit) await log.append(commit);
  expect((await readSnapshot(await open()))?.head.pageCount).toBe(3);
});

test('a commit of an object and its facets that wait together is one record, and a fault leaves nothing of it', async () => {
  const open = await memoryStore();
  let isFull = false;
  const store = intercept(await open(), (method) => {
    if (isFull && method === 'append') throw new SimulatorError('quota', 'full');
  });
  const { log, volume } = await openVolume(store);
  const heard: string[] = [];
  const queue = new CommitQueue((commit) => log.append(commit));
  const write = (one: VolumeFile, value: number) => {
    one.file.write(1, page(value));
    const commit = one.file.takeDirty();
    const hear = (what: string) => () => void heard.push(`${one.name || 'object'} ${value} ${what}`);
    if (commit) queue.add(volume.place(one.id, commit), { stored: hear('stored'), failed: hear('failed') });
  };
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const facet = volume.ensure(ROOT, 'facet');
  write(volume.root, 1);
  write(facet, 1);
  write(volume.root, 2);
  write(facet, 2);
  await settle();
  expect(heard).toEqual(['object 1 stored', 'facet 1 stored', 'object 2 stored', 'facet 2 stored']);
  expect(log.head).toBe(3); // the fence, the first commit, the three that waited for it
  const before = await stored(await open());
  expect(before).toEqual({ '/': [2], '/facet': [2] });

  isFull = true;
  heard.length = 0;
  write(facet, 3);
  write(volume.root, 3);
  await settle();
  expect(heard).toEqual(['facet 3 failed', 'object 3 failed']);
  expect(await stored(await open())).toEqual(before);
});

test('what a thread that was replaced commits of a facet is fenced', async () => {
  const open = await memoryStore();
  const old = await openVolume(await open());
  const facet = old.volume.ensure(ROOT, 'facet');
  facet.file.write(1, page(1));
  const commit = facet.file.takeDirty();
  await openVolume(await open());
  await expect(old.log.append(old.volume.place(facet.id, commit ?? { pages: never, pageCount: 0 }))).rejects.toThrow();
  expect(await stored(await open())).toEqual({});
});
const never = { numbers: new Uint32Array(0), bytes: new Uint8Array(0) };

test('a directory of many pages is read as it was written, and one that is damaged is refused', async () => {
  const open = await memoryStore();
  const { log, volume } = await openVolume(await open());
  for (let i = 0; i < 300; i++) {
    const { id, file } = volume.ensure(ROOT, `${i}${'x'.repeat(200)}`);
    file.write(1, page(i % 256));
    const commit = file.takeDirty();
    if (commit) await log.append(volume.place(id, commit));
  }
  expect(await stored(await open())).toEqual(contentsOf(volume));
  const state = await readSnapshot(await open());
  const pages = new PageFile();
  if (state) fill(pages, state);
  const last = pages.read(pages.pageCount);
  last[14] = 0xff;
  expect(() => new Volume(pages)).toThrow(/^The list of an object's facets /);
});

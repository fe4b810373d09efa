/**
 * What a commit through the log costs at several sizes of the database, and what opening it costs, against raw IndexedDB.
 * Prints; asserts only that it measured. Sizes alternate, so that a noisy moment is shared by all.
 */
import { expect, test } from 'vitest';
import { asAccount, objectAddress, uniqueKey } from '../../src/protocol/names.ts';
import { ObjectLog } from '../../src/storage/log.ts';
import { fill } from '../../src/storage/log-state.ts';
import { PageFile } from '../../src/storage/page-file.ts';
import { PAGE_SIZE_BYTES } from '../../src/storage/pages.ts';
import { openVault } from '../../src/storage/vault.ts';
import { spread } from './vault-layout.ts';

const MIB = 2 ** 20;
const ROUNDS = 15;
const PER_ROUND = 40;
const ms = (value: number) => value.toFixed(2);

function randomPages(count: number): Uint8Array {
  const bytes = new Uint8Array(count * PAGE_SIZE_BYTES);
  for (let i = 0; i < bytes.length; i += 65536) crypto.getRandomValues(bytes.subarray(i, i + 65536));
  return bytes;
}

test('a commit of one page: raw add, and logs of 1, 64 and 128 MiB', async () => {
  const { vault } = await openVault({ mode: 'indexeddb', account: asAccount(`bench-log-${Date.now()}`) });
  const address = (digit: string) => objectAddress(uniqueKey('bench', 'Log'), digit.repeat(64));
  const subjects: { name: string; samples: number[]; commit: (n: number) => Promise<void> }[] = [];

  const raw = await new Promise<IDBDatabase>((resolve) => {
    const request = indexedDB.open(`bench-raw-${Date.now()}`, 1);
    request.onupgradeneeded = () => request.result.createObjectStore('rows');
    request.onsuccess = () => resolve(request.result);
  });
  const folds: Promise<void>[] = [];
  let key = 0;
  const page = randomPages(1);
  subjects.push({
    name: 'raw add of 4 KiB',
    samples: [],
    commit: () =>
      new Promise((resolve, reject) => {
        const tx = raw.transaction(['rows'], 'readwrite', { durability: 'relaxed' });
        tx.objectStore('rows').add(page, key++);
        tx.commit();
        tx.oncomplete = () => resolve();
        tx.onabort = () => reject(tx.error);
      }),
  });

  for (const [digit, sizeMib, tailKib] of [
    ['1', 1, undefined],
    ['2', 64, undefined],
    ['3', 128, undefined],
    ['4', 64, 64],
  ] as const) {
    const store = await vault.openObject(address(digit));
    const folding = tailKib === undefined ? {} : { tailBytesMax: () => tailKib * 1024 };
    const { log } = await ObjectLog.open({ store, now: () => 0, ...folding });
    const pageCount = (sizeMib * MIB) / PAGE_SIZE_BYTES;
    const chunk = 256;
    for (let first = 1; first <= pageCount; first += chunk) {
      const numbers = Uint32Array.from({ length: chunk }, (_, i) => first + i);
      await log.append({ pages: { numbers, bytes: randomPages(chunk) }, pageCount: first + chunk - 1 });
      await log.checkpointIfDue();
    }
    const commit = (n: number) =>
      log.append({ pages: { numbers: Uint32Array.of(1 + ((n * 7919) % pageCount)), bytes: page }, pageCount });
    subjects.push(
      tailKib === undefined
        ? { name: `log of ${sizeMib} MiB`, samples: [], commit }
        : {
            name: `log of ${sizeMib} MiB that always folds (scattered pages, every ${tailKib} KiB)`,
            samples: [],
            commit: async (n) => {
              await commit(n);
              folds.push(log.checkpointIfDue());
            },
          },
    );
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const subject of subjects) {
      for (let i = 0; i < PER_ROUND; i++) {
        const start = performance.now();
        await subject.commit(round * PER_ROUND + i);
        subject.samples.push(performance.now() - start);
      }
    }
  }
  await Promise.all(folds);
  const base = spread(subjects[0]?.samples ?? []);
  for (const { name, samples } of subjects) {
    const { p50, p99, max, count } = spread(samples);
    const mean = (of: readonly number[]) => of.reduce((sum, value) => sum + value, 0) / of.length;
    const ratio = mean(samples.toSorted((a, b) => a - b).slice(0, count * 0.9));
    const rawMean = mean((subjects[0]?.samples ?? []).toSorted((a, b) => a - b).slice(0, base.count * 0.9));
    console.log(
      `${name}: p50 ${ms(p50)} p99 ${ms(p99)} max ${ms(max)}; trimmed mean ${(ratio / rawMean).toFixed(2)} × raw`,
    );
    expect(count).toBe(ROUNDS * PER_ROUND);
  }
  raw.close();

  for (const digit of ['2', '3']) {
    const times: number[] = [];
    for (let i = 0; i < 3; i++) {
      const start = performance.now();
      const opened = await ObjectLog.open({ store: await vault.openObject(address(digit)), now: () => 0 });
      fill(new PageFile(), opened.state);
      times.push(performance.now() - start);
      console.log(
        `open ${digit === '2' ? 64 : 128} MiB: ${ms(performance.now() - start)} ms, ${opened.state.records.length} records in the tail`,
      );
      while (i === 1 && opened.log.isCheckpointDue) await opened.log.checkpointIfDue();
      await opened.log.close();
    }
    expect(times).toHaveLength(3);
  }
  const start = performance.now();
  await vault.deleteAll();
  console.log(`delete all: ${ms(performance.now() - start)} ms`);
});

/**
 * The measurement behind the layout of storage: one IndexedDB database per object, or one store for all objects.
 *
 * Raw IndexedDB on purpose: what is compared are layouts, not our code. Each writer is a worker with a connection of
 * its own, as an isolate is. Every part is bounded in time, so a slow machine gives fewer samples, not a longer run.
 */

export type Layout = 'database per object' | 'one store for all';

export interface Spread {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export function spread(samples: readonly number[]): Spread {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (q: number) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), max: sorted.at(-1) ?? Number.NaN };
}

/** What each worker runs; a string, because it must start from a blob with no import. */
const WORKER = `
const open = (name) => new Promise((resolve, reject) => {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => {
    for (const store of ['records', 'parts', 'extents', 'fences', 'base']) request.result.createObjectStore(store);
  };
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});
const finished = (tx) => new Promise((resolve, reject) => {
  tx.oncomplete = () => resolve();
  tx.onabort = () => reject(tx.error);
});
const write = (db, store, entries) => {
  const tx = db.transaction([store], 'readwrite', { durability: 'relaxed' });
  const target = tx.objectStore(store);
  for (const [key, value] of entries) target.put(value, key);
  tx.commit();
  return finished(tx);
};
const page = () => ({ numbers: new Uint32Array([1]), bytes: crypto.getRandomValues(new Uint8Array(4096)), pageCount: 1, epoch: 1, timeMs: 0 });
const databaseOf = (layout, prefix, object) => layout === 'one store for all' ? prefix + ':all' : prefix + ':' + object;
const keyOf = (layout, object, n) => layout === 'one store for all' ? [object, n] : n;
let stopped = false;
let db;
const jobs = {
  async open({ layout, prefix, object }) { db = await open(databaseOf(layout, prefix, object)); },
  async commit({ layout, object, forMs, pauseMs }) {
    const samples = [];
    const end = performance.now() + forMs;
    let n = 0;
    while (performance.now() < end && !stopped) {
      const start = performance.now();
      await write(db, 'records', [[keyOf(layout, object, n++), page()]]);
      samples.push(performance.now() - start);
      if (pauseMs) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    stopped = false;
    return samples;
  },
  async fill({ layout, object, extentBytes, count }) {
    const bytes = new Uint8Array(extentBytes);
    for (let i = 0; i < bytes.length; i += 65536) crypto.getRandomValues(bytes.subarray(i, Math.min(i + 65536, bytes.length)));
    const perTransaction = Math.max(1, 1048576 / extentBytes);
    for (let i = 0; i < count; i += perTransaction) {
      await write(db, 'extents', Array.from({ length: perTransaction }, (_, k) => [keyOf(layout, object, i + k), { bytes }]));
    }
  },
  async read({ layout, object, count, slice, inFlight }) {
    const start = performance.now();
    let bytes = 0;
    const one = (from) => new Promise((resolve, reject) => {
      const tx = db.transaction(['extents'], 'readonly');
      const request = tx.objectStore('extents').getAll(
        IDBKeyRange.bound(keyOf(layout, object, from), keyOf(layout, object, from + slice), false, true));
      request.onsuccess = () => { for (const value of request.result) bytes += value.bytes.length; resolve(); };
      request.onerror = () => reject(request.error);
    });
    const waiting = [];
    for (let from = 0; from < count; from += slice) {
      waiting.push(one(from));
      if (waiting.length >= inFlight) await waiting.shift();
    }
    await Promise.all(waiting);
    return { ms: performance.now() - start, bytes };
  },
  async large({ layout, object, count }) {
    const value = crypto.getRandomValues(new Uint8Array(32768));
    for (let n = 0; n < count; n++) {
      await write(db, 'records', Array.from({ length: 640 }, (_, i) => [keyOf(layout, object, n * 640 + i), value]));
    }
  },
  async hold({ layout, object, count, holdMs }) {
    for (let n = 0; n < count; n++) {
      const tx = db.transaction(['records'], 'readwrite');
      tx.objectStore('records').get(keyOf(layout, object, n)).onsuccess = () => {
        const until = performance.now() + holdMs;
        while (performance.now() < until);
      };
      await finished(tx);
    }
  },
  async firstOpen({ layout, prefix, from, count, forMs }) {
    const samples = [];
    const began = performance.now();
    for (let i = from; i < from + count && performance.now() < began + forMs; i++) {
      const start = performance.now();
      const own = layout === 'one store for all' ? db : await open(databaseOf(layout, prefix, 'o' + i));
      const tx = own.transaction(['records', 'fences'], 'readwrite', { durability: 'relaxed' });
      const low = keyOf(layout, 'o' + i, 0);
      const range = layout === 'one store for all' ? IDBKeyRange.bound(low, keyOf(layout, 'o' + i, Infinity)) : null;
      tx.objectStore('records').openKeyCursor(range, 'prev').onsuccess = (event) => {
        const next = event.target.result ? (Array.isArray(event.target.result.key) ? event.target.result.key[1] : event.target.result.key) + 1 : 0;
        tx.objectStore('records').add({ epoch: next, timeMs: 0 }, keyOf(layout, 'o' + i, next));
        tx.objectStore('fences').add({ sequence: next }, keyOf(layout, 'o' + i, next));
        tx.commit();
      };
      await finished(tx);
      samples.push(performance.now() - start);
      if (own !== db) own.close();
    }
    return samples;
  },
  async list({ layout, prefix }) {
    const start = performance.now();
    if (layout === 'database per object') {
      const all = (await indexedDB.databases()).filter((each) => each.name.startsWith(prefix));
      return { ms: performance.now() - start, count: all.length };
    }
    const request = db.transaction(['fences']).objectStore('fences').getAllKeys();
    const keys = await new Promise((resolve) => { request.onsuccess = () => resolve(request.result); });
    return { ms: performance.now() - start, count: keys.length };
  },
  close() { db?.close(); },
};
onmessage = async ({ data }) => {
  if (data.stop) { stopped = true; return; }
  try {
    postMessage({ result: await jobs[data.job](data) });
  } catch (error) {
    postMessage({ error: String(error) });
  }
};
`;

export class Writer {
  readonly #worker: Worker;

  constructor() {
    const url = URL.createObjectURL(new Blob([WORKER], { type: 'text/javascript' }));
    this.#worker = new Worker(url);
    URL.revokeObjectURL(url);
  }

  do<T>(job: string, options: object = {}): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#worker.onmessage = ({ data }) => (data.error ? reject(new Error(data.error)) : resolve(data.result));
      this.#worker.onerror = (event) => reject(new Error(event.message));
      this.#worker.postMessage({ job, ...options });
    });
  }

  stop(): void {
    this.#worker.postMessage({ stop: true });
  }

  terminate(): void {
    this.#worker.terminate();
  }
}

/** Deletes every database whose name begins with `prefix`, for as long as `forMs` allows; gives the times. */
export async function deleteDatabases(prefix: string, forMs: number): Promise<number[]> {
  const samples: number[] = [];
  const end = performance.now() + forMs;
  for (const { name } of await indexedDB.databases()) {
    if (!name?.startsWith(prefix) || performance.now() > end) continue;
    const start = performance.now();
    await new Promise<void>((resolve, reject) => {
      const request = indexedDB.deleteDatabase(name);
      request.onsuccess = () => resolve();
      request.onerror = () => reject(request.error);
    });
    samples.push(performance.now() - start);
  }
  return samples;
}

/** The raw limits that are measured in a worker: an echo on a carrier, a caller of it, single adds to IndexedDB, timers, the clock. */
export type RawOrder =
  | { readonly do: 'echo'; readonly on: Carrier }
  /** so many at once, with so many bytes in each direction */
  | {
      readonly do: 'ping';
      readonly on: Carrier;
      readonly count: number;
      readonly inFlight?: number;
      readonly sizeBytes?: number;
    }
  | { readonly do: 'add'; readonly database: string; readonly count: number; readonly sizeBytes: number }
  /** writes values of `sizeBytes`, one a transaction */
  | { readonly do: 'fill'; readonly database: string; readonly count: number; readonly sizeBytes: number }
  /** reads them all, each by a request of its own in a transaction of its own, as a reader that delays nobody does */
  | { readonly do: 'read'; readonly database: string; readonly count: number }
  /** timers without a delay, each armed by the one before it */
  | { readonly do: 'timers'; readonly count: number }
  | { readonly do: 'clock'; readonly count: number };

/** A channel by name, or one end of a port. */
export type Carrier = string | MessagePort;

const carrierOf = (on: Carrier): MessagePort | BroadcastChannel =>
  typeof on === 'string' ? new BroadcastChannel(on) : on;

const scope = globalThis as unknown as Pick<Worker, 'onmessage' | 'postMessage'>;
let added = 0;
let database: IDBDatabase | undefined;

scope.onmessage = async (event: MessageEvent<RawOrder>) => {
  scope.postMessage(await obey(event.data));
};

async function obey(order: RawOrder): Promise<number> {
  switch (order.do) {
    case 'echo': {
      const carrier = carrierOf(order.on);
      carrier.onmessage = ({ data }) => carrier.postMessage(data);
      return 0;
    }
    case 'ping':
      return pingPong(order);
    case 'fill':
      return addMany(order.database, order.count, order.sizeBytes);
    case 'read':
      return readAll(order.database, order.count);
    case 'add':
      return addMany(order.database, order.count, order.sizeBytes);
    case 'timers':
      return timerChain(order.count);
    case 'clock':
      return readClock(order.count);
    default:
      return order satisfies never;
  }
}

/** Milliseconds of one timer. */
async function timerChain(count: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < count; i++) await new Promise((resolve) => setTimeout(resolve, 0));
  return (performance.now() - start) / count;
}

/** Milliseconds of one look at the clock. */
function readClock(count: number): number {
  let sum = 0;
  const start = performance.now();
  for (let i = 0; i < count; i++) sum += Date.now() % 2;
  const ms = performance.now() - start;
  // It is used, so no compiler may leave it out.
  if (sum > count) throw new Error('The remainders of two are 0 and 1.');
  return ms / count;
}

/** Milliseconds of one round trip to an echo: the time divided by how many there were. */
async function pingPong({ on, count, inFlight = 1, sizeBytes }: RawOrder & { do: 'ping' }): Promise<number> {
  const carrier = carrierOf(on);
  const args = sizeBytes === undefined ? [1, 2] : [new Uint8Array(sizeBytes)];
  const run = (total: number) =>
    new Promise<void>((resolve) => {
      let [sent, heard] = [0, 0];
      const send = () => {
        sent++;
        carrier.postMessage({ id: 1, args });
      };
      carrier.onmessage = () => {
        if (++heard === total) resolve();
        else if (sent < total) send();
      };
      while (sent < inFlight && sent < total) send();
    });
  await run(20);
  const start = performance.now();
  await run(count);
  const ms = performance.now() - start;
  carrier.close();
  return ms / count;
}

/** Milliseconds until all values are there. */
async function readAll(name: string, count: number): Promise<number> {
  const open = await openRaw(name);
  // Whoever opens a database has its bytes in the end; of a result that is not looked at, Chromium makes no objects.
  const values: unknown[] = [];
  const start = performance.now();
  for (let key = 0; key < count; key++) {
    await new Promise<void>((resolve, reject) => {
      const tx = open.transaction(['values'], 'readonly');
      const request = tx.objectStore('values').getAll(IDBKeyRange.bound(key, key + 1, false, true));
      tx.oncomplete = () => {
        values.push(request.result);
        resolve();
      };
      tx.onabort = () => reject(tx.error);
    });
  }
  return performance.now() - start;
}

async function openRaw(name: string): Promise<IDBDatabase> {
  database ??= await new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore('values');
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return database;
}

/** Milliseconds of one value added in a transaction of its own. */
async function addMany(name: string, count: number, sizeBytes: number): Promise<number> {
  const open = await openRaw(name);
  const bytes = new Uint8Array(sizeBytes);
  // No more than this at once.
  for (let at = 0; at < sizeBytes; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  const start = performance.now();
  for (let i = 0; i < count; i++) {
    await new Promise<void>((resolve, reject) => {
      const tx = open.transaction(['values'], 'readwrite', { durability: 'relaxed' });
      tx.objectStore('values').add(bytes, added++);
      tx.commit();
      tx.oncomplete = () => resolve();
      tx.onabort = () => reject(tx.error);
    });
  }
  return (performance.now() - start) / count;
}

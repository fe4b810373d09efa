/** What an older build stored is not carried over: an account of it opens as a new one, with nothing in the way. */
import { expect, test } from 'vitest';
import { type DurableObjectNamespace, Simulator } from '../../src/index.ts';
import { asAccount, databaseNames, objectAddress, uniqueKey } from '../../src/protocol/names.ts';

const PROGRAM = `
import { DurableObject } from 'cloudflare:workers';
export class Box extends DurableObject {
  put(key, value) { this.ctx.storage.kv.put(key, value) }
  all() { return [...this.ctx.storage.kv.list()] }
}
export default {};
`;
const config = {
  name: 'boxes',
  main: 'index.js',
  compatibility_date: '2026-07-30',
  durable_objects: { bindings: [{ name: 'BOXES', class_name: 'Box' }] },
  migrations: [{ tag: 'v1', new_sqlite_classes: ['Box'] }],
};
interface Env {
  BOXES: DurableObjectNamespace<{ put(key: string, value: unknown): void; all(): [string, unknown][] }>;
}

/** Makes a database with the first version's stores. */
function makeOld(name: string, fill: (database: IDBDatabase) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => fill(request.result);
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      request.result.close();
      resolve();
    };
  });
}

test('an account of the first version opens empty, and so do its objects', async () => {
  const account = asAccount(`older-${performance.timeOrigin}`);
  const open = () =>
    Simulator.open<Env>({ name: account, modules: { 'index.js': PROGRAM }, config, storage: 'indexeddb' });
  // The id of the object that the program will use.
  const probe = await open();
  const id = probe.env.BOXES.idFromName('a').toString();
  await probe.close({ delete: true });

  const namespace = uniqueKey('boxes', 'Box');
  const address = objectAddress(namespace, id);
  await makeOld(databaseNames.account(account), (database) => {
    const content = { scripts: [], states: new Map() };
    database.createObjectStore('deployments', { keyPath: 'number' }).put({ number: 7, hash: 'old', content });
    const objects = database.createObjectStore('objects', { keyPath: 'address' });
    objects.createIndex('uniqueKey', 'uniqueKey');
    objects.put({ address, uniqueKey: namespace, id, className: 'Box', name: 'a' });
    database.createObjectStore('meta').put(1, 'old');
  });
  await makeOld(databaseNames.object(account, address), (database) => {
    const fence = { kind: 'fence', sequence: 1, epoch: 1, timeMs: 1, pageCount: 0, alarm: null };
    database.createObjectStore('records').put(fence, 1);
    database.createObjectStore('parts');
    database.createObjectStore('extents', { keyPath: ['firstPage', 'sequence', 'pages'] });
    database.createObjectStore('base').put({ sequence: 0, epoch: 0, timeMs: 0, pageCount: 0, alarm: null }, 1);
    database.createObjectStore('fences').createIndex('sequence', 'sequence');
  });

  const simulator = await open();
  try {
    expect(await simulator.inspect.objects()).toEqual([]);
    const stub = simulator.env.BOXES.getByName('a');
    expect(await simulator.inspect.moments(stub)).toBe(undefined);
    expect(await stub.all()).toEqual([]);
    await stub.put('k', 1);
    await simulator.objects.evict(stub);
    expect(await stub.all()).toEqual([['k', 1]]);
  } finally {
    await simulator.close({ delete: true });
  }
});

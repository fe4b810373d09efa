/** A program in an isolate comes to nothing that leads out of it, whatever it patches. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DurableObjectNamespace, Simulator } from '../../src/index.ts';
import { ISOLATION_CONFIG, ISOLATION_MODULES, OVER_CHANNELS, SPY, WAYS_TEXT } from '../support/isolation.ts';
// @ts-expect-error a program, which has no types
import { WAYS_OF_ASKING, WAYS_OF_PATCHING } from '../support/programs/isolation-ways.js';

interface Env {
  PRISONERS: DurableObjectNamespace<{ tries(name: string, files: readonly string[]): Promise<string[]> }>;
}

const FILES = [
  ...['isolate.worker.js', 'host.worker.js', 'bundler.worker.js', 'inspector.worker.js', 'index.ts'],
  ...['starter.worker.js', 'starter.worker.js#isolate.worker.js', 'starter.worker.js#host.worker.js'],
].map((name) => new URL(`../../src/${name}`, import.meta.url).href);

describe.each([
  { carrier: 'port', network: 'auto', ways: [...WAYS_OF_PATCHING, ...WAYS_OF_ASKING] as string[] },
  {
    carrier: 'channel',
    network: 'channel',
    ways: (WAYS_OF_PATCHING as string[]).filter((way) => OVER_CHANNELS.test(way)),
  },
] as const)('over a $carrier, a program gets nothing by', ({ carrier, network, ways }) => {
  let sim: Simulator<Env>;
  beforeAll(async () => {
    const name = `isolation-${carrier}-${performance.timeOrigin}`;
    sim = await Simulator.open<Env>({
      name,
      modules: ISOLATION_MODULES,
      config: ISOLATION_CONFIG,
      storage: 'indexeddb',
      network,
    });
  });
  afterAll(() => sim?.close({ delete: true }));

  test.concurrent.each(ways)('%s', async (way) => {
    expect(await sim.env.PRISONERS.getByName(way).tries(way, FILES)).toEqual([]);
  });
});

/** What a worker of nobody's does: the same powers, handled without care. */
const CARELESS = `
import { attempt } from './isolation-ways.js';
const open = (name) => new Promise((resolve, reject) => {
  const request = indexedDB.open(name);
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});
async function work() {
  const database = await open('isolation-control');
  const channel = new BroadcastChannel('isolation-control');
  const { locks } = navigator;
  const powers = [];
  powers.push(database);
  powers[1] = locks;
  for (const one of [channel, ...powers]) new Map([[one, one]]).get(one);
  new Set().add(channel);
  new WeakMap().set(database, locks);
  const handler = { database };
  const proxy = new Proxy({}, handler);
  'x' in proxy;
  const options = { channel };
  if (options.signal) return;
  Object.assign({}, { channel });
  Reflect.has(database, 'x');
  (function () {}).call(database);
  await Promise.all([Promise.resolve(database)]);
  await Promise.resolve(database).then((one) => one);
  const { port1, port2 } = new MessageChannel();
  const heard = new Promise((resolve) => { port1.onmessage = ({ data, ports }) => resolve([data, ports]); });
  port2.postMessage('x', [new MessageChannel().port1]);
  await heard;
  database.close();
  channel.close();
}
onmessage = async ({ data: { name, files } }) => {
  const given = { files, imports: [], sloppy: undefined, ctx: {}, stub: {}, roots: { navigator }, DurableObject: class {} };
  postMessage(await attempt(name, { work, given }).catch((error) => ['failed: ' + error.stack]));
};
`;

/** What each of these ways must be seen to get there; the others go by the same wrappers. */
const CONTROL: Readonly<Record<string, string>> = {
  'methods of arrays': 'IDBDatabase',
  'iterators of arrays': 'BroadcastChannel',
  'methods of Map': 'IDBDatabase',
  'methods of Set': 'BroadcastChannel',
  'methods of WeakMap, WeakSet, WeakRef and FinalizationRegistry': 'LockManager',
  'methods of promises': 'IDBDatabase',
  'the constructor of promises': 'IDBDatabase',
  'the species of promises': 'IDBDatabase',
  'static functions of Promise': 'IDBDatabase',
  'the name Promise': 'IDBDatabase',
  'call, apply, bind and instanceof': 'IDBDatabase',
  'static functions of Object': 'BroadcastChannel',
  Reflect: 'IDBDatabase',
  'a getter then on Object.prototype': 'IDBDatabase',
  'getters of options on Object.prototype': 'BroadcastChannel',
  'setters of indexes on Array.prototype': 'LockManager',
  'traps of proxies on Object.prototype': 'IDBDatabase',
  'the names Map, Set, WeakMap and Proxy': 'IDBDatabase',
  'getters of MessageEvent': 'MessagePort',
  'globals that are gone': 'indexedDB',
  'members of navigator': 'locks',
  'everything that properties lead to': 'IDBFactory',
  'Function constructors': '1',
  'eval, direct and indirect': '1',
  'URLs of blobs': 'blob:',
  'import() of a data URL': 'default',
  'import() of the module itself': 'attempt',
  'import() of what error stacks name': 'attempt',
  'the text of what error stacks name': 'import()',
  'WebAssembly compiled in an event': 'WebAssembly.Module',
};

describe('in a worker that nobody hardened', () => {
  const blobOf = (text: string) => URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
  const spy = blobOf(SPY);
  const ways = blobOf(WAYS_TEXT.replace('./isolation-spy.js', spy));
  const careless = blobOf(CARELESS.replace('./isolation-ways.js', ways));

  test.each(Object.entries(CONTROL))('%s gives %s', async (name, seen) => {
    const worker = new Worker(careless, { type: 'module' });
    const told = await new Promise<string[]>((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data as string[]);
      worker.onerror = (event) => reject(new Error(event.message));
      worker.postMessage({ name, files: FILES });
    });
    worker.terminate();
    expect(
      told.filter((one) => one.includes(seen)),
      told.join('; '),
    ).not.toEqual([]);
  });
});

/**
 * Memory mode: the stores of this machine's objects live in the host, and each isolate reaches its own by messages.
 *
 * Promise: a container reaches the store of its own object and no other; the store is closed when the container ends.
 */
import { SimulatorError } from '../base/errors.ts';
import { exposeControl } from '../network/control-port.ts';
import type { StoreReader } from '../protocol/control.ts';
import { toControlError } from '../protocol/control-error.ts';
import type { ObjectAddress } from '../protocol/names.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { Vault } from '../storage/vault.ts';
import type { Container } from './container.ts';
import type { IsolateRequest } from './isolate-handle.ts';

type StoreRequest = Extract<IsolateRequest, { c: 'store' }>;

/** What an isolate may ask for; its arguments and results are plain data. */
const METHODS = new Set<string>([
  'openForWriting',
  'readHead',
  'append',
  'stage',
  'unstage',
  'readRecords',
  'readPages',
  'readExtents',
  'extentKeys',
  'readMoments',
  'findFence',
  'writeExtent',
  'deleteExtents',
  'writeBase',
  'deleteRecords',
  'close',
] satisfies (keyof ObjectStore)[]);

export class Stores {
  readonly #vault: Vault;
  readonly #open = new Map<Container, Promise<ObjectStore>>();

  constructor(vault: Vault) {
    this.#vault = vault;
  }

  /** Answers one request of an isolate; what fails is the answer. */
  async serve(from: Container, address: ObjectAddress | undefined, request: StoreRequest): Promise<void> {
    const { id, method, args } = request;
    try {
      if (!address || !METHODS.has(method))
        throw new SimulatorError('closed', `This isolate has no store to ${method}.`);
      const opening = this.#open.get(from) ?? this.#vault.openObject(address);
      this.#open.set(from, opening);
      const store = (await opening) as unknown as Record<string, (...args: readonly unknown[]) => Promise<unknown>>;
      const result = await store[method]?.(...args);
      from.isolate.post({ c: 'stored', id, result });
    } catch (error) {
      from.isolate.post({ c: 'store-failed', id, error: toControlError(error) });
    }
  }

  async ended(container: Container): Promise<void> {
    const opening = this.#open.get(container);
    this.#open.delete(container);
    await (await opening)?.close();
  }
}

/** Lets an inspector read every object of a vault that lives here, over a port which this owns from now on. */
export function serveStores(vault: Vault, port: MessagePort): void {
  const read = async <T>(object: ObjectAddress, use: (store: ObjectStore) => Promise<T>): Promise<T | undefined> => {
    const store = await vault.findObject(object);
    if (!store) return undefined;
    try {
      return await use(store);
    } finally {
      await store.close();
    }
  };
  const reader: StoreReader = {
    has: async (object) => (await read(object, async () => true)) ?? false,
    readHead: (object) => read(object, (store) => store.readHead()),
    readRecords: (object, range) =>
      read(object, (store) => store.readRecords(range as Parameters<ObjectStore['readRecords']>[0])),
    readExtents: (object, range) =>
      read(object, (store) => store.readExtents(range as Parameters<ObjectStore['readExtents']>[0])),
    readMoments: (object, range) =>
      read(object, (store) => store.readMoments(range as Parameters<ObjectStore['readMoments']>[0])),
    findFence: (object, epoch) => read(object, (store) => store.findFence(epoch)),
  };
  exposeControl(reader, port);
}

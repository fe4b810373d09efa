/**
 * The inspector's thread: reads stored objects and judges files, for one page.
 *
 * It is a thread of its own and not the host's, because reading a large object or running somebody's query takes as long as it
 * takes, and a host that is busy brings no caller to any object. Whoever has waited long enough ends it and starts another.
 *
 * Promise: it holds no lease and writes nothing.
 */
import { must } from '../base/assert.ts';
import { SimulatorError } from '../base/errors.ts';
import { type Connection, connectControl, exposeControl, withTransfer } from '../network/control-port.ts';
import type { StoreReader } from '../protocol/control.ts';
import type { InspectorControl, InspectorOpening } from '../protocol/inspection.ts';
import { type ObjectAddress, objectAddress } from '../protocol/names.ts';
import { type Calibration, loadEngine } from '../storage/engine.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { findObjectStore } from '../storage/vault.ts';
import { Files } from './files.ts';
import { packFolder, unpackFolder } from './folder.ts';
import { entriesOf, keysOf, queryOf, tablesOf } from './reader.ts';
import { type FindStore, Snapshots } from './snapshots.ts';

interface Opened {
  readonly snapshots: Snapshots;
  readonly files: Files;
}

let opened: Opened | undefined;

function inspector(): Opened {
  if (!opened) throw new SimulatorError('closed', 'The inspector is not open.');
  return opened;
}

const api: InspectorControl = {
  async open({ account, storage, engine: parts }: InspectorOpening, port) {
    const { wasm, calibration } = parts;
    const engine = await loadEngine({ wasm, calibration: calibration as Calibration | undefined });
    const find: FindStore =
      storage === 'memory'
        ? storesBehind(must(port, 'a port to the stores'))
        : (object) => findObjectStore(account, object);
    opened = { snapshots: new Snapshots({ find, engine }), files: new Files(engine) };
  },
  entries: (object, range) => inspector().snapshots.read(object, range, (database) => entriesOf(database, range)),
  keys: (object, range) => inspector().snapshots.read(object, range, (database) => keysOf(database, range)),
  tables: (object, { counts, ...where }) =>
    inspector().snapshots.read(object, where, (database) => tablesOf(database, counts)),
  query: (object, order) => inspector().snapshots.read(object, order, (database) => queryOf(database, order)),
  facets: (object, at) => inspector().snapshots.facets(object, at),
  moments: (object, limit) => inspector().snapshots.moments(object, limit),
  async exportFile(object, where) {
    const { snapshots, files } = inspector();
    const { bytes } = await snapshots.read(object, where, (database) => files.write(database));
    return withTransfer(bytes, [bytes.buffer]);
  },
  async exportFolder(objects) {
    const { snapshots, files } = inspector();
    const zip = await packFolder(objects, files, {
      facets: ({ namespace, id }) => snapshots.facets(objectAddress(namespace, id), undefined),
      content: ({ namespace, id }, facet) =>
        snapshots.read(objectAddress(namespace, id), { facet }, (database) => files.write(database)),
    });
    await snapshots.forget();
    return withTransfer(zip, [zip.buffer]);
  },
  async checkFile(bytes, wal) {
    const checked = inspector().files.check({ bytes, wal });
    return withTransfer(checked, [checked.bytes.buffer]);
  },
  async checkFolder(zip, namespaces) {
    const checked = unpackFolder(zip, namespaces, inspector().files);
    return withTransfer(
      checked,
      checked.objects.map(({ bytes }) => bytes.buffer),
    );
  },
};

/** Memory mode: the host reads for us. */
function storesBehind(port: MessagePort): FindStore {
  const { remote }: Connection<StoreReader> = connectControl<StoreReader>(port);
  return async (object: ObjectAddress) => {
    if (!(await remote.has(object))) return undefined;
    const reading: Pick<
      ObjectStore,
      'readHead' | 'readRecords' | 'readExtents' | 'readMoments' | 'findFence' | 'close'
    > = {
      readHead: () => remote.readHead(object) as ReturnType<ObjectStore['readHead']>,
      readRecords: (range) => remote.readRecords(object, range) as ReturnType<ObjectStore['readRecords']>,
      readExtents: (range) => remote.readExtents(object, range) as ReturnType<ObjectStore['readExtents']>,
      readMoments: (range) => remote.readMoments(object, range) as ReturnType<ObjectStore['readMoments']>,
      findFence: (epoch) => remote.findFence(object, epoch),
      close: async () => {},
    };
    return reading as ObjectStore;
  };
}

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;

scope.onmessage = (event: MessageEvent<{ start: MessagePort[] }>) => {
  exposeControl(api, must(event.data.start[0], 'the control port'));
};

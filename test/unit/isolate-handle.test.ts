/** The host's end of an isolate, over a worker that is made up. */
import { expect, test, vi } from 'vitest';
import { SimulatorError } from '../../src/base/errors.ts';
import { IsolateHandle, type IsolateWorker } from '../../src/host/isolate-handle.ts';
import type { Assignment, FromIsolate } from '../../src/protocol/control.ts';
import type { EndpointId } from '../../src/protocol/names.ts';

test('one that is ended between its boot and its assignment fails as one that is ended while it starts', async () => {
  const worker: IsolateWorker = { postMessage: () => {}, terminate: () => {}, onmessage: null, onerror: null };
  const handle = new IsolateHandle({ endpoint: 'a' as EndpointId });
  handle.boot(worker, { c: 'boot' } as Parameters<IsolateHandle['boot']>[1]);
  worker.onmessage?.({ data: { c: 'booted' } as FromIsolate });
  const reason = new SimulatorError('peer_gone', 'The object was ended while it started.');
  const assigning = handle.assign({} as Assignment, { onRequest: () => {}, onCrash: () => {} });
  handle.end(reason);
  await expect(assigning).rejects.toBe(reason);
  await expect(handle.assign({} as Assignment, { onRequest: () => {}, onCrash: () => {} })).rejects.toBe(reason);
});

test.each(['booting', 'running'])(
  'what one that was %s still fails with after its end is not the failure of the host',
  (when) => {
    const worker: IsolateWorker = { postMessage: () => {}, terminate: () => {}, onmessage: null, onerror: null };
    const handle = new IsolateHandle({ endpoint: 'a' as EndpointId });
    handle.boot(worker, { c: 'boot' } as Parameters<IsolateHandle['boot']>[1]);
    handle.booted.catch(() => {});
    if (when === 'running') worker.onmessage?.({ data: { c: 'booted' } as FromIsolate });
    handle.end();
    const preventDefault = vi.fn();
    worker.onerror?.({ preventDefault });
    worker.onerror?.({ preventDefault });
    expect(preventDefault).toHaveBeenCalledTimes(2);
  },
);

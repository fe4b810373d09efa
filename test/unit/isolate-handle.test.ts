/** The host's end of an isolate, over a worker that is made up. */
import { expect, test, vi } from 'vitest';
import { SimulatorError } from '../../src/base/errors.ts';
import { IsolateHandle, type IsolateWorker } from '../../src/host/isolate-handle.ts';
import type { Assignment, FromIsolate } from '../../src/protocol/control.ts';
import type { ObjectEdit } from '../../src/protocol/edits.ts';
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

test('an order that was open at the last words of one that was reset was not looked at; without last words nobody knows', async () => {
  const liveOne = async () => {
    const worker: IsolateWorker = { postMessage: () => {}, terminate: () => {}, onmessage: null, onerror: null };
    const handle = new IsolateHandle({ endpoint: 'a' as EndpointId });
    handle.boot(worker, { c: 'boot' } as Parameters<IsolateHandle['boot']>[1]);
    worker.onmessage?.({ data: { c: 'booted' } as FromIsolate });
    const onRequest = () => handle.end();
    const assigning = handle.assign({} as Assignment, { onRequest, onCrash: () => {} });
    await Promise.resolve();
    worker.onmessage?.({ data: { c: 'started' } as FromIsolate });
    await assigning;
    return { worker, handle };
  };
  const order = { o: 'run', scheduledMs: 1, retryCount: 0 } as const;
  const reset = await liveOne();
  const answers = [reset.handle.alarm(order), reset.handle.alarm(order)];
  const edited = reset.handle.edit({ e: 'sql' } as unknown as ObjectEdit);
  reset.worker.onmessage?.({
    data: { c: 'alarmed', id: 1, outcome: { did: 'fail', isCounted: true } } as FromIsolate,
  });
  reset.worker.onmessage?.({ data: { c: 'reset' } as FromIsolate });
  await expect(Promise.all(answers)).resolves.toEqual([{ did: 'fail', isCounted: true }, undefined]);
  await expect(edited).rejects.toMatchObject({ code: 'peer_gone' });
  const killed = await liveOne();
  const lost = killed.handle.alarm(order);
  killed.handle.end();
  await expect(lost).rejects.toMatchObject({ code: 'peer_gone' });
});

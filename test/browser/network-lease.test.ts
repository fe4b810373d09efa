/** Leases by Web Locks: the contract, and the death of a worker that held one. */
import { describe, expect, test } from 'vitest';
import { must } from '../../src/base/assert.ts';
import { openLeases, SoleLeases } from '../../src/network/lease.ts';
import { leaseContract } from '../contracts/lease.ts';

leaseContract('Web Locks', openLeases);
leaseContract('sole', async () => new SoleLeases());

const HOLD = `onmessage = ({ data }) => navigator.locks.request(data, () => { postMessage('held'); return new Promise(() => {}); });`;

async function holdInWorker(name: string): Promise<Worker> {
  const url = URL.createObjectURL(new Blob([HOLD], { type: 'text/javascript' }));
  const worker = new Worker(url);
  const held = new Promise((resolve) => worker.addEventListener('message', resolve, { once: true }));
  worker.postMessage(name);
  await held;
  URL.revokeObjectURL(url);
  return worker;
}

describe('a lease held by a worker', () => {
  test('falls free when the worker is terminated, for all who watch', async () => {
    const leases = await openLeases();
    const name = `lease-death-${crypto.randomUUID()}`;
    const worker = await holdInWorker(name);
    expect(await leases.held(name)).toEqual([name]);
    expect(await leases.tryAcquire(name)).toBe(undefined);
    const watching = Array.from({ length: 64 }, () => leases.whenFree(name));
    worker.terminate();
    await Promise.all(watching);
    must(await leases.tryAcquire(name), 'the lease of the dead').release();
  });

  test('can be stolen from it', async () => {
    const leases = await openLeases();
    const name = `lease-theft-${crypto.randomUUID()}`;
    const worker = await holdInWorker(name);
    const thief = await leases.acquire(name, { steal: true });
    expect(thief.isHeld).toBe(true);
    thief.release();
    worker.terminate();
  });
});

test('in an opaque frame the leases are sole', async () => {
  const module = new URL('../../src/network/lease.ts', import.meta.url).href;
  const frame = document.createElement('iframe');
  frame.setAttribute('sandbox', 'allow-scripts');
  const answer = new Promise<unknown>((resolve) => {
    window.addEventListener('message', (event) => {
      if (event.source === frame.contentWindow) resolve(event.data);
    });
  });
  frame.srcdoc = `<script type="module">
    try {
      const { openLeases } = await import(${JSON.stringify(module)});
      const leases = await openLeases();
      const lease = await leases.acquire('name');
      parent.postMessage([leases.mode, await leases.held(''), await leases.tryAcquire('name')], '*');
    } catch (error) { parent.postMessage(String(error), '*'); }
  </script>`;
  document.body.append(frame);
  expect(await answer).toEqual(['sole', ['name'], undefined]);
  frame.remove();
});

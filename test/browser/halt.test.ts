import { expect, test } from 'vitest';
import type { HaltingOrder } from './halting.worker.ts';

let count = 0;

/** One that has stopped in the middle of a task, and all that it said. */
async function stopped(how: HaltingOrder['how']) {
  const lock = `durabox-test-halt-${performance.timeOrigin}-${++count}`;
  const worker = new Worker(new URL('./halting.worker.ts', import.meta.url), { type: 'module' });
  const heard: unknown[] = [];
  await new Promise<void>((resolve) => {
    worker.onmessage = ({ data }) => {
      heard.push(data);
      resolve();
    };
    worker.postMessage({ lock, how } satisfies HaltingOrder);
  });
  return { worker, heard, gone: navigator.locks.request(lock, () => how) };
}

test('a thread that halts ends before one that was terminated earlier and spins, and says nothing more', async () => {
  const spinning = await stopped('spins');
  const halted = await stopped('halts');
  // Both are in the middle of their task by then: this takes many tasks of theirs.
  const third = await stopped('halts');
  expect(halted.heard).toEqual(['stops']);
  spinning.worker.terminate();
  halted.worker.terminate();
  third.worker.terminate();
  expect(await Promise.race([spinning.gone, halted.gone])).toBe('halts');
  await third.gone;
  expect([...halted.heard, ...third.heard]).toEqual(['stops', 'stops']);
});

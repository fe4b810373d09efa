/** Tasks of a worker's schedule: in order, microtasks in between, and many of them for one message. */
import { expect, test } from 'vitest';

function play(name: string): Promise<{ log: string[]; posted: number }> {
  const worker = new Worker(new URL('./schedule.worker.ts', import.meta.url), { type: 'module' });
  return new Promise((resolve, reject) => {
    worker.onerror = (event) => reject(new Error(event.message));
    worker.onmessage = ({ data }) => {
      worker.terminate();
      resolve(data);
    };
    worker.postMessage(name);
  });
}

const steps = Array.from({ length: 40 }, (_, i) => [`task ${i}`, `after ${i}`]).flat();

test('tasks that wait together run in order, each after the microtasks of the one before it', async () => {
  const { log, posted } = await play('together');
  expect(log).toEqual(['asked', 'microtask', ...steps]);
  expect(posted).toBeLessThanOrEqual(4);
});

test('so do tasks of which each asks for the next one', async () => {
  const { log, posted } = await play('chained');
  expect(log).toEqual(steps);
  expect(posted).toBeLessThanOrEqual(5);
});

test('a task that fails is an error of the thread, and the next one runs', async () => {
  const { log } = await play('failing');
  expect(log).toEqual(['first', 'Uncaught Error: second', 'third']);
});

test('a task that is asked for later runs then', async () => {
  const { log, posted } = await play('paused');
  expect(log).toEqual(['before', 'after']);
  expect(posted).toBe(3);
});

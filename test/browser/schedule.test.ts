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

test('what the handler of another event asks for runs behind it, without a message', async () => {
  const { log, posted } = await play('served');
  const each = (n: number) => [`event ${n}`, `task ${n}`, `after ${n}`, `asked ${n}`];
  expect(log).toEqual([...each(1), ...each(2)]);
  expect(posted).toBe(0);
});

test('what is more than an event serves is for one message', async () => {
  const { log, posted } = await play('many');
  expect(log).toEqual(['task 0', 'task 1', 'task 2', 'task 3', 'task 4']);
  expect(posted).toBe(1);
});

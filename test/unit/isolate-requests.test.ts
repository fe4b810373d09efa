/** What an isolate is answered when its host cannot help it. */
import { expect, test } from 'vitest';
import { TaskSet } from '../../src/base/async.ts';
import { SimulatorError, type SimulatorErrorCode } from '../../src/base/errors.ts';
import type { Container } from '../../src/host/container.ts';
import { type Answerers, answerIsolate } from '../../src/host/isolate-requests.ts';
import type { ToIsolate } from '../../src/protocol/control.ts';

/** What is posted to an isolate that wants to be connected, while its host refuses with `code`. */
async function refused(code: SimulatorErrorCode): Promise<ToIsolate[]> {
  const posted: ToIsolate[] = [];
  const tasks = new TaskSet((error) => {
    throw error;
  });
  const from = {
    endpoint: 'asker',
    isolate: { post: (message: ToIsolate) => posted.push(message) },
  } as unknown as Container;
  const refuse = () => Promise.reject(new SimulatorError(code, 'No.'));
  const host = { tasks, addressOf: () => undefined, connect: refuse } as unknown as Answerers;
  answerIsolate(from, { c: 'connect', id: 1, target: { kind: 'worker', script: 'main' } } as never, host);
  await tasks.idle();
  return posted;
}

// A soak found it: a caller on another machine was told that the simulator was closing, and that one was not.
test('whose machine closes loses its connection: what it answers with goes to callers on other machines', async () => {
  expect(await refused('closed')).toMatchObject([{ c: 'connect-failed', id: 1, error: { code: 'peer_gone' } }]);
});

test('anything else is told as it is', async () => {
  expect(await refused('overloaded')).toMatchObject([{ c: 'connect-failed', id: 1, error: { code: 'overloaded' } }]);
});

test('who has waited for long hears where the object runs now: the instance that it waits for may have gone without a word', async () => {
  const posted: ToIsolate[] = [];
  const tasks = new TaskSet((error) => {
    throw error;
  });
  const from = { isolate: { post: (message: ToIsolate) => posted.push(message) } } as unknown as Container;
  const now = { object: 'an object', epoch: 7, machine: 'elsewhere' };
  const host = { tasks, addressOf: () => undefined, probe: async () => now } as unknown as Answerers;
  answerIsolate(from, { c: 'probe', target: { kind: 'worker', script: 'main' } }, host);
  await tasks.idle();
  expect(posted).toEqual([{ c: 'moved', ...now }]);
});

/** The output gate while the program has broken every built-in. */
import { expect, test } from 'vitest';
import { deferred } from '../../src/base/async.ts';
import { OutputGate } from '../../src/gates/output-gate.ts';
import { withBrokenBuiltIns } from '../support/broken-built-ins.ts';

test('messages wait for their locks and leave in order', async () => {
  const gate = new OutputGate({
    onBroken: (error) => {
      throw error;
    },
  });
  const [first, second] = [deferred(), deferred()];
  const left: number[] = [];
  withBrokenBuiltIns(() => {
    gate.lock(first.promise);
    gate.send(() => (left[left.length] = 1));
    gate.lock(second.promise);
    gate.send(() => (left[left.length] = 2));
  });
  expect(left).toEqual([]);
  first.resolve();
  await first.promise;
  expect(left).toEqual([1]);
  second.resolve();
  await second.promise;
  expect(left).toEqual([1, 2]);
});

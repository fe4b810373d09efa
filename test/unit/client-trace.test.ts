/** The page's side of the trace, by itself. */
import { expect, test } from 'vitest';
import { SimulatorError, type SimulatorErrorCode } from '../../src/base/errors.ts';
import { Trace } from '../../src/client/trace.ts';
import type { EndpointId, MachineId } from '../../src/protocol/names.ts';
import { Tracer } from '../../src/protocol/tracer.ts';

/** A page whose host is gone, with one event of its own; told what went wrong with nobody to hear it. */
async function unheardAfter(code: SimulatorErrorCode): Promise<unknown[]> {
  const unheard: unknown[] = [];
  const hear = (error: unknown) => unheard.push(error);
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', hear);
  try {
    const tracer: Tracer = new Tracer({
      now: () => 0,
      realNow: () => 0,
      later: (go) => go(),
      hand: (batch) => trace.own(batch),
    });
    const refused = async () => Promise.reject(new SimulatorError(code, 'Not now.'));
    const trace: Trace = new Trace({ tracer, control: { trace: async () => {}, traced: refused } });
    tracer.become({
      id: 'a' as EndpointId,
      kind: 'client',
      lane: 'client',
      label: 'client',
      machine: 'm' as MachineId,
    });
    await trace.start();
    tracer.note({ kind: 'log', level: 'log', text: 'x' });
    expect(trace.events).toHaveLength(1);
    await new Promise((resolve) => setImmediate(resolve));
    return unheard;
  } finally {
    process.off('unhandledRejection', hear);
    for (const other of others) process.on('unhandledRejection', other);
  }
}

test.each(['closed', 'peer_gone'] as const)(
  'what a page traces after its host is gone (%s) is no fault',
  async (code) => {
    expect(await unheardAfter(code)).toEqual([]);
  },
);

test('any other failure to tell it is', async () => {
  expect(await unheardAfter('storage_failed')).toMatchObject([{ code: 'storage_failed' }]);
});

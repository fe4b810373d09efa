import { expect, test } from 'vitest';
import { openLeases, SoleLeases } from '../../src/network/lease.ts';
import { leaseContract } from '../contracts/lease.ts';

leaseContract('sole', async () => new SoleLeases());

test.runIf(globalThis.navigator?.locks === undefined)('without Web Locks the leases are sole', async () => {
  expect((await openLeases()).mode).toBe('sole');
});

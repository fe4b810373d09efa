import { oldStubs } from '../../programs/old-stubs.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'From 2024-04-03 on every property of a stub is a method of RPC.',
  rows: ['17.rpc'],
  config: { compatibility_date: '2024-04-03' },
  program: oldStubs,
});

import { oldStubs } from '../../programs/old-stubs.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'The day before 2024-04-03 a stub has no methods but its own.',
  rows: ['17.rpc'],
  config: { compatibility_date: '2024-04-02' },
  program: oldStubs,
});

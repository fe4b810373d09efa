import { oldStubs } from '../../programs/old-stubs.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'From 2024-03-26 on stubs have no get, put and delete of their own.',
  rows: ['17.no-shortcuts'],
  config: { compatibility_date: '2024-03-26' },
  program: oldStubs,
});

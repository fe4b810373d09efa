import { oldStubs } from '../../programs/old-stubs.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'From 2021-11-10 on a stub fetches no relative URL.',
  rows: ['17.full-url'],
  config: { compatibility_date: '2021-11-10' },
  program: oldStubs,
});

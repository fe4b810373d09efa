import { oldStubs } from '../../programs/old-stubs.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'The day before 2021-11-10 a stub fetches relative URLs.',
  rows: ['17.full-url'],
  config: { compatibility_date: '2021-11-09' },
  program: oldStubs,
});

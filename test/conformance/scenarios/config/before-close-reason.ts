import { dated } from '../../programs/dated.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'The day before 2026-03-03 it is not yet so that a close reason is counted in bytes and may have 123.',
  rows: ['17.close-reason'],
  config: { compatibility_date: '2026-03-02' },
  program: dated,
});

import { dated } from '../../programs/dated.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'The day before 2026-04-07 it is not yet so that a close is answered by itself.',
  rows: ['17.auto-close'],
  config: { compatibility_date: '2026-04-06' },
  program: dated,
});

import { dated } from '../../programs/dated.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'The day before 2025-05-05 it is not yet so that WeakRef and FinalizationRegistry exist.',
  rows: ['17.weak-references'],
  config: { compatibility_date: '2025-05-04' },
  program: dated,
});

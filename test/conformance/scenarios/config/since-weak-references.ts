import { dated } from '../../programs/dated.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'From 2025-05-05 on it is so that WeakRef and FinalizationRegistry exist.',
  rows: ['17.weak-references'],
  config: { compatibility_date: '2025-05-05' },
  program: dated,
});

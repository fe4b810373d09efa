import { dated } from '../../programs/dated.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'The day before 2026-01-20 it is not yet so that a caller keeps the stub that it passes.',
  rows: ['17.params-dup'],
  config: { compatibility_date: '2026-01-19' },
  program: dated,
});

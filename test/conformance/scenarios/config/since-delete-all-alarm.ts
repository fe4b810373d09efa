import { dated } from '../../programs/dated.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'From 2026-02-24 on it is so that deleteAll takes the alarm away.',
  rows: ['17.delete-all-alarm'],
  config: { compatibility_date: '2026-02-24' },
  program: dated,
});

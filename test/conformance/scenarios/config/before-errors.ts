import { dated } from '../../programs/dated.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'The day before 2026-04-21 it is not yet so that an error brings its cause and its own properties along.',
  rows: ['17.errors'],
  config: { compatibility_date: '2026-04-20' },
  program: dated,
});

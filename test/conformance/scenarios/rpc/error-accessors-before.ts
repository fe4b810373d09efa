import { thrownWithGetters } from '../../programs/thrown-with-getters.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Before 2026-04-21 every error is told by the name and message that it holds as data.',
  rows: ['4.error-propagation'],
  config: { compatibility_date: '2026-04-20' },
  program: thrownWithGetters,
});

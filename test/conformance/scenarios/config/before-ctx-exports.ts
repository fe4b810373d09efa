import { dated } from '../../programs/dated.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'The day before 2025-11-17 it is not yet so that ctx.exports exists.',
  rows: ['17.ctx-exports'],
  config: { compatibility_date: '2025-11-16' },
  program: dated,
});

import { dated } from '../../programs/dated.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'From 2025-11-17 on it is so that ctx.exports exists.',
  rows: ['17.ctx-exports'],
  config: { compatibility_date: '2025-11-17' },
  program: dated,
});

import { oldScope, oldScopeConfig } from '../../programs/old-scope.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'From 2023-07-01 a parameter may be meant by its value; before 2023-12-01 the exponent of a key is a buffer.',
  rows: ['17.flags'],
  config: oldScopeConfig('2023-11-30'),
  program: oldScope,
});

import { oldScope, oldScopeConfig } from '../../programs/old-scope.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'From 2021-11-03 a file in a form is a file; a buffer that is read into is not yet taken.',
  rows: ['17.flags'],
  config: oldScopeConfig('2021-11-09'),
  program: oldScope,
});

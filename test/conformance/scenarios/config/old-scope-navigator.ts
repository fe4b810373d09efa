import { oldScope, oldScopeConfig } from '../../programs/old-scope.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'From 2021-11-10 a buffer that is read into is taken; before 2022-03-21 there is no navigator.',
  rows: ['17.flags'],
  config: oldScopeConfig('2022-03-20'),
  program: oldScope,
});

import { oldScope, oldScopeConfig } from '../../programs/old-scope.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'From 2023-03-14 a redirect leads to a URL; before 2023-07-01 parameters are looked for by their names alone.',
  rows: ['17.flags'],
  config: oldScopeConfig('2023-06-30'),
  program: oldScope,
});

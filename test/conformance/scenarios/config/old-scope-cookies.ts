import { oldScope, oldScopeConfig } from '../../programs/old-scope.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'From 2022-11-30 streams are made as everywhere; before 2023-03-01 the cookies that are set are one header.',
  rows: ['17.stream-constructors'],
  config: oldScopeConfig('2023-02-28'),
  program: oldScope,
});

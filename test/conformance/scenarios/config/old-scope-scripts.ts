import { oldScope, oldScopeConfig } from '../../programs/old-scope.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'From 2023-12-01 the exponent of a key is bytes; before 2024-03-04 there is an importScripts.',
  rows: ['17.flags'],
  config: oldScopeConfig('2024-03-03'),
  program: oldScope,
});

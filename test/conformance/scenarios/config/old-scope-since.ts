import { oldScope, oldScopeConfig } from '../../programs/old-scope.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'From 2024-03-04 there is no importScripts.',
  rows: ['17.flags'],
  config: oldScopeConfig('2024-03-04'),
  program: oldScope,
});

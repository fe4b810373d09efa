import { datedScope } from '../../programs/dated-scope.ts';
import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'From 2026-02-19 bodies may be made of iterables, besides what came before.',
  rows: ['17.flags', '1.global-scope'],
  config: { ...objects({}), compatibility_date: '2026-02-19' },
  program: datedScope,
});

import { datedScope } from '../../programs/dated-scope.ts';
import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'The day before channels: requests may say how they are cached, code may be made at the start.',
  rows: ['17.flags', '1.global-scope'],
  config: { ...objects({}), compatibility_date: '2025-08-14' },
  program: datedScope,
});

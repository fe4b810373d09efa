import { datedScope } from '../../programs/dated-scope.ts';
import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'On the day of RPC the scope lacks what later dates brought: channels, caching, bodies of iterables.',
  rows: ['17.flags', '1.global-scope'],
  config: { ...objects({}), compatibility_date: '2024-04-03' },
  program: datedScope,
});

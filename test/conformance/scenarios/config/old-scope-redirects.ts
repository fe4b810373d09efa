import { oldScope, oldScopeConfig } from '../../programs/old-scope.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'From 2023-03-01 each cookie that is set is a header; before 2023-03-14 a redirect leads where the text says.',
  rows: ['17.flags'],
  config: oldScopeConfig('2023-03-13'),
  program: oldScope,
});

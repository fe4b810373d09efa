import { oldScope, oldScopeConfig } from '../../programs/old-scope.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Before 2021-11-03 a file in a form is text, and a buffer that is read into stays until 2021-11-10.',
  rows: ['17.flags'],
  config: oldScopeConfig('2021-11-02'),
  program: oldScope,
});

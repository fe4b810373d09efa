import { oldScope, oldScopeConfig } from '../../programs/old-scope.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Before 2022-11-30 nobody makes a stream, and a TransformStream hands bytes on.',
  rows: ['17.stream-constructors'],
  config: oldScopeConfig('2022-11-29'),
  program: oldScope,
});

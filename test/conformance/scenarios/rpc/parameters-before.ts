import { scenario } from '../../scenario.ts';
import { parametersProgram } from './parameters.ts';

export const subject = scenario({
  name: 'Before 2026-01-20 a stub that is passed belongs to the callee.',
  rows: ['4.param-ownership'],
  config: { compatibility_date: '2026-01-19' },
  program: parametersProgram,
});

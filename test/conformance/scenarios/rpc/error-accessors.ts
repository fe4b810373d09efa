import { thrownWithGetters } from '../../programs/thrown-with-getters.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'An error that cannot be copied is told by the name and message that it holds as data; no getter of it is asked.',
  rows: ['4.error-propagation'],
  program: thrownWithGetters,
});

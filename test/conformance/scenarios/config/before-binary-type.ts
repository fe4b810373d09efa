import { dated } from '../../programs/dated.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'The day before 2026-03-17 it is not yet so that the binaryType of a WebSocket is blob.',
  rows: ['17.binary-type'],
  config: { compatibility_date: '2026-03-16' },
  program: dated,
});

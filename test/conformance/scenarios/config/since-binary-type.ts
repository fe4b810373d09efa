import { dated } from '../../programs/dated.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'From 2026-03-17 on it is so that the binaryType of a WebSocket is blob.',
  rows: ['17.binary-type'],
  config: { compatibility_date: '2026-03-17' },
  program: dated,
});

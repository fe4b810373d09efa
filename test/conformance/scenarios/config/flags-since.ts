import { shownFlags } from '../../programs/shown-flags.ts';
import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A flag is on on the day of its date.',
  rows: ['17.flags', '14.compatibility'],
  config: { ...objects({}), compatibility_date: '2026-03-03' },
  program: shownFlags,
});

import { shownFlags } from '../../programs/shown-flags.ts';
import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A flag is off on the day before its date.',
  rows: ['17.flags', '14.compatibility'],
  config: { ...objects({}), compatibility_date: '2026-03-02' },
  program: shownFlags,
});

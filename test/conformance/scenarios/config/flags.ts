import { shownFlags } from '../../programs/shown-flags.ts';
import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Cloudflare.compatibilityFlags shows every flag, and which are on at the newest date.',
  rows: ['17.flags', '14.compatibility'],
  config: { ...objects({}), compatibility_date: '2026-07-30' },
  program: shownFlags,
});

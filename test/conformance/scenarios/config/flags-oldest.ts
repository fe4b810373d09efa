import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'At the oldest date no flag is on by itself.',
  rows: ['17.flags', '14.compatibility'],
  config: { ...objects({}), compatibility_date: '2021-01-01' },
  program: `
import { worker } from './prelude.js';
export default worker(async ({ say }) => {
  const flags = Cloudflare.compatibilityFlags;
  await say('names', () => Object.keys(flags).length);
  await say('on', () => Object.keys(flags).filter((name) => flags[name]).join(' '));
  await say('off', () => Object.keys(flags).filter((name) => !flags[name]).join(' '));
  await say('shape', () => [Object.isFrozen(flags), Object.keys(Cloudflare).join(), typeof Object.getPrototypeOf(flags)]);
  await say('writing', () => { flags.rpc = 1; return flags.rpc });
});
`,
});

import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A flag that follows from another is on from its date, and can be turned off by itself.',
  rows: ['17.flags', '14.compatibility'],
  config: {
    ...objects({}),
    compatibility_date: '2025-09-01',
    compatibility_flags: ['nodejs_compat', 'disable_nodejs_http_modules', 'no_rpc', 'enhanced_error_serialization'],
  },
  program: `
import { worker } from './prelude.js';
export default worker(async ({ say }) => {
  const flags = Cloudflare.compatibilityFlags;
  await say('names', () => Object.keys(flags).length);
  await say('on', () => Object.keys(flags).filter((name) => flags[name]).join(' '));
  await say('off', () => Object.keys(flags).filter((name) => !flags[name]).join(' '));
  await say('shape', () => [Object.isFrozen(flags), Object.prototype.toString.call(Cloudflare), Object.keys(Cloudflare).join(), typeof Object.getPrototypeOf(flags)]);
  await say('writing', () => { flags.rpc = 1; return flags.rpc });
});
`,
});

/** Shows Cloudflare.compatibilityFlags; at several dates. */
export const shownFlags = `
import { worker } from './prelude.js';
export default worker(async ({ say }) => {
  const flags = Cloudflare.compatibilityFlags;
  await say('names', () => Object.keys(flags).length);
  await say('on', () => Object.keys(flags).filter((name) => flags[name]).join(' '));
  await say('off', () => Object.keys(flags).filter((name) => !flags[name]).join(' '));
  await say('shape', () => [Object.isFrozen(flags), Object.prototype.toString.call(Cloudflare), Object.keys(Cloudflare).join(), typeof Object.getPrototypeOf(flags)]);
  await say('writing', () => { flags.rpc = 1; return flags.rpc });
});
`;

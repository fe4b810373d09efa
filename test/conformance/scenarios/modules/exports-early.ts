import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'While modules are evaluated exports are empty, and bindings refuse to be used.',
  rows: ['1.import-exports', '1.top-level-restrictions', '1.import-env'],
  config: {
    durable_objects: { bindings: [] },
    migrations: [],
    services: [{ binding: 'SELF', service: 'first', entrypoint: 'Service' }],
  },
  program: `
import { WorkerEntrypoint, exports, env } from 'cloudflare:workers';
import { worker, show, tag, inspect } from './prelude.js';

const early = [Object.keys(exports), tag(exports), typeof exports.default, tag(env.SELF), typeof env.SELF.anything];
const now = (f) => { try { return inspect(f()) } catch (error) { return inspect(error) } };
const called = now(() => env.SELF.hi());
const fetched = await show(() => env.SELF.fetch('http://x/'));
const { SELF } = env;

export class Service extends WorkerEntrypoint { hi() { return 'hi' } }

export default worker(async ({ say }) => {
  await say('early', () => early);
  await say('a call', () => called);
  await say('a fetch', () => fetched);
  await say('what was taken early works', () => SELF.hi());
  await say('and exports are there now', () => [Object.keys(exports), tag(exports)]);
});
`,
});

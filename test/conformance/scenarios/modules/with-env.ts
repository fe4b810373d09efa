import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'withEnv and its kin hold for all that their callback does, its awaits and timers included.',
  rows: ['1.import-env', '1.import-exports'],
  config: { vars: { A: 1 }, durable_objects: { bindings: [] }, migrations: [] },
  program: `
import { env, exports, withEnv, withExports, withEnvAndExports } from 'cloudflare:workers';
import { worker } from './prelude.js';

const see = () => env.A;

export default worker(async ({ say }) => {
  await say('outside', see);
  await say('at once', () => withEnv({ A: 2 }, see));
  await say('after an await', () => withEnv({ A: 3 }, async () => { await scheduler.wait(1); return see() }));
  await say('in a timer', () => withEnv({ A: 4 }, () => new Promise((r) => setTimeout(() => r(see()), 1))));
  await say('nested', () => withEnv({ A: 5 }, async () => [await withEnv({ A: 6 }, async () => { await null; return see() }), see()]));
  await say('two at once', () => Promise.all([7, 8].map((A) => withEnv({ A }, async () => { await scheduler.wait(2); return see() }))));
  await say('afterwards', see);
  await say('exports', () => withExports({ x: 1 }, async () => { await null; return [Object.keys(exports), see()] }));
  await say('both', () => withEnvAndExports({ A: 9 }, { y: 1 }, async () => { await null; return [see(), Object.keys(exports)] }));
  await say('a throw', () => { try { withEnv({ A: 10 }, () => { throw new Error('x') }) } catch {} return see() });
});
`,
});

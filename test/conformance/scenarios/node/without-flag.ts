import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Without the flag a program has no globals of Node.',
  rows: ['17.nodejs-compat'],
  config: objects({}),
  program: `
import { worker } from './prelude.js';

export default worker(async ({ say }) => {
  await say('globals', () => [typeof Buffer, typeof process, typeof setImmediate, typeof clearImmediate, typeof global]);
  await say('in the scope', () => ['Buffer', 'process', 'global'].map((name) => name in globalThis));
});
`,
});

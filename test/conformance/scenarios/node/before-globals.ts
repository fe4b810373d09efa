import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Before 2024-09-23 the flag gives the modules of Node and not its globals.',
  rows: ['17.nodejs-compat'],
  config: {
    ...objects({}),
    compatibility_flags: ['nodejs_compat'],
    compatibility_date: '2024-09-22',
    vars: { TEXT: 'text' },
  },
  program: `
import { Buffer } from 'node:buffer';
import { env } from 'node:process';
import { worker } from './prelude.js';

export default worker(async ({ say }) => {
  await say('globals', () => [typeof globalThis.Buffer, typeof process, typeof setImmediate, typeof global]);
  await say('modules', () => Buffer.from('a').toString('hex'));
  await say('env', () => Object.keys(env));
});
`,
});

import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A module of the platform is found by a name that is made when it is imported, also when nothing else imports it.',
  rows: ['1.runtime-exports'],
  config: objects({ OBJ: 'Obj' }),
  program: `
import { worker } from './prelude.js';

export class Obj {}

const named = (what) => import('cloudflare:' + what);
export default worker(async ({ say }) => {
  await say('email', async () => Object.keys(await named('email')));
  await say('workflows', async () => Object.keys(await named('workflows')));
  for (const name of ['node', 'pipelines', 'vectorize']) await say(name, async () => Object.keys(await named(name)));
  await say('one that is nowhere', () => named('nowhere'));
  await say('one that is nowhere, by its name', () => import('cloudflare:nowhere'));
  await say('one inside of another', async () =>
    Object.keys(await import((await named('email')) && 'cloudflare:' + (await import('cloudflare:workflows') ? 'workflows' : ''))));
  await say('twice', async () => (await named('email')) === (await named('email')));
});
`,
});

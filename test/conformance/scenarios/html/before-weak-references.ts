import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'HTMLRewriter works at a date at which programs have no weak references.',
  rows: ['1.global-scope', '17.flags'],
  config: { ...objects({}), compatibility_date: '2024-04-03' },
  program: `
import { worker } from './prelude.js';
export default worker(async ({ say }) => {
  await say('weak references', () => [typeof WeakRef, typeof FinalizationRegistry]);
  await say('rewritten', () => new HTMLRewriter()
    .on('p', { async element(p) { await null; p.setAttribute('a', 'b') } })
    .transform(new Response('<p>x</p>')).text());
});
`,
});

import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Before 2025-05-05 there are no weak references.',
  rows: ['1.global-scope', '17.flags'],
  config: { ...objects({}), compatibility_date: '2025-05-04' },
  program: `
import { worker } from './prelude.js';
export default worker(async ({ say }) => {
  await say('weak references', () => [typeof WeakRef, typeof FinalizationRegistry, 'WeakRef' in globalThis, 'FinalizationRegistry' in globalThis]);
  await say('navigator', () => [Object.getOwnPropertyNames(navigator), 'language' in navigator, navigator.language]);
});
`,
});

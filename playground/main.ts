/**
 * Starts the playground: gives the view the examples and the way to open an account.
 *
 * Promise: the page stands before the library arrives; the library and the editor are fetched while it is being read.
 */
import { loadExamples } from './examples.ts';
import { mountPlayground } from './view.ts';

const root = document.getElementById('playground');
if (!root) throw new Error('index.html has lost its #playground.');

mountPlayground(root, {
  examples: loadExamples(),
  example: new URLSearchParams(location.search).get('example') ?? undefined,
  open: async (options) => (await import('../src/index.ts')).Simulator.open(options),
});

import { THENABLE_PATHS, thenables, thenablesConfig } from '../../programs/thenables.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'From 2024-04-01 a thenable that a handler or waitUntil is given is asked for its value, as a promise is.',
  rows: ['17.thenables'],
  config: thenablesConfig('2024-04-01'),
  program: thenables,
  async steps(client) {
    for (const path of THENABLE_PATHS) await client.fetch(path);
    await client.fetch('/OBJ/alarm');
    await client.wait(1000);
    await client.fetch('/OBJ/said');
    await client.scheduled();
  },
});

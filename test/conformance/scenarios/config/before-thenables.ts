import { THENABLE_PATHS, thenables, thenablesConfig } from '../../programs/thenables.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Before 2024-04-01 a thenable is no promise: a handler may not answer by one, and waitUntil and alarms do not ask it.',
  rows: ['17.thenables'],
  config: thenablesConfig('2024-03-31'),
  program: thenables,
  async steps(client) {
    for (const path of THENABLE_PATHS) await client.fetch(path);
    await client.fetch('/OBJ/alarm');
    await client.wait(1000);
    await client.fetch('/OBJ/said');
    await client.scheduled();
  },
});

import { abortSignals } from '../../programs/abort-signals.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Without enable_abortsignal_rpc no signal is passed, and the refusal says so.',
  rows: ['4.abort-signals'],
  program: abortSignals,
  steps: async (client) => {
    await client.fetch('/arguments');
    await client.fetch('/results');
    await client.fetch('/kept');
  },
});

import { abortSignals } from '../../programs/abort-signals.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'With enable_abortsignal_rpc a signal that is passed aborts at the other end, with its reason.',
  rows: ['4.abort-signals'],
  config: { compatibility_flags: ['enable_abortsignal_rpc'] },
  program: abortSignals,
  steps: async (client) => {
    await client.fetch('/arguments');
    await client.fetch('/results');
    await client.fetch('/kept');
    await client.fetch('/deaths');
    await client.fetch('/gone');
    await client.fetch('/told');
    await client.fetch('/gone-aborted');
    await client.fetch('/told');
  },
});

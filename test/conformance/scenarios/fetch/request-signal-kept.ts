import { signalPassedOn } from '../../programs/signal-passed-on.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Without request_signal_passthrough the signal of a request ends nothing that it is given to.',
  rows: ['web.request-signal'],
  config: { compatibility_flags: ['enable_request_signal'] },
  program: signalPassedOn,
});

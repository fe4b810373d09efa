import { signalPassedOn } from '../../programs/signal-passed-on.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'With request_signal_passthrough the signal of a request ends what the request is passed on to.',
  rows: ['web.request-signal'],
  config: { compatibility_flags: ['enable_request_signal', 'request_signal_passthrough'] },
  program: signalPassedOn,
});

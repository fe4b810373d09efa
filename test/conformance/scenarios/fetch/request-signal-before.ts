import { requestSignal } from '../../programs/request-signal.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Without enable_request_signal the signal of a request that came never aborts.',
  rows: ['web.request-signal'],
  config: { compatibility_flags: ['disable_request_signal'] },
  program: requestSignal,
});

import { requestSignal } from '../../programs/request-signal.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'With enable_request_signal the signal of a request aborts when whoever asked has given up, and at no other time.',
  rows: ['web.request-signal'],
  config: { compatibility_flags: ['enable_request_signal'] },
  program: requestSignal,
});

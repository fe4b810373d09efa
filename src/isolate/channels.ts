/** The channels of one instance to the objects that it calls: each has its own gates, and so its own channels. */
import { must } from '../base/assert.ts';
import { ObjectChannels } from '../rpc/object-channels.ts';
import type { RpcCodecs, RpcContext } from '../rpc/session.ts';
import type { Runtime, RuntimeOptions } from './runtime.ts';

export function makeChannels(
  runtime: Pick<Runtime, 'assertInEvent' | 'clock' | 'connector' | 'random'>,
  { role, control, plan }: RuntimeOptions,
  context: RpcContext,
  codecs: RpcCodecs,
): ObjectChannels {
  return new ObjectChannels({
    context,
    codecs,
    limits: plan.limits,
    clock: runtime.clock,
    connect: (target) => runtime.connector.open(target),
    assertAllowed: () => runtime.assertInEvent(),
    probe: (target) => control.post({ c: 'probe', target }),
    randomBytes: (length) => {
      runtime.assertInEvent();
      return runtime.random.bytes(length);
    },
    onQuiet: () => role.onQuiet(),
    onAsked: () => role.ioBegan?.(),
    ...(role.bindToRequest ? { bindStub: () => must(role.bindToRequest, 'bindToRequest').call(role) } : {}),
  });
}

/** The channels of one instance to the objects that it calls: each has its own gates, and so its own channels. */
import { must } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { Sealed } from '../base/sealed.ts';
import type { FromIsolate, Plan } from '../protocol/control.ts';
import type { LinkEnd } from '../protocol/link.ts';
import type { Callee } from '../protocol/target.ts';
import { ObjectChannels } from '../rpc/object-channels.ts';
import type { RpcCodecs, RpcContext } from '../rpc/session.ts';

/** What they need of their thread. */
export interface ChannelRealm {
  readonly clock: Clock;
  readonly random: Random;
  readonly connector: { open(target: Callee): Promise<Sealed<LinkEnd>> };
  assertInEvent(): void;
}

/** What their thread is, and says. */
export interface ChannelSetting {
  readonly plan: Plan;
  readonly control: { post(message: Extract<FromIsolate, { c: 'probe' }>): void };
  readonly role: { onQuiet(): void; ioBegan?(): void; bindToRequest?(): () => boolean };
}

export function makeChannels(
  runtime: ChannelRealm,
  { role, control, plan }: ChannelSetting,
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

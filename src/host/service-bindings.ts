/**
 * Whether what service bindings name is there.
 *
 * Promise: a deployment whose service bindings lead nowhere is refused with a sentence that says what there is instead; what
 * passes can be called.
 *
 * DIFFERS: workerd says so when the Worker starts, `wrangler dev` when the binding is used.
 *
 * Only the code itself knows more: whether an export is a handler object or an entrypoint.
 */
import { SimulatorError } from '../base/errors.ts';
import type { CompiledScript } from '../protocol/deployment.ts';
import type { ClassLedger } from './class-ledger.ts';

type BindingScript = Pick<CompiledScript, 'name' | 'bindings' | 'exports'>;

/** @throws SimulatorError `config_invalid` */
export function checkServices(scripts: readonly BindingScript[], ledger: ClassLedger): void {
  for (const script of scripts) {
    for (const binding of script.bindings) {
      if (binding.type !== 'service') continue;
      const fault = faultOf(binding, scripts, ledger);
      if (fault === undefined) continue;
      throw new SimulatorError(
        'config_invalid',
        `The service binding ${binding.name} of "${script.name}" names ${fault}`,
      );
    }
  }
}

function faultOf(
  { service, entrypoint = 'default' }: { service: string; entrypoint?: string },
  scripts: readonly BindingScript[],
  ledger: ClassLedger,
): string | undefined {
  const owner = scripts.find(({ name }) => name === service);
  if (!owner) {
    const names = scripts.map(({ name }) => name).join(', ');
    return `the Worker "${service}", which is not among the Workers: ${names}. Add it to "workers".`;
  }
  const { exports } = owner;
  if (!exports.includes(entrypoint)) {
    if (entrypoint === 'default') {
      return `"${service}", which has no default export: give it one, or name one of its exports as "entrypoint": ${exports.join(', ')}.`;
    }
    return `the entrypoint ${entrypoint}, which "${service}" does not export. It exports ${exports.join(', ')}.`;
  }
  if (!ledger.scripts.get(service)?.classes.has(entrypoint)) return undefined;
  return `${entrypoint} of "${service}", which is a Durable Object class: bind it under "durable_objects" instead.`;
}

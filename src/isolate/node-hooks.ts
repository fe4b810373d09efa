/**
 * Makes what an isolate lends to the modules of Node that its program imports.
 */
import type { AsyncContext } from '../base/async-context.ts';
import { indexOfFirst } from '../base/lists.ts';
import type { Random } from '../base/random.ts';
import { hasNodePerformance, populatesProcessEnv } from '../protocol/compatibility.ts';
import type { Plan } from '../protocol/control.ts';
import type { Binding } from '../protocol/deployment.ts';
import type { NodeHooks } from '../protocol/node-hooks.ts';
import { nodeTimers } from './node-timers.ts';
import type { Role } from './role.ts';
import { keepKeyMaterial, keyMaterial } from './web-crypto-material.ts';

/** It takes the keys of WebCrypto. */
const CRYPTO = 'node:crypto';

interface Lender {
  readonly plan: Plan;
  readonly random: Random;
  readonly virtualClock: { now(): number };
  assertInEvent(): void;
}

/** @param scope  the program's; its timers become objects at the dates that have them so */
export function nodeHooks(
  runtime: Lender,
  role: Pick<Role, 'exit' | 'facet'>,
  context: AsyncContext,
  scope: object,
): NodeHooks {
  const { compatibilityDate: date, compatibilityFlags: flags, bindings, modules } = runtime.plan.script;
  if (indexOfFirst(modules, ({ path }) => path === CRYPTO) >= 0) keepKeyMaterial();
  return {
    context,
    variables: populatesProcessEnv({ date, flags }) ? textVariables(bindings) : {},
    timers: nodeTimers(scope, { date, flags }),
    hasPerformance: hasNodePerformance({ date, flags }),
    random: (view) => {
      runtime.assertInEvent();
      const bytes = runtime.random.bytes(view.length);
      for (let i = 0; i < bytes.length; i++) view[i] = bytes[i] as number;
    },
    keyMaterial,
    now: () => runtime.virtualClock.now(),
    exit: (error) => {
      runtime.assertInEvent();
      // A facet is not ended by it: it shares its thread with its object.
      if (!role.facet?.()) role.exit?.(error);
    },
  };
}

/** What `process.env` begins with: text as it is, other variables as JSON. */
function textVariables(bindings: readonly Binding[]): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const binding of bindings) {
    if (binding.type !== 'var') continue;
    variables[binding.name] = typeof binding.value === 'string' ? binding.value : JSON.stringify(binding.value);
  }
  return variables;
}

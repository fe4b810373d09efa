/**
 * The account's deployments: what code is current, and which classes the account has.
 *
 * Promise: a deployment is a number in the account, not in a tab; of two who deploy at once one goes after the other; a
 * migration is applied once, in the transaction that writes the number. What was current stays so until that moment.
 *
 * Knows nothing of isolates: what runs is told by `onDeployed`.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { must } from '../base/assert.ts';
import { toHex, utf8 } from '../base/bytes.ts';
import { SimulatorError } from '../base/errors.ts';
import type { Deployment, DeploymentInfo, HostOpening, NamespaceBinding, Plan } from '../protocol/control.ts';
import type { ClassStorage, CompiledScript } from '../protocol/deployment.ts';
import { resolveLimits } from '../protocol/limits.ts';
import type { UniqueKey } from '../protocol/names.ts';
import { routesOf } from '../protocol/routes.ts';
import type { AccountStore, DeploymentRecord } from '../storage/vault-account.ts';
import { advance } from './class-history.ts';
import type { ClassLedger } from './class-ledger.ts';
import { checkServices } from './service-bindings.ts';

interface Content {
  /** the first is the entry */
  readonly scripts: readonly CompiledScript[];
  readonly ledger: ClassLedger;
}

export interface CurrentDeployment extends Content {
  readonly number: number;
  readonly hash: string;
}

export class Deployments {
  readonly #store: AccountStore;
  #known: DeploymentRecord | undefined;

  constructor(store: AccountStore) {
    this.#store = store;
  }

  /** Asked anew each time: another tab may have deployed. */
  async current(): Promise<CurrentDeployment | undefined> {
    const record = await this.#store.currentDeployment(this.#known);
    this.#known = record;
    if (!record) return undefined;
    return { ...(record.content as Content), number: record.number, hash: record.hash };
  }

  /** The next deployment, not yet written; undefined when this very code is current. @throws SimulatorError `config_invalid` */
  async prepare({ scripts }: Deployment): Promise<CurrentDeployment | undefined> {
    const hash = toHex(sha256(utf8(scripts.map((script) => `${script.name} ${script.hash}`).join('\n'))));
    const before = await this.current();
    if (before?.hash === hash) return undefined;
    const ledger = advance(scripts, before?.ledger);
    checkServices(scripts, ledger);
    return { number: (before?.number ?? 0) + 1, hash, scripts, ledger };
  }

  /** Writes it. False when another deployment came first: prepare again. */
  async commit({ number, hash, scripts, ledger }: CurrentDeployment): Promise<boolean> {
    return this.#store.putDeployment({ number, hash, content: { scripts, ledger } satisfies Content });
  }
}

export function infoOf(deployment: CurrentDeployment): DeploymentInfo {
  const entry = must(deployment.scripts[0], 'a deployment has an entry script');
  return {
    number: deployment.number,
    hash: deployment.hash,
    entry: entry.name,
    routes: routesOf(deployment.scripts),
    namespaces: namespacesOf(entry, deployment),
    services: entry.bindings.filter((binding) => binding.type === 'service'),
  };
}

/** What every isolate of a script must know. */
export function planOf(
  script: CompiledScript,
  current: CurrentDeployment,
  { limits, debug, outside }: Pick<HostOpening, 'limits' | 'debug' | 'outside'>,
): Plan {
  return {
    script,
    entry: must(current.scripts[0], 'a deployment has an entry script').name,
    routes: routesOf(current.scripts),
    hasOutside: outside !== undefined,
    deployment: current.number,
    namespaces: namespacesOf(script, current),
    ownNamespaces: ownNamespacesOf(script, current),
    limits: resolveLimits(limits),
    debug,
  };
}

/** What warm isolates are prepared for: objects are mostly the entry's, and those of other scripts find none prepared. */
export function entryPlan(
  current: CurrentDeployment,
  options: Pick<HostOpening, 'limits' | 'debug' | 'outside'>,
): Plan {
  return planOf(must(current.scripts[0], 'a deployment has an entry script'), current, options);
}

/** The namespaces that a script's bindings name. */
export function namespacesOf(script: CompiledScript, { ledger }: Content): NamespaceBinding[] {
  return script.bindings.flatMap((binding) => {
    if (binding.type !== 'durable_object') return [];
    const { name, className } = binding;
    const owner = ledger.scripts.get(binding.scriptName ?? script.name);
    const { namespace } = must(owner?.classes.get(className), 'a bound class of a deployment');
    return [{ name, className, namespace }];
  });
}

function ownNamespacesOf({ name }: CompiledScript, { ledger }: Content): Plan['ownNamespaces'] {
  const classes = ledger.scripts.get(name)?.classes ?? new Map();
  return [...classes].map(([className, { namespace }]) => ({ className, namespace }));
}

/** The script, class and kind of storage that a namespace belongs to. */
export function ownerOf(
  namespace: UniqueKey,
  { scripts, ledger }: Content,
): { script: CompiledScript; className: string; storage: ClassStorage } | undefined {
  for (const script of scripts) {
    for (const [className, record] of ledger.scripts.get(script.name)?.classes ?? []) {
      if (record.namespace === namespace) return { script, className, storage: record.storage };
    }
  }
  return undefined;
}

/** What whoever deployed is told when the entry failed while it was loaded. */
export function loadFailed(main: string, error: unknown): SimulatorError {
  if (error instanceof SimulatorError) return error;
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new SimulatorError('bundle_failed', `${main} failed while it was loaded: ${text}`, { cause: error });
}

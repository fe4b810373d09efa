/**
 * The account's deployments: what code is current, which namespaces its classes have, which migrations were applied.
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
import type { CompiledScript } from '../protocol/deployment.ts';
import { resolveLimits } from '../protocol/limits.ts';
import { type UniqueKey, uniqueKey } from '../protocol/names.ts';
import type { AccountStore } from '../storage/vault-account.ts';

/** What is stored of one script besides its code. */
interface ScriptState {
  /** class to namespace: a renamed class keeps the one it had */
  readonly namespaces: Readonly<Record<string, UniqueKey>>;
  readonly appliedTags: readonly string[];
}

interface Content {
  readonly scripts: readonly CompiledScript[];
  readonly states: Readonly<Record<string, ScriptState>>;
}

export interface CurrentDeployment extends Content {
  readonly number: number;
  readonly hash: string;
}

/** Namespaces whose objects a migration erased. */
export interface Prepared extends CurrentDeployment {
  readonly deleted: readonly UniqueKey[];
}

export class Deployments {
  readonly #store: AccountStore;

  constructor(store: AccountStore) {
    this.#store = store;
  }

  /** Read anew each time: another tab may have deployed. */
  async current(): Promise<CurrentDeployment | undefined> {
    const record = await this.#store.currentDeployment();
    if (!record) return undefined;
    return { ...(record.content as Content), number: record.number, hash: record.hash };
  }

  /** The next deployment, not yet written; undefined when this very code is current. @throws SimulatorError `config_invalid` */
  async prepare({ scripts }: Deployment): Promise<Prepared | undefined> {
    const hash = toHex(sha256(utf8(scripts.map((script) => `${script.name} ${script.hash}`).join('\n'))));
    const before = await this.current();
    if (before?.hash === hash) return undefined;
    const states: Record<string, ScriptState> = {};
    const deleted: UniqueKey[] = [];
    for (const script of scripts) {
      if (states[script.name]) {
        throw new SimulatorError('config_invalid', `Two Workers have the name "${script.name}": give each its own.`);
      }
      states[script.name] = migrate(script, before?.states[script.name], deleted);
    }
    for (const script of scripts) namespacesOf(script, { scripts, states });
    return { number: (before?.number ?? 0) + 1, hash, scripts, states, deleted };
  }

  /** Writes it. False when another deployment came first: prepare again. */
  async commit(prepared: Prepared): Promise<boolean> {
    const { number, hash, scripts, states } = prepared;
    return this.#store.putDeployment({ number, hash, content: { scripts, states } satisfies Content });
  }
}

export function infoOf(deployment: CurrentDeployment): DeploymentInfo {
  const entry = must(deployment.scripts[0], 'a deployment has an entry script');
  return {
    number: deployment.number,
    hash: deployment.hash,
    entry: entry.name,
    namespaces: namespacesOf(entry, deployment),
  };
}

/** What every isolate of a script must know. @throws SimulatorError `config_invalid` */
export function planOf(
  script: CompiledScript,
  current: CurrentDeployment,
  { limits, debug }: Pick<HostOpening, 'limits' | 'debug'>,
): Plan {
  return {
    script,
    deployment: current.number,
    namespaces: namespacesOf(script, current),
    limits: resolveLimits(limits),
    debug,
  };
}

/** What warm isolates are prepared for: objects are mostly the entry's, and those of other scripts find none prepared. */
export function entryPlan(current: CurrentDeployment, options: Pick<HostOpening, 'limits' | 'debug'>): Plan {
  return planOf(must(current.scripts[0], 'a deployment has an entry script'), current, options);
}

/** The namespaces that a script's bindings name. @throws SimulatorError `config_invalid` for a script that is not there */
export function namespacesOf(script: CompiledScript, content: Content): NamespaceBinding[] {
  return script.bindings.flatMap((binding) => {
    if (binding.type !== 'durable_object') return [];
    const owner = binding.scriptName ?? script.name;
    const state = content.states[owner];
    if (!state) {
      throw new SimulatorError(
        'config_invalid',
        `The binding ${binding.name} of "${script.name}" names the script "${owner}", which is not among the Workers: ${content.scripts.map((one) => one.name).join(', ')}.`,
      );
    }
    const namespace = state.namespaces[binding.className];
    if (!namespace) {
      throw new SimulatorError(
        'config_invalid',
        `The binding ${binding.name} of "${script.name}" names the class ${binding.className}, which "${owner}" does not have.`,
      );
    }
    return [{ name: binding.name, className: binding.className, namespace }];
  });
}

/** The script and class that a namespace belongs to. */
export function ownerOf(
  namespace: UniqueKey,
  content: Content,
): { script: CompiledScript; className: string } | undefined {
  for (const script of content.scripts) {
    const classes = Object.entries(content.states[script.name]?.namespaces ?? {});
    const found = classes.find(([, key]) => key === namespace);
    if (found) return { script, className: found[0] };
  }
  return undefined;
}

/** Applies the migrations that were not applied yet, in order. @see https://developers.cloudflare.com/durable-objects/reference/durable-objects-migrations/ */
function migrate(script: CompiledScript, before: ScriptState | undefined, deleted: UniqueKey[]): ScriptState {
  const namespaces = new Map(Object.entries(before?.namespaces ?? {}));
  const applied = new Set(before?.appliedTags ?? []);
  const create = (className: string) => {
    if (!namespaces.has(className)) namespaces.set(className, uniqueKey(script.name, className));
  };
  const rename = (from: string, to: string) => {
    const key = namespaces.get(from);
    if (!key) {
      throw new SimulatorError('config_invalid', `"${script.name}" renames the class ${from}, which it never had.`);
    }
    namespaces.delete(from);
    namespaces.set(to, key);
  };
  const erase = (className: string) => {
    const key = namespaces.get(className);
    if (key) deleted.push(key);
    namespaces.delete(className);
  };
  for (const migration of script.migrations) {
    if (applied.has(migration.tag)) continue;
    if (migration.transferredClasses.length > 0) throw transfersUnsupported(script.name);
    for (const className of [...migration.newClasses, ...migration.newSqliteClasses]) create(className);
    for (const { from, to } of migration.renamedClasses) rename(from, to);
    for (const className of migration.deletedClasses) erase(className);
    applied.add(migration.tag);
  }
  for (const change of script.lifecycle) {
    switch (change.state) {
      case 'created':
        create(change.className);
        break;
      case 'renamed':
        if (namespaces.has(change.className)) rename(change.className, change.renamedTo);
        break;
      case 'deleted':
        erase(change.className);
        break;
      case 'transferred':
      case 'expecting-transfer':
        throw transfersUnsupported(script.name);
      default:
        change satisfies never;
    }
  }
  for (const className of script.unlistedClasses) create(className);
  return { namespaces: Object.fromEntries(namespaces), appliedTags: [...applied] };
}

function transfersUnsupported(script: string): SimulatorError {
  return new SimulatorError(
    'not_supported',
    `"${script}" transfers a class between scripts, which Durabox does not support yet.`,
  );
}

/**
 * Brings deployments about: makes a new one current, and follows those that other machines made.
 *
 * Promise: code that cannot even load changes nothing; what is current is run here as soon as anybody here hears of it.
 */
import type { TaskSet } from '../base/async.ts';
import { SimulatorError } from '../base/errors.ts';
import type { Deployment, DeploymentInfo, HostOpening } from '../protocol/control.ts';
import type { CodeUpdate } from './code-update.ts';
import type { Container } from './container.ts';
import { type CurrentDeployment, type Deployments, entryPlan, infoOf, loadFailed } from './deployments.ts';
import type { Erasure } from './erasure.ts';
import type { Pool } from './pool.ts';
import type { HostSockets } from './sockets.ts';
import type { Workers } from './workers.ts';

export interface RolloutOptions {
  deployments: Deployments;
  workers: Workers;
  updates: CodeUpdate;
  erasure: Erasure;
  pool: Pool;
  opening: HostOpening;
  tasks: TaskSet;
  objects(): readonly Container[];
  /** of objects that sleep, too */
  sockets: Pick<HostSockets, 'updated'>;
  /** tells the other machines that there is a new one */
  announce(): void;
  /** another machine's became current here */
  onFollowed(info: DeploymentInfo): void;
}

export class Rollout {
  readonly #options: RolloutOptions;

  constructor(options: RolloutOptions) {
    this.#options = options;
  }

  /** What is current, undefined before the first. */
  async current(): Promise<CurrentDeployment | undefined> {
    const current = await this.#options.deployments.current();
    if (current) this.#follow(current);
    return current;
  }

  /**
   * What is current, for those that are about to start it.
   *
   * @param early  what was current a moment ago: it is still, unless a newer one is run here by now
   * @throws SimulatorError `config_invalid` before the first
   */
  async mustBeCurrent(early?: Promise<CurrentDeployment>): Promise<CurrentDeployment> {
    const known = await early;
    if (known && known.number >= this.#options.workers.deployment) return known;
    const current = await this.current();
    if (!current) throw new SimulatorError('config_invalid', 'Nothing is deployed in this account.');
    this.#options.pool.prepare(entryPlan(current, this.#options.opening));
    return current;
  }

  /**
   * Makes `deployment` current, unless it is. Its Workers are started first: code that cannot even load changes nothing.
   *
   * @throws SimulatorError `config_invalid`, `bundle_failed`
   */
  async deploy(deployment: Deployment): Promise<DeploymentInfo> {
    const { deployments, workers, updates, erasure, pool, opening, objects, announce } = this.#options;
    for (;;) {
      const prepared = await deployments.prepare(deployment);
      if (!prepared) {
        const current = await this.current();
        if (!current) continue;
        return infoOf(current);
      }
      const entry = deployment.scripts[0];
      if (!entry) throw new SimulatorError('config_invalid', 'A deployment needs at least one Worker.');
      const trials = await this.#try(prepared);
      if (!(await deployments.commit(prepared))) {
        for (const trial of trials.values()) trial.end(undefined);
        continue;
      }
      workers.replace(prepared.number, trials);
      pool.prepare(entryPlan(prepared, opening));
      announce();
      this.#options.sockets.updated();
      await updates.replace(objects(), prepared);
      await erasure.erase(prepared.ledger.erased);
      return infoOf(prepared);
    }
  }

  /** Starts every Worker of a deployment that is not current yet. @throws SimulatorError `bundle_failed`: of the first that cannot load */
  async #try(prepared: CurrentDeployment): Promise<Map<string, Container>> {
    const trials = new Map(prepared.scripts.map(({ name }) => [name, this.#options.workers.start(name, prepared)]));
    // All are asked before one is waited for: of one that has ended nobody learns any more how.
    const starts = [...trials.values()].map((trial) => trial.live());
    for (const start of starts) start.catch(() => {}); // the first that failed is told of
    try {
      for (const [i, { name, main }] of prepared.scripts.entries()) {
        await starts[i]?.catch((error: unknown) => {
          throw loadFailed(prepared.scripts.length > 1 ? `${name}/${main}` : main, error);
        });
      }
    } catch (error) {
      for (const trial of trials.values()) trial.end(undefined);
      throw error;
    }
    return trials;
  }

  /** Whoever reads the account may be the first here to see that another machine deployed: run what is current. */
  #follow(current: CurrentDeployment): void {
    const { workers, updates, erasure, tasks, objects, onFollowed } = this.#options;
    if (!workers.follow(current.number)) return;
    this.#options.sockets.updated();
    void updates.replace(objects(), current);
    tasks.add(erasure.erase(current.ledger.erased));
    onFollowed(infoOf(current));
  }
}

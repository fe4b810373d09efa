/**
 * The Workers of this machine: one isolate for each script, under the newest deployment that the machine has seen.
 *
 * Promise: callers are always brought to the newest; one of an older deployment finishes what it was asked and goes.
 */
import { SimulatorError } from '../base/errors.ts';
import type { CompiledScript } from '../protocol/deployment.ts';
import type { Container } from './container.ts';
import type { CurrentDeployment } from './deployments.ts';

export interface WorkersOptions {
  /** read anew at every start */
  deployment(): Promise<CurrentDeployment>;
  start(script: CompiledScript, deployment: CurrentDeployment): Container;
  /** asks it to go when it can; one that is busy goes when it is idle */
  drain(container: Container): void;
}

export class Workers {
  readonly #options: WorkersOptions;
  readonly #newest = new Map<string, Container>();
  readonly #retired = new Set<Container>();
  #deployment = 0;

  constructor(options: WorkersOptions) {
    this.#options = options;
  }

  /** Number of the newest deployment seen here. */
  get deployment(): number {
    return this.#deployment;
  }

  get all(): Container[] {
    return [...this.#newest.values(), ...this.#retired];
  }

  isNewest(container: Container): boolean {
    for (const worker of this.#newest.values()) if (worker === container) return true;
    return false;
  }

  /** The Worker of a script, started if need be. @throws SimulatorError `config_invalid` when there is no such script */
  async find(name: string): Promise<Container> {
    const known = this.#newest.get(name);
    if (known) return known;
    const current = await this.#options.deployment();
    const started = this.#newest.get(name) ?? this.start(name, current);
    this.#newest.set(name, started);
    return started;
  }

  /** Starts one that nobody is brought to yet. */
  start(name: string, deployment: CurrentDeployment): Container {
    const script = deployment.scripts.find((one) => one.name === name);
    if (!script) throw new SimulatorError('config_invalid', `There is no Worker named "${name}" in this account.`);
    return this.#options.start(script, deployment);
  }

  /** Retires the Workers of older deployments. False when `deployment` is no news. */
  follow(deployment: number): boolean {
    if (deployment <= this.#deployment) return false;
    this.replace(deployment, new Map());
    return true;
  }

  replace(deployment: number, workers: ReadonlyMap<string, Container>): void {
    this.#deployment = deployment;
    const old = [...this.#newest.values()];
    this.#newest.clear();
    for (const [script, container] of workers) this.#newest.set(script, container);
    for (const container of old) {
      this.#retired.add(container);
      this.#options.drain(container);
    }
  }

  ended(container: Container): void {
    this.#retired.delete(container);
    for (const [script, worker] of this.#newest) if (worker === container) this.#newest.delete(script);
  }
}

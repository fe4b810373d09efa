/**
 * The half of the simulator's driver that lives in the page: opens accounts, fetches, closes.
 *
 * Promise: it uses the public interface and nothing else, so that a scenario tests what an embedder gets.
 */
import { Simulator } from '../../../src/index.ts';
import { resolveLimits } from '../../../src/protocol/limits.ts';
import type { completeConfig, Reply, RequestOptions } from '../scenario.ts';

export interface OpenOrder {
  /** id of the scenario; the account is named after it */
  id: string;
  workers: { modules: Record<string, string>; config: ReturnType<typeof completeConfig> }[];
  storage: string;
  sectionMs: number | undefined;
}

const open = new Map<string, Simulator>();
let opened = 0;

const page = {
  /** @returns the origin under which the Worker is reached */
  async open({ id, workers, storage, sectionMs }: OpenOrder): Promise<string> {
    opened += 1;
    const simulator = await Simulator.open({
      name: `conformance ${id} ${performance.timeOrigin} ${opened}`,
      workers: workers.map(({ modules, config }) => ({
        modules,
        main: config.main,
        config: { ...config } as Record<string, unknown>,
      })),
      storage: storage as 'memory' | 'indexeddb',
      limits: sectionMs === undefined ? 'workerd' : { ...resolveLimits('workerd'), sectionMs },
    });
    open.set(id, simulator);
    return simulator.origin;
  },

  async fetch({ id, path, options }: { id: string; path: string; options: RequestOptions }): Promise<Reply> {
    const { method = 'GET', headers = {}, body, redirect = 'manual' } = options;
    const init: RequestInit = { method, headers, redirect, ...(body === undefined ? {} : { body }) };
    const response = await find(id).fetch(path, init);
    return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
  },

  async wait({ id, ms }: { id: string; ms: number }): Promise<void> {
    await find(id).clock.advance(ms);
  },

  async close(id: string): Promise<void> {
    const simulator = find(id);
    open.delete(id);
    await simulator.close({ delete: true });
  },
};

function find(id: string): Simulator {
  const simulator = open.get(id);
  if (!simulator) throw new Error(`No account is open for ${id}.`);
  return simulator;
}

export type SimulatorPage = typeof page;
globalThis.simulatorPage = page;

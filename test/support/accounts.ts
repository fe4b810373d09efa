/**
 * The simulators of one test file: each opens an account of its own, unless it is told which, and is closed after its test.
 */
import { afterEach } from 'vitest';
import { Simulator, type SimulatorOptions } from '../../src/index.ts';
import { assertNoSockets } from './no-sockets.ts';

export interface Accounts<Env extends object> {
  /** a name that no other account has */
  name(): string;
  /** Opens one with the file's program, in memory unless `options` say otherwise. */
  start(options?: Partial<SimulatorOptions>): Promise<Simulator<Env>>;
}

/** @param project  what `start` opens; to be called once, where tests are declared */
export function accounts<Env extends object>(
  prefix: string,
  project: Pick<SimulatorOptions, 'modules' | 'config'>,
): Accounts<Env> {
  let last = 0;
  const open: Simulator<Env>[] = [];
  const name = (): string => `${prefix}-${last++}-${performance.timeOrigin}`;
  afterEach(async () => {
    // What a test opens and leaves open is one account: the last one takes what is stored along.
    try {
      for (const simulator of open) await assertNoSockets(simulator);
    } finally {
      for (let simulator = open.shift(); simulator; simulator = open.shift()) {
        await simulator.close({ delete: open.length === 0 });
      }
    }
  });
  return {
    name,
    async start(options = {}) {
      const simulator = await Simulator.open<Env>({ name: name(), storage: 'memory', ...project, ...options });
      open.push(simulator);
      return simulator;
    },
  };
}

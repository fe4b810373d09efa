/** Who computes on and on is ended, and nobody else: not who waits, not who was frozen with this thread, not under a debugger. */
import { expect, test } from 'vitest';
import { type Deferred, deferred } from '../../src/base/async.ts';
import { ManualClock } from '../../src/base/clock.ts';
import { BEAT_MS, SILENCE_MS_MIN, Watchdog, type Watched } from '../../src/host/watchdog.ts';
import { resolveLimits } from '../../src/protocol/limits.ts';
import type { WireError } from '../../src/protocol/link.ts';
import { ErrorCodec } from '../../src/rpc/errors.ts';
import { ExternalRegistry } from '../../src/rpc/externals.ts';
import { seenError } from '../support/seen-error.ts';

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
const codec = new ErrorCodec({ registry: new ExternalRegistry([]), enhancedErrors: true });

interface Given {
  cpuMs?: number;
  kind?: 'object' | 'worker';
  limits?: Parameters<typeof resolveLimits>[0];
  debug?: boolean;
}

class Program implements Watched {
  isEnded = false;
  isComputing = false;
  readonly label = 'Obj:a';
  readonly assigned: Watched['assigned'];
  told: unknown;
  endedAtMs: number | undefined;
  asked = 0;
  whyNotStarted: string | undefined;
  readonly #clock: ManualClock;
  #pulsing: Deferred<void> | undefined;

  constructor(clock: ManualClock, { cpuMs, kind = 'object', limits = 'production', debug = false }: Given = {}) {
    this.#clock = clock;
    this.assigned = {
      role: { kind },
      script: { limits: cpuMs === undefined ? {} : { cpuMs } },
      limits: resolveLimits(limits),
      debug,
    } as Watched['assigned'];
  }

  readonly isolate: Watched['isolate'] = {
    pulse: () => {
      this.asked++;
      if (!this.isComputing) return Promise.resolve();
      this.#pulsing ??= deferred();
      return this.#pulsing.promise;
    },
  };

  pause(): void {
    this.isComputing = false;
    this.#pulsing?.resolve();
    this.#pulsing = undefined;
  }

  end(error: WireError | undefined, why?: Error): void {
    this.isEnded = true;
    this.endedAtMs = this.#clock.now();
    this.told = error && seenError(codec.decode(error));
    this.whyNotStarted = why?.message;
  }
}

function host() {
  const clock = new ManualClock();
  const warned: string[] = [];
  const watchdog = new Watchdog({ clock, processors: 4, warn: (text) => warned.push(text) });
  const start = (given?: Given): Program => {
    const program = new Program(clock, given);
    watchdog.watch(program);
    return program;
  };
  return { clock, warned, watchdog, start, pass: (ms: number) => clock.advance(ms, settle) };
}

test('one that computes on is ended after thirty seconds, or what its config says, and its callers are told', async () => {
  const { start, pass, warned } = host();
  const [usual, patient, worker] = [start(), start({ cpuMs: 60_000 }), start({ kind: 'worker' })];
  for (const one of [usual, patient, worker]) one.isComputing = true;
  await pass(30_000 + 2 * BEAT_MS);
  expect([usual.told, worker.told, patient.isEnded]).toEqual([
    { message: 'Durable Object exceeded its CPU time limit and was reset.', durableObjectReset: true },
    { message: 'Worker exceeded CPU time limit.' },
    false,
  ]);
  for (const { endedAtMs = 0 } of [usual, worker]) expect(endedAtMs).toBeGreaterThanOrEqual(30_000);
  expect(warned[0]).toMatch(/^Obj:a computed for 30 s without a pause and was ended: limits\.cpu_ms /);
  expect(usual.whyNotStarted).toBe(warned[0]);
  await pass(30_000);
  expect(patient.isEnded).toBe(true);
});

test('one that only waits is asked now and then, and never hit', async () => {
  const { start, pass } = host();
  const program = start({ cpuMs: 1_000 });
  await pass(3_600_000);
  expect([program.isEnded, program.asked]).toEqual([false, 14_400]);
});

test('each pause begins the count anew', async () => {
  const { start, pass } = host();
  const program = start();
  for (let i = 0; i < 10; i++) {
    program.isComputing = true;
    await pass(25_000);
    program.pause();
    await pass(BEAT_MS);
  }
  expect(program.isEnded).toBe(false);
});

test('time in which this thread stood still costs nobody its life', async () => {
  const { start, clock, pass } = host();
  const program = start();
  program.isComputing = true;
  await pass(BEAT_MS);
  // Frozen: hours go by without a timer, then the one that was due fires, and the program may answer at last.
  (clock as unknown as { now(): number }).now = () => 86_400_000;
  await pass(BEAT_MS);
  expect(program.isEnded).toBe(false);
});

test('of many that are silent at once each is charged its share of the processors', async () => {
  const { start, pass } = host();
  const crowd = Array.from({ length: 40 }, () => start());
  for (const one of crowd) one.isComputing = true;
  await pass(280_000);
  expect(crowd.filter(({ isEnded }) => isEnded)).toEqual([]);
  for (const one of crowd.slice(2)) one.pause();
  await pass(30_000 + 2 * BEAT_MS);
  expect(crowd.map(({ isEnded }) => isEnded)).toEqual(crowd.map((_, i) => i < 2));
});

test('no config makes it stricter than a busy machine allows', async () => {
  const { start, pass } = host();
  const program = start({ cpuMs: 1 });
  program.isComputing = true;
  await pass(SILENCE_MS_MIN - 1);
  expect(program.isEnded).toBe(false);
  await pass(SILENCE_MS_MIN);
  expect(program.isEnded).toBe(true);
});

test('nobody is watched under a debugger, where limits are as in local workerd, or after the end', async () => {
  const { start, pass, clock, watchdog } = host();
  const all = [start({ debug: true }), start({ limits: 'workerd', cpuMs: 1_000 })];
  for (const one of all) one.isComputing = true;
  expect(clock.pending).toBe(0);
  const last = start();
  last.isComputing = true;
  await pass(BEAT_MS);
  watchdog.close();
  await pass(3_600_000);
  expect([...all, last].map(({ isEnded }) => isEnded)).toEqual([false, false, false]);
  expect(clock.pending).toBe(0);
});

test('when everybody has ended, no timer stays', async () => {
  const { start, pass, clock } = host();
  start().isEnded = true;
  await pass(2 * BEAT_MS);
  expect(clock.pending).toBe(0);
});

/**
 * Random programs of increments, transfers, alarms, evictions, crashes, closed and frozen tabs: whatever happens, what was told is so.
 *
 * The seed fixes the plan: what each lane calls and does, and after how many calls which tab is closed. It does not fix the
 * interleaving of threads and tabs, which is the browser's: a seed that failed may need to be run several times.
 */
import { mkdtemp, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { eventually, openPages, type Pages, rendererOf, stopBetweenCommits } from '../support/e2e-pages.ts';
import { SoakLedger } from '../support/soak-ledger.ts';
import { SOAK_PROGRAM } from '../support/soak-program.ts';
import { type LaneOrder, OBJECTS, type Statement, type Told } from '../support/soak-words.ts';

const LONG = process.env['DURABOX_LONG'] === '1';
const SEED = Number(process.env['DURABOX_SEED'] ?? 20_260_901);
/** Calls of all lanes together, in each of the tests. */
const STEPS = Number(process.env['DURABOX_STEPS'] ?? (LONG ? 30_000 : 400));
const REPEAT = `DURABOX_SEED=${SEED} DURABOX_STEPS=${STEPS} npx vitest run --project 'e2e*' test/e2e/soak.test.ts`;

const MACHINES = 2;
const LANES = 3;
/** A machine goes after so many calls, once more or less. */
const CALLS_BETWEEN_ENDS = 250;
/** Made while a machine is frozen, and again before it goes. */
const CALLS_ROBBED = 40;
/** No burst takes so long, whoever is robbed meanwhile: a machine that is stopped while it commits keeps the storage for 60 s. */
const STALL_MS = 75_000;
const TIMEOUT_MS = 180_000 + STEPS * 60;

let pages: Pages;

beforeAll(async () => {
  pages = await openPages();
});

afterAll(async () => {
  await pages.close();
});

/** How machines come and go. */
interface World {
  /** in each its lanes begin */
  open(machine: string, orders: readonly LaneOrder[]): Promise<void>;
  /** without a word to its lanes */
  end(machine: string): Promise<void>;
  /** It stands still until what is returned is called, and then goes on as if nothing had happened. */
  freeze?(machine: string): Promise<() => void>;
}

class Soak {
  readonly ledger = new SoakLedger();
  readonly #account: string;
  readonly #random = seededRandom(SEED);
  /** lanes that run, and when they were last heard of */
  readonly #heard = new Map<string, number>();
  #keeper: Page | undefined;
  #failure: unknown;
  #started = 0;

  constructor(account: string) {
    this.#account = account;
  }

  get keeper(): Page {
    if (!this.#keeper) throw new Error('Nobody keeps the trace yet.');
    return this.#keeper;
  }

  /** A page that can tell; `machine` is what it opens at once. */
  async page(machine: string): Promise<Page> {
    const page = await pages.open();
    page.on('pageerror', (error) => {
      this.#failure ??= error;
    });
    await page.exposeBinding('soakTold', (_source, told: Told) => this.#hear(told));
    await page.addScriptTag({ type: 'module', url: '/test/support/soak-page.ts' });
    await page.waitForFunction(() => globalThis.soak !== undefined);
    await this.machine(page, machine);
    return page;
  }

  machine(page: Page, machine: string): Promise<void> {
    const order = [this.#account, machine, SOAK_PROGRAM] as const;
    return page.evaluate(([account, name, program]) => globalThis.soak.open(account, name, program), order);
  }

  /** It calls nothing, so it runs nothing: what it remembers of the others outlives them. */
  async keep(): Promise<void> {
    this.#keeper = await this.page('keeper');
    await this.#keeper.evaluate(() => globalThis.soak.listen('keeper'));
  }

  async run(world: World): Promise<void> {
    const running: string[] = [];
    let ends = 0;
    while (running.length < MACHINES) running.push(await this.#open(world));
    for (let next = this.#interval(); next < STEPS; next += this.#interval()) {
      await this.#until(`${next} calls`, () => this.ledger.tally.calls >= next);
      const [ended] = running.splice(Math.floor(this.#random.unit() * MACHINES), 1);
      for (const lane of this.#heard.keys()) if (lane.startsWith(`${ended} `)) this.#heard.delete(lane);
      if (world.freeze && ends++ % 2 === 0) await this.#rob(world.freeze, ended as string);
      await world.end(ended as string);
      this.ledger.observe(await this.#marks());
      running.push(await this.#open(world));
    }
    await this.#until('every lane has ended', () => this.#heard.size === 0);
    await this.#rung();
    await this.#parted();
    await this.#settle();
    const statements = await this.#statements(this.keeper, 'keeper');
    this.ledger.observe(await this.#marks());
    this.ledger.judge(statements);
    for (const machine of running) await world.end(machine);
    await this.keeper.evaluate(() => globalThis.soak.close('keeper'));
    // What is read from the disk alone is the same.
    const fresh = await this.page('fresh');
    expect(await this.#statements(fresh, 'fresh')).toEqual(statements);
    await fresh.close();
  }

  /** Nobody has a transaction open on what the account's objects have stored. */
  isStorageFree(): Promise<boolean> {
    return this.keeper.evaluate((account) => globalThis.e2e.isStorageFree(account, 1_000), this.#account);
  }

  /** Keeps what is needed to look, and says where. */
  async keepsake(): Promise<string> {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'durabox-soak-'));
    const write = (name: string, value: unknown) => writeFile(path.join(folder, name), JSON.stringify(value, null, 1));
    await write('told.json', this.ledger.told);
    const trace = await this.keeper.evaluate(() => globalThis.soak.traced('keeper')).catch((error) => String(error));
    await write('trace.json', trace);
    await write('marks.json', await this.#marks().catch(String));
    return folder;
  }

  async #open(world: World): Promise<string> {
    const machine = `machine ${++this.#started}`;
    const orders = Array.from({ length: LANES }, (_, i) => ({
      lane: `${machine} ${i}`,
      seed: Math.floor(this.#random.unit() * 2 ** 31),
    }));
    for (const { lane } of orders) this.#heard.set(lane, Date.now());
    await world.open(machine, orders);
    return machine;
  }

  /** @returns whether the lane goes on */
  #hear(told: Told): boolean {
    // Its page may have told this in the moment in which it was ended.
    const isEnded = !this.#heard.has(told.lane);
    try {
      this.ledger.hear(isEnded ? whatHolds(told) : told);
    } catch (error) {
      this.#failure ??= error;
    }
    if (isEnded) return false;
    const goesOn = this.ledger.tally.calls < STEPS && this.#failure === undefined;
    if (told.isOver || this.#failure !== undefined) this.#heard.delete(told.lane);
    else this.#heard.set(told.lane, Date.now());
    return goesOn;
  }

  /** Others take its objects over while it stands still; then it wakes, with their calls before it, and must not write. */
  async #rob(freeze: NonNullable<World['freeze']>, machine: string): Promise<void> {
    const goesOn = () => {
      const enough = Math.min(STEPS, this.ledger.tally.calls + CALLS_ROBBED);
      return this.#until(`${enough} calls`, () => this.ledger.tally.calls >= enough);
    };
    const thaw = await freeze(machine);
    try {
      this.ledger.tally.robbed++;
      await goesOn();
      this.ledger.observe(await this.#marks());
    } finally {
      thaw();
    }
    await goesOn();
  }

  #until(what: string, isSo: () => boolean): Promise<void> {
    const check = () => {
      if (this.#failure !== undefined) throw this.#failure;
      for (const [lane, atMs] of this.#heard) {
        if (Date.now() - atMs > STALL_MS)
          throw new Error(`${lane} has been waiting for ${STALL_MS} ms: a call is lost.`);
      }
      return isSo();
    };
    return eventually(what, check, TIMEOUT_MS);
  }

  /** Nobody calls: alarms wake their objects. */
  #rung(): Promise<void> {
    const waiting = (object: string) => this.keeper.evaluate((name) => globalThis.soak.waiting('keeper', name), object);
    return eventually(
      'every alarm has rung',
      async () => !(await Promise.all(OBJECTS.map(waiting))).some(Boolean),
      STALL_MS,
    );
  }

  /** Whose machine has gone is gone: objects hear of that. */
  #parted(): Promise<void> {
    const open = async (object: string) => {
      const order = ['keeper', object] as const;
      return (await this.keeper.evaluate(([name, one]) => globalThis.soak.statement(name, one), order)).sockets;
    };
    return eventually(
      'no object has a WebSocket',
      async () => (await Promise.all(OBJECTS.map(open))).every((count) => count === 0),
      STALL_MS,
    );
  }

  async #settle(): Promise<void> {
    for (const object of OBJECTS) {
      const before = await this.keeper.evaluate((name) => globalThis.soak.statement('keeper', name), object);
      this.ledger.tally.settled += before.unsettled.length;
      expect(await this.keeper.evaluate((name) => globalThis.soak.settle('keeper', name), object)).toBe(undefined);
    }
  }

  async #statements(page: Page, machine: string): Promise<Statement[]> {
    const statements: Statement[] = [];
    for (const object of OBJECTS) {
      const order = [machine, object] as const;
      statements.push(await page.evaluate(([name, one]) => globalThis.soak.statement(name, one), order));
    }
    return statements;
  }

  #marks() {
    return this.keeper.evaluate((account) => globalThis.soak.marks(account), this.#account);
  }

  #interval(): number {
    return 1 + Math.floor(this.#random.unit() * 2 * CALLS_BETWEEN_ENDS);
  }
}

/** Of what a lane tells whose machine has ended under it: answers are answers, but failures may be of that. */
function whatHolds({ act, outcomes, ...told }: Told): Told {
  const answers = outcomes.filter((one) => 'answer' in one);
  return { ...told, outcomes: answers, ...(act && !act.failure ? { act } : {}) };
}

async function soak(account: string, make: (soak: Soak) => Promise<World>): Promise<void> {
  const startedMs = Date.now();
  const run = new Soak(account);
  try {
    await run.keep();
    await run.run(await make(run));
  } catch (cause) {
    const folder = await run.keepsake();
    throw new Error(
      `After ${run.ledger.tally.calls} calls. Again: ${REPEAT}\nThe trace, what was told and the log: ${folder}\n${cause}`,
      { cause },
    );
  } finally {
    await run.keeper.close();
  }
  const seconds = (Date.now() - startedMs) / 1000;
  console.log(`soak, ${account}: ${run.ledger.summary}; seed ${SEED}, ${seconds.toFixed(1)} s`);
}

test(
  'tabs that are closed while they work: what was told is so, sums hold, and order',
  () =>
    soak('tabs', async (run) => {
      const tabs = new Map<string, Page>();
      return {
        async open(machine, orders) {
          const page = await run.page(machine);
          tabs.set(machine, page);
          await page.evaluate(([name, lanes]) => globalThis.soak.start(name, lanes), [machine, orders] as const);
        },
        async end(machine) {
          await tabs.get(machine)?.close();
          tabs.delete(machine);
        },
        async freeze(machine) {
          const process_ = await rendererOf(tabs.get(machine) as Page, pages.browser);
          await stopBetweenCommits(process_, () => run.isStorageFree());
          return () => process.kill(process_, 'SIGCONT');
        },
      };
    }),
  TIMEOUT_MS,
);

test(
  'machines of one page that are closed while they work: what was told is so, sums hold, and order',
  () =>
    soak('machines', async (run) => {
      const page = run.keeper;
      await page.evaluate((seed) => globalThis.soak.jitter('keeper', seed), SEED);
      return {
        async open(machine, orders) {
          await run.machine(page, machine);
          await page.evaluate(([name, lanes]) => globalThis.soak.start(name, lanes), [machine, orders] as const);
        },
        end: (machine) => page.evaluate((name) => globalThis.soak.close(name), machine),
      };
    }),
  TIMEOUT_MS,
);

/**
 * More objects than a browser has room for, with the library as it is shipped: they come and go, lend one another their engines,
 * and nobody notices but by the time.
 */
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { ISOLATES, LIVE_OBJECTS } from '../../src/protocol/limits.ts';
import { builtFolders } from '../support/built.ts';
import { BROWSER_ARGS, findBrowser } from '../support/find-browser.ts';
import { type StaticServer, startStaticServer } from '../support/static-server.ts';

const LONG = process.env['DURABOX_LONG'] === '1';
const OBJECTS_IN_TURN = LONG ? 10_000 : 500;

const PROGRAM = `
import { DurableObject } from 'cloudflare:workers';
export class Node extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS visits(n INTEGER PRIMARY KEY)');
  }
  visit() {
    this.ctx.storage.sql.exec('INSERT INTO visits DEFAULT VALUES');
    return this.ctx.storage.sql.exec('SELECT count(*) AS n FROM visits').one().n;
  }
  /** Asks the next and waits for it, with what it found before in hand. */
  async chain(i, length) {
    const before = this.visit();
    const rest = i + 1 < length ? await this.env.NODES.getByName('node ' + (i + 1)).chain(i + 1, length) : 0;
    return rest + this.visit() + before;
  }
  /** Waits until the test says so. */
  async meet() {
    this.visit();
    await this.env.NODES.getByName('gate').wait();
    return this.visit();
  }
  wait() {
    if (this.isOpen) return;
    this.waiting ??= [];
    return new Promise((resolve) => this.waiting.push(resolve));
  }
  waitingCount() {
    return this.waiting?.length ?? 0;
  }
  open() {
    this.isOpen = true;
    for (const resolve of this.waiting ?? []) resolve();
  }
  /** A cursor that stays open across an await. */
  async hold() {
    this.visit();
    this.visit();
    const cursor = this.ctx.storage.sql.exec('SELECT n FROM visits ORDER BY n');
    const first = cursor.next().value.n;
    await this.env.NODES.getByName('gate').wait();
    return [first, cursor.next().value.n];
  }
}
export default {};
`;

const CONFIG = {
  name: 'pool',
  main: 'index.js',
  compatibility_date: '2026-07-30',
  durable_objects: { bindings: [{ name: 'NODES', class_name: 'Node' }] },
  migrations: [{ tag: 'v1', new_sqlite_classes: ['Node'] }],
};

/** The half of the tests that lives in the page. */
const PAGE = `<!doctype html><title>pool</title><script type="module">
  import { Simulator } from '/lib/index.js';
  const sims = new Map();
  const node = (sim, name) => sims.get(sim).env.NODES.getByName(String(name));
  window.pool = {
    async open(name, program, config) {
      const sim = await Simulator.open({ name, modules: { 'index.js': program }, config, storage: 'memory' });
      // Nobody goes for being idle: how long that takes would depend on the machine.
      await sim.clock.pause();
      sims.set(name, sim);
    },
    call: async (sim, name, method, ...args) => await node(sim, name)[method](...args),
    each: (sim, count, method) =>
      Promise.all(Array.from({ length: count }, (_, i) => node(sim, 'node ' + i)[method]().then((value) => value))),
    refused: 0,
    /** of each its answer, or the code of its error */
    outcomes: (sim, count, method) =>
      Promise.all(
        Array.from({ length: count }, (_, i) =>
          node(sim, 'node ' + i)[method]().then((value) => value, (error) => { window.pool.refused++; return error.code ?? String(error); }),
        ),
      ),
    async inTurn(sim, from, to) {
      let sum = 0;
      for (let i = from; i < to; i++) sum += await node(sim, 'node ' + i).visit();
      return sum;
    },
    live: async (sim) => (await sims.get(sim).inspect.objects()).filter(({ state }) => state === 'live').length,
  };
</script>`;

interface Pool {
  open(name: string, program: string, config: object): Promise<void>;
  call(sim: string, name: string, method: string, ...args: unknown[]): Promise<unknown>;
  /** calls `node 0` and so on, all at once */
  each(sim: string, count: number, method: string): Promise<unknown[]>;
  readonly refused: number;
  outcomes(sim: string, count: number, method: string): Promise<unknown[]>;
  /** visits them one after the other; the sum of what they answer */
  inTurn(sim: string, from: number, to: number): Promise<number>;
  live(sim: string): Promise<number>;
}

declare global {
  interface Window {
    pool: Pool;
  }
}

let server: StaticServer;
let browser: Browser;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  server = await startStaticServer({ pages: { '/': PAGE }, folders: { '/lib/': builtFolders().library } });
  const executablePath = findBrowser();
  browser = await chromium.launch({ args: BROWSER_ARGS, ...(executablePath ? { executablePath } : {}) });
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

beforeEach(async () => {
  context = await browser.newContext();
  page = await context.newPage();
  await page.goto(server.origin);
  await page.waitForFunction(() => 'pool' in window);
});

afterEach(() => context.close());

const open = (name: string) =>
  page.evaluate(([name, program, config]) => window.pool.open(name, program, config), [name, PROGRAM, CONFIG] as const);
const call = (name: string, method: string, ...args: unknown[]) =>
  page.evaluate((given) => window.pool.call('one', given.name, given.method, ...given.args), { name, method, args });
const each = (count: number, method: string, sim = 'one') =>
  page.evaluate((given) => window.pool.each(given.sim, given.count, given.method), { sim, count, method });
const live = (sim = 'one') => page.evaluate((name) => window.pool.live(name), sim);
/** Until so many wait at the gate. */
const gathered = async (count: number) => {
  while ((await call('gate', 'waitingCount')) !== count) await page.evaluate(() => new Promise(requestAnimationFrame));
};

test(
  `${OBJECTS_IN_TURN} objects in turn: no more than the usual number live, and each keeps what it has stored`,
  async () => {
    await open('one');
    let most = 0;
    for (let from = 0; from < OBJECTS_IN_TURN; from += 50) {
      const sum = await page.evaluate((from) => window.pool.inTurn('one', from, from + 50), from);
      expect(sum).toBe(50);
      most = Math.max(most, await live());
    }
    expect(most).toBeGreaterThanOrEqual(LIVE_OBJECTS - 4);
    expect(most).toBeLessThanOrEqual(LIVE_OBJECTS + 1);
    expect(await call('node 0', 'visit')).toBe(2);
  },
  240_000 + OBJECTS_IN_TURN * 150,
);

test('a burst of calls to 300 objects at once', async () => {
  await open('one');
  expect(await each(300, 'visit')).toEqual(Array(300).fill(1));
}, 240_000);

// In short, 150 do that below.
test.runIf(LONG)(
  '300 at once that all wait, so that none can go',
  async () => {
    await open('one');
    const met = each(300, 'meet');
    await gathered(300);
    await call('gate', 'open');
    expect(await met).toEqual(Array(300).fill(2));
  },
  600_000,
);

test.runIf(LONG)(
  'more at once than a machine has threads for, all waiting for all: those that came too late are refused, and the others go on',
  async () => {
    await open('one');
    const late = 20;
    // The gate and the entry's Worker have threads too; those kept ready are taken.
    const outcomes = page.evaluate((count) => window.pool.outcomes('one', count, 'meet'), ISOLATES + late);
    while ((await page.evaluate(() => window.pool.refused)) === 0)
      await page.evaluate(() => new Promise(requestAnimationFrame));
    await call('gate', 'open');
    const all = await outcomes;
    const refused = all.filter((one) => one === 'overloaded');
    expect(all.filter((one) => one === 2).length).toBe(all.length - refused.length);
    expect(refused.length).toBeGreaterThanOrEqual(late);
    expect(refused.length).toBeLessThanOrEqual(2 * late);
  },
  900_000,
);

test('a chain of 200, each waiting for the next', async () => {
  await open('one');
  expect(await call('node 0', 'chain', 0, 200)).toBe(600);
}, 240_000);

test('an open cursor keeps its engine while 150 others need one', async () => {
  await open('one');
  const held = call('holder', 'hold');
  await gathered(1);
  const met = each(150, 'meet');
  await gathered(151);
  await call('gate', 'open');
  expect([await held, await met]).toEqual([[1, 2], Array(150).fill(2)]);
}, 240_000);

test('two simulators of a page with 64 objects each', async () => {
  await Promise.all([open('one'), open('two')]);
  const both = () => Promise.all([each(64, 'visit'), each(64, 'visit', 'two')]);
  expect(await both()).toEqual([Array(64).fill(1), Array(64).fill(1)]);
  expect(await both()).toEqual([Array(64).fill(2), Array(64).fill(2)]);
  expect(await Promise.all([live('one'), live('two')])).toEqual([64, 64]);
}, 240_000);

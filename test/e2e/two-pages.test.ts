/**
 * Two pages of one browser are two machines of one cloud: who runs an object, what callers see when that changes, and what
 * is left behind.
 */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import {
  counterProgram,
  eventually,
  openPages,
  type Pages,
  rendererOf,
  stopBetweenCommits,
} from '../support/e2e-pages.ts';
import { expectDisconnects, expectNothingLost, expectOneInstanceAtATime } from '../support/witness.ts';

const SEED = Number(process.env['DURABOX_SEED'] ?? 20_260_801);
const REPEAT = `DURABOX_SEED=${SEED} npx vitest run --project 'e2e*' test/e2e/two-pages.test.ts`;

let pages: Pages;
let one: Page;
let other: Page;
const extra: Page[] = [];

beforeAll(async () => {
  pages = await openPages();
  [one, other] = [await pages.open(), await pages.open()];
});

afterAll(async () => {
  await pages.close();
});

afterEach(async () => {
  for (const page of extra.splice(0)) await page.close();
});

/** A page that a test may close, kill or freeze. */
async function mortal(): Promise<Page> {
  const page = await pages.open();
  extra.push(page);
  return page;
}

const open = (page: Page, order: Parameters<typeof globalThis.e2e.open>[0]) =>
  page.evaluate((given) => globalThis.e2e.open(given), order);
const start = (page: Page, order: Parameters<typeof globalThis.e2e.start>[0]) =>
  page.evaluate((given) => globalThis.e2e.start(given), order);
const go = (page: Page, channel: string) => page.evaluate((name) => globalThis.e2e.go(name), channel);
const finish = (page: Page, name: string) => page.evaluate((given) => globalThis.e2e.finish(given), name);
const stop = (page: Page, name: string) => page.evaluate((given) => globalThis.e2e.stop(given), name);
const progress = (page: Page, name: string) => page.evaluate((given) => globalThis.e2e.progress(given), name);
const increment = (page: Page, name: string) => page.evaluate((given) => globalThis.e2e.increment(given, 'a'), name);
const read = (page: Page, name: string) => page.evaluate((given) => globalThis.e2e.read(given, 'a'), name);
const heard = (page: Page, name: string, kind: string) =>
  page.evaluate(({ account, what }) => globalThis.e2e.heard(account, what), { account: name, what: kind });
const deploy = (page: Page, name: string, program: string) =>
  page.evaluate((given) => globalThis.e2e.deploy(given.name, given.program), { name, program });
const fetchText = (page: Page, name: string) => page.evaluate((given) => globalThis.e2e.fetchText(given, '/'), name);
const leftovers = (page: Page, name: string) => page.evaluate((given) => globalThis.e2e.leftovers(given), name);
const close = (page: Page, name: string, options: { delete?: boolean } = {}) =>
  page.evaluate((given) => globalThis.e2e.close(given.name, given.options), { name, options });
const answersOf = async (page: Page, name: string) => (await progress(page, name)).answers;

const isStorageFree = (page: Page, name: string) =>
  page.evaluate((given) => globalThis.e2e.isStorageFree(given, 1_000), name);

describe.each(['auto', 'channel'] as const)('two pages, network %s', (network) => {
  test('increment one counter 200 times each, at the same time, and it is at 400', async () => {
    const name = `count ${network}`;
    await open(one, { name, program: counterProgram(), network });
    await open(other, { name, network });
    const order = { name, object: 'a', count: 200, lanes: 4, go: name, meet: `${name} half` };
    for (const page of [one, other]) await start(page, order);
    await go(one, name);
    const [mine, theirs] = await Promise.all([finish(one, name), finish(other, name)]);
    expect([mine.failures, theirs.failures]).toEqual([[], []]);
    expect([mine.answers.length, theirs.answers.length]).toEqual([200, 200]);
    const lives = expectOneInstanceAtATime([...mine.answers, ...theirs.answers]);
    expect(lives.map(({ count }) => count)).toEqual([400]);
    expect((await read(other, name)).value).toBe(400);
    // They took turns: neither had finished before the other began.
    const values = [mine, theirs].map(({ answers }) => answers.map(({ value }) => value));
    expect(Math.max(...values.map((own) => Math.min(...own)))).toBeLessThan(
      Math.min(...values.map((own) => Math.max(...own))),
    );
  });

  test('2,000 increments while the object is evicted at random points arrive once each, in order', async () => {
    const name = `evict ${network}`;
    const random = seededRandom(SEED);
    const below = (limit: number) => Math.floor(random.unit() * limit);
    await open(one, { name, program: counterProgram(), network });
    await open(other, { name, network });
    const order = () => ({
      name,
      object: 'a',
      total: 1000,
      bursts: Array.from({ length: 50 }, () => 1 + below(6)),
      evictAt: Array.from({ length: 60 }, () => 1 + below(1000)),
      go: name,
    });
    const running = Promise.all(
      [one, other].map((page) => page.evaluate((given) => globalThis.e2e.incrementAndEvict(given), order())),
    );
    // Both listen before the start is announced: an evaluation is begun in the order it was asked for.
    await other.evaluate(() => undefined);
    await go(one, name);
    const done = await running;
    for (const { answers, evictions } of done) {
      expect(evictions).toEqual([]);
      const values = answers.map(({ value }) => value);
      expect(values, `a stub's answers come in order; again: ${REPEAT}`).toEqual([...values].sort((a, b) => a - b));
    }
    const lives = expectOneInstanceAtATime(done.flatMap(({ answers }) => answers));
    const all = done.flatMap(({ answers }) => answers.map(({ value }) => value)).sort((a, b) => a - b);
    expect(all, `again: ${REPEAT}`).toEqual(Array.from({ length: 2000 }, (_, i) => i + 1));
    expect((await read(one, name)).value).toBe(2000);
    expect(lives.length, 'it was really evicted').toBeGreaterThan(5);
  });

  test('one stub whose object is evicted under it counts from 1 to 2,000', async () => {
    const name = `alone ${network}`;
    const random = seededRandom(SEED + 1);
    const below = (limit: number) => Math.floor(random.unit() * limit);
    await open(one, { name, program: counterProgram(), network });
    const order = {
      name,
      object: 'a',
      total: 2000,
      bursts: Array.from({ length: 50 }, () => 1 + below(20)),
      evictAt: Array.from({ length: 20 }, () => 1 + below(2000)),
    };
    const { answers, evictions } = await one.evaluate((given) => globalThis.e2e.incrementAndEvict(given), order);
    expect(evictions).toEqual([]);
    expect(
      answers.map(({ value }) => value),
      `again: ${REPEAT}`,
    ).toEqual(Array.from({ length: 2000 }, (_, i) => i + 1));
    const lives = expectOneInstanceAtATime(answers);
    expect(lives.length, 'it was really evicted').toBeGreaterThan(5);
  });

  test.each(['closed', 'killed'] as const)(
    'when the page that holds the object is %s, the other takes over',
    async (how) => {
      const name = `take over ${network} ${how}`;
      const holder = await mortal();
      await open(holder, { name, program: counterProgram(), network });
      await open(other, { name, network });
      const first = await increment(holder, name);
      await start(other, { name, object: 'a', count: 10_000, lanes: 4 });
      await eventually('traffic flows', async () => (await answersOf(other, name)) > 50);
      if (how === 'closed') await holder.close();
      else process.kill(await rendererOf(holder, pages.browser), 'SIGKILL');
      const before = await answersOf(other, name);
      await eventually('traffic flows again', async () => (await answersOf(other, name)) > before + 50);
      await stop(other, name);
      const traffic = await finish(other, name);
      expectDisconnects(traffic);
      const lives = expectOneInstanceAtATime(traffic.answers);
      expect(lives.length).toBe(2);
      expect(lives[0]?.nonce).toBe(first.nonce);
      const { value } = await read(other, name);
      expectNothingLost(value, [{ answers: [first], failures: [] }, traffic]);
    },
  );

  test('a page that is told it will be frozen gives its objects up, and nobody waits or loses a call', async () => {
    const name = `given up ${network}`;
    const holder = await mortal();
    await open(holder, { name, program: counterProgram(), network });
    await open(other, { name, network });
    const first = await increment(holder, name);
    const second = await increment(other, name);
    expect(second.nonce).toBe(first.nonce);
    // A headless browser has no hidden pages to freeze, so the news alone is played.
    await holder.evaluate(() => document.dispatchEvent(new Event('freeze')));
    await eventually('another instance answers', async () => (await read(other, name)).nonce !== first.nonce, 3_000);
    const { nonce } = await read(other, name);
    const third = await increment(holder, name);
    expect([second.value, third.value, third.nonce]).toEqual([2, 3, nonce]);
  });

  test('a frozen holder is robbed, and writes nothing when it thaws', async () => {
    const name = `frozen ${network}`;
    const holder = await mortal();
    await open(holder, { name, program: counterProgram(), network });
    await open(other, { name, network });
    const first = await increment(holder, name);
    const process_ = await rendererOf(holder, pages.browser);
    expect(process_, 'the pages are in processes of their own').not.toBe(await rendererOf(other, pages.browser));
    for (const page of [holder, other]) await start(page, { name, object: 'a', count: 100_000, lanes: 3 });
    await eventually('both have answers', async () =>
      (await Promise.all([holder, other].map((page) => answersOf(page, name)))).every((count) => count > 30),
    );
    await stopBetweenCommits(process_, () => isStorageFree(other, name));
    try {
      const before = await answersOf(other, name);
      await eventually('the other page has taken over', async () => (await answersOf(other, name)) > before + 100);
    } finally {
      process.kill(process_, 'SIGCONT');
    }
    const thawed = await answersOf(holder, name);
    await eventually('the thawed page is a client', async () => (await answersOf(holder, name)) > thawed + 30);
    for (const page of [holder, other]) await stop(page, name);
    const traffics = await Promise.all([holder, other].map((page) => finish(page, name)));
    for (const traffic of traffics) expectDisconnects(traffic);
    const answers = [first, ...traffics.flatMap((traffic) => traffic.answers)];
    const lives = expectOneInstanceAtATime(answers);
    expect(lives.length).toBe(2);
    expect(lives[0]?.nonce).toBe(first.nonce);
    const { value, nonce } = await read(holder, name);
    expect(nonce, 'the new instance answers the thawed page').toBe(lives[1]?.nonce);
    expectNothingLost(value, [{ answers: [first], failures: [] }, ...traffics]);
    // The page that thawed can hold objects again.
    const again = await holder.evaluate((given) => globalThis.e2e.increment(given, 'b'), name);
    expect(again.value).toBe(1);
  });
});

describe('a deployment belongs to the account', () => {
  const BROKEN = 'export default { fetch() { return new Response("broken" } };';
  const THROWS = `${counterProgram('two')}\nthrow new Error('not today');`;

  test('what one tab deploys, the other hears of and runs; the running instance is replaced', async () => {
    const name = 'deploy';
    await open(one, { name, program: counterProgram('one') });
    await open(other, { name });
    expect((await increment(one, name)).nonce).toMatch(/^one /);
    expect(await deploy(other, name, counterProgram('two'))).toEqual({ number: 2, hash: expect.any(String) });
    await eventually('the first tab hears of it', async () => (await heard(one, name, 'deploy')).length > 0);
    expect(await heard(one, name, 'deploy')).toEqual([{ number: 2, hash: expect.any(String) }]);
    expect(await heard(other, name, 'deploy')).toEqual(await heard(one, name, 'deploy'));
    await eventually('the instance is of the new code', async () => (await read(one, name)).nonce.startsWith('two '));
    expect((await increment(other, name)).value).toBe(2);
    expect(await fetchText(one, name)).toBe('200 two 3');
    expect(await fetchText(other, name)).toBe('200 two 4');
  });

  test('a tab that takes over runs what the closed one had deployed', async () => {
    const name = 'deploy and go';
    const holder = await mortal();
    await open(other, { name, program: counterProgram('one') });
    await open(holder, { name });
    await deploy(holder, name, counterProgram('two'));
    expect((await increment(holder, name)).nonce).toMatch(/^two /);
    await holder.close();
    await eventually('the other tab holds it', async () => {
      const result = await other.evaluate((given) => globalThis.e2e.call(given, 'a', 'read'), name);
      return 'value' in result && (result.value as { nonce: string }).nonce.startsWith('two ');
    });
    expect(await fetchText(other, name)).toBe('200 two 2');
  });

  test('code that does not compile, or does not load, leaves both tabs with what they had', async () => {
    const name = 'deploy broken';
    await open(one, { name, program: counterProgram('one') });
    await open(other, { name });
    await increment(one, name);
    const syntax = await deploy(other, name, BROKEN);
    expect(syntax).toEqual({
      failure: { name: 'SimulatorError', code: 'bundle_failed', message: expect.stringMatching(/index\.js/) },
    });
    const load = await deploy(other, name, THROWS);
    expect(load).toEqual({
      failure: {
        name: 'SimulatorError',
        code: 'bundle_failed',
        message: expect.stringContaining('index.js failed while it was loaded: Error: not today'),
      },
    });
    expect(await fetchText(one, name)).toBe('200 one 2');
    expect(await fetchText(other, name)).toBe('200 one 3');
    expect(await heard(one, name, 'deploy')).toEqual([]);
    expect(await heard(other, name, 'deploy')).toEqual([]);
  });
});

describe('closing', () => {
  /** Counts the channels that a page has open. */
  const countChannels = async (page: Page) => {
    await page.addInitScript(() => {
      const open = new Set<BroadcastChannel>();
      const Native = globalThis.BroadcastChannel;
      globalThis.BroadcastChannel = class extends Native {
        constructor(name: string) {
          super(name);
          open.add(this);
        }
        override close(): void {
          super.close();
          open.delete(this);
        }
      };
      Object.assign(globalThis, { openChannels: () => [...open].map((channel) => channel.name) });
    });
  };
  const channels = (page: Page) =>
    page.evaluate(() => (globalThis as unknown as { openChannels(): string[] }).openChannels());

  test.each(['auto', 'channel'] as const)('with `delete` leaves nothing behind, network %s', async (network) => {
    const name = `left behind ${network}`;
    const [mine, theirs] = [await pages.open(countChannels), await pages.open(countChannels)];
    extra.push(mine, theirs);
    await open(mine, { name, program: counterProgram(), network });
    await open(theirs, { name, network });
    expect((await increment(mine, name)).value).toBe(1);
    expect((await increment(theirs, name)).value).toBe(2);
    expect(await fetchText(theirs, name)).toBe('200 one 3');
    // Its own host, and there an isolate at least; workers of workers are counted too.
    for (const page of extra) expect(page.workers().length).toBeGreaterThan(1);
    expect((await channels(theirs)).length).toBeGreaterThan(0);
    await close(mine, name);
    await eventually('no channel is open in the page that closed', async () => (await channels(mine)).length === 0);
    expect((await read(theirs, name)).value).toBe(3);
    await close(theirs, name, { delete: true });
    expect(await leftovers(theirs, name)).toEqual({ databases: [], locks: [] });
    expect(await channels(theirs)).toEqual([]);
    // A browser tells of a worker's end when its thread is gone.
    await eventually('no worker runs', () => extra.every((page) => page.workers().length === 0));
    expect(await leftovers(mine, name)).toEqual({ databases: [], locks: [] });
  });

  test("deleting an account under another tab ends that tab's objects, and it can be opened anew", async () => {
    const name = 'deleted under';
    await open(one, { name, program: counterProgram() });
    await open(other, { name });
    expect((await increment(one, name)).value).toBe(1);
    await close(other, name, { delete: true });
    await close(one, name);
    await open(one, { name, program: counterProgram() });
    expect((await increment(one, name)).value).toBe(1);
    await close(one, name, { delete: true });
  });
});

/**
 * Two pages of one browser are two machines of one cloud: who runs an object, what callers see when that changes, and what
 * is left behind.
 */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { counterProgram, eventually, openPages, type Pages, rendererOf } from '../support/e2e-pages.ts';
import { expectDisconnects, expectNothingLost, expectOneInstanceAtATime } from '../support/witness.ts';

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
const answersOf = async (page: Page, name: string) => (await progress(page, name)).answers;

describe.each(['auto', 'channel'] as const)('two pages, network %s', (network) => {
  test('increment one counter 200 times each, at the same time, and it is at 400', async () => {
    const name = `count ${network}`;
    await open(one, { name, program: counterProgram(), network });
    await open(other, { name, network });
    for (const page of [one, other]) await start(page, { name, object: 'a', count: 200, lanes: 4, go: name });
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
    const seed = 20_260_801;
    const random = seededRandom(seed);
    const below = (limit: number) => Math.floor(random.unit() * limit);
    await open(one, { name, program: counterProgram(), network });
    await open(other, { name, network });
    const order = () => ({
      name,
      object: 'a',
      total: 1000,
      bursts: Array.from({ length: 50 }, () => 1 + below(6)),
      evictAt: Array.from({ length: 15 }, () => 1 + below(1000)),
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
      expect(values, `a stub's answers come in order (seed ${seed})`).toEqual([...values].sort((a, b) => a - b));
    }
    const lives = expectOneInstanceAtATime(done.flatMap(({ answers }) => answers));
    const all = done.flatMap(({ answers }) => answers.map(({ value }) => value)).sort((a, b) => a - b);
    expect(all).toEqual(Array.from({ length: 2000 }, (_, i) => i + 1));
    expect((await read(one, name)).value).toBe(2000);
    expect(lives.length, 'it was really evicted').toBeGreaterThan(5);
  });

  test('one stub whose object is evicted under it counts from 1 to 2,000', async () => {
    const name = `alone ${network}`;
    const seed = 20_260_802;
    const random = seededRandom(seed);
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
    expect(answers.map(({ value }) => value)).toEqual(Array.from({ length: 2000 }, (_, i) => i + 1));
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
});

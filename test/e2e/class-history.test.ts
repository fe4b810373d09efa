/**
 * Migrations when two pages of one browser have the account open: one history for both, and what it deletes is gone in both.
 */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { counterProgram, eventually, openPages, type Pages } from '../support/e2e-pages.ts';

let pages: Pages;
let one: Page;
let other: Page;

beforeAll(async () => {
  pages = await openPages();
  [one, other] = [await pages.open(), await pages.open()];
});

afterAll(async () => {
  await pages.close();
});

const open = (page: Page, order: Parameters<typeof globalThis.e2e.open>[0]) =>
  page.evaluate((given) => globalThis.e2e.open(given), order);
const call = (page: Page, name: string, object: string, method: string) =>
  page.evaluate((given) => globalThis.e2e.call(given.name, given.object, given.method), { name, object, method });
const deploy = (page: Page, name: string, program: string, config: object) =>
  page.evaluate((given) => globalThis.e2e.deploy(given.name, given.program, given.config as never), {
    ...{ name, program, config },
  });
const databasesOf = async (page: Page, name: string) => {
  const { databases } = await page.evaluate((given) => globalThis.e2e.leftovers(given), name);
  return databases.filter((one) => /\/[0-9a-f]{64}$/.test(one));
};

const V1 = { tag: 'v1', new_sqlite_classes: ['Counter'] };
const DELETED = {
  durable_objects: { bindings: [] },
  migrations: [V1, { tag: 'v2', deleted_classes: ['Counter'] }],
};
const RENAMED = {
  durable_objects: { bindings: [{ name: 'COUNTERS', class_name: 'Tally' }] },
  migrations: [V1, { tag: 'v2', renamed_classes: [{ from: 'Counter', to: 'Tally' }] }],
};
const tally = counterProgram('two').replaceAll('class Counter', 'class Tally');

test('a class that one page deletes ends in the other page too, and nothing that it stored is left', async () => {
  const name = 'delete a class';
  await open(one, { name, program: counterProgram('one') });
  await open(other, { name });
  await call(one, name, 'here', 'increment');
  await call(other, name, 'there', 'increment');
  expect(await databasesOf(one, name)).toHaveLength(2);
  expect(await deploy(one, name, counterProgram('two'), DELETED)).toMatchObject({ number: 2 });
  expect(await databasesOf(one, name)).toEqual([]);
  const again = { migrations: [...DELETED.migrations, { tag: 'v3', new_sqlite_classes: ['Counter'] }] };
  expect(await deploy(other, name, counterProgram('three'), again)).toMatchObject({ number: 3 });
  for (const [page, object] of [
    [other, 'here'],
    [one, 'there'],
  ] as const) {
    await eventually('the page has heard of it', async () => 'value' in (await call(page, name, object, 'read')));
    expect(await call(page, name, object, 'increment')).toMatchObject({ value: { value: 1 } });
  }
});

test('of two pages that deploy contradicting histories at the same time one is refused', async () => {
  const name = 'two histories';
  await open(one, { name, program: counterProgram('one') });
  await open(other, { name });
  await call(one, name, 'a', 'increment');
  const results = await Promise.all([
    deploy(one, name, tally, RENAMED),
    deploy(other, name, counterProgram('two'), DELETED),
  ]);
  expect(results.filter((result) => 'number' in result)).toMatchObject([{ number: 2 }]);
  expect(results.find((result) => 'failure' in result)).toMatchObject({
    failure: {
      code: 'config_invalid',
      message: expect.stringMatching(/^The migration "v2" of "worker" was applied as /),
    },
  });
  expect(await databasesOf(one, name)).toHaveLength('number' in (results[0] ?? {}) ? 1 : 0);
});

test('of two pages that deploy one history at the same time both come through, and it is applied once', async () => {
  const name = 'one history';
  await open(one, { name, program: counterProgram('one') });
  await open(other, { name });
  await call(one, name, 'a', 'increment');
  const results = await Promise.all([
    deploy(one, name, tally, RENAMED),
    deploy(other, name, `${tally}\n// the other's`, RENAMED),
  ]);
  expect(results.map((result) => ('number' in result ? result.number : result)).sort()).toEqual([2, 3]);
  for (const [page, value] of [
    [one, 2],
    [other, 3],
  ] as const) {
    await eventually('the page has heard of it', async () => 'value' in (await call(page, name, 'a', 'read')));
    expect(await call(page, name, 'a', 'increment')).toMatchObject({ value: { value } });
  }
});

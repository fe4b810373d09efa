import { afterAll, beforeAll, describe, test } from 'vitest';
import { allScenarios, readTranscript } from './catalogue.ts';
import { firstDifference, judge } from './compare.ts';
import { differences } from './differences.ts';
import { openSimulator } from './drivers/simulator.ts';
import type { Driver } from './play.ts';

// Each in an account of its own, in one of the driver's pages: they do not see one another.
describe.concurrent('the simulator does what workerd did', () => {
  let driver: Driver;
  beforeAll(async () => {
    driver = await openSimulator();
  });
  afterAll(() => driver?.close());

  for (const scenario of allScenarios()) {
    test(`${scenario.id}: ${scenario.name}`, async ({ expect }) => {
      const transcript = readTranscript(scenario);
      if (!transcript) throw new Error(`${scenario.id} has no transcript: run \`npm run conformance:record\`.`);
      const known = differences.filter((difference) => difference.scenario === scenario.id);
      const { expected, actual, faults } = judge(transcript, await driver.run(scenario), known);
      if (scenario.waitsFor) expect(actual, `${scenario.id} agrees: take its mark away`).not.toBe(expected);
      else expect(actual, firstDifference(expected, actual)).toBe(expected);
      expect(faults).toEqual([]);
    });
  }
});

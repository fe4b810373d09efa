/**
 * `npm test`: every test, in one table. `npm run test:long` is the same with the full sizes.
 *
 * Promise: it finds a browser or says in one sentence what to install; its last line is `N passed, N failed`.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ensureBrowser, findOrInstallFirefox } from './browser.mjs';
import { npx, run } from './run.mjs';

const long = process.argv.includes('--long');

/** The stages and how long each may take on two cores, in seconds (long runs are not held to it). */
const STAGES = [
  { name: 'static', budget: 40 },
  { name: 'unit', project: 'unit', budget: 40 },
  { name: 'browser', project: 'browser', budget: 90 },
  { name: 'conformance', project: 'conformance', budget: 120 },
  { name: 'e2e', project: 'e2e', budget: 180 },
];

const only = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
const folder = mkdtempSync(path.join(os.tmpdir(), 'durabox-test-'));
const rows = [];

const browser = await ensureBrowser();
const firefox = only.length === 0 || only.includes('e2e') ? await findOrInstallFirefox() : undefined;
const env = {
  DURABOX_BROWSER: browser,
  ...(firefox ? { DURABOX_FIREFOX: firefox } : {}),
  ...(long ? { DURABOX_LONG: '1' } : {}),
};

for (const stage of STAGES) {
  if (only.length > 0 && !only.includes(stage.name)) continue;
  const started = Date.now();
  let [passed, failed, skipped] = [0, 0, 0];
  if (stage.project) {
    const report = path.join(folder, `${stage.name}.json`);
    const { code } = await npx(
      'vitest',
      ['run', '--project', stage.project, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
      { env },
    );
    try {
      const result = JSON.parse(readFileSync(report, 'utf8'));
      passed = result.numPassedTests;
      failed = result.numFailedTests;
      skipped = result.numPendingTests + (result.numTodoTests ?? 0);
    } catch {
      failed = 1;
    }
    // A file that did not load, or an error outside a test, fails no test of its own.
    if (code !== 0 && failed === 0) failed = 1;
  } else {
    const { code } = await run(process.execPath, ['tools/check.mjs', '--no-architecture'], { env }).catch(() => ({
      code: 1,
    }));
    if (code === 0) passed = 1;
    else failed = 1;
  }
  rows.push({
    stage: stage.name,
    passed,
    failed,
    skipped,
    seconds: (Date.now() - started) / 1000,
    budget: stage.budget,
  });
}

rmSync(folder, { recursive: true, force: true });
const total = (key) => rows.reduce((sum, row) => sum + row[key], 0);
console.log(
  `\n${'stage'.padEnd(14)}${'passed'.padStart(8)}${'failed'.padStart(8)}${'skipped'.padStart(9)}${'seconds'.padStart(9)}${'budget'.padStart(8)}`,
);
for (const row of rows) {
  console.log(
    `${row.stage.padEnd(14)}${String(row.passed).padStart(8)}${String(row.failed).padStart(8)}${String(row.skipped).padStart(9)}${row.seconds.toFixed(1).padStart(9)}${String(row.budget).padStart(8)}`,
  );
}
console.log(`${total('passed')} passed, ${total('failed')} failed`);
process.exitCode = total('failed') === 0 ? 0 : 1;

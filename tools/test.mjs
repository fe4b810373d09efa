/**
 * `npm test`: every test, in one table. `npm run test:long` is the same with the full sizes.
 *
 * Promise: it finds a browser or says in one sentence what to install; its last line is `N passed, N failed`, and what
 * failed stands right above the table, so that the end of a log is enough. A test of a browser that fails is played once more,
 * alone: on a machine that does other work a page may starve. If it passes then, it has passed, and it is named all the same,
 * because most of those that were looked into were faults of ours.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { ensureBrowser, findOrInstallFirefox } from './browser.mjs';
import { npx, root, run } from './run.mjs';

const long = process.argv.includes('--long');

/** The stages and how long each may take on two cores, in seconds (long runs are not held to it). */
const STAGES = [
  { name: 'static', budget: 40 },
  { name: 'unit', project: 'unit', budget: 40 },
  { name: 'browser', project: 'browser', budget: 90, isPlayedAgain: true },
  { name: 'conformance', project: 'conformance', budget: 120, isPlayedAgain: true },
  { name: 'e2e', project: 'e2e*', budget: 180, isPlayedAgain: true },
];
/** More than these are no accident. */
const PLAYED_AGAIN_MAX = 3;

const only = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
const folder = mkdtempSync(path.join(os.tmpdir(), 'durabox-test-'));
const rows = [];
/** what failed in any stage, as text */
const failures = [];
/** what failed and then passed */
const unsteady = [];

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
  const counts = stage.project ? await playStage(stage) : await checkStatic();
  rows.push({ stage: stage.name, ...counts, seconds: (Date.now() - started) / 1000, budget: stage.budget });
}

rmSync(folder, { recursive: true, force: true });
if (unsteady.length > 0) console.log(`\nFAILED, AND PASSED WHEN PLAYED AGAIN ALONE\n${unsteady.join('\n')}`);
if (failures.length > 0) console.log(`\nFAILED\n${failures.join('\n')}`);
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

async function checkStatic() {
  const { code } = await run(process.execPath, ['tools/check.mjs', '--no-architecture'], { env }).catch(() => ({
    code: 1,
  }));
  if (code !== 0) failures.push('static: `npm run check` failed: see above');
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
}

async function playStage(stage) {
  const first = await play(stage);
  if (!first.result) {
    failures.push(`${stage.name}: there is no report: see above`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  let { numPassedTests: passed, numFailedTests: failed } = first.result;
  const skipped = first.result.numPendingTests + (first.result.numTodoTests ?? 0);
  const texts = failuresOf(stage.name, first.result);
  const isWorthIt = stage.isPlayedAgain && failed > 0 && failed <= PLAYED_AGAIN_MAX && texts.length === failed;
  const again = isWorthIt ? await play(stage, failedTestsOf(first.result)) : undefined;
  const isUnsteady = again?.code === 0 && again.result?.numPassedTests === failed;
  (isUnsteady ? unsteady : failures).push(...texts);
  if (isUnsteady) [passed, failed] = [passed + failed, 0];
  // A file that did not load, or an error outside a test, fails no test of its own.
  if (first.outside > 0 || (first.code !== 0 && failed === 0 && !isUnsteady)) {
    failed += 1;
    failures.push(`${stage.name}: a file did not load, or something threw outside of a test: see above`);
  }
  return { passed, failed, skipped };
}

/** Plays a stage, or some of its tests. `outside`: how often something threw outside of them; no `result`: there is no report. */
async function play(stage, { files = [], names = [] } = {}) {
  const [report, outside] = ['report', 'outside'].map((what) => path.join(folder, `${stage.name}-${what}.json`));
  for (const file of [report, outside]) rmSync(file, { force: true });
  const some = names.length > 0 ? ['-t', `^(${names.map(escaped).join('|')})$`] : [];
  const reporters = ['default', 'json', path.join(root, 'tools/outside-errors.mjs')].map(
    (name) => `--reporter=${name}`,
  );
  const { code } = await npx(
    'vitest',
    ['run', '--project', stage.project, ...files, ...some, ...reporters, `--outputFile.json=${report}`],
    { env: { ...env, DURABOX_OUTSIDE_ERRORS: outside } },
  );
  return { code, result: read(report), outside: read(outside)?.length ?? 0 };
}

function read(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

/** What `play` takes to play the failed ones again. */
function failedTestsOf({ testResults }) {
  const files = testResults.filter((file) => file.status === 'failed');
  const tests = files.flatMap((file) => file.assertionResults.filter((test) => test.status === 'failed'));
  return {
    files: files.map((file) => path.relative(root, file.name)),
    names: tests.map((test) => [...test.ancestorTitles, test.title].join(' ')),
  };
}

function escaped(text) {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** One text for each failed test, its whole name and where its message begins, and for each file that did not load. */
function failuresOf(stage, report) {
  const texts = [];
  for (const file of report.testResults) {
    const where = `${stage}: ${path.relative(root, file.name)}`;
    const failed = file.assertionResults.filter((test) => test.status === 'failed');
    for (const test of failed) {
      const name = [...test.ancestorTitles, test.title].join(' > ');
      texts.push(`${where} > ${name}${firstLines(test.failureMessages.join('\n'))}`);
    }
    if (file.status === 'failed' && failed.length === 0) texts.push(`${where}${firstLines(file.message)}`);
  }
  return texts;
}

/** Enough of a message to know the failure by, indented; of its stack only the first place in our own files. */
function firstLines(message, count = 12) {
  const isFrame = (line) => /^\s+at /.test(line);
  const all = stripVTControlCharacters(message).trimEnd().split('\n');
  const said = all.filter((line) => !isFrame(line));
  const place = all.find((line) => isFrame(line) && !line.includes('node_modules'));
  const shown = [...said.slice(0, count), ...(said.length > count ? ['…'] : []), ...(place ? [place] : [])];
  return shown.map((line) => `\n    ${line.slice(0, 300)}`).join('');
}

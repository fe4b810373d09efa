/**
 * `npm run bench`: what the simulator costs, against the platform under it and against workerd, in one table.
 *
 *     npm run bench -- [--long] [--json] [row ...]
 *
 * A row is named by the beginning of its id, see `test/bench/rows.ts`. Nothing is asserted: the numbers are the result.
 */
import path from 'node:path';
import { runnerImport } from 'vite';
import { ensureBrowser } from './browser.mjs';
import { root } from './run.mjs';

const args = process.argv.slice(2);
process.env.DURABOX_BROWSER ??= await ensureBrowser();
const { module } = await runnerImport(path.join(root, 'test/bench/run.ts'), { root, configFile: false });
await module.runBench({
  only: args.filter((arg) => !arg.startsWith('--')),
  long: args.includes('--long'),
  json: args.includes('--json'),
});
process.exit();

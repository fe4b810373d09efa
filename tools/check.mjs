/** `npm run check`: types, lint and format, architecture. Everything that needs no running program. */
import os from 'node:os';
import { npx } from './run.mjs';

/** The longest first. */
const PROJECTS = [
  'test/tsconfig.json',
  'src/tsconfig.worker.json',
  'src/tsconfig.page.json',
  'playground/tsconfig.json',
];

let failed = 0;
const step = async (name, command, args) => {
  const { code, output } = await npx(command, args, { capture: true, quiet: true });
  process.stdout.write(`${output}${code === 0 ? 'ok    ' : 'FAILED'} ${name}\n`);
  if (code !== 0) failed++;
};

const steps = PROJECTS.map((project) => () => step(`types ${project}`, 'tsc', ['-p', project, '--pretty', 'false']));
steps.push(() => step('format and lint', 'biome', ['check', '.', '--max-diagnostics=40']));
if (!process.argv.includes('--no-architecture')) {
  steps.push(() => step('architecture', 'vitest', ['run', '--project', 'unit', 'test/architecture.test.ts']));
}
// Each computes in one thread, mostly. What a step says comes in one piece, when it has ended.
const inTurn = async () => {
  for (let next = steps.shift(); next; next = steps.shift()) await next();
};
await Promise.all(Array.from({ length: Math.max(2, os.availableParallelism() - 1) }, inTurn));
process.exitCode = failed === 0 ? 0 : 1;

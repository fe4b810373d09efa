/** `npm run check`: types, lint and format, architecture. Everything that needs no running program. */
import { npx } from './run.mjs';

const PROJECTS = [
  'src/tsconfig.worker.json',
  'src/tsconfig.page.json',
  'playground/tsconfig.json',
  'test/tsconfig.json',
];

let failed = 0;
const step = async (name, work) => {
  const { code } = await work();
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name}`);
  if (code !== 0) failed++;
};

for (const project of PROJECTS) await step(`types ${project}`, () => npx('tsc', ['-p', project, '--pretty', 'false']));
await step('format and lint', () => npx('biome', ['check', '.', '--max-diagnostics=40']));
if (!process.argv.includes('--no-architecture')) {
  await step('architecture', () => npx('vitest', ['run', '--project', 'unit', 'test/architecture.test.ts']));
}
process.exitCode = failed === 0 ? 0 : 1;

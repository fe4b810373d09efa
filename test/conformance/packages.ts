/**
 * npm packages that a scenario's program imports: as files for the simulator, which finds them as wrangler's bundler does; as
 * one bundle for workerd, which finds none.
 *
 * Knows nothing of what a program is.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'vite';
import { CONDITIONS } from '../../src/bundler/packages.ts';
import type { Scenario } from './scenario.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const ENTRY = 'index.js';
const PRELUDE = './prelude.js';

/** What a project has in `node_modules` when it has installed these packages: code and `package.json`, by path. */
export function packageFiles(packages: readonly string[]): Record<string, string> {
  const files: Record<string, string> = {};
  for (const name of packages) collect(`node_modules/${name}`, files);
  return files;
}

function collect(folder: string, files: Record<string, string>): void {
  for (const entry of readdirSync(path.join(ROOT, folder), { withFileTypes: true })) {
    const at = `${folder}/${entry.name}`;
    if (entry.isDirectory()) collect(at, files);
    else if (/(\.[cm]?js|\/package\.json)$/.test(at)) files[at] = readFileSync(path.join(ROOT, at), 'utf8');
  }
}

/** The scenarios with the packages of each bundled into its entry module. */
export function withBundledPackages(scenarios: readonly Scenario[]): Promise<Scenario[]> {
  return Promise.all(
    scenarios.map(async (scenario) =>
      scenario.packages ? { ...scenario, program: await bundled(scenario.program) } : scenario,
    ),
  );
}

async function bundled(program: string): Promise<string> {
  const output = await build({
    root: ROOT,
    configFile: false,
    logLevel: 'silent',
    plugins: [entry(program)],
    resolve: { conditions: [...CONDITIONS, 'import', 'module'] },
    build: {
      write: false,
      minify: false,
      target: 'esnext',
      lib: { entry: ENTRY, formats: ['es'] },
      rolldownOptions: { external: [/^cloudflare:/, /^node:/, PRELUDE], output: { codeSplitting: false } },
    },
  });
  const [bundle] = [output].flat();
  const chunk = bundle && 'output' in bundle ? bundle.output[0] : undefined;
  if (!chunk) throw new Error('Nothing came out of the bundling of a program.');
  return chunk.code;
}

const entry = (program: string): Plugin => ({
  name: 'program',
  enforce: 'pre',
  resolveId: (id) =>
    id.endsWith(ENTRY) && !id.includes('node_modules') && !id.startsWith('.') ? `\0${ENTRY}` : undefined,
  load: (id) => (id === `\0${ENTRY}` ? program : undefined),
});

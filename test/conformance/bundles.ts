/**
 * Programs as one module each, for workerd, which finds no packages and reads no TypeScript.
 *
 * Promise: what the simulator's own bundler does has no part in it: packages are found by Vite, and TypeScript is compiled by
 * its own compiler, file by file, as wrangler's bundler does.
 */
import { builtinModules } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { build, type Plugin } from 'vite';
import { CONDITIONS } from '../../src/bundler/packages.ts';
import { mainOf, type Scenario } from './scenario.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PRELUDE = './prelude.js';
/** no file of this name is looked for, and nothing else compiles it */
const VIRTUAL = '\0';
const BUILT_IN = '\0built-in:';

/** The scenarios; those with packages, or in TypeScript, with all of it in an entry module of JavaScript. */
export function asBundles(scenarios: readonly Scenario[]): Promise<Scenario[]> {
  return Promise.all(
    scenarios.map(async (scenario) => {
      if (!scenario.packages && !scenario.typescript) return scenario;
      const { typescript, modules, ...rest } = scenario;
      const bundle = { ...rest, program: await bundled(scenario) };
      return typescript || !modules ? bundle : { ...bundle, modules };
    }),
  );
}

async function bundled(scenario: Scenario): Promise<string> {
  const main = mainOf(scenario);
  const sources = { [main]: scenario.program, ...(scenario.typescript ? scenario.modules : {}) };
  const beside = scenario.typescript ? [] : Object.keys(scenario.modules ?? {}).map((file) => `./${file}`);
  const output = await build({
    root: ROOT,
    configFile: false,
    logLevel: 'silent',
    plugins: [programOf(main, sources), builtIns],
    resolve: { conditions: [...CONDITIONS, 'import', 'module'] },
    build: {
      write: false,
      minify: false,
      target: 'esnext',
      lib: { entry: main, formats: ['es'] },
      rolldownOptions: { external: [/^cloudflare:/, /^node:/, PRELUDE, ...beside], output: { codeSplitting: false } },
    },
  });
  const [bundle] = [output].flat();
  const chunk = bundle && 'output' in bundle ? bundle.output[0] : undefined;
  if (!chunk) throw new Error('Nothing came out of the bundling of a program.');
  return chunk.code;
}

/** Modules of Node that packages name without `node:`; whoever requires one gets what its default export is, as with wrangler. */
const builtIns: Plugin = {
  name: 'built-ins',
  enforce: 'pre',
  resolveId: (id) => (builtinModules.includes(id) ? `${BUILT_IN}${id}` : undefined),
  load(id) {
    if (!id.startsWith(BUILT_IN)) return undefined;
    return `import it from 'node:${id.slice(BUILT_IN.length)}'; export { it as default, it as 'module.exports' };`;
  },
};

/** A program of these files; what else it imports is looked for in `node_modules`. */
function programOf(main: string, files: Readonly<Record<string, string | readonly number[]>>): Plugin {
  const find = (id: string, importer: string) => {
    // What a package imports is none of the program's files, whatever it is called.
    if (!importer.startsWith(VIRTUAL)) return undefined;
    const at = path.posix.dirname(importer.slice(VIRTUAL.length));
    const wanted = id.startsWith('.') ? path.posix.join(at, id) : id;
    return [wanted, `${wanted}.ts`, wanted.replace(/\.js$/, '.ts')].find((one) => one in files);
  };
  return {
    name: 'program',
    enforce: 'pre',
    resolveId(id, importer) {
      const found = importer === undefined ? main : find(id, importer);
      return found === undefined ? undefined : VIRTUAL + found;
    },
    load(id) {
      const source = id.startsWith(VIRTUAL) && !id.startsWith(BUILT_IN) ? files[id.slice(VIRTUAL.length)] : undefined;
      if (typeof source !== 'string') return undefined;
      return id.endsWith('.ts') ? compiled(id, source) : source;
    },
  };
}

/** With the settings of a project that wrangler makes. @throws Error for what is no TypeScript */
function compiled(fileName: string, source: string): string {
  const { outputText, diagnostics = [] } = ts.transpileModule(source, {
    fileName,
    reportDiagnostics: true,
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  if (diagnostics[0]) throw new Error(ts.flattenDiagnosticMessageText(diagnostics[0].messageText, '\n'));
  return outputText;
}

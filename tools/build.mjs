/**
 * `npm run build`: the library to `dist/`, the playground's site to `dist-playground/`.
 *
 * Promise: both are plain files that work under any path of any static server, because everything is found by relative
 * URLs: the library looks for its workers and its wasm beside the module that it is in. The build prints what it wrote,
 * raw and gzip, and compares it with the budgets.
 *
 *     node tools/build.mjs [--only=library|site] [--out=<folder of the library>] [--quiet]
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { build, runnerImport } from 'vite';
import { root } from './run.mjs';
import { writeDeclarations } from './types.mjs';

// Whoever runs tests says `test`, and what imports a TypeScript file says `development`: packages would be built as for developers.
process.env.NODE_ENV = 'production';
const load = async (file) => (await runnerImport(path.join(root, file), { root, logLevel: 'error' })).module;
const { buildModule, buildRealm, REALMS } = await load('tools/realms.ts');
const { wovenSqlJs } = await load('tools/row-counts.ts');

const option = (name) => process.argv.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
const only = option('only');
const out = path.resolve(root, option('out') ?? 'dist');
const print = process.argv.includes('--quiet') ? () => {} : console.log;

const NOTICES = 'third-party-licenses.txt';

/** gzip, bytes */
const BUDGETS = {
  firstResult: { bytes: 500_000, what: 'first result in an embed: index, host, isolate, bundler, wasm' },
  shell: { bytes: 650_000, what: 'playground until it can be edited: the page, the editor and the above' },
  everything: { bytes: 3_000_000, what: 'the whole site, for use offline' },
};

/** What stands beside the module that has `spawn.ts` in it: file name to content. */
async function buildCompanions() {
  const files = new Map();
  const inputs = [];
  for (const name of Object.keys(REALMS)) {
    const built = await buildRealm(name, { minify: true });
    files.set(name, Buffer.from(built.code));
    inputs.push(...built.inputs);
  }
  files.set('sql-wasm.wasm', await wovenSqlJs());
  return { files, inputs };
}

async function buildLibrary(companions) {
  const index = await buildModule('src/index.ts', { minify: true });
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  for (const [name, content] of companions.files) writeFileSync(path.join(out, name), content);
  writeFileSync(path.join(out, NOTICES), notices([...companions.inputs, ...index.inputs]));
  const count = writeDeclarations(path.join(out, 'types'));
  // Last: whoever sees it finds the others.
  writeFileSync(path.join(out, 'index.js'), index.code);

  const sizes = new Map([['index.js', sizeOf(index.code)]]);
  for (const [name, content] of companions.files) sizes.set(name, sizeOf(content));
  printSizes(`${path.relative(root, out) || out}/ (and types/: ${count} files)`, sizes);
  return sizes;
}

async function buildSite(companions) {
  const folder = path.join(root, 'dist-playground');
  // A folder named by content: a page of one build never meets a worker of another out of some cache.
  const hash = createHash('sha256');
  for (const content of companions.files.values()) hash.update(content);
  const assets = `assets/${hash.digest('hex').slice(0, 8)}`;
  const inputs = [];
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    base: './',
    plugins: [{ name: 'inputs', generateBundle: (_, bundle) => inputs.push(...inputsOf(bundle)) }],
    build: {
      outDir: folder,
      emptyOutDir: true,
      assetsDir: assets,
      target: 'es2022',
      reportCompressedSize: false,
      chunkSizeWarningLimit: 600,
    },
  });
  for (const [name, content] of companions.files) writeFileSync(path.join(folder, assets, name), content);
  writeFileSync(path.join(folder, NOTICES), notices([...companions.inputs, ...inputs]));

  const sizes = new Map();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name === NOTICES) continue;
    const file = path.join(entry.parentPath, entry.name);
    sizes.set(path.relative(folder, file), sizeOf(readFileSync(file)));
  }
  printSizes('dist-playground/', sizes);
  return sizes;
}

function inputsOf(bundle) {
  return Object.values(bundle).flatMap((one) => (one.type === 'chunk' ? Object.keys(one.modules) : []));
}

function sizeOf(content) {
  return { raw: Buffer.byteLength(content), gzip: gzipSync(content, { level: 9 }).length };
}

const kb = (bytes) => `${(bytes / 1000).toFixed(1)} KB`.padStart(11);

function printSizes(title, sizes) {
  print(`\n${title.padEnd(46)}${'raw'.padStart(11)}${'gzip'.padStart(11)}`);
  for (const [name, { raw, gzip }] of sizes) print(`  ${name.padEnd(44)}${kb(raw)}${kb(gzip)}`);
}

function printBudget({ bytes, what }, sizes) {
  const used = sizes.reduce((sum, { gzip }) => sum + gzip, 0);
  const verdict = used <= bytes ? 'ok  ' : 'OVER';
  print(`  ${verdict} ${kb(used)} of ${kb(bytes).trim()}  ${what}`);
}

const isLicence = (file) => /^(licen[cs]e|notice|copying|thirdpartynotice)/i.test(file);

/** The licences of what is bundled, which ask to travel with it. */
function notices(inputs) {
  const packages = new Set(['sql.js']);
  for (const file of inputs) {
    const name = /.*node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(file)?.[1];
    if (name) packages.add(name.replaceAll('\\', '/'));
  }
  return [...packages]
    .sort()
    .map((name) => {
      const folder = path.join(root, 'node_modules', name);
      const { version, license } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
      const texts = readdirSync(folder)
        .filter((file, _, all) => isLicence(file) || (/^readme/i.test(file) && !all.some(isLicence)))
        .map((file) => readFileSync(path.join(folder, file), 'utf8').trim());
      return [`${name} ${version} (${license})`, ...texts].join('\n\n');
    })
    .join(`\n\n${'-'.repeat(80)}\n\n`);
}

/** What publint finds wrong with the package; the build fails for it. */
async function lintPackage() {
  const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const { messages } = await publint({ pkgDir: root, strict: true, level: 'warning' });
  for (const message of messages) console.error(`publint: ${formatMessage(message, manifest, { color: false })}`);
  if (messages.length > 0) process.exitCode = 1;
  else print('\npublint: nothing to complain of');
}

const companions = await buildCompanions();
const library = only === 'site' ? undefined : await buildLibrary(companions);
const site = only === 'library' ? undefined : await buildSite(companions);

/** Fetched when somebody looks into an object, shows a page, has a file that needs the compiler, or imports a module of Node, or names HTMLRewriter. */
const isLater = (name) =>
  /(^|\/)(typescript|node-modules|html-rewriter|inspector\.worker|preview\.frame)\.js$/.test(name);

print('\nbudgets (gzip)');
if (library) {
  printBudget(
    BUDGETS.firstResult,
    [...library].filter(([name]) => !isLater(name)).map(([, size]) => size),
  );
}
if (site) {
  printBudget(
    BUDGETS.shell,
    [...site].filter(([name]) => !isLater(name)).map(([, size]) => size),
  );
  printBudget(BUDGETS.everything, [...site.values()]);
}
if (library && out === path.join(root, 'dist')) await lintPackage();

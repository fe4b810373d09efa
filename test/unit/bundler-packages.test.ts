import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bundle } from '../../src/bundler/bundle.ts';
import type { ProjectInput } from '../../src/protocol/deployment.ts';
import { openBench, runPrograms, writeCompiled } from '../support/run-modules.ts';

/** What the program's `lines` are when it runs. */
async function lines(modules: ProjectInput['modules'], config: Record<string, unknown> = {}): Promise<unknown> {
  const bench = await openBench();
  try {
    const compiled = await bundle({ modules, config }, {});
    const entry = await writeCompiled(join(bench.folder, 'p'), compiled);
    const [said] = await runPrograms(bench.folder, [{ entry, ask: 'ns.default' }]);
    const last = said?.at(-1) ?? '';
    return last.startsWith('[') ? (JSON.parse(last) as unknown) : said;
  } finally {
    await bench.dispose();
  }
}

async function fault(modules: ProjectInput['modules']): Promise<string> {
  return bundle({ modules }, {}).then(
    () => 'bundled',
    (error: Error) => error.message,
  );
}

const json = JSON.stringify;

test('a package is found by its exports under the conditions of a Worker, else by browser, module and main', async () => {
  const found = await lines({
    'src/index.js': `import a from 'a'; import sub from 'a/sub'; import star from 'a/star/x'; import b from 'b'; import c from 'c'; import d from '@s/d/deep';
      export default [a, sub, star, b, c, d];`,
    'node_modules/a/package.json': json({
      name: 'a',
      main: './wrong.js',
      exports: {
        '.': { node: './wrong.js', workerd: './worker.js', default: './wrong.js' },
        './sub': [{ require: './wrong.js' }, { import: './sub.mjs' }],
        './star/*': './stars/*.js',
      },
    }),
    'node_modules/a/worker.js': `import b from 'b'; export default 'a for workers, ' + b`,
    'node_modules/a/sub.mjs': `export default 'sub'`,
    'node_modules/a/stars/x.js': `export default 'star x'`,
    'node_modules/a/node_modules/b/package.json': json({ module: 'm' }),
    'node_modules/a/node_modules/b/m.js': `export default "a's own b"`,
    'node_modules/b/package.json': json({
      browser: { './m.js': './browser.js', fs: false },
      module: './m.js',
      main: './wrong.js',
    }),
    'node_modules/b/browser.js': `import fs from 'fs'; export default ['b in browsers', fs]`,
    'node_modules/b/m.js': `export default 'wrong'`,
    'node_modules/c/index.js': `export default 'c without a package.json'`,
    'node_modules/@s/d/deep/index.ts': `const text: string = 'deep'; export default text`,
  });
  expect(found).toEqual([
    "a for workers, a's own b",
    'sub',
    'star x',
    ['b in browsers', {}],
    'c without a package.json',
    'deep',
  ]);
});

test('CommonJS runs when it is first required, once, in cycles too, and gives its names to who imports it', async () => {
  const found = await lines({
    'index.js': `import fn, { named, missing } from 'cjs'; import * as all from 'cjs'; import compiled from 'compiled'; import { other } from 'compiled'; import file from './local.cjs'; import { order } from './order.js';
      export default [fn(), named, missing, all.late, Object.keys(all).includes('named'), compiled, other, file, order];`,
    'order.js': `export const order = [];`,
    'local.cjs': `const data = require('./data.json'); const esm = require('./esm.js'); module.exports = [data.x, esm.default, esm.__esModule, __filename, __dirname, typeof require, this === exports]`,
    'data.json': '{"x":1}',
    'esm.js': `export default 'esm'`,
    'node_modules/cjs/package.json': json({ main: 'lib' }),
    'node_modules/cjs/lib/index.js': `const { order } = require('../../../order.js'); order.push('cjs');
      if (process.env.NODE_ENV !== 'production') require('./never'); const b = require('./b');
      module.exports = function () { return 'called ' + b.back() }; module.exports.named = 'n'; module.exports['la' + 'te'] = 'l';`,
    'node_modules/cjs/lib/never.js': `require('../../../order.js').order.push('never')`,
    'node_modules/cjs/lib/b.js': `const a = require('./index'); require('../../../order.js').order.push('b'); exports.back = () => typeof a; try { require('not-there') } catch (error) { exports.code = error.code }`,
    'node_modules/compiled/index.js': `Object.defineProperty(exports, '__esModule', { value: true }); exports.default = 'its default'; exports.other = 'o';`,
  });
  expect(found).toEqual([
    'called object',
    'n',
    null,
    'l',
    true,
    'its default',
    'o',
    [1, 'esm', true, '/local.cjs', '/', 'function', true],
    ['cjs', 'b'],
  ]);
});

test('a package or a part of one that is not there is named, with the cure', async () => {
  expect(await fault({ 'index.ts': `import 'zod'` })).toBe(
    'index.ts:1:8: index.ts imports "zod", and the package "zod" is not among the modules: add its files under "node_modules/zod/".',
  );
  expect(
    await fault({ 'index.ts': `import 'a/x'`, 'node_modules/a/package.json': json({ name: 'a', exports: './a.js' }) }),
  ).toBe(
    'index.ts:1:8: index.ts imports "a/x": "./x" is not among the "exports" of the package "a" (for workerd, worker, browser or default).',
  );
  expect(await fault({ 'index.ts': `import 'a'`, 'node_modules/a/package.json': json({ main: 'lib.js' }) })).toBe(
    'index.ts:1:8: index.ts imports "a", which is "node_modules/a/lib.js" of its package, and that is not among the modules.',
  );
});

test('process.env.NODE_ENV is production, unless process is a variable of the program', async () => {
  const code =
    'const f = (process) => process.env.NODE_ENV; export default [process.env.NODE_ENV, f({ env: { NODE_ENV: 1 } })]';
  expect(await lines({ 'index.js': code })).toEqual(['production', 1]);
});

test('real packages of either kind run', async () => {
  const modules: Record<string, string> = {
    'index.js': `import assert from 'assert'; import { parse } from 'acorn'; import { transform } from 'sucrase'; import { strToU8 } from 'fflate'; import buffer from 'buffer/';
      let thrown; try { assert.deepStrictEqual({ a: 1 }, { a: 2 }) } catch (error) { thrown = error.code }
      export default [thrown, parse('x', { ecmaVersion: 2020 }).type, transform('let a: number', { transforms: ['typescript'] }).code, strToU8('a').length, buffer.Buffer.from('a').toString('hex')];`,
  };
  for (const name of ['assert', 'acorn', 'sucrase', 'fflate', 'buffer']) addPackage(modules, name);
  expect(await lines(modules)).toEqual(['ERR_ASSERTION', 'Program', 'let a', 1, '61']);
});

/** With all that it depends on. */
function addPackage(modules: Record<string, string>, name: string): void {
  const folder = join('node_modules', name);
  if (modules[`${folder}/package.json`] !== undefined || !existsSync(folder)) return;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && /\.(?:m?js|cjs|json)$/.test(entry.name)) modules[path] = readFileSync(path, 'utf8');
  }
  const { dependencies = {} } = JSON.parse(modules[`${folder}/package.json`] as string) as { dependencies?: object };
  for (const needed of Object.keys(dependencies)) addPackage(modules, needed);
}

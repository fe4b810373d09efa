import { expect, test } from 'vitest';
import { compile, runInOpaqueFrame, runProgram } from '../support/isolate-probe.ts';

test('modules import one another, and what is no code comes as a default export', async () => {
  const { value, error } = await runProgram({
    'lib/add.js': 'export const add = (a, b) => a + b;',
    'config.json': '{"two": 2}',
    'page.txt': '<p>"hi"\n`\\`</p>',
    'raw.bin': new Uint8Array([1, 2, 3]).buffer,
    'empty.wasm': new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]).buffer,
    'index.js': `import { add } from "./lib/add.js";
      import config from './config.json';
      import page from './page.txt';
      import raw from './raw.bin';
      import wasm from './empty.wasm';
      export default () => [add(config.two, 40), page, [...new Uint8Array(raw)], raw instanceof ArrayBuffer,
        wasm instanceof WebAssembly.Module, new WebAssembly.Instance(wasm) instanceof WebAssembly.Instance];`,
  });
  expect(error).toBeUndefined();
  expect(value).toEqual([42, '<p>"hi"\n`\\`</p>', [1, 2, 3], true, true, true]);
});

test('cloudflare:workers is imported by name, and the way it came is not to be seen', async () => {
  const { value } = await runProgram({
    'dep.js': `import { DurableObject } from 'cloudflare:workers'; export { DurableObject };`,
    'index.js': `import * as all from 'cloudflare:workers';
      import { DurableObject, env } from 'cloudflare:workers';
      import { DurableObject as Same } from './dep.js';
      const atStart = Reflect.ownKeys(globalThis).map(String).filter((key) => /durabox/i.test(key));
      export default () => [typeof DurableObject, DurableObject === Same, env.A, atStart, 'default' in all];`,
  });
  expect(value).toEqual(['function', true, 'x', [], false]);
});

test('a dynamic import loads its module when it is asked for, also one that comes later, and twice the same', async () => {
  const { value, error } = await runProgram(
    {
      'index.js': `globalThis.order = ['index'];
        export const here = 1;
        export default async () => {
          const first = await import('./late.js');
          const again = await import('./late.js');
          return [order, first === again, first.seen];
        };`,
      'late.js': `import { here } from './index.js'; order.push('late'); export const seen = here;`,
    },
    'index.js',
  );
  expect(error).toBeUndefined();
  expect(value).toEqual([['index', 'late'], true, 1]);
});

test('an external that nobody provides is refused before any code runs, naming file and specifier', async () => {
  const { error, logs } = await runProgram({
    'dep.js': `console.log('ran'); import 'node:fs';`,
    'index.js': `import './dep.js'; export default () => 1;`,
  });
  expect(error).toMatchObject({
    name: 'SimulatorError',
    code: 'not_supported',
    message: 'probe/dep.js imports "node:fs", which Durabox does not support yet.',
  });
  expect(logs).toEqual([]);
});

test('a dynamic import of an external that nobody provides rejects, as a program that tries expects', async () => {
  const { value } = await runProgram({
    'index.js': `export default async () => { try { await import('node:fs'); } catch (error) { return error.message; } };`,
  });
  expect(value).toBe('probe imports "node:fs", which Durabox does not support yet.');
});

test('a module that the platform has and that is not here says so', async () => {
  const { value } = await runProgram({
    'index.js': `export default () => Promise.all([import('cloudflare:ai'), import('cloudflare:br')].map((it) => it.catch((error) => error.message)));`,
  });
  const text = (name: string) => `probe imports "cloudflare:${name}", which Durabox does not support yet.`;
  expect(value).toEqual([text('ai'), text('br')]);
});

test("an error while modules are evaluated is the program's own, at the program's own line and column", async () => {
  const { error } = await runProgram({
    'a/long-name-to-move-columns.js': 'export const x = 1;',
    'index.js': `import { x } from './a/long-name-to-move-columns.js'; const late = () => import('./a/long-name-to-move-columns.js');

      function fail() {
        throw new RangeError('mine ' + x);
      }
      fail();
      export default late;`,
  });
  expect(error).toMatchObject({ name: 'RangeError', message: 'mine 1' });
  const frames = error?.stack
    .split('\n')
    .slice(1, 3)
    .map((line) => line.trim());
  expect(frames).toEqual(['at fail (probe/index.js:4:15)', 'at probe/index.js:6:7']);
});

test('a link error names modules by path', async () => {
  const { error } = await runProgram({
    'dep.js': 'export const x = 1;',
    'index.js': `import { y } from './dep.js'; export default () => y;`,
  });
  expect(error).toMatchObject({
    name: 'SyntaxError',
    message: "The requested module 'dep.js' does not provide an export named 'y'",
  });
  const missing = await runProgram({
    'index.js': `import { Nope } from 'cloudflare:workers'; export default () => Nope;`,
  });
  expect(missing.error?.message).toBe(
    "The requested module 'cloudflare:workers' does not provide an export named 'Nope'",
  );
});

test('a program loads from blobs inside a frame of opaque origin', async () => {
  const { value, error, leftOver } = await runInOpaqueFrame(
    {
      'index.js': `import { env } from 'cloudflare:workers';
        import text from './note.txt';
        export default async () => [env.A, text, (await import('./late.js')).late, typeof crypto.subtle.timingSafeEqual, crypto.randomUUID().length];`,
      'note.txt': 'note',
      'late.js': 'export const late = 3;',
    },
    'index.js',
  );
  expect(error).toBeUndefined();
  expect(value).toEqual(['x', 'note', 3, 'function', 36]);
  expect(leftOver.filter((name) => name !== 'gc')).toEqual(['TEMPORARY', 'PERSISTENT']);
});

test('the modules of these tests are cut where their specifiers stand', () => {
  const [module] = compile({ 'a.js': `import './b.js';` });
  expect(module).toMatchObject({ imports: [{ start: 7, end: 15, to: { module: 'b.js' }, dynamic: false }] });
});

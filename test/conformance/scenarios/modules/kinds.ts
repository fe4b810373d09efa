import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Text, bytes and WebAssembly are modules, by the endings of their names; each has a default export.',
  rows: ['1.default-export'],
  config: {
    vars: { TEXT: 'text', NUMBER: 3, YES: true },
    durable_objects: { bindings: [{ name: 'OBJ', class_name: 'Obj' }] },
    migrations: [{ tag: 'v1', new_sqlite_classes: ['Obj'] }],
  },
  modules: {
    'note.txt': 'a note\n',
    'page.html': '<p>é</p>',
    'schema.sql': 'create table t(a)',
    'bytes.bin': [0, 255, 128, 65],
    // (module (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))
    'add.wasm': [
      ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 7, 1, 96, 2, 127, 127, 1, 127, 3, 2, 1, 0, 7, 7, 1, 3, 97, 100, 100, 0, 0],
      ...[10, 9, 1, 7, 0, 32, 0, 32, 1, 106, 11],
    ],
  },
  program: `
import { DurableObject } from 'cloudflare:workers';
import note from './note.txt';
import page from './page.html';
import schema from './schema.sql';
import bytes from './bytes.bin';
import add from './add.wasm';
import { worker, tag, inspect } from './prelude.js';

const early = new WebAssembly.Instance(add).exports.add(1, 2);
export class Obj extends DurableObject {
  run() { this.ctx.storage.sql.exec(schema); this.ctx.storage.sql.exec('insert into t values(?)', note); return this.ctx.storage.sql.exec('select a from t').one().a }
  async add(a, b) { return (await WebAssembly.instantiate(add)).exports.add(a, b) }
  read() { return [...new Uint8Array(bytes)] }
}

export default worker(async ({ say, env }) => {
  await say('text', () => [note, page, schema]);
  await say('bytes', () => [tag(bytes), inspect(bytes)]);
  await say('wasm', () => [tag(add), early, new WebAssembly.Instance(add).exports.add(2, 3)]);
  await say('in an object', async () => { const o = env.OBJ.getByName('a'); return [await o.run(), await o.add(3, 4), await o.read()] });
  await say('vars', () => [env.TEXT, env.NUMBER, env.YES, Object.keys(env)]);
});
`,
});

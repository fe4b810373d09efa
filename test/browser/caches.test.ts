/** The Cache API of one account: shared by its Workers and objects, on the account's clock. */
import { expect, test } from 'vitest';
import { Simulator } from '../../src/index.ts';

const PROGRAM = `
import { DurableObject } from 'cloudflare:workers';
const keep = (text) => caches.default.put('http://a/', new Response(text, { headers: { 'Cache-Control': 'max-age=60' } }));
const found = async () => (await caches.default.match('http://a/'))?.text();
export class Obj extends DurableObject {
  keep(text) { return keep(text) }
  found() { return found() }
  async both() { this.ctx.storage.put('n', 1); await keep('after a write'); return [await this.ctx.storage.get('n'), await found()] }
}
export default { fetch: async (request) => new Response(await found() ?? 'none') };
`;
const config = {
  name: 'main',
  main: 'index.js',
  compatibility_date: '2026-07-30',
  durable_objects: { bindings: [{ name: 'OBJ', class_name: 'Obj' }] },
  migrations: [{ tag: 'v1', new_sqlite_classes: ['Obj'] }],
};
interface Env {
  OBJ: {
    getByName(name: string): { keep(text: string): Promise<void>; found(): Promise<string>; both(): Promise<unknown> };
  };
}

test('objects and Workers of an account share them, and they go by its clock; other accounts have their own', async () => {
  const start = (name: string) =>
    Simulator.open<Env>({
      name: `${name}-${performance.timeOrigin}`,
      modules: { 'index.js': PROGRAM },
      config,
      storage: 'memory',
    });
  await using sim = await start('caches');
  await using other = await start('caches-other');
  const { OBJ } = sim.env;
  await OBJ.getByName('a').keep('from a');
  expect(await OBJ.getByName('b').found()).toBe('from a');
  expect(await (await sim.fetch('/')).text()).toBe('from a');
  expect(await (await other.fetch('/')).text()).toBe('none');
  await sim.clock.pause();
  await sim.clock.advance(59_000);
  expect(await OBJ.getByName('b').found()).toBe('from a');
  await sim.clock.advance(1_000);
  expect(await (await sim.fetch('/')).text()).toBe('none');
  expect(await OBJ.getByName('a').both()).toEqual([1, 'after a write']);
});

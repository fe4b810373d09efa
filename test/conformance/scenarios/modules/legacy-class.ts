import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A class that extends nothing is an object class too: handlers work, methods do not.',
  rows: ['1.legacy-class', '1.handler-methods', '1.durable-object-class'],
  config: {
    vars: { WHO: 'me' },
    durable_objects: {
      bindings: [
        { name: 'OBJ', class_name: 'Old' },
        { name: 'FN', class_name: 'Made' },
        { name: 'SUB', class_name: 'Sub' },
      ],
    },
    migrations: [{ tag: 'v1', new_sqlite_classes: ['Old', 'Made', 'Sub'] }],
  },
  program: `
import { worker, tag, sleep } from './prelude.js';

export class Old {
  constructor(state, env) { this.state = state; this.env = env; this.count = arguments.length }
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === '/alarm') { await this.state.storage.setAlarm(Date.now()); return new Response('set') }
    if (pathname === '/rang') return new Response(String(await this.state.storage.get('rang')));
    const visits = ((await this.state.storage.get('visits')) ?? 0) + 1;
    await this.state.storage.put('visits', visits);
    return new Response([visits, this.count, arguments.length, tag(this.state), this.state.id.name, this.env.WHO, Object.keys(this.state.exports)].join(' '));
  }
  async alarm() { await this.state.storage.put('rang', true) }
  method() { return 'never' }
}
/** An old constructor function. */
export function Made(state) { this.state = state }
Made.prototype.fetch = function () { return new Response('made ' + this.state.id.name) };
class Base { constructor(state) { this.state = state } fetch() { return new Response(this.hi()) } hi() { return 'base' } }
export class Sub extends Base { hi() { return super.hi() + ' and sub' } }

export default worker(async ({ say, env }) => {
  const stub = env.OBJ.getByName('a');
  const text = async (path = '/') => (await stub.fetch('http://x' + path)).text();
  await say('fetch', async () => [await text(), await text()]);
  await say('a method', () => stub.method());
  await say('a property', () => stub.state);
  await say('an alarm', async () => { const said = [await text('/alarm')]; for (let i = 0; i < 50 && (await text('/rang')) !== 'true'; i++) await sleep(20); return [...said, await text('/rang')] });
  await say('a function', async () => (await env.FN.getByName('b').fetch('http://x/')).text());
  await say('a subclass', async () => (await env.SUB.getByName('c').fetch('http://x/')).text());
});
`,
});

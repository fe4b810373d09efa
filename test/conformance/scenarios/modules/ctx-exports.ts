import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A Worker reaches its own exports through ctx.exports, as services and as namespaces.',
  rows: ['1.ctx-exports', '1.import-exports', '1.ctx-props', '1.worker-entrypoint'],
  program: `
import { DurableObject, WorkerEntrypoint, exports } from 'cloudflare:workers';
import { worker, tag, inspect } from './prelude.js';

export class Obj extends DurableObject {
  hi() { return 'hi from ' + this.ctx.id.name }
  viaExports() { return this.ctx.exports.Service.add(20, 3) }
}
export class Service extends WorkerEntrypoint {
  calls = 0;
  add(a, b) { this.calls++; return a + b }
  count() { return ++this.calls }
  props() { return this.ctx.props }
  fails() { throw new RangeError('service') }
  fetch(request) { return new Response('service got ' + new URL(request.url).pathname) }
}
export class NoFetch extends WorkerEntrypoint { hi() { return 'hi' } }

export const plain = { fetch: (request) => new Response('plain got ' + new URL(request.url).pathname) };

export default worker(async ({ say, env, ctx }) => {
  await say('keys', () => Object.keys(ctx.exports).sort());
  await say('the imported exports have the same', () => Object.keys(exports).sort());
  await say('tags', () => Object.keys(ctx.exports).sort().map((k) => k + ' ' + tag(ctx.exports[k]) + ' ' + typeof ctx.exports[k]));
  await say('a call', () => ctx.exports.Service.add(1, 2));
  await say('a call by the import', () => exports.Service.add(3, 4));
  await say('each call has a new instance', async () => [await ctx.exports.Service.count(), await ctx.exports.Service.count()]);
  await say('an error', () => ctx.exports.Service.fails());
  await say('fetch', async () => (await ctx.exports.Service.fetch('http://x/path')).text());
  await say('fetch of a handler object', async () => (await ctx.exports.plain.fetch('http://x/path')).text());
  await say('fetch without a handler', async () => (await ctx.exports.NoFetch.fetch('http://x/path')).text());
  await say('props', () => ctx.exports.Service.props());
  await say('props given', () => ctx.exports.Service({ props: { role: 'admin' } }).props());
  await say('a namespace', () => ctx.exports.Obj.getByName('a').hi());
  await say('has the same ids as the binding', () => ctx.exports.Obj.idFromName('a').equals(env.OBJ.idFromName('a')));
  await say('from within an object', () => env.OBJ.getByName('a').viaExports());
});
`,
});

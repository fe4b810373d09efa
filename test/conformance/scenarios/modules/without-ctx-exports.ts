import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Before 2025-11-17 ctx has no exports, in Workers and in objects; the import has them all the same.',
  rows: ['1.ctx-exports', '1.import-exports', '14.compatibility'],
  config: {
    compatibility_date: '2025-11-16',
    durable_objects: { bindings: [{ name: 'OBJ', class_name: 'Obj' }] },
    migrations: [{ tag: 'v1', new_sqlite_classes: ['Obj'] }],
  },
  program: `
import { DurableObject, WorkerEntrypoint, exports } from 'cloudflare:workers';
import { worker } from './prelude.js';

const early = [Object.keys(exports), 'Service' in exports, typeof exports.Service];
const seen = (ctx) => ['exports' in ctx, typeof ctx.exports, Object.keys(ctx)];
export class Obj extends DurableObject { seen() { return seen(this.ctx) } ask() { return exports.Service.hi() } }
export class Service extends WorkerEntrypoint { hi() { return 'hi' } seen() { return seen(this.ctx) } }

export default worker(async ({ say, env, ctx }) => {
  await say('while the module is evaluated', () => early);
  await say('in the Worker', () => seen(ctx));
  await say('in an entrypoint', () => exports.Service.seen());
  await say('in an object', () => env.OBJ.getByName('a').seen());
  await say('the import', () => Object.keys(exports));
  await say('the import works', async () => [await exports.Service.hi(), await env.OBJ.getByName('a').ask()]);
});
`,
});

import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'ctx.id.name is the name that the waking call used, for as long as the instance lives.',
  rows: ['2.ctx-id-name'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker } from './prelude.js';

export class Obj extends DurableObject {
  constructor(ctx, env) { super(ctx, env); this.atStart = ctx.id.name }
  who() { return [this.atStart, this.ctx.id.name] }
  json() { return JSON.stringify(this.ctx.id) }
}

export default worker(async ({ say, env }) => {
  const viaString = (name) => env.OBJ.get(env.OBJ.idFromString(env.OBJ.idFromName(name).toString()));
  await say('woken by name', () => env.OBJ.getByName('bar').who());
  await say('its id as JSON', () => env.OBJ.getByName('bar').json());
  await say('then reached by hex', () => viaString('bar').who());
  await say('woken by hex', () => viaString('foo').who());
  await say('then reached by name', () => env.OBJ.getByName('foo').who());
  await say('woken by the empty name', () => env.OBJ.getByName('').who());
  await say('a name of 1024 bytes', async () => (await env.OBJ.getByName('n'.repeat(1024)).who()).map((n) => n?.length));
  await say('a name of 1025 bytes', () => env.OBJ.getByName('n'.repeat(1025)).who());
  await say('512 letters of two bytes', async () => (await env.OBJ.getByName('é'.repeat(512)).who()).map((n) => n?.length));
  await say('513 letters of two bytes', () => env.OBJ.getByName('é'.repeat(513)).who());
});
`,
});

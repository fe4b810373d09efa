import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Trap 18: ctx.id.name is that of whoever woke the instance, until it is woken again.',
  rows: ['2.ctx-id-name'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker } from './prelude.js';

export class Obj extends DurableObject {
  who() { return String(this.ctx.id.name) }
  die() { this.ctx.abort() }
}

export default worker(async ({ say, env }) => {
  const viaString = () => env.OBJ.get(env.OBJ.idFromString(env.OBJ.idFromName('foo').toString()));
  await say('woken by hex', () => viaString().who());
  await say('then called by name', () => env.OBJ.getByName('foo').who());
  await say('another one, woken by name', () => env.OBJ.getByName('bar').who());
  await say('a long name', () => env.OBJ.getByName('n'.repeat(1025)).who());
  await env.OBJ.getByName('foo').die().catch(() => {});
  await say('after a reset, woken by name', () => env.OBJ.getByName('foo').who());
  await say('then called by hex', () => viaString().who());
  await viaString().die().catch(() => {});
  await say('after a reset, woken by hex', () => viaString().who());
});
`,
});

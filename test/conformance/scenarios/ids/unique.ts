import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A unique id is new every time, has no name, and can be written down and read back.',
  rows: ['2.new-unique-id'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker } from './prelude.js';

export class Obj extends DurableObject { who() { return [this.ctx.id.toString(), this.ctx.id.name] } }

export default worker(async ({ say, env }) => {
  const ids = Array.from({ length: 20 }, () => env.OBJ.newUniqueId());
  await say('all are different', () => new Set(ids.map(String)).size);
  await say('all are 64 lower-case hex digits', () => ids.every((id) => /^[0-9a-f]{64}$/.test(id)));
  await say('none has a name', () => ids.every((id) => id.name === undefined));
  await say('each can be read back', () => ids.every((id) => env.OBJ.idFromString(id.toString()).equals(id)));
  await say('two are not equal', () => ids[0].equals(ids[1]));
  await say('the object knows its id and no name', async () => {
    const [hex, name] = await env.OBJ.get(ids[0]).who();
    return [hex === ids[0].toString(), name];
  });
  await say('empty options', () => env.OBJ.newUniqueId({}).toString().length);
  await say('null options', () => env.OBJ.newUniqueId(null).toString().length);
  await say('options that are no object', () => env.OBJ.newUniqueId('eu').toString().length);
  await say('a member that no option has', () => env.OBJ.newUniqueId({ colour: 'red' }).toString().length);
});
`,
});

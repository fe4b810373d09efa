import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'An id is read back from 64 hex digits of its own namespace, and has lost its name.',
  rows: ['2.id-from-string'],
  config: objects({ OBJ: 'Obj', OTHER: 'Other' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker } from './prelude.js';

export class Obj extends DurableObject { hex() { return this.ctx.id.toString() } }
export class Other extends DurableObject {}

export default worker(async ({ say, env }) => {
  const id = env.OBJ.idFromName('a');
  const hex = id.toString();
  const read = (text) => env.OBJ.idFromString(text);
  await say('the same hex comes out', () => read(hex).toString() === hex);
  await say('it equals the named id', () => [read(hex).equals(id), id.equals(read(hex))]);
  await say('it has no name', () => read(hex).name);
  await say('upper case is accepted and lowered', () => read(hex.toUpperCase()).toString() === hex);
  await say('it reaches the same object', async () => (await env.OBJ.get(read(hex)).hex()) === hex);
  await say('empty text', () => read(''));
  await say('63 digits', () => read(hex.slice(1)));
  await say('65 digits', () => read(hex + '0'));
  await say('a letter that is no digit', () => read('g' + hex.slice(1)));
  await say('a blank in front', () => read(' ' + hex.slice(1)));
  await say('64 zeros', () => read('0'.repeat(64)));
  await say('one digit changed in the first half', () => read((hex[0] === '0' ? '1' : '0') + hex.slice(1)));
  await say('one digit changed in the second half', () => read(hex.slice(0, 63) + (hex[63] === '0' ? '1' : '0')));
  await say('the id of another class', () => read(env.OTHER.idFromName('a').toString()));
  await say('an id in place of its text', () => read(id).equals(id));
  await say('a number', () => read(7));
  await say('nothing', () => env.OBJ.idFromString());
});
`,
});

import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A named id is a fixed function of the worker, the class and the name.',
  rows: ['2.id-from-name', '2.id-derivation'],
  config: objects({ OBJ: 'Obj', OTHER: 'Other' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker } from './prelude.js';

export class Obj extends DurableObject {}
export class Other extends DurableObject {}

export default worker(async ({ say, env }) => {
  const hex = (name) => env.OBJ.idFromName(name).toString();
  await say('id of a', () => hex('a'));
  await say('id of A', () => hex('A'));
  await say('id of the empty name', () => hex(''));
  await say('id of a name beyond ASCII', () => hex('héllo \\u{1F600}'));
  await say('id of a decomposed name', () => hex('he\\u0301llo \\u{1F600}'));
  await say('id of a name with a lone surrogate', () => hex('\\uD800'));
  await say('id of a name with a NUL', () => hex('a\\0b'));
  await say('id of a name of 2000 characters', () => hex('n'.repeat(2000)));
  await say('id of the same name in another class', () => env.OTHER.idFromName('a').toString());
  await say('a number is the name of its digits', () => hex(42) === hex('42'));
  await say('null is the name "null"', () => hex(null) === hex('null'));
  await say('undefined is the name "undefined"', () => hex(undefined) === hex('undefined'));
  await say('an object is the name of its string', () => hex({ toString: () => 'a' }) === hex('a'));
  await say('the name is the string it became', () => env.OBJ.idFromName(42).name);
  await say('two ids of one name are equal', () => env.OBJ.idFromName('a').equals(env.OBJ.idFromName('a')));
  await say('and not the same object', () => env.OBJ.idFromName('a') === env.OBJ.idFromName('a'));
  await say('no name', () => env.OBJ.idFromName());
  await say('a symbol', () => env.OBJ.idFromName(Symbol('s')));
});
`,
});

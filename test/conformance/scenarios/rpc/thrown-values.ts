import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A thrown primitive becomes an Error with its text; a thrown object arrives as it is.',
  rows: ['4.thrown-non-errors'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker } from './prelude.js';

const thrown = {
  string: () => 'text',
  'empty string': () => '',
  number: () => 7,
  bigint: () => 7n,
  boolean: () => false,
  null: () => null,
  undefined: () => undefined,
  symbol: () => Symbol('s'),
  object: () => ({ a: 1 }),
  array: () => [1, 2],
  map: () => new Map([['a', 1]]),
  'class instance': () => new (class Point { x = 1 })(),
  'object with a message': () => ({ message: 'm', name: 'N' }),
  date: () => new Date(0),
};

export class Obj extends DurableObject {
  fail(name) { throw thrown[name]() }
}

export default worker(async ({ say, env }) => {
  const stub = env.OBJ.getByName('a');
  for (const name of Object.keys(thrown)) await say(name, () => stub.fail(name));
});
`,
});

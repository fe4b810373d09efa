import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Before 2026-04-21 an error kept its type and message alone.',
  rows: ['4.error-propagation'],
  config: { compatibility_date: '2026-04-20' },
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker } from './prelude.js';

class Named extends TypeError { constructor(m) { super(m); this.name = 'Named' } }
const thrown = {
  Error: () => new Error('e'),
  TypeError: () => new TypeError('t'),
  AggregateError: () => new AggregateError([new Error('one')], 'many'),
  DOMException: () => new DOMException('gone', 'NotFoundError'),
  'an heir with a name': () => new Named('named'),
  'a name of its own': () => Object.assign(new Error('n'), { name: 'Custom' }),
  'own members': () => Object.assign(new RangeError('m'), { code: 'E_X' }),
  'a cause': () => new Error('outer', { cause: new Error('inner') }),
  'an empty message': () => new Error(),
  text: () => 'text',
  object: () => ({ a: 1 }),
};

export class Obj extends DurableObject {
  fail(name) { throw thrown[name]() }
  give(name) { return thrown[name]() }
  async keep(name) { await this.ctx.storage.put('e', thrown[name]()); return this.ctx.storage.get('e') }
}

export default worker(async ({ say, env }) => {
  const stub = env.OBJ.getByName('a');
  for (const name of Object.keys(thrown)) await say(name, () => stub.fail(name));
  await say('returned', () => stub.give('own members'));
  await say('kept in storage', () => stub.keep('own members'));
  await say('in fetch', () => stub.fetch('http://x/'));
});
`,
});

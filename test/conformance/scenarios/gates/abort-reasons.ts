import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'The reason of ctx.abort() is told as text, also that of an error; one that has no text aborts nothing.',
  rows: ['5.abort', '13.reset-causes', '3.error-flags'],
  config: objects({ OBJ: 'Obj', BORN: 'Born' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker } from './prelude.js';

const reasons = {
  none: [],
  undefined: [undefined],
  null: [null],
  string: ['enough'],
  'empty string': [''],
  number: [7],
  object: [{ a: 1 }],
  'an object with a toString': [{ toString: () => 'my words' }],
  error: [new Error('an error')],
  'type error': [new TypeError('a type error')],
  'an error with properties': [Object.assign(new Error('with properties'), { code: 7, name: 'Mine', cause: 'a cause' })],
  'a dom exception': [new DOMException('a dom exception', 'AbortError')],
  subclass: [new (class Mine extends RangeError {})('a subclass')],
};
export class Born extends DurableObject {
  constructor(ctx, env) { super(ctx, env); if (ctx.id.name === 'now') ctx.abort('at birth'); if (ctx.id.name === 'section') ctx.blockConcurrencyWhile(async () => ctx.abort('in the section at birth')) }
  hi() { return 'hi' }
}
export class Obj extends DurableObject {
  now(name) { this.ctx.abort(...reasons[name]) }
  badReason() { this.ctx.abort({ toString() { throw new Error('no words') } }) }
  symbol() { this.ctx.abort(Symbol('s')) }
  options() { this.ctx.abort('with options', { retryAlarm: false }) }
  badOptions() { this.ctx.abort('with bad options', 7) }
  alive() { return (this.n = (this.n ?? 0) + 1) }
}

export default worker(async ({ say, env }) => {
  const names = Object.keys(reasons);
  // Each its own object, so that they need not wait for each other to start anew.
  const told = await Promise.all(names.map((name) => env.OBJ.getByName(name).now(name).catch((error) => error)));
  for (const [i, name] of names.entries()) await say('reason ' + name, () => { throw told[i] });
  const o = env.OBJ.getByName('a');
  for (const method of ['alive', 'badReason', 'symbol', 'alive']) await say(method, () => o[method]());
  await say('options', () => o.options());
  await say('bad options', () => env.OBJ.getByName('b').badOptions());
  await say('at birth', () => env.BORN.getByName('now').hi());
  await say('in a section at birth', () => env.BORN.getByName('section').hi());
});
`,
});

import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A plain object is read once when it is sent: getters become values, symbols and hidden members stay behind.',
  rows: ['4.plain-objects'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, inspect } from './prelude.js';

export class Obj extends DurableObject {
  take(value) { return inspect(value) + ' ' + Object.getOwnPropertySymbols(value).length }
  frozen() { return Object.freeze({ a: 1 }) }
  withGetter() { let n = 0; return { get g() { return ++n } } }
}

export default worker(async ({ say, env }) => {
  const stub = env.OBJ.getByName('a');
  let reads = 0;
  await say('a getter', () => stub.take({ get g() { return ++reads } }));
  await say('its reads', () => reads);
  await say('a getter that throws', () => stub.take({ get g() { throw new RangeError('unreadable') } }));
  await say('symbol keys', () => stub.take({ [Symbol('s')]: 1, a: 2 }));
  await say('hidden members', () => stub.take(Object.defineProperty({ a: 1 }, 'h', { value: 2 })));
  await say('a frozen object arrives unfrozen', async () => { const o = await stub.frozen(); o.a = 2; return [o.a, Object.isFrozen(o)] });
  await say('a getter in the result', async () => { const o = await stub.withGetter(); return [o.g, o.g] });
  await say('the prototype of a result', async () => Object.getPrototypeOf(await stub.frozen()) === Object.prototype);
  await say('keys of a result', async () => Object.keys(await stub.frozen()));
});
`,
});

import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'An object must have a fetch handler that answers with a Response; what it throws reaches the caller.',
  rows: ['1.handler-methods', '3.user-exception', '3.error-flags'],
  config: objects({ OBJ: 'Obj', BARE: 'Bare', FIELD: 'Field', HEIR: 'Heir' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker } from './prelude.js';

export class Bare extends DurableObject { hi() { return 'hi' } }
export class Field extends DurableObject { fetch = () => new Response('from a field') }
export class Obj extends DurableObject {
  fetch(request) {
    const what = new URL(request.url).pathname.slice(1);
    if (what === 'undefined') return undefined;
    if (what === 'string') return 'text';
    if (what === 'object') return { status: 200 };
    if (what === 'promise-of-undefined') return Promise.resolve();
    if (what === 'promise-of-string') return Promise.resolve('text');
    if (what === 'promise') return Promise.resolve(new Response('from a promise'));
    if (what === 'throw') throw Object.assign(new RangeError('thrown'), { extra: 1 });
    if (what === 'reject') return Promise.reject(new Error('rejected'));
    if (what === 'throw-string') throw 'a string';
    if (what === 'count') return new Response(String((this.n = (this.n ?? 0) + 1)));
    return new Response('this is ' + this.constructor.name);
  }
}
export class Heir extends Obj {}

export default worker(async ({ say, env }) => {
  const stub = env.OBJ.getByName('a');
  const get = async (what) => (await stub.fetch('http://x/' + what)).text();
  await say('no handler', () => env.BARE.getByName('a').fetch('http://x/'));
  await say('and RPC on the same stub goes on', async () => { const s = env.BARE.getByName('a'); await s.fetch('http://x/').catch(() => {}); return s.hi() });
  await say('a handler in a field', async () => (await env.FIELD.getByName('a').fetch('http://x/')).text());
  await say('an inherited handler', async () => (await env.HEIR.getByName('a').fetch('http://x/')).text());
  await say('first count', () => get('count'));
  for (const what of ['undefined', 'string', 'object', 'promise-of-undefined', 'promise-of-string', 'promise', 'throw', 'reject', 'throw-string']) await say(what, () => get(what));
  await say('second count on the same stub', () => get('count'));
});
`,
});

import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A request from the internet says who asks in request.cf and in a header, and an object sees both when the request is passed on.',
  rows: ['web.cf'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, inspect, showNow, tag } from './prelude.js';
export class Obj extends DurableObject {
  fetch(r) { return Response.json({ cf: r.cf ? Object.keys(r.cf).length > 3 ? r.cf.colo : r.cf : String(r.cf), ip: r.headers.get('cf-connecting-ip'), x: r.headers.get('x-own') }) }
}
export default worker(async ({ say, request, env }) => {
  const ask = async (...args) => inspect(await (await env.OBJ.getByName('a').fetch(...args)).json());
  await say('cf', () => inspect(request.cf));
  await say('frozen', () => [Object.isFrozen(request.cf), Object.isFrozen(request.cf.botManagement), Object.isFrozen(request.cf.tlsClientAuth)]);
  await say('the same object each time', () => request.cf === request.cf);
  say.now('changing it', () => { request.cf.country = 'XX' });
  await say('of a copy', () => [new Request(request).cf?.colo, new Request('http://x/', request).cf?.colo, request.clone().cf?.colo]);
  await say('the address', () => request.headers.get('cf-connecting-ip'));
  await say('passed on', () => ask(request));
  await say('passed on to another address', () => ask('http://y/', request));
  await say('passed on, changed', () => ask(new Request(request, { headers: { 'x-own': '1' } })));
  await say('of its own', () => ask('http://y/', { cf: { a: [1, { b: 2 }] } }));
  await say('without', () => ask('http://y/'));
  await say('of a Request that was made', () => inspect([new Request('http://x/').cf, new Request('http://x/', { cf: { a: 1 } }).cf, new Request('http://x/', { cf: undefined }).cf]));
  await say('null', () => new Request('http://x/', { cf: null }));
  await say('what is no object', () => new Request('http://x/', { cf: 5 }));
  await say('of a Response', () => inspect([new Response('').cf, new Response('', { cf: { a: 1 } }).cf]));
  await say('redirect, cache, keepalive', () => inspect([request.redirect, request.cache, request.keepalive, request.integrity]));
  await say('headers are immutable', () => request.headers.set('a', 'b'));
  await say('the signal', () => inspect([tag(request.signal), request.signal.aborted, request.signal === request.signal]));
});
`,
});

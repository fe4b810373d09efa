import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A request that came has a fetcher, and one that is made goes by the fetcher that it was given.',
  rows: ['web.fetcher'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, inspect, show, tag } from './prelude.js';

export class Obj extends DurableObject {
  async fetch(request) { return Response.json([this.ctx.id.name, request.method, new URL(request.url).pathname, tag(request.fetcher), request.fetcher === null]); }
  take(x) { return tag(x); }
  takeRequest(request) { return [tag(request.fetcher), request.fetcher === null]; }
}
const at = 'https://x.example/here';
export default worker(async ({ say, env, request }) => {
  const a = env.OBJ.getByName('a');
  const b = env.OBJ.getByName('b');
  const text = async (asked) => (await asked).text();
  await say('of one that came', () => [tag(request.fetcher), request.fetcher.constructor.name, Object.keys(request.fetcher), typeof request.fetcher.fetch, request.fetcher === request.fetcher]);
  await say('of its copies', () => [new Request(request).fetcher === request.fetcher, request.clone().fetcher === request.fetcher, new Request(at, request).fetcher === request.fetcher]);
  await say('of an object', () => text(a.fetch(at)));
  await say('of one that is made', () => new Request(at).fetcher);
  await say('the property', () => { const { get, set, enumerable } = Object.getOwnPropertyDescriptor(Request.prototype, 'fetcher'); return [typeof get, set, enumerable]; });
  await say('given', () => { const r = new Request(at, { fetcher: a }); return [r.fetcher === a, r.clone().fetcher === a, new Request(r).fetcher === a, new Request(r, { fetcher: null }).fetcher, new Request(r, { fetcher: undefined }).fetcher === a]; });
  for (const [name, value] of Object.entries({ null: null, undefined: undefined })) await say('given ' + name, () => new Request(at, { fetcher: value }).fetcher);
  for (const [name, value] of Object.entries({ object: {}, number: 1, text: 'x', namespace: env.OBJ, property: a.member })) await say('refused: ' + name, () => new Request(at, { fetcher: value }).fetcher);
  await say('fetch goes by it', () => text(fetch(at, { fetcher: a })));
  await say('fetch of a request goes by it', () => text(fetch(new Request(at, { fetcher: a, method: 'PUT', body: 'x' }))));
  await say('fetch goes by the newer one', () => text(fetch(new Request(at, { fetcher: a }), { fetcher: b })));
  await say('a stub takes no notice of it', () => text(a.fetch(new Request(at, { fetcher: b }))));
  await say('a method of the one that came', () => request.fetcher.hello());
  await say('a member of it', () => request.fetcher.hello);
  await say('cloned', () => structuredClone(request.fetcher));
  await say('requests that are sent', async () => [await a.takeRequest(new Request(request)), await a.takeRequest(new Request(at, { fetcher: b }))]);
  await say('sent', () => a.take(request.fetcher));
});
`,
});

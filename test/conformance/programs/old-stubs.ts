/** What a stub had before any property of it was a method of RPC. */
export const oldStubs = `
import { DurableObject } from 'cloudflare:workers';
import { worker } from './prelude.js';

export class Obj extends DurableObject {
  async fetch(request) {
    const body = request.method === 'GET' ? '' : await request.text();
    const { pathname } = new URL(request.url);
    if (pathname === '/arrived') return new Response(this.arrived.join(', '));
    this.arrived = [...(this.arrived ?? []), [request.method, request.url, body].join(' ').trim()];
    return new Response([request.method, request.url, body].join(' '), { status: { '/missing': 404, '/fails': 500 }[pathname] ?? 200 });
  }
  greet() { return 'hello' }
  get(what) { return 'got ' + what }
  put(...args) { return 'put ' + args }
  delete(what) { return 'deleted ' + what }
}

export default worker(async ({ say, env }) => {
  const stub = env.OBJ.getByName('a');
  for (const name of ['greet', 'get', 'put', 'delete', 'fetch', 'connect', 'id', 'name', 'queue', 'scheduled', 'then', 'toString', 'constructor', 'dup'])
    await say(name, () => [typeof stub[name], name in stub]);
  await say('a call', () => stub.greet());
  await say('get', () => stub.get('http://x/y'));
  await say('get what is missing', () => stub.get('http://x/missing'));
  for (const type of ['json', 'arrayBuffer', 'stream', 'else'])
    await say('get as ' + type, async () => {
      const got = await stub.get('http://x/y', type);
      return got instanceof ReadableStream ? 'a stream of ' + (await new Response(got).text()) : got;
    });
  await say('get what fails', () => stub.get('http://x/fails'));
  await say('get of a relative URL', () => stub.get('/y'));
  await say('put', () => stub.put('http://x/y', 'a body'));
  await say('put with more', () => stub.put('http://x/y', 'a body', { expiration: 5, expirationTtl: 6 }));
  await say('put what is missing', () => stub.put('http://x/missing', 'a body'));
  await say('delete', () => stub.delete('http://x/y'));
  await say('delete what is missing', () => stub.delete('http://x/missing'));
  await say('what arrived', async () => (await stub.fetch('http://x/arrived')).text());
  await say('fetch', async () => (await stub.fetch('http://x/y')).text());
  await say('fetch of a relative URL', async () => (await stub.fetch('/y')).text());
  await say('an own property', () => { stub.mine = 1; return stub.mine });
  await say('keys', () => Object.keys(stub));
  await say('Object.hasOwn', () => [Object.hasOwn(stub, 'id'), Object.hasOwn(stub, 'fetch'), Object.hasOwn(stub, 'x')]);
});
`;

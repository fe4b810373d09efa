import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A request or response passes through a Worker and an object with its body, its headers and its status.',
  rows: ['3.fetch'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { inspect } from './prelude.js';

export class Obj extends DurableObject {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === '/bytes') return new Response(new Uint8Array([...new Uint8Array(await request.arrayBuffer())].reverse()));
    if (pathname === '/json') return Response.json(await request.json(), { status: 202, headers: { 'x-extra': 'yes' } });
    if (pathname === '/form') return new Response(inspect([...(await request.formData())]));
    if (pathname === '/headers') return new Response(inspect(['x-a', 'x-b', 'authorization'].map((name) => request.headers.get(name))), { headers: { 'X-Mixed-Case': 'Value', 'cache-control': 'no-store' } });
    if (pathname === '/head') return new Response(request.method === 'HEAD' ? null : 'a body', { headers: { 'x-method': request.method } });
    if (pathname === '/clone') { const copy = request.clone(); return new Response((await request.text()) + ' and ' + (await copy.text())) }
    if (pathname === '/large') return new Response('x'.repeat(1_000_000));
    return new Response('nothing here', { status: 404 });
  }
}

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    const stub = env.OBJ.getByName('a');
    const response = await stub.fetch(request);
    if (pathname === '/large') return new Response('length ' + (await response.text()).length);
    if (pathname === '/headers') { const copy = new Response(response.body, response); copy.headers.set('x-added', 'by the worker'); return copy }
    return response;
  },
};
`,
  steps: async (client) => {
    await client.fetch('/bytes', { method: 'POST', body: 'abc' });
    await client.fetch('/json', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"a":[1,"ü"]}',
      showHeaders: ['content-type', 'x-extra'],
    });
    await client.fetch('/form', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'a=1&b=two+words&a=%C3%BC',
    });
    await client.fetch('/headers', {
      headers: { 'X-A': '1', 'x-b': 'two, three', authorization: 'Bearer t' },
      showHeaders: ['x-mixed-case', 'cache-control', 'x-added'],
    });
    await client.fetch('/head', { method: 'HEAD', showHeaders: ['x-method'] });
    await client.fetch('/clone', { method: 'PUT', body: 'once' });
    await client.fetch('/large');
    await client.fetch('/elsewhere');
  },
});

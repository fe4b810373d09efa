import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A client gets the status, the headers and the body that a handler answers with, and 500 when it answers with none.',
  rows: ['web.answers'],
  config: { durable_objects: { bindings: [] }, migrations: [] },
  program: `
export default {
  fetch(request) {
    switch (new URL(request.url).pathname) {
      case '/json': return Response.json({ a: [1] }, { status: 201 });
      case '/redirect': return Response.redirect('http://elsewhere.test/a', 307);
      case '/204': return new Response(null, { status: 204 });
      case '/205': return new Response(null, { status: 205 });
      case '/304': return new Response(null, { status: 304 });
      case '/599': return new Response('odd', { status: 599 });
      case '/clone': { const r = new Response('twice'); const c = r.clone(); return r.text().then(async (text) => new Response(text + ' ' + (await c.text()))) }
      case '/method': return new Response(request.method + ' ' + request.headers.get('x-own') + ' ' + request.headers.get('content-type'));
      case '/echo': return new Response(request.body, { headers: { 'content-type': 'text/x-own' } });
      case '/type': return new Response(new Blob(['b'], { type: 'text/x-blob' }));
      case '/form': return new Response(new URLSearchParams({ a: 'b c' }));
      default: return new Response('nothing here', { status: 404 });
    }
  },
};
`,
  async steps(client) {
    const showHeaders = ['content-type', 'location'];
    for (const path of ['json', 'redirect', '204', '205', '304', '599', 'clone', 'type', 'form', 'none']) {
      await client.fetch(`/${path}`, { showHeaders });
    }
    await client.fetch('/method', { method: 'PURGE', headers: { 'x-own': 'y' } });
    await client.fetch('/method', { method: 'POST', body: 'text' });
    await client.fetch('/echo', { method: 'POST', body: 'ä text', showHeaders });
    await client.fetch('/json', { method: 'HEAD', showHeaders });
  },
});

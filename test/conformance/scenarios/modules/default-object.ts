import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A default export that is an object handles requests with request, env and context.',
  rows: ['1.default-export', '1.ctx-props', '1.import-wait-until', '3.fetch'],
  config: { vars: { GREETING: 'hello', COUNT: 3, YES: true } },
  program: `
import { DurableObject, waitUntil } from 'cloudflare:workers';
import { inspect, tag, sleep } from './prelude.js';

export class Obj extends DurableObject {
  add(what) { (this.seen ??= []).push(what) }
  seenSoFar() { return this.seen ?? [] }
  fetch(request) { return new Response('object says ' + request.method + ' ' + new URL(request.url).pathname, { status: 203, headers: { 'x-from': 'object' } }) }
}

export default {
  note: 'this is the object',
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    const text = (...lines) => new Response(lines.join('\\n'));
    if (url.pathname.startsWith('/object')) return env.OBJ.getByName('a').fetch(request);
    if (url.pathname === '/echo')
      return new Response(await request.text(), { status: 201, headers: { 'x-was': request.headers.get('x-test') ?? 'none', 'content-type': 'text/echo' } });
    if (url.pathname === '/status') return new Response(null, { status: Number(url.searchParams.get('code')) });
    if (url.pathname === '/move') return Response.redirect(url.origin + '/landed', 307);
    if (url.pathname === '/wait') {
      ctx.waitUntil(sleep(10).then(() => env.OBJ.getByName('w').add('by ctx')));
      waitUntil(sleep(20).then(() => env.OBJ.getByName('w').add('by import')));
      return text('answered');
    }
    if (url.pathname === '/waited') {
      for (let tries = 0; tries < 100 && (await env.OBJ.getByName('w').seenSoFar()).length < 2; tries++) await sleep(10);
      return text(inspect(await env.OBJ.getByName('w').seenSoFar()));
    }
    return text(
      'request: ' + tag(request) + ' ' + (request instanceof Request) + ' ' + request.method + ' ' + url.origin + url.pathname + url.search,
      'this: ' + this.note,
      'arguments: ' + arguments.length,
      'env: ' + inspect([env.GREETING, env.COUNT, env.YES, typeof env.OBJ, env.NOTHING]),
      'ctx: ' + tag(ctx) + ' ' + inspect([typeof ctx.waitUntil, typeof ctx.passThroughOnException, ctx.props]),
    );
  },
};
`,
  steps: async (client) => {
    await client.fetch('/path?q=1&q=2');
    await client.fetch('/object/below', { showHeaders: ['x-from'] });
    await client.fetch('/object', { method: 'POST', body: 'x', showHeaders: ['x-from', 'content-type'] });
    await client.fetch('/echo', {
      method: 'POST',
      headers: { 'x-test': 'yes' },
      body: 'line one\nline two',
      showHeaders: ['content-type', 'x-was'],
    });
    await client.fetch('/status?code=204');
    await client.fetch('/status?code=404');
    await client.fetch('/status?code=503');
    await client.fetch('/move', { showHeaders: ['location'] });
    await client.fetch('/wait');
    await client.fetch('/waited');
  },
});

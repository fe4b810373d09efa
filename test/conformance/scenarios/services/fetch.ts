import { firstBeginning, firstConfig, other } from '../../programs/two-workers.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'fetch of a service binding reaches the fetch handler, with bodies, redirects, streams and WebSockets.',
  rows: ['14.bindings', '3.fetch', '3.fetch-upgrade', '1.worker-entrypoint'],
  config: firstConfig,
  program: `${firstBeginning}
export default worker(async ({ say, env }) => {
  const text = async (response) => [response.status, response.url, response.redirected, await response.text()];
  await say('a url', async () => text(await env.B.fetch('http://b.test/path?q#hash')));
  await say('a URL', async () => text(await env.B.fetch(new URL('http://b.test/path'))));
  await say('a Request', async () => text(await env.B.fetch(new Request('http://b.test/path', { method: 'PUT', headers: { 'x-a': '1' } }))));
  await say('a method and headers', async () => text(await env.B.fetch('http://b.test/', { method: 'DELETE', headers: { 'x-a': '2' } })));
  await say('a body', async () => { const response = await env.B.fetch('http://b.test/echo', { method: 'POST', body: 'the body' }); return [response.headers.get('x-was'), ...(await text(response))] });
  await say('a streamed body', async () => {
    const { readable, writable } = new IdentityTransformStream();
    const writer = writable.getWriter();
    const written = (async () => { await writer.write(new TextEncoder().encode('one ')); await writer.write(new TextEncoder().encode('two')); await writer.close() })();
    const said = await text(await env.B.fetch('http://b.test/echo', { method: 'POST', body: readable }));
    await written;
    return said;
  });
  await say('a streamed answer', async () => text(await env.B.fetch('http://b.test/stream')));
  await say('a redirect', async () => text(await env.B.fetch('http://b.test/move')));
  await say('a redirect by hand', async () => { const response = await env.B.fetch('http://b.test/move', { redirect: 'manual' }); return [response.status, response.url, response.headers.get('location')] });
  await say('an error', () => env.B.fetch('http://b.test/fails'));
  await say('no Response', () => env.B.fetch('http://b.test/none'));
  await say('a handler object', async () => text(await env.PLAIN.fetch('http://b.test/')));
  await say('no handler', () => env.NAMED.fetch('http://b.test/'));
  await say('a relative url', () => env.B.fetch('/rel'));
  await say('no url', () => env.B.fetch());
  await say('no url at all', () => env.B.fetch('nonsense'));
  await say('taken off the binding', () => { const { fetch } = env.B; return fetch('http://b.test/') });
  await say('a WebSocket', async () => {
    const { status, webSocket } = await env.B.fetch('http://b.test/socket', { headers: { Upgrade: 'websocket' } });
    webSocket.accept();
    const heard = new Promise((resolve) => webSocket.addEventListener('message', ({ data }) => resolve(data)));
    webSocket.send('hello');
    const said = [status, await heard];
    webSocket.close(1000, 'done');
    return said;
  });
  await say('a WebSocket nobody asked for', () => env.B.fetch('http://b.test/socket'));
});
`,
  other,
});

import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A match heeds If-None-Match, If-Modified-Since and Range.',
  rows: ['web.cache-conditions'],
  config: { durable_objects: { bindings: [] }, migrations: [] },
  program: `
import { worker, inspect, show, sleep, tag } from './prelude.js';
const shown = async (r) => r === undefined ? 'undefined' : inspect([r.status, r.statusText, r.url, [...r.headers].filter(([k]) => k !== 'date' && k !== 'expires'), await r.text()]);
const lasting = (body = 'body', headers = {}, init = {}) => new Response(body, { ...init, headers: { 'Cache-Control': 'max-age=100', ...headers } });
export default worker(async ({ say }) => {
  const c = caches.default;
  const modified = 'Wed, 21 Oct 2015 07:28:00 GMT';
  await c.put('http://a/r', lasting('0123456789', { ETag: '"e"', 'Last-Modified': modified }));
  const ask = (headers) => say(Object.entries(headers).map((pair) => pair.join(': ')).join(', '), async () => (await shown(await c.match(new Request('http://a/r', { headers })))).replaceAll(/[a-z]+-boundary-[^\\\\";]*?(?=\\\\r|--|"|\\\\")/g, '<boundary>'));
  for (const Range of ['bytes=2-4', 'bytes=-3', 'bytes=7-', 'bytes=0-0', 'bytes=5-99', 'bytes=-99', 'bytes=-0', 'bytes=', 'bytes=50-60', 'bytes=5-2', 'junk', 'items=0-1', 'BYTES = 1 - 2']) await ask({ Range });
  for (const tags of ['"e"', '"f"', '*', 'W/"e"', '"f", "e"', 'e']) await ask({ 'If-None-Match': tags });
  for (const date of [modified, 'Wed, 21 Oct 2014 07:28:00 GMT', 'Thu, 22 Oct 2015 07:28:00 GMT', 'yesterday']) await ask({ 'If-Modified-Since': date });
  await ask({ 'If-None-Match': '"e"', Range: 'bytes=2-4' });
  await ask({ 'If-Match': '"q"' });
  await ask({ 'If-Unmodified-Since': 'Wed, 21 Oct 2014 07:28:00 GMT' });
  await say('several ranges', async () => { const r = await c.match(new Request('http://a/r', { headers: { Range: 'bytes=0-1,-2' } })); const b = r.headers.get('content-type').replace('multipart/byteranges; boundary=', ''); return [r.status, (await r.text()).replaceAll(b, '<boundary>')] });
});
`,
});

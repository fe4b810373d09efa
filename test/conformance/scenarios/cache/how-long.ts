import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'What is kept, and for how long, is said by the headers of the response.',
  rows: ['web.cache-control'],
  config: { durable_objects: { bindings: [] }, migrations: [] },
  program: `
import { worker, inspect, show, sleep, tag } from './prelude.js';
const shown = async (r) => r === undefined ? 'undefined' : inspect([r.status, r.statusText, r.url, [...r.headers].filter(([k]) => k !== 'date' && k !== 'expires'), await r.text()]);
const lasting = (body = 'body', headers = {}, init = {}) => new Response(body, { ...init, headers: { 'Cache-Control': 'max-age=100', ...headers } });
export default worker(async ({ say }) => {
  const c = caches.default;
  const later = (ms) => new Date(Date.now() + ms).toUTCString();
  const cases = {
    nothing: {}, 'no-store': { 'Cache-Control': 'no-store' }, 'no-cache': { 'Cache-Control': 'no-cache' },
    private: { 'Cache-Control': 'private, max-age=100' }, 'max-age=0': { 'Cache-Control': 'max-age=0' }, 's-maxage': { 'Cache-Control': 's-maxage=100' },
    's-maxage before max-age': { 'Cache-Control': 's-maxage=0, max-age=100' }, public: { 'Cache-Control': 'public' }, immutable: { 'Cache-Control': 'immutable' },
    'must-revalidate': { 'Cache-Control': 'must-revalidate' }, 'proxy-revalidate': { 'Cache-Control': 'proxy-revalidate, max-age=100' },
    'capital letters': { 'Cache-Control': 'Max-Age=100' }, quoted: { 'Cache-Control': 'max-age="100"' }, 'no number': { 'Cache-Control': 'max-age=soon' },
    expires: { Expires: later(100000) }, expired: { Expires: later(-100000) }, 'expires: 0': { Expires: '0' }, 'expires and max-age': { Expires: later(-100000), 'Cache-Control': 'max-age=100' },
    etag: { ETag: '"x"' }, 'last-modified': { 'Last-Modified': 'Wed, 21 Oct 2015 07:28:00 GMT' },
    'set-cookie': { 'Cache-Control': 'max-age=100', 'Set-Cookie': 'a=b' }, 'private=set-cookie': { 'Cache-Control': 'private=Set-Cookie, max-age=100', 'Set-Cookie': 'a=b' },
    'own headers': { 'Cache-Control': 'max-age=100', 'Cache-Tag': 'x', 'x-own': 'y', 'cf-cache-status': 'ZZ', Connection: 'x-own' },
    'cdn-cache-control': { 'CDN-Cache-Control': 'max-age=100' }, age: { 'Cache-Control': 'max-age=100', Age: '20' }, 'too old': { 'Cache-Control': 'max-age=100', Age: '200' },
    'an old date': { 'Cache-Control': 'max-age=100', Date: 'Wed, 21 Oct 2015 07:28:00 GMT' }, 'pragma and max-age': { Pragma: 'no-cache', 'Cache-Control': 'max-age=100' }, pragma: { Pragma: 'no-cache', Expires: later(100000) },
  };
  for (const [name, headers] of Object.entries(cases)) {
    const url = 'http://b/' + encodeURIComponent(name);
    await say(name, async () => { await c.put(url, new Response('v', { headers })); return shown(await c.match(url)) });
  }
  await say('of who authorised himself', async () => { const q = new Request('http://b/au', { headers: { Authorization: 'x' } }); await c.put(q, lasting()); const a = tag(await c.match('http://b/au')); await c.put(q, lasting('x', { 'Cache-Control': 'public, max-age=100' })); return [a, tag(await c.match('http://b/au'))] });
  await say('what the request says of caching', async () => { await c.put(new Request('http://b/rq', { headers: { 'Cache-Control': 'no-store' } }), lasting()); return shown(await c.match(new Request('http://b/rq', { headers: { 'Cache-Control': 'no-cache' } }))) });
  await say('a second', async () => { await c.put('http://a/t', lasting('x', { 'Cache-Control': 'max-age=1' })); const a = tag(await c.match('http://a/t')); await sleep(1300); return [a, tag(await c.match('http://a/t')), await c.delete('http://a/t')] });
});
`,
});

import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'caches has what the platform has of the Cache API, and says of the rest that it is not there.',
  rows: ['web.cache'],
  config: { durable_objects: { bindings: [] }, migrations: [] },
  program: `
import { worker, inspect, show, sleep, tag } from './prelude.js';
const shown = async (r) => r === undefined ? 'undefined' : inspect([r.status, r.statusText, r.url, [...r.headers].filter(([k]) => k !== 'date' && k !== 'expires'), await r.text()]);
const lasting = (body = 'body', headers = {}, init = {}) => new Response(body, { ...init, headers: { 'Cache-Control': 'max-age=100', ...headers } });
export default worker(async ({ say }) => {
  const c = caches.default;
  const own = (o) => Object.getOwnPropertyNames(o);
  await say('tags', () => [tag(caches), tag(c), c === caches.default, c instanceof Cache, caches instanceof CacheStorage]);
  await say('members', () => [own(Object.getPrototypeOf(caches)), own(Object.getPrototypeOf(c)), own(caches)]);
  await say('open', async () => { const a = await caches.open('x'); return [tag(a), a === (await caches.open('x'))] });
  await say('open without a name', () => caches.open());
  await say('a long name', async () => tag(await caches.open('x'.repeat(1023))));
  await say('a longer one', async () => tag(await caches.open('x'.repeat(1024))));
  await say('has', () => caches.has('x'));
  await say('keys', () => caches.keys());
  await say('CacheStorage.match', () => caches.match('http://a/'));
  await say('CacheStorage.delete', () => caches.delete('a'));
  await say('add', () => c.add('http://a/'));
  await say('addAll', () => c.addAll(['http://a/']));
  await say('keys of one', () => c.keys());
  await say('matchAll', () => c.matchAll());
  await say('new Cache', () => new Cache());
  await say('new CacheStorage', () => new CacheStorage());
});
`,
});

import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'An address that is set to none, that of data, a redirect to one, parameters and joined signals of what is none are refused in the words of the platform.',
  rows: ['1.global-scope'],
  config: objects({}),
  program: `
import { worker } from './prelude.js';
const set = (value, of = 'http://h/p?q=1#f') => () => { const url = new URL(of); url.href = value; return url.href };
const throwing = { toString() { throw new RangeError('mine') } };
const LONE = '\\ud800';

export default worker(async ({ say }) => {
  for (const value of ['nope', '', 1, 1n, null, undefined, {}, [], Symbol('s'), throwing, 'http://x/' + LONE, new URL('http://y/z'), 'mailto:a@b']) await say('href = ' + (typeof value === 'symbol' ? 'symbol' : value === throwing ? 'throwing' : JSON.stringify(String(value)) + ' ' + typeof value), set(value));
  await say('of an opaque one', set('nope', 'mailto:a@b'));
  await say('after a refusal', () => { const url = new URL('http://h/p'); try { url.href = 'nope' } catch {} return url.href });
  await say('as a property', () => { const d = Object.getOwnPropertyDescriptor(URL.prototype, 'href'); return [typeof d.get, typeof d.set, d.enumerable, d.configurable] });
  await say('of a class that extends it', () => { class Mine extends URL {} const mine = new Mine('http://a/'); try { mine.href = 'nope' } catch (e) { return [e.message, mine.href] } });
  await say('parsed', () => [URL.canParse('http://x/' + LONE), URL.parse('nope'), URL.parse('http://x/').href]);

  for (const url of ['http://x/y', 'nope', '', 'http://x/' + LONE, 5, undefined, throwing, new URL('http://x/z')]) for (const status of [undefined, 301, 200, 'x', 304]) {
    await say('redirect to ' + (url === throwing ? 'throwing' : JSON.stringify(String(url))) + ' with ' + status, () => { const r = status === undefined ? Response.redirect(url) : Response.redirect(url, status); return [r.status, r.headers.get('location')] });
  }
  await say('the address of data', async () => { const r = await fetch('data:text/plain,hi'); return [r.url, await r.text()] });
  await say('redirect to nothing', () => Response.redirect());

  for (const given of [[['a']], [['a', 'b', 'c']], [[]], ['ab'], [5], [null], [['a', 'b'], ['c']], 5, null, throwing]) await say('parameters of ' + (given === throwing ? 'throwing' : JSON.stringify(given)), () => new URLSearchParams(given).toString());
  await say('parameters of a symbol', () => new URLSearchParams(Symbol('s')).toString());
  await say('parameters of a set', () => new URLSearchParams(new Set([['a', 'b']])).toString());
  await say('parameters of a map', () => new URLSearchParams(new Map([['a', 'b']])).toString());
  await say('parameters of others', () => new URLSearchParams(new URLSearchParams('a=b')).toString());
  await say('parameters of a record', () => new URLSearchParams({ a: 1, b: null, c: undefined }).toString());
  await say('parameters of a form', () => { const form = new FormData(); form.append('a', 'b'); return new URLSearchParams(form).toString() });
  await say('a class that extends them', () => { class Mine extends URLSearchParams { own() { return 'own' } } const mine = new Mine([['a', 'b']]); return [mine.own(), mine.get('a'), mine instanceof URLSearchParams, Mine.name] });
  await say('those of a URL', () => { const { searchParams } = new URL('http://x/?a=b'); return [searchParams instanceof URLSearchParams, searchParams.constructor === URLSearchParams, URLSearchParams.name, URLSearchParams.length] });

  for (const given of [{}, 5, 'ab', null, new Set(), [5], [{}], ['x'], [null], [undefined]]) await say('any of ' + (given instanceof Set ? 'a set' : JSON.stringify(given)), () => AbortSignal.any(given).aborted);
  await say('any of nothing', () => AbortSignal.any());
  await say('any of none', () => AbortSignal.any([]).aborted);
  await say('any of some', () => AbortSignal.any([AbortSignal.abort(), new AbortController().signal]).aborted);
});
`,
});

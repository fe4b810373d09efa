import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'The text of a Blob keeps its mark; headers and patterns that are none are refused without a cause.',
  rows: ['1.global-scope'],
  config: objects({}),
  program: `
import { worker } from './prelude.js';
const MARK = '\\ufeff';
const headers = (f) => () => { const all = new Headers({ x: 'y' }); const got = f(all); return [got, [...all]] };

export default worker(async ({ say }) => {
  await say('text of a Blob', () => new Blob([MARK + 'a']).text().then((text) => text.length));
  await say('text of one with two marks', () => new Blob([MARK, MARK + 'a']).text().then((text) => text.length));
  await say('text of a File', () => new File([MARK + 'a'], 'x').text().then((text) => text.length));
  await say('text of a part', () => new Blob([MARK + 'abc']).slice(0, 4).text().then((text) => text.length));
  await say('text of a body as a Blob', () => new Response(MARK + 'a').blob().then((blob) => blob.text()).then((text) => text.length));
  await say('text of what is no UTF-8', () => new Blob([Uint8Array.of(97, 255, 98)]).text());
  await say('how it is written down', () => [Blob.prototype.text.name, Blob.prototype.text.length]);

  for (const value of ['a\\nb', 'a\\0b', 'a\\rb']) {
    await say('a value that is none, set', headers((all) => all.set('x', value)));
    await say('a value that is none, appended', headers((all) => all.append('x', value)));
    await say('a value that is none, at first', () => new Headers({ x: value }));
    await say('a value that is none, of a response', () => new Response('', { headers: { x: value } }));
  }
  for (const name of ['a b', 'a:']) {
    await say('a name that is none, asked for', headers((all) => all.get(name)));
    await say('a name that is none, looked for', headers((all) => all.has(name)));
    await say('a name that is none, taken away', headers((all) => all.delete(name)));
    await say('a name that is none, set', headers((all) => all.set(name, 'x')));
  }
  await say('names that are some', headers((all) => [all.get('X'), all.has('x'), all.get('none'), all.delete('none')]));
  await say('no name', headers((all) => all.get()));

  const patterns = [[{ pathname: '/(' }], [{ pathname: '/:a/:a' }], [{ pathname: '/{a' }], ['nope'], ['/a', 'nope'], [5], ['http://x/(['], [{ port: 'x' }], [{ protocol: '(' }], [{}, 'http://x'], [{ hostname: '[' }], [{ baseURL: 'nope' }], [{ pathname: '/(?a)' }]];
  for (const given of patterns) await say('a pattern of ' + JSON.stringify(given), () => new URLPattern(...given));
  await say('a pattern of all', () => { const { protocol, pathname } = new URLPattern(); return [protocol, pathname] });
  await say('a pattern with options', () => [new URLPattern('http://x/a', 'http://x', { ignoreCase: true }).test('http://x/A'), new URLPattern({ pathname: '/a' }, { ignoreCase: true }).test('http://x/A'), new URLPattern({ pathname: '/a' }).test('http://x/A')]);
  await say('a pattern of what throws', () => new URLPattern({ get pathname() { throw new RangeError('mine') } }));
  const pattern = new URLPattern({ pathname: '/a/:b' });
  await say('tested with both', () => pattern.test({ pathname: '/a/b' }, 'http://x'));
  await say('executed with both', () => pattern.exec({ pathname: '/a/b' }, 'http://x'));
  await say('tested', () => [pattern.test('http://x/a/b'), pattern.test('http://x/b'), pattern.test('nope'), pattern.test()]);
  await say('executed', () => [pattern.exec('http://x/a/b').pathname.groups, pattern.exec('http://x/b')]);
  await say('names', () => [URLPattern.name, URLPattern.length, pattern.constructor === URLPattern, pattern instanceof URLPattern, pattern.test.name, pattern.exec.length]);
  await say('a class that extends it', () => { class Mine extends URLPattern { own() { return 'own' } } const mine = new Mine({ pathname: '/a' }); return [mine.own(), mine instanceof Mine, mine.test('http://x/a')] });
});
`,
});

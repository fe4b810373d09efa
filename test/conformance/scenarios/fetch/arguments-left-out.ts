import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Headers want a value, a form takes a file name for a text too, and a body that was read is refused before its type is.',
  rows: ['3.fetch', 'web.answers'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker } from './prelude.js';

export class Obj extends DurableObject { fetch(request) { return new Response(request.method) } }
const headers = (f) => () => { const given = new Headers({ a: '1' }); const result = f(given); return [result, [...given]] };
const fields = (form) => [...form].map(([name, value]) => [name, typeof value === 'string' ? value : [value.name, value.type, value.size]]);
const form = (f) => () => { const made = new FormData(); f(made); return fields(made) };
const body = (content, type, before, f = (x) => x.formData()) => async () => { const given = new Response(content, type ? { headers: { 'content-type': type } } : {}); await before(given); const read = await f(given); return read instanceof FormData ? fields(read) : read };

export default worker(async ({ say, env }) => {
  await say('set one', headers((h) => h.set('b')));
  await say('set none', headers((h) => h.set()));
  await say('set undefined', headers((h) => h.set('b', undefined)));
  await say('append one', headers((h) => h.append('b')));
  await say('append none', headers((h) => h.append()));
  await say('append undefined', headers((h) => h.append('b', undefined)));
  await say('getAll none', headers((h) => h.getAll()));
  await say('set a bad name alone', headers((h) => h.set('a b')));
  await say('set on immutable ones', () => Response.redirect('http://x/').headers.set('b'));

  await say('a text', form((f) => f.append('a', 'b')));
  await say('a text with a file name', form((f) => f.append('a', 'b', 'name.txt')));
  await say('a number with a file name', form((f) => f.set('a', 5, 'name.txt')));
  await say('a blob', form((f) => f.append('field', new Blob(['b'], { type: 'a/b' }))));
  await say('a blob, set', form((f) => f.set('field', new Blob(['b']))));
  await say('a blob with a file name', form((f) => f.append('field', new Blob(['b']), 'name.txt')));
  await say('a file', form((f) => f.append('field', new File(['b'], 'its.txt'))));
  await say('a file with another name', form((f) => f.append('field', new File(['b'], 'its.txt'), 'other.txt')));
  await say('a blob that was sent', async () => { const sent = new FormData(); sent.append('field', new Blob(['b'])); return fields(await new Response(sent).formData()) });
  await say('one', form((f) => f.append('a')));
  await say('none', form((f) => f.append()));
  await say('a symbol', form((f) => f.append('a', Symbol('s'))));

  await say('read, of a type that is no form', body('text', undefined, (x) => x.text()));
  await say('read, without a type', body(new Uint8Array(1), undefined, (x) => x.text()));
  await say('locked, of a type that is no form', body('text', undefined, (x) => { x.body.getReader() }));
  await say('cancelled, of a type that is no form', body('text', undefined, (x) => { x.body.cancel() }));
  await say('no body, of no type', body(null, undefined, () => {}));
  await say('of a type that is no form', body('text', undefined, () => {}));

  const o = env.OBJ.getByName('a');
  for (const init of [600, 'text', true, null, undefined, Symbol('s'), () => 1, []]) await say('fetch of a stub with ' + String(init), async () => (await o.fetch('http://x/', init)).text());
  for (const init of [600, 'text', null, () => 1]) await say('Response.json with ' + String(init), async () => (await Response.json(1, init)).status);
  for (const init of [600, 'text', null, () => 1]) await say('Response with ' + String(init), () => new Response('', init).status);
  for (const options of [600, 'text', null]) await say('getByName with ' + options, () => typeof env.OBJ.getByName('a', options));
  for (const options of [600, 'text', null]) await say('get with ' + options, () => typeof env.OBJ.get(env.OBJ.idFromName('a'), options));
});
`,
});

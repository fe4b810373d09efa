import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'MIMEType of node:util takes a type apart, changes it, and writes it down again.',
  rows: ['17.nodejs-compat'],
  config: { ...objects({}), compatibility_flags: ['nodejs_compat'] },
  program: `
import { MIMEParams, MIMEType } from 'node:util';
import * as util from 'node:util';
import { worker, tag } from './prelude.js';

export default worker(async ({ say }) => {
  await say('taken apart', () => {
    const mime = new MIMEType('Text/Plain; Charset="utf-8"; x=y z');
    return [String(mime), mime.type, mime.subtype, mime.essence, String(mime.params), [...mime.params], mime.params === mime.params, JSON.stringify({ mime })];
  });
  await say('parameters', () => { const { params } = new MIMEType('a/b;charset=utf-8;x="y z"'); return [params.get('charset'), params.get('CHARSET'), params.get('none'), params.has('x'), params.has('X'), params.has('none'), [...params.keys()], [...params.values()], [...params.entries()]] });
  for (const text of ['a/b', 'a/b;c=d;C=e', 'a/b;x=""', 'a/b;=q', ' a/b ', 'a/b;x="y', 'multipart/form-data;boundary=A', 'a/b;x=1;', 'a/b; x="q,r"'])
    await say('of ' + JSON.stringify(text), () => String(new MIMEType(text)));
  for (const text of ['', 'x', 'a/', '/b', 'a b/c', 5, null, undefined, {}]) await say('of ' + JSON.stringify(text), () => String(new MIMEType(text)));
  await say('of nothing', () => new MIMEType());
  await say('changed', () => { const mime = new MIMEType('a/b;o=1'); mime.type = 'C'; mime.subtype = 'D+x'; mime.params.set('Q', 'r s'); mime.params.set('z', '1'); mime.params.set('O', '2'); mime.params.delete('z'); mime.params.delete('none'); return [String(mime), mime.essence, [...mime.params]] });
  await say('a type that is none', () => { new MIMEType('a/b').type = 'x y' });
  await say('a subtype that is none', () => { new MIMEType('a/b').subtype = '' });
  await say('an essence', () => { 'use strict'; const mime = new MIMEType('a/b'); try { mime.essence = 'x/y' } catch (error) { return [error.name, String(mime)] } return String(mime) });
  await say('parameters of their own', () => { const params = new MIMEParams(); params.set('A', 'b'); params.set('c', 'd e'); return [String(params), JSON.stringify(params), [...params], params.toString()] });
  await say('what they are', () => [tag(new MIMEParams()), tag(new MIMEType('a/b')), new MIMEType('a/b').params instanceof MIMEParams, util.default.MIMEType === MIMEType, MIMEType.name, MIMEParams.name, MIMEType.length]);
});
`,
});

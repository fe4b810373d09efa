import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Handlers read and write text, whatever the encoding of the document is, and run in the asynchronous context of transform().',
  rows: ['1.html-rewriter', '1.async-local-storage'],
  config: { compatibility_flags: ['nodejs_compat'] },
  program: `
import { AsyncLocalStorage } from 'node:async_hooks';
import { worker, sleep } from './prelude.js';
export class Obj {}

const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
const ascii = (text) => new TextEncoder().encode(text);
const documents = {
  gb2312: [0xc4, 0xe3, 0xba, 0xc3], gbk: [0xc4, 0xe3, 0x81, 0x40, 0x80], gb18030: [0xc4, 0xe3, 0x81, 0x30, 0x81, 0x30, 0x95, 0x32, 0x82, 0x36],
  big5: [0xa7, 0x41, 0xa6, 0x6e, 0xa4, 0x51], 'big5-hkscs': [0xa7, 0x41], 'euc-jp': [0xa4, 0xb3, 0x8e, 0xb1], shift_jis: [0x82, 0xb1, 0xb1, 0x83, 0x5c, 0xfa, 0x5c], 'euc-kr': [0xbe, 0xc8, 0xb3, 0xe7],
  'windows-1251': [0xcf, 0xf0], 'x-user-defined': [0xcf, 0x41],
};
const rewritten = (name, bytes, handlers, cut) => {
  const whole = new Uint8Array([...ascii('<p title="'), ...bytes, ...ascii('">'), ...bytes, ...ascii('</p>')]);
  const body = cut ? new ReadableStream({ start(c) { for (const byte of whole) c.enqueue(new Uint8Array([byte])); c.close(); } }) : whole;
  return new HTMLRewriter().on('p', handlers).transform(new Response(body, { headers: { 'content-type': 'text/html; charset=' + name } }));
};
const read = async (response) => new Uint8Array(await response.arrayBuffer());

export default worker(async ({ say }) => {
  for (const [name, bytes] of Object.entries(documents)) {
    await say(name, async () => {
      const seen = [];
      const out = await read(rewritten(name, bytes, {
        element(e) { seen.push(e.getAttribute('title')); e.setAttribute('lang', e.getAttribute('title')); e.append('\\u00e9\\u4f60\\u597d\\u3053\\uc548\\u20ac\\u2550\\ud83d\\ude00'); },
        text(t) { if (t.text) seen.push(t.text); },
      }));
      return [seen, hex(out)];
    });
    if (name === 'gb18030' || name === 'shift_jis') await say(name + ', byte by byte', async () => { const texts = []; const out = await read(rewritten(name, bytes, { text(t) { texts.push(t.text); } }, true)); return [texts.join(''), hex(out)]; });
  }
  await say('untouched, in the other spelling of shift_jis', async () => hex(await read(rewritten('shift_jis', [0xed, 0x40], {}))));
  await say('untouched, of JIS X 0212', async () => hex(await read(rewritten('euc-jp', [0x8f, 0xa2, 0xaf], {}))));
  await say('written, of JIS X 0212', async () => hex(await read(rewritten('euc-jp', [0x41], { element(e) { e.append('\\u02d8'); } }))));
  for (const name of ['utf-16le', 'utf-16', 'iso-2022-jp', 'nonsense', 'replacement', 'hz-gb-2312']) await say(name, () => rewritten(name, [0x41], {}).text());

  const storage = new AsyncLocalStorage();
  await say('asynchronous context', async () => {
    const seen = [];
    const note = (what) => seen.push(what + ' ' + storage.getStore());
    const rewriter = storage.run('made', () => new HTMLRewriter().on('p', {
      async element(e) { note('element'); await sleep(1); note('element, later'); e.onEndTag(() => note('end tag')); },
      comments() { note('comment'); },
      text(t) { if (t.lastInTextNode) note('text'); },
    }).onDocument({ doctype() { note('doctype'); }, end() { note('end'); } }));
    const response = storage.run('transformed', () => rewriter.transform(new Response('<!doctype html><p>a<!-- b --></p>')));
    await storage.run('read', () => response.text());
    return seen;
  });
});
`,
});

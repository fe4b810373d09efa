/** What an HTMLRewriter makes of a document, whatever its program has done to the built-ins. */
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { charsetOf } from '../../src/isolate/html-charset.ts';
import { Held } from '../../src/isolate/html-content.ts';
import type { HtmlHooks } from '../../src/protocol/html-hooks.ts';
import { Breakage } from '../support/breakage.ts';
import { withBrokenBuiltIns } from '../support/broken-built-ins.ts';
import { type BuiltIn, builtInsOf, languageGlobals } from '../support/each-built-in.ts';

const BUILT_INS = builtInsOf([
  ...languageGlobals(runInNewContext('globalThis') as object),
  'TextDecoder',
  'TextEncoder',
  'ReadableStream',
  'ReadableStreamDefaultReader',
]);
/** The language asks for it where one promise follows from another, or Node's own streams and decoder do. */
const ASKED = [
  'Promise',
  'Promise.Symbol(Symbol.species)',
  'Promise.prototype.constructor',
  'Promise.prototype.finally',
  'Promise.prototype.then',
  'TextDecoder.prototype.encoding',
];
const LETTER_A = new Uint8Array([0x61]);

test.each([
  ['windows-1251', 'Ж\u{1F600}', [0xc6, ...ascii('&#128512;')]],
  ['shift_jis', 'あ表\u{1F600}', [0x82, 0xa0, 0x95, 0x5c, ...ascii('&#128512;')]],
  ['big5', '十a', [0xa4, 0x51, 0x61]],
  ['gb18030', '中\u{1F600}', [0xd6, 0xd0, 0x94, 0x39, 0xfc, 0x36]],
  ['euc-kr', '가', [0xb0, 0xa1]],
])('a document in %s is read and written while every built-in is broken', (encoding, text, bytes) => {
  const utf8 = new TextEncoder().encode(text);
  const type = `text/html; charset=${encoding}`;
  const made = withBrokenBuiltIns(() => {
    const charset = charsetOf(type);
    return charset && [charset.fromUtf8(utf8), charset.fromUtf8(undefined), charset.toUtf8(LETTER_A)];
  });
  expect(made?.map((one) => [...one])).toEqual([bytes, [], [0x61]]);
});

test('content that is text or a stream is put in without a built-in of the program', async () => {
  const put: unknown[] = [];
  const raw = {
    free() {},
    append(text: string, options: unknown) {
      put[put.length] = [text, options];
    },
  };
  const hooks = { isResponse: () => false, Response: class {} } as unknown as HtmlHooks;
  const held = new Held(raw, 'Element', hooks);
  const stream = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('ä'));
      controller.enqueue('b');
      controller.close();
    },
  });
  const touched = new Set<BuiltIn>();
  const ended = await Breakage.watching(BUILT_INS, touched).during(() => {
    held.put('append', ['text', { html: 1 }]);
    held.put('append', [stream]);
    held.put('append', ['later', null]);
    return held.settle();
  });
  expect(ended).toEqual({});
  expect(put).toEqual([
    ['text', { html: true }],
    ['äb', { html: false }],
    ['later', { html: false }],
  ]);
  expect([...touched].map(({ name }) => name).filter((name) => !ASKED.includes(name))).toEqual([]);
});

function ascii(text: string): number[] {
  return [...text].map((character) => character.charCodeAt(0));
}

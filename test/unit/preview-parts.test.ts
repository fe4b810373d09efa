/**
 * Parts of the preview that need no browser: what a frame may say, where it has been, event streams, candidates of images.
 */
import { describe, expect, test } from 'vitest';
import { receiveStream, sendStream } from '../../src/base/port-stream.ts';
import { History } from '../../src/client/preview-history.ts';
import { readSrcset, writeSrcset } from '../../src/preview/addresses.ts';
import { EventReader } from '../../src/preview/event-source.ts';
import { readFromFrame } from '../../src/protocol/preview.ts';

describe('what a frame may say', () => {
  const request = {
    url: 'http://localhost:8787/',
    method: 'POST',
    headers: [['a', 'b']],
    body: new ArrayBuffer(1),
    redirect: 'follow',
    hasCookies: true,
    destination: '',
  };
  const navigation = { url: '/', isReplacing: false, form: undefined };

  test.each<[string, unknown]>([
    ['a request', { t: 'fetch', id: 1, request }],
    ['a page', { t: 'navigate', to: navigation }],
    [
      'a form',
      { t: 'navigate', to: { ...navigation, form: { method: 'POST', type: 'a/b', body: new ArrayBuffer(0) } } },
    ],
    ['a step', { t: 'go', delta: -1 }],
    ['a state', { t: 'state', url: '/', state: { any: [1] }, isReplacing: true }],
    ['a store', { t: 'store', area: 'local', entries: [['a', 'b']] }],
    ['a cookie', { t: 'cookie', text: 'a=1' }],
    ['a socket', { t: 'socket', id: 1, url: 'ws://x/', protocols: ['a'] }],
    ['a frame', { t: 'socket-send', id: 1, data: 'text' }],
    ['a goodbye', { t: 'socket-close', id: 1, code: 3000, reason: 'x' }],
  ])('%s', (_name, message) => expect(readFromFrame(message)).toEqual(message));

  test('more than is asked for is left behind', () => {
    expect(readFromFrame({ t: 'go', delta: 1, more: 'x' })).toEqual({ t: 'go', delta: 1 });
    expect(readFromFrame({ t: 'fetch', id: 1, request: { ...request, signal: {} } })).toEqual({
      t: 'fetch',
      id: 1,
      request,
    });
  });

  test.each<[string, unknown]>([
    ['nothing', null],
    ['a text', 'fetch'],
    ['no kind', {}],
    ['another kind', { t: 'document' }],
    ['no number', { t: 'abort', id: '1' }],
    ['a number that is none', { t: 'abort', id: 1.5 }],
    ['a number too large', { t: 'abort', id: 2 ** 40 }],
    ['a method that is none', { t: 'fetch', id: 1, request: { ...request, method: 'A B' } }],
    ['a header that is none', { t: 'fetch', id: 1, request: { ...request, headers: [['a b', 'c']] } }],
    ['a header that is two', { t: 'fetch', id: 1, request: { ...request, headers: [['a', 'b\r\nc: d']] } }],
    ['headers of something else', { t: 'fetch', id: 1, request: { ...request, headers: { a: 'b' } } }],
    ['a GET with a body', { t: 'fetch', id: 1, request: { ...request, method: 'GET' } }],
    ['a body that is none', { t: 'fetch', id: 1, request: { ...request, body: 'text' } }],
    ['an unknown destination', { t: 'fetch', id: 1, request: { ...request, destination: 'document' } }],
    [
      'a form by another method',
      { t: 'navigate', to: { ...navigation, form: { method: 'DELETE', type: '', body: new ArrayBuffer(0) } } },
    ],
    [
      'a type that is two',
      { t: 'navigate', to: { ...navigation, form: { method: 'POST', type: 'a\nb', body: new ArrayBuffer(0) } } },
    ],
    ['an address too long', { t: 'navigate', to: { ...navigation, url: 'x'.repeat(70_000) } }],
    ['a store too large', { t: 'store', area: 'local', entries: [['a', 'x'.repeat(11_000_000)]] }],
    ['another store', { t: 'store', area: 'cloud', entries: [] }],
    ['an endless step', { t: 'go', delta: Number.POSITIVE_INFINITY }],
    ['a close code of the browser', { t: 'socket-close', id: 1, code: 1006, reason: '' }],
    ['protocols that are none', { t: 'socket', id: 1, url: 'ws://x/', protocols: 'a' }],
  ])('but not %s', (_name, message) => expect(readFromFrame(message)).toBe(undefined));
});

test('a history drops what lay ahead, and knows which entries are of one document', () => {
  const history = new History();
  const push = { kind: 'push' } as const;
  const first = history.show('/a', undefined, push);
  history.step('/a#x', { n: 1 }, false);
  history.show('/b', undefined, push);
  expect([history.length, history.has(1), history.at(-1)?.url]).toEqual([3, false, '/a#x']);
  const back = history.show('/a#x', undefined, { kind: 'step', delta: -1 });
  expect(back.state).toEqual({ n: 1 });
  expect(back.document).not.toBe(first.document);
  expect(history.at(-1)).toMatchObject({ url: '/a', document: back.document });
  history.show('/c', undefined, push);
  expect([history.length, history.has(1)]).toEqual([3, false]);
  history.show('/d', undefined, { kind: 'replace' });
  expect([history.length, history.current?.url, history.at(-1)?.url]).toEqual([3, '/d', '/a#x']);
});

describe('an event stream', () => {
  test.each([
    ['data: a\n\n', [['message', 'a', '']]],
    [
      '\ufeffdata:a\r\n\r\ndata\rdata\r\r\n',
      [
        ['message', 'a', ''],
        ['message', '\n', ''],
      ],
    ],
    ['event: x\nid: 7\ndata: 1\ndata:  2\n\n', [['x', '1\n 2', '7']]],
    [': only\nevent: x\n\ndata: y\n\n', [['message', 'y', '']]],
    [
      'id: 1\ndata: a\n\nid\ndata: b\n\n',
      [
        ['message', 'a', '1'],
        ['message', 'b', ''],
      ],
    ],
    ['data: cut', []],
  ])('%j', (text, events) => {
    for (const pieces of [[text], [...text]]) {
      const reader = new EventReader();
      const seen = pieces.flatMap((piece) => reader.read(piece));
      expect(seen.map(({ type, data, lastEventId }) => [type, data, lastEventId])).toEqual(events);
    }
  });

  test('says when to come back', () => {
    const reader = new EventReader();
    reader.read('retry: 10\nretry: soon\n\n');
    expect(reader.retryMs).toBe(10);
  });
});

test('candidates of an image', () => {
  const text = 'a.png, b,c.png 2x ,data:image/png;base64,AA== 100w,d.png';
  expect(readSrcset(text)).toEqual([
    { address: 'a.png', descriptor: '' },
    { address: 'b,c.png', descriptor: '2x' },
    { address: 'data:image/png;base64,AA==', descriptor: '100w' },
    { address: 'd.png', descriptor: '' },
  ]);
  expect(writeSrcset(readSrcset('a.png 1x, b.png 2x'))).toBe('a.png 1x, b.png 2x');
});

describe('a stream over a port', () => {
  const ports = () => new MessageChannel();
  const bytes = (...numbers: number[]): Uint8Array<ArrayBuffer> => new Uint8Array(numbers);

  test('is drawn by its reader, and ends', async () => {
    const { port1, port2 } = ports();
    let made = 0;
    const source = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          made += 1;
          if (made > 50) controller.close();
          else controller.enqueue(bytes(made));
        },
      },
      { highWaterMark: 0 },
    );
    sendStream(source, port1);
    const reader = receiveStream(port2).getReader();
    expect((await reader.read()).value).toEqual(bytes(1));
    expect(made).toBeLessThan(5);
    let last: number | undefined;
    for (let read = await reader.read(); !read.done; read = await reader.read()) last = read.value[0];
    expect(last).toBe(50);
  });

  test('fails with the words of its source, and stops it when it is given up', async () => {
    const failing = ports();
    sendStream(new ReadableStream({ pull: () => Promise.reject(new Error('torn')) }), failing.port1);
    await expect(receiveStream(failing.port2).getReader().read()).rejects.toThrow('torn');

    const given = ports();
    const cancelled = new Promise<unknown>((resolve) => {
      sendStream(new ReadableStream({ pull: (out) => out.enqueue(bytes(1)), cancel: resolve }), given.port1);
    });
    await receiveStream(given.port2).cancel('enough');
    expect(await cancelled).toBe('the reader wants no more');
  });
});

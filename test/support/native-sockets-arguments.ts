/** Scripts for any class `WebSocket`: what is handed to it, and what it refuses. */
import { opened, type Script, tried } from './native-sockets-words.ts';

export const ARGUMENTS: Readonly<Record<string, (script: Script) => Promise<void>>> = {
  async 'protocols that are none'(script) {
    const { WebSocket: Class, base } = script;
    const given: unknown[] = [
      '',
      ' ',
      'a b',
      'a,b',
      'é',
      'a/b',
      '\x7f',
      'a\\b',
      '(a)',
      [''],
      ['a', 'a'],
      ['a', 'A', 'a'],
    ];
    given.push(
      ['a', 'b c'],
      ['a', null, null],
      {},
      Symbol(),
      [Symbol()],
      new Set(['a', 'a']),
      [undefined],
      ['a/b', 'c', 'c'],
    );
    given.push(['c', 'c', 'a/b'], 5, null, true, []);
    for (const [at, protocols] of given.entries())
      tried(script, `${at}`, () => new Class(`${base}/refused`, protocols as string[]).protocol);
    tried(script, 'bad in both', () => new Class('nothing:', 'a b').url);
    tried(script, 'bad in both', () => new Class('nothing:', Symbol() as unknown as string).url);
  },

  async 'addresses that are none'(script) {
    const { WebSocket: Class, base } = script;
    const host = base.slice('ws://'.length);
    const given = [
      'http://',
      'ftp://example.com',
      'ws://exa mple/',
      'ws://localhost:99999',
      `${base}/#`,
      `${base}/#a b`,
    ];
    const more = [
      'mailto:a@b',
      'javascript:1',
      'blob:x',
      'ws:',
      'wss://[::1',
      'data:,a',
      'about:blank',
      'wss://a/#%20é',
    ];
    for (const url of [...given, ...more]) tried(script, url.replace(base, ''), () => new Class(url).url);
    tried(script, 'symbol', () => new Class(Symbol() as unknown as string));
    tried(script, 'nothing', () => new (Class as unknown as new () => object)());
    tried(script, 'without new', () => (Class as unknown as () => object)());
    for (const url of [`http://${host}/refused?a b#`.slice(0, -1), `WS://${host}/refused/../refused/é`]) {
      tried(script, url.replace(host, '<host>'), () => {
        const socket = new Class(url);
        socket.close();
        return socket.url;
      });
    }
    tried(script, 'an URL', () => new Class(new URL(`${base}/refused`)).url);
    tried(script, 'an object', () => new Class({ toString: () => `${base}/refused` } as unknown as string).url);
  },

  async 'codes and reasons that are none'(script) {
    const { socket } = await opened(script, '/worker');
    const codes = [0, 1, 999, 1001, 1004, 1005, 1006, 1015, 2999, 5000, 65535, 66536, -1, Number.NaN, 999.4, 999.6];
    for (const code of [...codes, Infinity, null, 'x', '2000', {}, true]) {
      tried(script, `${JSON.stringify(code)} ${code}`, () => socket.close(code as number));
    }
    tried(script, 'a long reason', () => socket.close(1000, 'x'.repeat(124)));
    tried(script, 'a long reason of other characters', () => socket.close(1000, 'é'.repeat(62)));
    tried(script, 'a symbol', () => socket.close(1000, Symbol() as unknown as string));
    tried(script, 'a symbol for a code', () => socket.close(Symbol() as unknown as number));
    tried(script, 'a big one', () => socket.close(1000n as unknown as number));
    tried(script, 'a reason and a bad code', () => socket.close(5, 'x'.repeat(124)));
    script.say(`state ${socket.readyState}`);
    tried(script, 'good', () =>
      socket.close('1000' as unknown as number, { toString: () => 'why' } as unknown as string),
    );
    script.say(`state ${socket.readyState}`);
    tried(script, 'closing, bad code', () => socket.close(5));
    await new Promise((resolve) => socket.addEventListener('close', resolve));
    tried(script, 'closed, bad code', () => socket.close(5));
    tried(script, 'closed, long reason', () => socket.close(1000, 'x'.repeat(124)));
  },

  async 'codes that are read as others'(script) {
    for (const code of [999.5, 1000.4, 3000.9, '4000', [3005]]) {
      const heard = await opened(script, '/worker');
      tried(script, String(code), () => heard.socket.close(code as number));
      if (heard.socket.readyState === 1) heard.socket.close();
      await heard.next('close');
    }
    for (const args of [
      [undefined, 'r'],
      [1000, undefined],
      [1000, null],
      [3000, '\ud800'],
    ] as [number, string][]) {
      const heard = await opened(script, '/worker');
      tried(script, JSON.stringify(args), () => heard.socket.close(...args));
      if (heard.socket.readyState === 1) heard.socket.close(3333);
      await heard.next('close');
    }
  },
};

/**
 * The same scripts for any class `WebSocket`: the browser's own, connected to workerd, and `sim.WebSocket`, on the same program.
 */
import { ARGUMENTS } from './native-sockets-arguments.ts';
import { Heard, opened, type Script, tried } from './native-sockets-words.ts';

/** What is asked of a socket whose other end does what its path says. */
export const SCRIPTS: Readonly<Record<string, (script: Script) => Promise<void>>> = {
  async 'opens, is told, and closes with a code and a reason'(script) {
    for (const who of ['worker', 'object']) {
      const heard = await opened(script, `/${who}`);
      const { url, protocol, extensions, readyState, bufferedAmount, binaryType } = heard.socket;
      const path = url.replace(script.base, '');
      script.say(`${path}|${protocol}|${extensions}|${readyState}|${bufferedAmount}|${binaryType}`);
      heard.socket.send('a');
      await heard.next('message');
      heard.socket.close(3001, 'we are done \u{1F600}');
      script.say(`state ${heard.socket.readyState}`);
      heard.socket.close(4000, 'again');
      await heard.next('close');
      heard.socket.close();
      script.say(`state ${heard.socket.readyState}`);
    }
  },

  async 'each way to close'(script) {
    for (const who of ['worker', 'object']) {
      for (const [code, reason] of [[], [1000], [3000], [4999, ''], [1000, 'x'.repeat(123)]] as [number?, string?][]) {
        const heard = await opened(script, `/${who}`);
        heard.socket.close(code, reason);
        await heard.next('close');
      }
    }
  },

  async 'the server closes'(script) {
    for (const who of ['worker', 'object']) {
      for (const how of ['', '1000', '1000,bye', '3456,bye \u{1F600}', '1011,oops', '1001', '1008', '4999']) {
        const heard = await opened(script, `/${who}`);
        heard.socket.send(`close ${how}`);
        await heard.next('close');
      }
    }
  },

  async 'messages and a close of one turn come in their order'(script) {
    for (const who of ['worker', 'object']) {
      const heard = await opened(script, `/${who}`);
      heard.socket.send('burst');
      await heard.next('close');
    }
  },

  async 'what is said at once comes after open'(script) {
    const heard = await opened(script, '/greeting');
    await heard.next('message');
    heard.socket.close(1000);
    await heard.next('close');
  },

  async 'the server is gone'(script) {
    const heard = await opened(script, '/object');
    heard.socket.send('abort');
    await heard.next('close');
    heard.socket.send('into the void');
    script.say(`${heard.socket.readyState} ${heard.socket.bufferedAmount}`);
  },

  async 'the server closes, and what is sent meanwhile counts'(script) {
    const heard = await opened(script, '/worker');
    heard.socket.close(1000);
    heard.socket.send('12345');
    heard.socket.send(new Uint8Array(3));
    heard.socket.send(new Blob(['ab']));
    heard.socket.send('\u{1F600}');
    script.say(`${heard.socket.readyState} ${heard.socket.bufferedAmount}`);
    await heard.next('close');
    heard.socket.send('12345');
    script.say(`${heard.socket.readyState} ${heard.socket.bufferedAmount}`);
  },

  async protocols(script) {
    for (const asked of [['chat'], ['a', 'chat'], 'chat']) {
      const heard = await opened(script, '/worker?protocol=chat', asked);
      script.say(`${JSON.stringify(asked)}: ${heard.socket.protocol}`);
      heard.socket.close();
      await heard.next('close');
    }
    // Who is answered with none, or with one that was not asked for, is not connected.
    for (const [path, asked] of [
      ['/worker', ['chat']],
      ['/worker?protocol=other', ['chat', 'a']],
      ['/worker?protocol=other', undefined],
    ] as const) {
      const heard = new Heard(script, new script.WebSocket(script.base + path, asked && [...asked]));
      await heard.next('close');
      script.say(`${heard.socket.readyState} ${heard.socket.protocol}`);
    }
  },

  ...ARGUMENTS,

  async 'while it connects'(script) {
    const heard = new Heard(script, new script.WebSocket(`${script.base}/worker`));
    const { socket } = heard;
    script.say(`${socket.readyState} ${socket.bufferedAmount} ${socket.protocol}|${socket.extensions}`);
    tried(script, 'send', () => socket.send('early'));
    tried(script, 'send nothing', () => (socket.send as () => void)());
    tried(script, 'send a symbol', () => socket.send(Symbol() as unknown as string));
    tried(script, 'bad close', () => socket.close(1));
    script.say(`${socket.readyState} ${socket.bufferedAmount}`);
    socket.close(3000, 'changed my mind');
    script.say(`state ${socket.readyState}`);
    tried(script, 'send', () => socket.send('12'));
    await heard.next('close');
    script.say(`${socket.readyState} ${socket.bufferedAmount}`);
  },

  async refused(script) {
    for (const path of [
      '/refused',
      '/refused?status=200',
      '/refused?status=500',
      '/throws',
      '/refused?status=302',
      '/never',
    ]) {
      const heard = new Heard(script, new script.WebSocket(script.base + path));
      await heard.next('error');
      await heard.next('close');
    }
  },

  async texts(script) {
    const heard = await opened(script, '/worker');
    const given = [
      '',
      'a',
      '\u{1F600} é',
      '\ud800x',
      '\udc00',
      '\0',
      'x'.repeat(70_000).length,
      null,
      undefined,
      {},
      5,
      true,
      [1, 2],
      new Date(Number.NaN),
    ];
    for (const text of given) {
      heard.socket.send(text as string);
      await heard.next('message');
    }
    tried(script, 'nothing', () => (heard.socket.send as () => void)());
    tried(script, 'a symbol', () => heard.socket.send(Symbol() as unknown as string));
    heard.socket.close();
    await heard.next('close');
  },

  async bytes(script) {
    const heard = await opened(script, '/worker');
    const { socket } = heard;
    const bytes = new Uint8Array([0, 1, 2, 253, 254, 255]);
    const given = [
      bytes,
      bytes.buffer,
      bytes.subarray(1, 3),
      new DataView(bytes.buffer, 4),
      new Uint16Array(bytes.buffer),
    ];
    const more = [new Blob([bytes]), new Blob(['text'], { type: 'text/plain' }), new Blob([]), new ArrayBuffer(0)];
    for (const type of ['blob', 'arraybuffer'] as const) {
      socket.binaryType = type;
      for (const data of [...given, ...more]) {
        socket.send(data);
        await heard.next('message');
      }
    }
    for (const type of ['x', '', 'Blob', null, undefined, 'blob']) {
      tried(script, `binaryType ${type}`, () => {
        socket.binaryType = type as BinaryType;
        return socket.binaryType;
      });
    }
    tried(script, 'resizable', () => socket.send(resizable()));
    tried(script, 'a view of resizable', () => socket.send(new Uint8Array(resizable())));
    const gone = new Uint8Array(2);
    structuredClone(gone, { transfer: [gone.buffer] });
    socket.send(gone);
    await heard.next('message');
    const changed = new Uint8Array([1]);
    socket.send(changed);
    changed[0] = 2;
    await heard.next('message');
    socket.close();
    await heard.next('close');
  },

  async 'blobs keep their place'(script) {
    const heard = await opened(script, '/worker');
    heard.socket.send('1');
    heard.socket.send(new Blob(['2']));
    heard.socket.send('3');
    heard.socket.send(new Uint8Array([4]));
    heard.socket.close(1000);
    await heard.next('close');
  },

  async 'what is sent counts as buffered until the task is over'(script) {
    const heard = await opened(script, '/worker');
    const { socket } = heard;
    socket.send('12345');
    script.say(`text ${socket.bufferedAmount}`);
    socket.send(new Uint8Array(10));
    script.say(`bytes ${socket.bufferedAmount}`);
    socket.send(new Blob(['123']));
    script.say(`blob ${socket.bufferedAmount}`);
    await undefined;
    script.say(`microtask ${socket.bufferedAmount}`);
    for (let i = 0; i < 3; i++) await heard.next('message');
    script.say(`answered ${socket.bufferedAmount}`);
    socket.close();
    await heard.next('close');
  },

  async 'handlers among listeners'(script) {
    const { say } = script;
    const socket = new script.WebSocket(`${script.base}/worker`);
    const listener = () => say('listener');
    socket.addEventListener('message', listener);
    socket.addEventListener('message', listener);
    socket.onmessage = function (this: WebSocket, event) {
      say(`handler ${this === socket} ${event.data}`);
      return false;
    };
    socket.addEventListener('message', () => say('once'), { once: true });
    socket.addEventListener('message', {
      handleEvent(event) {
        say(`object ${event.type}`);
      },
    });
    socket.addEventListener('message', () => say('captured'), true);
    const stop = new AbortController();
    socket.addEventListener('message', () => say('until aborted'), { signal: stop.signal });
    let count = 0;
    socket.addEventListener('message', (event) => {
      event.preventDefault();
      say(`last ${event.defaultPrevented} ${++count}`);
    });
    await new Promise((resolve) => socket.addEventListener('open', resolve));
    socket.send('a');
    await new Promise((resolve) => socket.addEventListener('message', resolve, { once: true }));
    socket.removeEventListener('message', listener);
    stop.abort();
    socket.onmessage = () => say('another handler');
    socket.send('b');
    await new Promise((resolve) => socket.addEventListener('message', resolve, { once: true }));
    socket.onmessage = null;
    socket.addEventListener('message', (event) => event.stopImmediatePropagation(), true);
    socket.send('c');
    socket.send('close 1000');
    await new Promise((resolve) => {
      socket.onclose = resolve;
    });
    say(`until ${count}`);
  },

  async 'a listener that throws stops no other'(script) {
    const { say } = script;
    const heard = await opened(script, '/worker');
    const onError = (event: ErrorEvent) => {
      say(`window hears ${event.message}`);
      event.preventDefault();
    };
    window.addEventListener('error', onError);
    heard.socket.onmessage = () => {
      throw new TypeError('mine');
    };
    heard.socket.addEventListener('message', () => say('the next one'));
    heard.socket.send('a');
    await heard.next('message');
    // The browser settles promises between two listeners; who dispatches an event by script cannot.
    await new Promise((resolve) => setTimeout(resolve));
    window.removeEventListener('error', onError);
    say(`state ${heard.socket.readyState}`);
    heard.socket.close();
    await heard.next('close');
  },

  async 'events that a page makes itself'(script) {
    const heard = await opened(script, '/worker');
    const { socket } = heard;
    let seen = '';
    socket.onmessage = ({ data }) => {
      seen += data;
    };
    tried(script, 'message', () =>
      socket.dispatchEvent(new MessageEvent('message', { data: 'made', cancelable: true })),
    );
    tried(script, 'close', () => socket.dispatchEvent(new CloseEvent('close', { code: 7 })));
    tried(script, 'other', () => socket.dispatchEvent(new Event('anything')));
    tried(script, 'none', () => socket.dispatchEvent({} as Event));
    script.say(`${seen} ${socket.readyState}`);
    await heard.next('message');
    await heard.next('close');
    socket.close();
    await heard.next('close');
  },

  async 'after close is called, messages are not heard'(script) {
    const heard = await opened(script, '/worker');
    heard.socket.send('late');
    heard.socket.close(1000);
    await heard.next('close');
  },

  async 'what is made of the class'(script) {
    const { WebSocket: Class, say, base } = script;
    class Mine extends Class {
      get extra() {
        return 'extra';
      }
    }
    const heard = new Heard(script, new Mine(`${base}/worker`));
    await heard.next('open');
    const mine = heard.socket as Mine;
    say(`${mine.extra} ${mine instanceof Class} ${mine.constructor === Mine} ${Object.getPrototypeOf(Mine) === Class}`);
    say(
      `${Class.name} ${Class.length} ${Class.prototype.constructor === Class} ${Object.prototype.toString.call(mine)}`,
    );
    mine.close();
    await heard.next('close');
    for (const name of ['url', 'readyState', 'bufferedAmount', 'onmessage'] as const) {
      tried(script, `${name} of another`, () => Reflect.get(Class.prototype, name, {}));
    }
    tried(script, 'send of another', () => Class.prototype.send.call({} as WebSocket, 'x'));
    tried(script, 'close of another', () => Class.prototype.close.call({} as WebSocket));
    tried(script, 'binaryType of another', () => Reflect.set(Class.prototype, 'binaryType', 'blob', {}));
    tried(script, 'write url', () => {
      (mine as { url: string }).url = 'x';
    });
  },
};

export const SCRIPT_NAMES = Object.keys(SCRIPTS);

/** A buffer that may grow. */
function resizable(): ArrayBuffer {
  return Reflect.construct(ArrayBuffer, [1, { maxByteLength: 2 }]) as ArrayBuffer;
}

/**
 * `sim.WebSocket` beside the browser's own: every member of the interface, as scripts find it.
 */
import { afterEach, describe, expect, test } from 'vitest';
import { Simulator } from '../../src/index.ts';
import { assertNoSockets } from '../support/no-sockets.ts';

const program = `
export default {
  fetch() {
    const [a, b] = Object.values(new WebSocketPair());
    b.accept();
    b.addEventListener('message', (event) => b.send(event.data));
    return new Response(null, { status: 101, webSocket: a });
  },
};`;

let sim: Simulator | undefined;
afterEach(async () => {
  try {
    if (sim) await assertNoSockets(sim);
  } finally {
    await sim?.close({ delete: true });
  }
});

async function start(): Promise<Simulator> {
  sim = await Simulator.open({
    name: `socket class ${Math.random()}`,
    modules: { 'index.js': program },
    config: { compatibility_date: '2026-07-30' },
    storage: 'memory',
  });
  return sim;
}

/** Of the class that has the member, wherever on the chain that is. */
function found(on: object, name: string | symbol): PropertyDescriptor | undefined {
  for (let at: object | null = on; at; at = Object.getPrototypeOf(at) as object | null) {
    const own = Object.getOwnPropertyDescriptor(at, name);
    if (own) return own;
  }
  return undefined;
}

function shape(on: object, name: string | symbol) {
  const it = found(on, name);
  if (!it) return 'missing';
  const { value, get, set, enumerable, configurable, writable } = it;
  const what = typeof value === 'function' ? `method of ${(value as { length: number }).length}` : value;
  return { what, isRead: get !== undefined, isWritten: set !== undefined, enumerable, configurable, writable };
}

const shapes = (on: object, names: readonly (string | symbol)[]) =>
  Object.fromEntries(names.map((name) => [String(name), shape(on, name)]));

describe('the class of a page has the interface of a browser', () => {
  test('each member of the class and of its instances, with its kind', async () => {
    const { WebSocket: ours } = await start();
    const members = Reflect.ownKeys(WebSocket.prototype).filter((name) => name !== 'constructor');
    expect(shapes(ours.prototype, members)).toEqual(shapes(WebSocket.prototype, members));
    const statics = Reflect.ownKeys(WebSocket).filter((name) => name !== 'prototype');
    expect(shapes(ours, statics)).toEqual(shapes(WebSocket, statics));
    expect(members.length).toBeGreaterThan(16);
  });

  test('what an instance shows of itself', async () => {
    const { WebSocket: ours } = await start();
    const [mine, native] = [new ours('/'), new WebSocket('ws://127.0.0.1:9')];
    const seen = (socket: WebSocket) => {
      const listed: string[] = [];
      for (const name in socket) listed.push(name);
      return {
        listed: listed.sort(),
        own: Object.keys(socket),
        tag: String(socket),
        isTarget: socket instanceof EventTarget,
        isOne: socket.constructor === (socket === mine ? ours : WebSocket),
        state: [socket.readyState, socket.protocol, socket.extensions, socket.binaryType, socket.bufferedAmount],
        handlers: [socket.onopen, socket.onmessage, socket.onerror, socket.onclose],
      };
    };
    expect(seen(mine)).toEqual(seen(native));
    native.close();
    mine.close();
  });

  test('handlers: what may be one, and where it stands among listeners', async () => {
    const { WebSocket: ours } = await start();
    const used = (socket: WebSocket) => {
      const log: string[] = [];
      const kept: unknown[] = [];
      const given = socket as unknown as Record<'onmessage', unknown>;
      for (const value of [5, 'x', undefined, {}, () => {}, null]) {
        given.onmessage = value;
        kept.push(typeof given.onmessage === 'function' ? 'function' : given.onmessage);
      }
      given.onmessage = () => log.push('first');
      socket.addEventListener('message', () => log.push('listener'));
      given.onmessage = () => log.push('replaced');
      socket.dispatchEvent(new MessageEvent('message'));
      given.onmessage = null;
      given.onmessage = () => log.push('behind');
      socket.dispatchEvent(new MessageEvent('message'));
      socket.close();
      return { kept, log };
    };
    expect(used(new ours('/'))).toEqual(used(new WebSocket('ws://127.0.0.1:9')));
  });
});

/**
 * `WebSocket` of a page in the preview.
 *
 * Promise: one to the page's own host, or to a route of the account, goes to the Worker there through the preview, and does what
 * the standard says of it; any other is the browser's.
 */
import { schedule } from '../base/schedule.ts';
import { type Route, scriptAt } from '../protocol/routes.ts';
import { readOpening } from '../sockets/socket-arguments.ts';
import { type SocketCarrier, type SocketTold, socketClass } from '../sockets/standard-socket.ts';
import type { Channel } from './channel.ts';
import { provide } from './patch.ts';
import type { Place } from './place.ts';

export function installWebSocket(channel: Channel, place: Place, routes: readonly Route[]): void {
  const Native = window.WebSocket;
  const sockets = new Map<number, SocketTold>();
  let count = 0;
  channel.on('socket-open', ({ id, protocol, extensions }) => sockets.get(id)?.opened(protocol, extensions));
  channel.on('socket-message', ({ id, data }) =>
    sockets.get(id)?.received(typeof data === 'string' ? data : new Uint8Array(data)),
  );
  channel.on('socket-error', ({ id }) => sockets.get(id)?.failed());
  channel.on('socket-close', ({ id, code, reason, wasClean }) => {
    sockets.get(id)?.closed(code, reason, wasClean);
    sockets.delete(id);
  });
  const carry = (told: SocketTold, url: URL, protocols: readonly string[]): SocketCarrier => {
    count += 1;
    const id = count;
    sockets.set(id, told);
    channel.post({ t: 'socket', id, url: url.href, protocols });
    return {
      bufferedBytes: 0,
      send: (data) => channel.post({ t: 'socket-send', id, data: typeof data === 'string' ? data : bufferOf(data) }),
      close: (code, reason) => channel.post({ t: 'socket-close', id, code, reason }),
    };
  };
  const Ours = socketClass(
    (args) => readOpening(args, document.baseURI),
    ({ url, protocols }) => ({ schedule, carry: (told) => carry(told, url, protocols) }),
  );
  const either = new Proxy(Ours, {
    construct(ours, args: readonly unknown[], made) {
      const { url, protocols } = readOpening(args, document.baseURI);
      const isOurs = url.host === place.url.host || scriptAt(routes, url) !== undefined;
      return Reflect.construct(isOurs ? ours : Native, [url.href, protocols], isOurs ? made : Native);
    },
    get: (ours, name) => (name === Symbol.hasInstance ? isOne : Reflect.get(ours, name)),
  });
  const isOne = (value: unknown) => value instanceof Ours || value instanceof Native;
  Object.defineProperty(Ours.prototype, 'constructor', { value: either });
  provide('WebSocket', either);
}

/** It is ours alone: what is sent was copied. */
function bufferOf(data: Uint8Array): ArrayBuffer {
  return data.buffer as ArrayBuffer;
}

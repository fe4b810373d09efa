/** The Worker that both are connected to: a page's own WebSocket by way of workerd, and that of the simulator. */
export const SOCKET_CONFIG = {
  name: 'sockets',
  compatibility_date: '2026-07-30',
  durable_objects: { bindings: [{ name: 'OBJ', class_name: 'Obj' }] },
  migrations: [{ tag: 'v1', new_sqlite_classes: ['Obj'] }],
};

export const PROGRAM = `
import { DurableObject } from 'cloudflare:workers';

function answer(ws, message, ctx) {
  if (message === 'abort') return ctx.abort('over');
  if (message === 'burst') { ws.send('1'); ws.send(new Uint8Array([2])); ws.send('3'); return ws.close(3000, 'all said') }
  if (typeof message !== 'string' || !message.startsWith('close')) return ws.send(message);
  const [code, reason] = message.slice(6).split(',');
  if (code === '') ws.close();
  else ws.close(Number(code), reason);
}

function upgraded(client, url) {
  const protocol = url.searchParams.get('protocol');
  return new Response(null, { status: 101, webSocket: client, headers: protocol ? { 'sec-websocket-protocol': protocol } : {} });
}

export class Obj extends DurableObject {
  fetch(request) {
    const [client, server] = Object.values(new WebSocketPair());
    this.ctx.acceptWebSocket(server);
    return upgraded(client, new URL(request.url));
  }
  webSocketMessage(ws, message) { answer(ws, message, this.ctx) }
  webSocketClose(ws, code, reason, wasClean) { if (wasClean) code === 1005 ? ws.close() : ws.close(code, reason) }
}

export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    if (url.pathname === '/object') return env.OBJ.getByName('a').fetch(request);
    if (url.pathname === '/throws') throw new Error('thrown');
    if (url.pathname !== '/worker' && url.pathname !== '/greeting') {
      return new Response('no', { status: Number(url.searchParams.get('status') ?? 403) });
    }
    const [client, server] = Object.values(new WebSocketPair());
    server.accept();
    server.binaryType = 'arraybuffer';
    server.addEventListener('message', ({ data }) => answer(server, data));
    if (url.pathname === '/greeting') server.send('hello');
    if (url.pathname === '/worker' && url.searchParams.has('headers')) server.send(JSON.stringify([...request.headers]));
    return upgraded(client, url);
  },
};
`;

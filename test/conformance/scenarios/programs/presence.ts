import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A room keeps presence over hibernation in attachments, expires the silent by alarm, relays by tags, and closes with codes.',
  rows: [
    '12.accept-web-socket',
    '12.get-web-sockets',
    '12.get-tags',
    '12.attachments',
    '12.auto-response',
    '12.hibernation',
    '12.close-events',
    '12.web-socket-close',
    '11.set-inside-handler',
    '11.delete-alarm',
  ],
  program: `
import { DurableObject } from 'cloudflare:workers';

const QUIET_MS = 20_000;

export class Obj extends DurableObject {
  #members = new Map();
  constructor(ctx, env) {
    super(ctx, env);
    this.restored = 0;
    for (const ws of ctx.getWebSockets()) { const info = ws.deserializeAttachment(); if (info) { this.#members.set(ws, info); this.restored += 1 } }
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'));
    ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS messages (id INTEGER PRIMARY KEY, room TEXT, who TEXT, text TEXT)');
  }
  async fetch(request) {
    const url = new URL(request.url);
    if (request.headers.get('Upgrade')?.toLowerCase() !== 'websocket') return Response.json({ online: this.names(), restored: this.restored, alarm: (await this.ctx.storage.getAlarm()) !== null, rows: this.ctx.storage.sql.exec('SELECT who, text FROM messages ORDER BY id').raw().toArray() });
    const name = url.searchParams.get('name');
    if (!name) return new Response('name?', { status: 400 });
    if (this.names().includes(name)) return new Response('taken', { status: 409 });
    const { 0: client, 1: server } = new WebSocketPair();
    const rooms = url.searchParams.getAll('room');
    this.ctx.acceptWebSocket(server, [...rooms, 'all']);
    const info = { name, rooms, seen: Date.now(), joined: new Date(), colour: { h: BigInt(this.#members.size * 10) } };
    server.serializeAttachment(info);
    this.#members.set(server, info);
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(Date.now() + QUIET_MS);
    this.broadcast('all', { joined: name }, server);
    const history = this.ctx.storage.sql.exec('SELECT who, text FROM (SELECT * FROM messages WHERE room IN (SELECT value FROM json_each(?)) ORDER BY id DESC LIMIT 2) ORDER BY id', JSON.stringify(rooms)).toArray();
    server.send(JSON.stringify({ welcome: name, online: this.names(), history }));
    return new Response(null, { status: 101, webSocket: client, headers: { 'Sec-WebSocket-Protocol': 'room' } });
  }
  names() { return [...this.#members.values()].map(({ name }) => name).sort() }
  broadcast(room, message, except) {
    let sent = 0;
    for (const ws of this.ctx.getWebSockets(room)) if (ws !== except && ws.readyState === WebSocket.OPEN) { ws.send(JSON.stringify(message)); sent += 1 }
    return sent;
  }
  async webSocketMessage(ws, data) {
    const info = this.#members.get(ws);
    info.seen = Date.now();
    ws.serializeAttachment(info);
    if (data instanceof ArrayBuffer) return ws.send(new Uint8Array(data).reverse());
    const [verb, ...rest] = data.split(' ');
    switch (verb) {
      case 'say': {
        const [room, ...words] = rest;
        if (!this.ctx.getTags(ws).includes(room)) return ws.send(JSON.stringify({ error: 'not in ' + room, tags: this.ctx.getTags(ws) }));
        this.ctx.storage.sql.exec('INSERT INTO messages (room, who, text) VALUES (?, ?, ?)', room, info.name, words.join(' '));
        return this.broadcast(room, { room, from: info.name, text: words.join(' ') });
      }
      case 'who': return ws.send(JSON.stringify({ online: this.names(), you: { ...info, seen: info.seen > 0, joined: info.joined instanceof Date, colour: String(info.colour.h) }, pinged: this.ctx.getWebSocketAutoResponseTimestamp(ws) instanceof Date, restored: this.restored }));
      case 'kick': for (const other of this.ctx.getWebSockets()) if (this.#members.get(other)?.name === rest[0]) other.close(4001, 'kicked by ' + info.name); return;
      case 'leave': return ws.close(Number(rest[0]), rest[1]);
      case 'fail': throw new Error('in the handler');
      default: ws.send(JSON.stringify({ error: verb + '?' }));
    }
  }
  async webSocketClose(ws, code, reason, wasClean) {
    const info = this.#members.get(ws);
    this.#members.delete(ws);
    this.broadcast('all', { left: info?.name, code, reason, wasClean, open: this.ctx.getWebSockets().length, state: ws.readyState });
    if (this.#members.size === 0) await this.ctx.storage.deleteAlarm();
  }
  async alarm() {
    const late = [...this.#members].filter(([ws, { seen }]) => Math.max(seen, +(this.ctx.getWebSocketAutoResponseTimestamp(ws) ?? 0)) + QUIET_MS - 5_000 <= Date.now());
    for (const [ws, { name }] of late) { this.#members.delete(ws); ws.close(1013, 'silent'); this.broadcast('all', { expired: name }, ws) }
    if (this.#members.size > 0) await this.ctx.storage.setAlarm(Date.now() + QUIET_MS);
  }
}
export default { fetch: (request, env) => env.OBJ.getByName('room').fetch(request) };
`,
  async steps(client) {
    const socket = (query: string) => client.socket(`/?${query}`, { protocols: ['room'] });
    await client.socket('/');
    const ann = await socket('name=ann&room=x');
    await ann.hears();
    await socket('name=ann');
    const bob = await socket('name=bob&room=x&room=y');
    await ann.hears();
    await bob.hears();
    await ann.send('say x hello there');
    await ann.hears();
    await bob.hears();
    await ann.send('say y not mine');
    await ann.hears();
    await bob.send('ping');
    await bob.hears();
    await bob.send([1, 2, 3]);
    await bob.hears();
    await client.wait(12_000);
    await client.fetch('/');
    await bob.send('ping');
    await bob.hears();
    await bob.send('who');
    await bob.hears();
    await bob.send('what');
    await bob.hears();
    const cleo = await socket('name=cleo&room=x');
    for (const one of [ann, bob, cleo]) await one.hears();
    await client.wait(9_500);
    await ann.hears(1);
    await bob.hears(1);
    await cleo.hears(1);
    await client.fetch('/');
    await bob.send('kick cleo');
    await cleo.hears(2);
    await bob.hears(2);
    await bob.send('leave 3000 bye');
    await bob.hears();
    await client.wait(50);
    await client.fetch('/');
  },
});

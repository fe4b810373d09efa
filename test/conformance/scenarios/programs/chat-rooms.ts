import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Chat rooms keep who is who in attachments and tags, history and direct messages in SQL, answer pings asleep, and rebuild presence from the sockets when they wake.',
  rows: [
    '12.accept-web-socket',
    '12.get-web-sockets',
    '12.get-tags',
    '12.attachments',
    '12.auto-response',
    '12.auto-response-timestamp',
    '12.get-auto-response',
    '12.hibernation',
    '12.web-socket-close',
    '12.close',
    '12.binary-type',
    '12.handler-throws',
    '6.constructor',
    '12.send',
  ],
  config: objects({ ROOM: 'Room' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { inspect, showNow, tag } from './prelude.js';

export class Room extends DurableObject {
  sessions = new Map(); wakes = 0; #names = new WeakMap();
  constructor(ctx, env) {
    super(ctx, env);
    ctx.blockConcurrencyWhile(async () => {
      ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS message (id INTEGER PRIMARY KEY, who TEXT, text, whisper TEXT); CREATE TABLE IF NOT EXISTS meta (k PRIMARY KEY, v) WITHOUT ROWID');
      this.wakes = ctx.storage.sql.exec("INSERT INTO meta VALUES ('wakes', 1) ON CONFLICT DO UPDATE SET v = v + 1 RETURNING v").one().v;
      for (const ws of ctx.getWebSockets()) { const attachment = ws.deserializeAttachment(); if (attachment) this.sessions.set(attachment.name, { ...attachment, ws }) }
      ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'));
    });
  }
  async fetch(request) {
    const url = new URL(request.url);
    if (url.pathname === '/state') return Response.json({ wakes: this.wakes, present: [...this.sessions.keys()], sockets: this.ctx.getWebSockets().map((ws) => [ws.readyState, ws.deserializeAttachment()?.name, this.ctx.getTags(ws), ws.url, ws.protocol, ws.extensions]), byTag: ['user', 'admin', 'none'].map((t) => this.ctx.getWebSockets(t).length), pair: showNow(() => { const p = this.ctx.getWebSocketAutoResponse(); return [p.request, p.response, tag(p)] }), history: this.ctx.storage.sql.exec('SELECT * FROM message').toArray(), ts: this.ctx.getWebSockets().map((ws) => tag(this.ctx.getWebSocketAutoResponseTimestamp(ws))) });
    if (url.pathname === '/abort') this.ctx.abort('moderator');
    if (url.pathname === '/kick') { for (const ws of this.ctx.getWebSockets(url.searchParams.get('who'))) ws.close(4003, 'kicked'); return new Response('kicked') }
    if (url.pathname === '/noauto') { this.ctx.setWebSocketAutoResponse(); return new Response(inspect(this.ctx.getWebSocketAutoResponse())) }
    if (request.headers.get('upgrade') !== 'websocket') return new Response('upgrade, please', { status: 426 });
    const name = url.searchParams.get('name'); if (!name) return new Response('who are you?', { status: 400 });
    if (this.sessions.has(name)) return new Response('taken', { status: 409 });
    const pair = new WebSocketPair(); const [client, server] = Object.values(pair);
    this.ctx.acceptWebSocket(server, ['user', 'name:' + name, ...(name === 'root' ? ['admin'] : [])]);
    const session = { name, joined: this.sessions.size, limits: new Map([['rate', 3]]), colors: new Set(['red']), since: new Date(0) };
    server.serializeAttachment(session); this.sessions.set(name, { ...session, ws: server });
    server.send(JSON.stringify({ welcome: name, history: this.ctx.storage.sql.exec('SELECT who, text FROM message WHERE whisper IS NULL ORDER BY id DESC LIMIT 2').raw().toArray() }));
    this.broadcast({ joined: name }, server);
    return new Response(null, { status: 101, webSocket: client, headers: { 'sec-websocket-protocol': 'chat' } });
  }
  broadcast(message, except) { const text = JSON.stringify(message); let n = 0; for (const ws of this.ctx.getWebSockets('user')) if (ws !== except) { try { ws.send(text); n++ } catch (error) { this.gone = inspect(error) } } return n }
  webSocketMessage(ws, message) {
    const session = ws.deserializeAttachment();
    if (typeof message !== 'string') { const bytes = new Uint8Array(message); ws.send(bytes.reverse().buffer); return ws.send(bytes.subarray(1)) }
    let command; try { command = JSON.parse(message) } catch (error) { return ws.send(inspect(error)) }
    const { sql } = this.ctx.storage;
    if (command.say) { session.limits.set('rate', session.limits.get('rate') - 1); if (session.limits.get('rate') < 0) return ws.send('slow down'); ws.serializeAttachment(session); sql.exec('INSERT INTO message (who, text) VALUES (?, ?)', session.name, command.say); this.broadcast({ from: session.name, text: command.say, wakes: this.wakes }) }
    if (command.whisper) { const [to] = this.ctx.getWebSockets('name:' + command.to); if (!to) return ws.send('nobody'); sql.exec('INSERT INTO message (who, text, whisper) VALUES (?, ?, ?)', session.name, command.whisper, command.to); to.send(JSON.stringify({ whisper: command.whisper, from: session.name })); ws.send('whispered') }
    if (command.me) ws.send(inspect(session) + tag(ws) + (this.sessions.get(session.name)?.ws === ws) + this.ctx.getTags(ws));
    if (command.rename) { const old = session.name; session.name = command.rename; ws.serializeAttachment(session); this.sessions.delete(old); this.sessions.set(session.name, { ...session, ws }); ws.send('renamed ' + this.ctx.getTags(ws)) }
    if (command.huge) ws.send(showNow(() => ws.serializeAttachment({ big: 'x'.repeat(command.huge) })));
    if (command.odd) ws.send([showNow(() => ws.serializeAttachment(() => 1)), showNow(() => ws.serializeAttachment(undefined)), inspect(ws.deserializeAttachment()), showNow(() => ws.serializeAttachment()), showNow(() => { ws.serializeAttachment(session); const a = ws.deserializeAttachment(); return a === ws.deserializeAttachment() }), showNow(() => ws.accept()), showNow(() => this.ctx.acceptWebSocket(ws)), showNow(() => ws.addEventListener('message', () => 0)), showNow(() => ws.readyState)].join(' | '));
    if (command.throws) throw new RangeError('in the handler');
    if (command.rejects) return Promise.reject(new Error('rejected'));
    if (command.leave) { ws.close(command.leave, 'as asked'); ws.close(1000, 'again'); try { ws.send('late') } catch (error) { this.late = inspect(error) } }
    if (command.late) ws.send(String(this.late));
    if (command.closeArgs) ws.send([999, 1004, 1005, 1006, 5000, 'x', undefined, 1001].map((code) => { if (code === undefined || code === 1001) return ''; return showNow(() => ws.close(code, 'r')) }).join(' | ') + showNow(() => ws.close(3000, 'x'.repeat(124))));
  }
  async webSocketClose(ws, code, reason, wasClean) { const { name } = ws.deserializeAttachment() ?? {}; this.sessions.delete(name); const n = this.broadcast({ left: name, code, reason, wasClean, state: ws.readyState, listed: this.ctx.getWebSockets().includes(ws) }, ws); await this.ctx.storage.put('left:' + name, n); if (ws.readyState < 3) ws.close(code === 1005 || code === 1006 ? 1000 : code, 'bye ' + reason) }
  webSocketError(ws, error) { this.broadcast({ error: inspect(error) }, ws) }
}
export default { async fetch(request, env) { try { return await env.ROOM.getByName(new URL(request.url).searchParams.get('room') ?? 'lobby').fetch(request) } catch (error) { return new Response(inspect(error), { status: 500 }) } } };
`,
  steps: async (client) => {
    await client.fetch('/');
    await client.fetch('/?name=x');
    await client.socket('/');
    const ann = await client.socket('/?name=ann', {
      protocols: ['chat', 'v2'],
      showHeaders: ['sec-websocket-protocol'],
    });
    await ann.hears();
    await client.socket('/?name=ann');
    const root = await client.socket('/?name=root');
    await root.hears();
    await ann.hears();
    await ann.send('{"say":"hello"}');
    await ann.hears();
    await root.hears();
    await root.send('ping');
    await root.hears();
    await ann.send([1, 2, 3]);
    await ann.hears(2);
    await ann.send('not json');
    await ann.hears();
    await ann.send('{"me":1}');
    await ann.hears();
    await root.send('{"whisper":"psst","to":"ann"}');
    await ann.hears();
    await root.hears();
    await root.send('{"whisper":"psst","to":"bob"}');
    await root.hears();
    await client.fetch('/state');
    await client.wait(12000);
    await root.send('ping');
    await root.hears();
    await ann.send('{"say":"after sleep"}');
    await ann.hears();
    await root.hears();
    await ann.send('{"me":1}');
    await ann.hears();
    await client.fetch('/state');
    await ann.send('{"rename":"anna"}');
    await ann.hears();
    await ann.send('{"huge":2000}');
    await ann.hears();
    await ann.send('{"huge":17000}');
    await ann.hears();
    await root.send('{"odd":1}');
    await root.hears();
    await root.send('{"throws":1}');
    await root.send('{"rejects":1}');
    await root.send('{"me":1}');
    await root.hears();
    await root.send('{"closeArgs":1}');
    await root.hears();
    const bob = await client.socket('/?name=bob');
    await bob.hears();
    await root.hears();
    await ann.hears();
    await bob.send('{"leave":4001}');
    await bob.hears();
    await bob.close(4001);
    await root.hears();
    await ann.hears();
    await root.send('{"late":1}');
    await root.hears();
    const eve = await client.socket('/?name=eve');
    await eve.hears();
    await root.hears();
    await ann.hears();
    await eve.close(4321, 'gone home');
    await eve.hears();
    await root.hears();
    await ann.hears();
    const dan = await client.socket('/?name=dan');
    await dan.hears();
    await root.hears();
    await ann.hears();
    await dan.terminate();
    await root.hears();
    await ann.hears();
    await client.fetch('/kick?who=name:ann');
    await ann.hears();
    await ann.close(4003, 'ok');
    await root.hears();
    await client.fetch('/noauto');
    await root.send('ping');
    await root.hears();
    await client.fetch('/state');
    await client.fetch('/abort');
    await root.hears();
    await client.fetch('/state');
  },
});

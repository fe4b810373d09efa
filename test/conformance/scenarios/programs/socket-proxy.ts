import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A gateway object stands between clients and a game server: it opens sockets to another object, pumps both ways, rewrites, reconnects, fans out, ticks by a timer and closes with the codes of either end.',
  rows: [
    '12.pair',
    '12.accept',
    '12.fresh',
    '12.returning',
    '12.close-events',
    '12.send',
    '12.outgoing',
    '12.not-hibernatable',
    '12.auto-close-reply',
    '3.fetch-upgrade',
    '12.close',
    '12.reset',
    '1.scheduler-wait',
  ],
  config: objects({ GATEWAY: 'Gateway', GAME: 'Game' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { inspect, show, showNow, tag, worker } from './prelude.js';

export class Game extends DurableObject {
  players = new Map(); tick = 0; log = [];
  takeLog() { return this.log.splice(0) }
  fetch(request) {
    const url = new URL(request.url);
    if (url.pathname === '/refuse') return new Response('full', { status: 503 });
    if (url.pathname === '/throw') throw new RangeError('no game');
    const { 0: client, 1: server } = new WebSocketPair();
    server.accept(); const name = url.searchParams.get('name') ?? 'nobody'; this.players.set(name, server);
    if (url.pathname === '/greedy') { server.send('early'); server.close(4000, 'too early') }
    server.addEventListener('message', async ({ data, type, target }) => {
      if (typeof data !== 'string') { const bytes = data instanceof Blob ? await data.arrayBuffer() : data; return server.send(new Uint8Array(bytes).map((b) => b ^ 255)) }
      if (data === 'ticks') { let n = 0; const timer = setInterval(() => { server.send('tick ' + ++this.tick); if (++n === 3) { clearInterval(timer); server.send('ticked') } }, 2); return }
      if (data === 'all') { for (const [who, socket] of this.players) socket.send('to ' + who); return }
      if (data.startsWith('close')) return server.close(Number(data.slice(5)) || undefined, 'game over');
      if (data === 'throw') throw new Error('in listener');
      if (data === 'die') this.ctx.abort('crash');
      if (data === 'big') return server.send('y'.repeat(100000));
      server.send('echo ' + data + ' ' + type + (target === server));
    });
    server.addEventListener('close', (event) => { this.players.delete(name); this.log.push(['close', name, event.code, event.reason, event.wasClean, server.readyState].join()) });
    server.addEventListener('error', (event) => this.log.push('error ' + name + ' ' + event.message));
    return new Response(null, { status: 101, webSocket: client, headers: { 'x-game': 'yes' } });
  }
}
export class Gateway extends DurableObject {
  log = [];
  takeLog() { return this.log.splice(0) }
  get game() { return this.env.GAME.getByName('game') }
  async open(path, headers = { Upgrade: 'websocket' }) { const response = await this.game.fetch('https://game' + path, { headers }); return response }
  async shapes() { const r = await this.open('/?name=shape'); const ws = r.webSocket; const before = [r.status, r.statusText, r.headers.get('x-game'), r.body, tag(ws), ws.readyState, ws.url, ws.protocol, ws.extensions, ws.binaryType, showNow(() => ws.send('x')), showNow(() => ws.close())]; ws.accept(); const again = showNow(() => ws.accept()); ws.close(1000, 'done'); return [...before, again, ws.readyState, r.webSocket === ws] }
  async refused() { const out = []; for (const [path, headers] of [['/refuse', undefined], ['/throw', undefined], ['/', {}], ['/', { Upgrade: 'h2c' }], ['/', { upgrade: 'WebSocket' }]]) out.push(await show(async () => { const r = await this.open(path, headers); r.webSocket?.accept(); r.webSocket?.close(); return [r.status, tag(r.webSocket), r.webSocket ? '' : await r.text()] })); return out }
  async talk(path, messages, count) {
    const { webSocket: ws } = await this.open(path); const heard = []; const { promise, resolve } = Promise.withResolvers();
    const add = (what) => { heard.push(what); if (heard.length >= count) resolve() };
    ws.addEventListener('message', (e) => add(typeof e.data === 'string' ? (e.data.length > 99 ? e.data.length : e.data) : [tag(e.data), ...new Uint8Array(e.data instanceof Blob ? [] : e.data)].join()));
    ws.addEventListener('close', (e) => add(['closed', e.code, e.reason, e.wasClean, ws.readyState, e.type].join())); ws.addEventListener('error', (e) => add('error ' + e.message));
    ws.accept(); for (const m of messages) heard.push(...[showNow(() => ws.send(m))].filter((x) => x !== 'undefined'));
    await Promise.race([promise, scheduler.wait(300)]); const state = ws.readyState; if (state < 2) ws.close(1000, 'enough'); return [heard, state, showNow(() => ws.send('late'))]
  }
  async fetch(request) {
    const url = new URL(request.url); if (url.pathname === '/plain') return this.game.fetch(request);
    const upstream = await this.game.fetch(request); if (!upstream.webSocket) return upstream;
    const up = upstream.webSocket; const [client, down] = Object.values(new WebSocketPair());
    up.accept(); down.accept();
    const pump = (from, to, how) => {
      from.addEventListener('message', ({ data }) => to.send(typeof data === 'string' ? how(data) : data));
      from.addEventListener('close', ({ code, reason }) => { this.log.push('pump closed ' + code + reason); try { to.close(code === 1005 || code === 1006 ? 4999 : code, reason + '!') } catch (error) { this.log.push(inspect(error)) } });
    };
    pump(up, down, (s) => '<' + s + '>'); pump(down, up, (s) => s.toLowerCase());
    return new Response(null, { status: 101, webSocket: client });
  }
  local() { const [a, b] = Object.values(new WebSocketPair()); const out = []; const on = (ws, name) => { for (const type of ['message', 'close']) ws.addEventListener(type, (e) => out.push([name, type, e.data ?? e.code, e.reason ?? ''].join(' '))) }; on(a, 'a'); on(b, 'b'); a.accept(); b.accept(); a.send('1'); b.send('2'); a.send('3'); a.close(3001, 'bye'); return scheduler.wait(10).then(() => { out.push(a.readyState, b.readyState); b.close(); out.push(a.readyState, b.readyState, showNow(() => b.send('x')), showNow(() => a.send('y'))); return scheduler.wait(10) }).then(() => out) }
  async race() { const opened = await Promise.all(['p', 'q', 'r'].map((n) => this.open('/?name=' + n))); const heard = []; for (const [i, { webSocket }] of opened.entries()) { webSocket.addEventListener('message', ({ data }) => heard.push(i + data)); webSocket.accept() } opened[1].webSocket.send('all'); await scheduler.wait(30); for (const { webSocket } of opened) webSocket.close(); return heard.sort() }
}
const report = worker(async ({ say, env }) => {
  const gateway = env.GATEWAY.getByName('g'), game = env.GAME.getByName('game');
  await say('local', () => gateway.local());
  await say('shapes', () => gateway.shapes());
  await say('refused', () => gateway.refused());
  await scheduler.wait(20);
  await say('  log', () => game.takeLog());
  await say('talk', () => gateway.talk('/?name=t', ['hi', new Uint8Array([1, 2]), new Uint8Array([3]).buffer, 5, { a: 1 }, ''], 6));
  await say('greedy', () => gateway.talk('/greedy', ['x'], 2));
  await say('ticks', () => gateway.talk('/', ['ticks'], 4));
  await say('big', () => gateway.talk('/', ['big', 'x'.repeat(70000)], 2));
  await say('closed with', () => gateway.talk('/', ['close4321'], 1));
  await say('closed without', () => gateway.talk('/', ['close'], 1));
  await say('closed wrongly', () => gateway.talk('/', ['close99'], 1));
  await say('throws', () => gateway.talk('/', ['throw', 'after'], 1));
  await say('race', () => gateway.race());
  await scheduler.wait(20);
  await say('  log', async () => (await game.takeLog()).sort());
  await say('dies', () => gateway.talk('/', ['die'], 1));
  await say('again', () => gateway.talk('/', ['hi'], 1));
  const talk = async (stub, path, messages, count) => { const r = await stub.fetch('https://x' + path, { headers: { Upgrade: 'websocket' } }); const ws = r.webSocket; const heard = []; const { promise, resolve } = Promise.withResolvers(); ws.addEventListener('message', ({ data }) => { heard.push(tag(data) + (typeof data === 'string' ? data.slice(0, 20) : '')); if (heard.length === count) resolve() }); ws.addEventListener('close', (e) => { heard.push([e.code, e.reason, e.wasClean].join()); resolve() }); ws.accept(); for (const m of messages) ws.send(m); await Promise.race([promise, scheduler.wait(300)]); if (ws.readyState === 1) ws.close(4100, 'mine'); return heard };
  await say('through, here', () => talk(gateway, '/?name=W', ['HELLO', new Uint8Array([255])], 2));
  await scheduler.wait(30);
  await say('  log', () => game.takeLog());
  await say('  log', () => gateway.takeLog());
  await say('passed on', () => talk(gateway, '/plain?name=V', ['HELLO', 'close4200'], 3));
  await say('upstream dies', () => talk(gateway, '/?name=U', ['DIE'], 1));
  await say('  log', () => gateway.takeLog());
});
export default { fetch: (request, env, ctx) => (request.headers.get('upgrade') ? env.GATEWAY.getByName('g').fetch(request) : report.fetch(request, env, ctx)) };
`,
  steps: async (client) => {
    await client.fetch('/');
    const a = await client.socket('/?name=A', { showHeaders: ['x-game'] });
    const b = await client.socket('/plain?name=B', { showHeaders: ['x-game'] });
    await a.send('HI');
    await a.hears();
    await b.send('HI');
    await b.hears();
    await a.send('ALL');
    await a.hears();
    await b.hears();
    await a.send([0, 1]);
    await a.hears();
    await a.send('ticks');
    await a.hears(4);
    await a.close(4444, 'client');
    await a.hears();
    await b.send('close4001');
    await b.hears();
    await b.close(4001);
    await client.socket('/refuse');
    const c = await client.socket('/greedy');
    await c.hears(2);
    await c.close();
    const d = await client.socket('/?name=D');
    await d.terminate();
    const e = await client.socket('/?name=E');
    await e.close();
    await e.hears();
  },
});

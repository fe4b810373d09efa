import { objects, scenario } from '../../scenario.ts';
export const subject = scenario({
  name: 'A document is edited by many: operations in SQL are transformed, acknowledged once, and passed on by tags; snapshots are made by alarm; presence and cursors are kept in attachments over hibernation.',
  rows: ['12.hibernation', '12.attachments', '12.auto-response', '12.get-tags'],
  config: objects({ DOC: 'Doc' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
const j = JSON.stringify;
export class Doc extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'));
    ctx.setHibernatableWebSocketEventTimeout(5000);
    this.sql = ctx.storage.sql;
    this.sql.exec('CREATE TABLE IF NOT EXISTS ops (rev INTEGER PRIMARY KEY AUTOINCREMENT, client TEXT, seq INTEGER, op TEXT, UNIQUE (client, seq)); CREATE TABLE IF NOT EXISTS snap (id INTEGER PRIMARY KEY CHECK (id = 1), rev INTEGER, text TEXT)');
    const snap = [...this.sql.exec('SELECT rev, text FROM snap')][0] ?? { rev: 0, text: '' };
    this.text = snap.text; this.rev = snap.rev;
    for (const { rev, op } of this.sql.exec('SELECT rev, op FROM ops WHERE rev > ? ORDER BY rev', snap.rev)) { this.apply(JSON.parse(op)); this.rev = rev }
    this.woke = this.ctx.getWebSockets().length;
  }
  apply({ at, del = 0, ins = '' }) { this.text = this.text.slice(0, at) + ins + this.text.slice(at + del) }
  transform(op, by) { const shift = (by.ins ?? '').length - (by.del ?? 0); return by.at <= op.at ? { ...op, at: Math.max(by.at, op.at + shift) } : op }
  send(ws, m) { try { ws.send(j(m)) } catch (e) { this.failed = (this.failed ?? 0) + 1 } }
  others(ws, m, tag) { for (const s of this.ctx.getWebSockets(tag)) if (s !== ws) this.send(s, m) }
  presence() { return this.ctx.getWebSockets().map((s) => s.deserializeAttachment()).filter(Boolean).map((a) => a.name + (a.cursor === undefined ? '' : '@' + a.cursor)).sort() }
  async fetch(request) {
    const url = new URL(request.url);
    if (url.pathname.endsWith('/state')) return Response.json({ text: this.text, rev: this.rev, woke: this.woke, ops: this.sql.exec('SELECT count(*) AS n FROM ops').one().n, snap: [...this.sql.exec('SELECT rev, text FROM snap')], who: this.presence(), failed: this.failed, stamps: this.ctx.getWebSockets().map((s) => this.ctx.getWebSocketAutoResponseTimestamp(s) instanceof Date) });
    const name = url.searchParams.get('name'), role = url.searchParams.get('role') ?? 'editor';
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server, [role, 'user:' + name]);
    server.serializeAttachment({ name, role, joined: this.rev, seen: new Set([this.rev]) });
    this.send(server, { t: 'init', text: this.text, rev: this.rev, who: this.presence() });
    this.others(server, { t: 'join', name });
    return new Response(null, { status: 101, webSocket: client, headers: { 'x-rev': String(this.rev) } });
  }
  async webSocketMessage(ws, raw) {
    const me = ws.deserializeAttachment();
    if (typeof raw !== 'string') { this.others(ws, { t: 'blob', from: me.name, bytes: [...new Uint8Array(raw)] }); return ws.send(raw) }
    const m = JSON.parse(raw);
    switch (m.t) {
      case 'cursor': ws.serializeAttachment({ ...me, cursor: m.at }); this.others(ws, { t: 'cursor', name: me.name, at: m.at }, 'editor'); break;
      case 'op': {
        if (this.ctx.getTags(ws)[0] !== 'editor') return this.send(ws, { t: 'refused', tags: this.ctx.getTags(ws) });
        const done = [...this.sql.exec('SELECT rev FROM ops WHERE client = ? AND seq = ?', me.name, m.seq)][0];
        if (done) return this.send(ws, { t: 'ack', seq: m.seq, rev: done.rev, again: true });
        let op = m.op;
        for (const { op: by } of this.sql.exec('SELECT op FROM ops WHERE rev > ? ORDER BY rev', m.rev)) op = this.transform(op, JSON.parse(by));
        const { rev } = this.sql.exec('INSERT INTO ops (client, seq, op) VALUES (?, ?, ?) RETURNING rev', me.name, m.seq, j(op)).one();
        this.apply(op); this.rev = rev;
        this.send(ws, { t: 'ack', seq: m.seq, rev });
        this.others(ws, { t: 'op', op, rev, by: me.name });
        if (rev % 3 === 0) await this.ctx.storage.setAlarm(Date.now() + 50);
        break;
      }
      case 'kick': for (const s of this.ctx.getWebSockets('user:' + m.who)) s.close(4001, 'kicked by ' + me.name); break;
      case 'throw': throw new Error('in handler');
      case 'tags': ws.send(j(this.ctx.getWebSockets().map((s) => this.ctx.getTags(s)).sort())); break;
      default: ws.close(4400, 'what is ' + m.t);
    }
  }
  async webSocketClose(ws, code, reason, wasClean) { const a = ws.deserializeAttachment(); ws.close(code, reason); this.others(ws, { t: 'left', name: a.name, code, reason, wasClean, here: this.presence() }) }
  async webSocketError(ws, error) { this.others(ws, { t: 'error', error: String(error) }) }
  async alarm(info) {
    this.ctx.storage.transactionSync(() => { this.sql.exec('INSERT INTO snap (id, rev, text) VALUES (1, ?1, ?2) ON CONFLICT (id) DO UPDATE SET rev = ?1, text = ?2', this.rev, this.text); this.sql.exec('DELETE FROM ops WHERE rev <= ?', this.rev) });
    this.others(null, { t: 'snap', rev: this.rev, retry: info.isRetry });
  }
}
export default { fetch: (r, env) => env.DOC.getByName(new URL(r.url).pathname.split('/')[1]).fetch(r) };
`,
  async steps(client) {
    const showHeaders = ['x-rev'];
    const a = await client.socket('/d1?name=ann', { showHeaders });
    await a.hears();
    const b = await client.socket('/d1?name=ben', { showHeaders });
    await b.hears();
    await a.hears();
    const c = await client.socket('/d1?name=cy&role=viewer', { showHeaders });
    await c.hears();
    await a.hears();
    await b.hears();
    const op = (ws, seq, rev, op) => ws.send(JSON.stringify({ t: 'op', seq, rev, op }));
    await op(a, 1, 0, { at: 0, ins: 'hello' });
    await a.hears();
    await b.hears();
    await c.hears();
    await op(b, 1, 0, { at: 0, ins: 'X' });
    await b.hears();
    await a.hears();
    await c.hears();
    await op(b, 1, 0, { at: 0, ins: 'X' });
    await b.hears();
    await op(c, 1, 0, { at: 0, ins: 'no' });
    await c.hears();
    await a.send('ping');
    await a.hears();
    await a.send(JSON.stringify({ t: 'cursor', at: 3 }));
    await b.hears();
    await client.fetch('/d1/state');
    await client.wait(11000);
    await a.send('ping');
    await a.hears();
    await op(a, 2, 2, { at: 5, del: 1, ins: '!' });
    await a.hears();
    await b.hears();
    await c.hears();
    await client.wait(300);
    await a.hears();
    await b.hears();
    await c.hears();
    await client.fetch('/d1/state');
    await b.send([1, 2, 3]);
    await b.hears();
    await a.hears();
    await c.hears();
    await b.send(JSON.stringify({ t: 'throw' }));
    await b.send(JSON.stringify({ t: 'tags' }));
    await b.hears();
    await client.wait(11000);
    await a.send(JSON.stringify({ t: 'kick', who: 'cy' }));
    await c.hears();
    await c.close(4001, 'kicked by ann');
    await a.hears();
    await b.hears();
    await b.send(JSON.stringify({ t: 'zzz' }));
    await b.hears();
    await b.close(4400, 'x');
    await a.hears();
    await client.fetch('/d1/state');
    await a.terminate();
    await client.wait(100);
    await client.fetch('/d1/state');
  },
});

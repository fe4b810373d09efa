import { socketModule } from '../../programs/sockets.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Handlers that read and write storage lose nothing between messages, and what they send leaves in order.',
  rows: ['12.message-concurrency', '6.output-gate', '6.what-holds-the-input-gate'],
  modules: socketModule,
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, inspect } from './prelude.js';
import { answer, open, pair, until } from './sockets.js';
export class Obj extends DurableObject {
  constructor(ctx, env) { super(ctx, env); ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS m (id INTEGER PRIMARY KEY, body TEXT)') }
  fetch() { const [a, b] = pair(); this.ctx.acceptWebSocket(b); return answer(a) }
  async webSocketMessage(ws, m) {
    const { storage } = this.ctx;
    if (m === 'count') return ws.send(inspect([await storage.get('n'), storage.sql.exec('SELECT count(*) c, max(id) m FROM m').one()]));
    if (m === 'undone') { try { storage.transactionSync(() => { storage.sql.exec("INSERT INTO m (body) VALUES ('gone')"); ws.send('sent inside'); throw new Error('x') }) } catch {} return }
    if (m === 'transaction') { await storage.transaction(async (txn) => { await txn.put('t', 1); ws.send('inside ' + (await txn.get('t'))); txn.rollback() }); return ws.send('after ' + (await storage.get('t'))) }
    const n = ((await storage.get('n')) ?? 0) + 1;
    await storage.put('n', n);
    storage.sql.exec('INSERT INTO m (body) VALUES (?)', m);
    for (const other of this.ctx.getWebSockets()) other.send(n + ' ' + m);
  }
}
export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  const all = [await open(o, '', 'a'), await open(o, '', 'b'), await open(o, '', 'c')];
  for (let i = 0; i < 4; i++) all.forEach((w, k) => w.send('abc'[k] + i));
  for (const w of all) await until(w.lines, 12);
  await say('each hears the same', () => new Set(all.map((w) => w.lines.map((line) => line.slice(10)).join())).size);
  await say('in order', () => all[0].lines.map((line) => parseInt(line.slice(11))).join());
  await say("each one's own order", () => [...'abc'].map((name) => all[0].lines.map((line) => line.slice(-3, -1)).filter((m) => m[0] === name).join()));
  for (const m of ['count', 'undone', 'transaction', 'count']) { all[1].lines.length = 0; all[1].send(m); await until(all[1].lines, 1); await say(m, () => all[1].lines) }
});
`,
});

import { socketModule } from '../../programs/sockets.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'What a handler throws or rejects with is logged: the socket stays, a close is over, and nothing is rolled back.',
  rows: ['12.handler-throws', '12.web-socket-close'],
  modules: socketModule,
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';
import { answer, open, pair, until } from './sockets.js';
export class Obj extends DurableObject {
  log = [];
  fetch() { const [a, b] = pair(); this.ctx.acceptWebSocket(b); return answer(a) }
  webSocketMessage(ws, m) {
    const { kv } = this.ctx.storage;
    kv.put('n', (kv.get('n') ?? 0) + 1);
    ws.send('got ' + m);
    if (m === 'throw') throw new Error('thrown');
    if (m === 'reject') return Promise.reject(new Error('rejected'));
    if (m === 'late') return sleep(5).then(() => { kv.put('n', kv.get('n') + 10); throw new Error('late') });
    if (m === 'value') return 'ignored';
    if (m === 'thenable') return { then(resolve) { ws.send('then called'); resolve() } };
    if (m === 'dangling') { Promise.reject(new Error('dangling')); return }
    if (m === 'primitive') throw 'text';
  }
  webSocketClose(ws, code) { this.log.push('close ' + code); if (code === 3001) throw new Error('thrown'); if (code === 3002) return sleep(10).then(() => { this.log.push('rejects, listed ' + this.ctx.getWebSockets().length); throw new Error('late') }); ws.close(code) }
  told() { return [...this.log.splice(0), 'n ' + this.ctx.storage.kv.get('n'), 'listed ' + this.ctx.getWebSockets().length] }
}
export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  let w = await open(o);
  for (const m of ['throw', 'reject', 'late', 'value', 'thenable', 'dangling', 'primitive', 'plain']) w.send(m);
  await until(w.lines, 9);
  await say('messages', () => w.lines);
  await say('object', () => o.told());
  for (const code of [3001, 3002, 3003]) {
    w = await open(o);
    w.close(code);
    if (code === 3003) await until(w.lines, 1); else await sleep(150);
    await say('closed ' + code + ', client', () => w.lines);
    await say('closed ' + code + ', object', () => o.told());
  }
});
`,
});

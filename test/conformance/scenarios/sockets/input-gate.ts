import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A message waits for a critical section and for the constructor, and comes in order after it.',
  rows: ['6.input-lock-scope', '12.message-concurrency'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep, show, showNow, inspect, tag } from './prelude.js';
const listen = (w, name, push) => {
  for (const t of ['open', 'message', 'close', 'error']) w.addEventListener(t, (e) => push(name + ' ' + t + ' ' + (t === 'message' ? inspect(e.data) : t === 'close' ? [e.code, inspect(e.reason), e.wasClean, 'state ' + w.readyState].join(' ') : t === 'error' ? e.message + ' ' + inspect(e.error) : '')));
};
const pair = () => Object.values(new WebSocketPair());
const upgrade = { headers: { Upgrade: 'websocket' } };
export class Obj extends DurableObject {
  log = [];
  constructor(ctx, env) { super(ctx, env); ctx.blockConcurrencyWhile(async () => { await sleep(20); this.log.push('constructed') }) }
  fetch(request) { const [a, b] = pair(); if (request.url.endsWith('std')) { b.accept(); b.addEventListener('message', (e) => this.webSocketMessage(b, e.data)) } else this.ctx.acceptWebSocket(b); return new Response(null, { status: 101, webSocket: a }) }
  async webSocketMessage(ws, m) {
    this.log.push('start ' + m);
    if (m === 'section') await this.ctx.blockConcurrencyWhile(async () => { await sleep(20); this.log.push('section over') });
    if (m === 'storage') { await this.ctx.storage.put('k', 1); await this.ctx.storage.get('k') }
    this.log.push('end ' + m);
  }
  told() { const all = this.log; this.log = []; return all }
}
export default worker(async ({ say, env }) => {
  for (const how of ['hib', 'std']) {
    const o = env.OBJ.getByName(how);
    const { webSocket } = await o.fetch('http://x/' + how, upgrade);
    webSocket.accept();
    for (const m of ['section', '1', 'storage', '2']) webSocket.send(m);
    await sleep(100);
    await say(how, () => o.told());
  }
});
`,
});

import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'What is sent on a socket waits for the writes before it: a refused commit takes it back.',
  rows: ['6.output-gate', '12.send'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep, show, showNow, inspect, tag } from './prelude.js';
const listen = (w, name, push) => {
  for (const t of ['open', 'message', 'close', 'error']) w.addEventListener(t, (e) => push(name + ' ' + t + ' ' + (t === 'message' ? inspect(e.data) : t === 'close' ? [e.code, inspect(e.reason), e.wasClean, 'state ' + w.readyState].join(' ') : t === 'error' ? e.message + ' ' + inspect(e.error) : '')));
};
const pair = () => Object.values(new WebSocketPair());
const upgrade = { headers: { Upgrade: 'websocket' } };
export class Obj extends DurableObject {
  constructor(ctx, env) { super(ctx, env); ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS p (id INTEGER PRIMARY KEY); CREATE TABLE IF NOT EXISTS c (p INTEGER REFERENCES p(id) DEFERRABLE INITIALLY DEFERRED)') }
  fetch(request) { const [a, b] = pair(); this.ctx.acceptWebSocket(b); return new Response(null, { status: 101, webSocket: a }) }
  webSocketMessage(ws, m) {
    ws.send('before ' + m);
    if (m === 'bad') this.ctx.storage.sql.exec('INSERT INTO c VALUES (99)');
    else this.ctx.storage.sql.exec('INSERT INTO p VALUES (NULL)');
    ws.send('after ' + m);
  }
}
export default { fetch(request, env) { return env.OBJ.getByName('a').fetch(request) } };
`,
  async steps(client) {
    const a = await client.socket('/');
    await a.send('good');
    await a.hears(2);
    await a.send('bad');
    await a.hears();
    await client.wait(300);
    const b = await client.socket('/');
    await b.send('good');
    await b.hears(2);
  },
});

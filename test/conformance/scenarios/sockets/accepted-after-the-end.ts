import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A socket that is over can be accepted no more, as one that was given away; until its last events are told it may.',
  rows: ['12.accept', '12.accept-web-socket', '12.close-events'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep, showNow } from './prelude.js';

const pair = () => Object.values(new WebSocketPair());
const upgrade = { headers: { Upgrade: 'websocket' } };

export class Obj extends DurableObject {
  log = [];
  accept(ws, when) { this.log.push(when + ': ' + showNow(() => ws.accept())) }
  hibernate(ws, when, ...tags) { this.log.push(when + ', hibernatable: ' + showNow(() => this.ctx.acceptWebSocket(ws, ...tags))) }
  fetch(request) {
    const [a, b] = pair();
    const how = new URL(request.url).pathname.slice(1);
    if (how === 'standard') { b.accept(); b.addEventListener('close', () => this.accept(b, 'in its close event')) }
    else this.ctx.acceptWebSocket(b);
    this.socket = b;
    return new Response(null, { status: 101, webSocket: a });
  }
  webSocketMessage(ws) { ws.close(3001, 'bye') }
  async webSocketClose(ws, code) {
    if (code === 3000) ws.close(3002, 'answer');
    this.accept(ws, 'in its handler');
    if (code !== 3000) return;
    await sleep(5);
    this.accept(ws, 'at the end of its handler');
    this.hibernate(ws, 'at the end of its handler');
  }
  tags() { for (const [what, tags] of [['null', null], ['undefined', undefined], ['a text', 'a'], ['none', []]]) this.hibernate(pair()[0], what, tags); return this.told() }
  async own() {
    const [a, b] = pair();
    a.accept(); b.accept();
    a.close(3000);
    this.accept(a, 'a that has closed'); this.accept(b, 'b');
    await sleep(20);
    this.accept(a, 'a, later'); this.accept(b, 'b, later'); this.hibernate(b, 'b, later');
    const [c, d] = pair();
    this.ctx.acceptWebSocket(d); c.accept();
    c.send('close');
    await sleep(40);
    this.accept(c, 'one that a hibernatable one has closed'); this.accept(d, 'that');
    return this.told();
  }
  ends() { this.ctx.abort('over') }
  later() { this.accept(this.socket, 'later'); this.hibernate(this.socket, 'later'); return this.told() }
  told() { const all = this.log; this.log = []; return all.map((line) => '\\n  ' + line).join('') }
}

export default worker(async ({ say, env }) => {
  const open = async (how) => { const { webSocket } = await env.OBJ.getByName(how).fetch('http://x/' + how, upgrade); const errors = []; webSocket.addEventListener('error', () => errors.push('error')); webSocket.addEventListener('close', () => errors.push(showNow(() => webSocket.accept()))); webSocket.accept(); await sleep(20); return { webSocket, errors } };
  const end = async (what, { webSocket, errors }) => { await say(what + ', client', () => [errors.join(', '), webSocket.readyState, showNow(() => webSocket.accept()), showNow(() => webSocket.send('x')), showNow(() => webSocket.close())].join(' | ')) };
  await say('tags', () => env.OBJ.getByName('tags').tags());
  await say('a pair of one program', () => env.OBJ.getByName('own').own());
  for (const how of ['standard', 'hibernatable']) {
    const it = await open(how);
    it.webSocket.close(3000, 'done');
    await sleep(60);
    await end(how, it);
    await say(how, () => env.OBJ.getByName(how).later());
  }
  const closed = await open('closed');
  closed.webSocket.send('close');
  await sleep(60);
  await end('closed by the object', closed);
  await say('closed by the object', () => env.OBJ.getByName('closed').later());
  const broken = await open('broken');
  await env.OBJ.getByName('broken').ends().catch(() => {});
  await sleep(60);
  await end('broken off', broken);
});
`,
});

import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A hibernatable socket that is closed before anything is sent on it ends without an error, as one whose pair its own program holds; another one does not.',
  rows: ['12.accept-web-socket', '12.close-events', '12.auto-close-reply'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';

const pair = () => Object.values(new WebSocketPair());
const upgrade = { headers: { Upgrade: 'websocket' } };
const listen = (w, lines) => { for (const t of ['message', 'close', 'error']) w.addEventListener(t, (e) => lines.push(t + (t === 'close' ? ' ' + e.code + ' ' + e.reason + ' ' + e.wasClean + ' state ' + w.readyState : t === 'error' ? ' ' + e.message : ' ' + e.data))) };

export class Obj extends DurableObject {
  async fetch(request) {
    const how = new URL(request.url).pathname.slice(1);
    const [a, b] = pair();
    if (how.startsWith('standard')) b.accept();
    else this.ctx.acceptWebSocket(b);
    if (how.endsWith('after-a-message')) b.send('hello');
    if (how.endsWith('after-a-wait')) await sleep(10);
    if (!how.endsWith('later')) b.close(4001, 'refused');
    if (how.endsWith('before-a-wait')) await sleep(10);
    return new Response(null, { status: 101, webSocket: a });
  }
  close() { for (const w of this.ctx.getWebSockets()) w.close(4001, 'refused') }
  async own() {
    const lines = [];
    const [a, b] = pair();
    this.ctx.acceptWebSocket(b);
    a.accept();
    listen(a, lines);
    b.send('x');
    await sleep(20);
    b.close(4001, 'refused');
    await sleep(40);
    return lines.join(', ');
  }
  webSocketClose() {}
}

export default worker(async ({ say, env }) => {
  for (const how of ['at-once', 'after-a-wait', 'before-a-wait', 'after-a-message', 'standard', 'later']) {
    const object = env.OBJ.getByName(how);
    const { webSocket } = await object.fetch('http://x/' + how, upgrade);
    const lines = [];
    listen(webSocket, lines);
    if (how === 'later') await object.close();
    webSocket.accept();
    await sleep(60);
    await say(how, () => lines.join(', '));
  }
  const half = await env.OBJ.getByName('half').fetch('http://x/at-once', upgrade);
  const lines = [];
  listen(half.webSocket, lines);
  half.webSocket.accept({ allowHalfOpen: true });
  await sleep(30);
  half.webSocket.close(3001, 'answer');
  await sleep(30);
  await say('half open', () => lines.join(', '));
  await say('of its own', () => env.OBJ.getByName('own').own());
});
`,
});

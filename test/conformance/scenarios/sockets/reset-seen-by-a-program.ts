import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A program whose socket breaks off hears a close of 1006, and what it sends then goes nowhere.',
  rows: ['12.reset', '12.close-events'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep, show, showNow, inspect, tag } from './prelude.js';
const listen = (w, name, push) => {
  for (const t of ['open', 'message', 'close', 'error']) w.addEventListener(t, (e) => push(name + ' ' + t + ' ' + (t === 'message' ? inspect(e.data) : t === 'close' ? [e.code, inspect(e.reason), e.wasClean, 'state ' + w.readyState].join(' ') : t === 'error' ? e.message + ' ' + inspect(e.error) : '')));
};
const pair = () => Object.values(new WebSocketPair());
const upgrade = { headers: { Upgrade: 'websocket' } };
export class Obj extends DurableObject {
  fetch(request) { const [a, b] = pair(); if (request.url.endsWith('hib')) this.ctx.acceptWebSocket(b); else { b.accept(); b.addEventListener('message', () => this.ctx.abort('over')) } return new Response(null, { status: 101, webSocket: a }) }
  webSocketMessage() { this.ctx.abort('over') }
}
export default worker(async ({ say, env }) => {
  for (const how of ['hib', 'std']) {
    const lines = [];
    const { webSocket } = await env.OBJ.getByName(how).fetch('http://x/' + how, upgrade);
    listen(webSocket, how, (line) => lines.push(line));
    webSocket.accept();
    webSocket.send('die');
    await sleep(50);
    lines.push(webSocket.readyState, showNow(() => webSocket.send('x')), showNow(() => webSocket.close(1000)), webSocket.readyState);
    await say(how, () => lines);
  }
});
`,
});

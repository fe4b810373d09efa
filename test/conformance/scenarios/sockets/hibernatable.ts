import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Hibernatable sockets call handlers; a close is answered by the program alone, and the socket is listed until its handler ends.',
  rows: ['12.accept-web-socket', '12.web-socket-close', '12.handler-throws', '12.close-events', '12.get-web-sockets'],
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
  fetch(request) { const [a, b] = pair(); this.ctx.acceptWebSocket(b, ['t']); b.serializeAttachment('kept'); b.send('hello'); return new Response(null, { status: 101, webSocket: a }) }
  webSocketMessage(ws, message) {
    this.log.push('message ' + inspect(message));
    if (message === 'throw') throw new Error('x');
    if (message === 'reject') return sleep(5).then(() => { throw new Error('later') });
    if (message === 'close') { ws.close(3001, 'bye'); this.log.push('state ' + ws.readyState + ' ' + showNow(() => ws.send('y')) + ' ' + this.ctx.getWebSockets().length); return }
    if (message === 'answer closes') { this.answers = true; return }
    ws.send('echo ' + (typeof message === 'string' ? message : tag(message)));
  }
  webSocketClose(ws, code, reason, wasClean, ...rest) {
    this.log.push(['close', code, inspect(reason), wasClean, rest.length, 'state', ws.readyState, 'listed', this.ctx.getWebSockets().length, ws.deserializeAttachment(), showNow(() => ws.send('in close'))].join(' '));
    if (this.answers) { ws.close(code === 1005 ? 1000 : code, 'answer'); this.log.push('state ' + ws.readyState) }
    setTimeout(() => this.log.push('later ' + ws.readyState + ' ' + this.ctx.getWebSockets().length + ' ' + showNow(() => ws.send('late'))), 10);
  }
  told() { const all = this.log; this.log = []; return [...all, 'listed ' + this.ctx.getWebSockets().length] }
}
export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  let lines = [];
  const open = async () => { const { webSocket } = await o.fetch('http://x/', upgrade); listen(webSocket, 'client', (line) => lines.push(line)); webSocket.accept(); return webSocket };
  const told = async (what, count) => { for (let i = 0; i < 150 && lines.length < count; i++) await sleep(20); await sleep(60); await say(what + ', client', () => lines); await say(what + ', object', () => o.told()); lines = [] };
  let w = await open();
  w.send('a'); w.send(new Uint8Array([1, 2]).subarray(1)); w.send('throw'); w.send('reject'); w.send('b');
  await told('messages', 4);
  w.send('close'); await told('closed by the object', 2);
  w = await open(); w.close(3000, 'done'); await told('closed by the client', 3);
  w = await open(); w.close(); await told('closed without a code', 3);
  w = await open(); w.send('answer closes'); w.close(3004, 'again'); await told('closed and answered', 3);
  w = await open(); w.close(); await told('closed without a code and answered', 3);
});
`,
});

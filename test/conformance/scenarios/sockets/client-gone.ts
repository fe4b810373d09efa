import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A client that goes away without a word closes with 1006, not clean.',
  rows: ['12.close-events', '12.web-socket-close'],
  program: String.raw`
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep, show, showNow, inspect, tag } from './prelude.js';
const listen = (w, name, push) => {
  for (const t of ['open', 'message', 'close', 'error']) w.addEventListener(t, (e) => push(name + ' ' + t + ' ' + (t === 'message' ? inspect(e.data) : t === 'close' ? [e.code, inspect(e.reason), e.wasClean, 'state ' + w.readyState].join(' ') : t === 'error' ? e.message + ' ' + inspect(e.error) : '')));
};
const pair = () => Object.values(new WebSocketPair());
const upgrade = { headers: { Upgrade: 'websocket' } };
export class Obj extends DurableObject {
  log = [];
  fetch(request) {
    const [a, b] = pair();
    if (request.url.endsWith('hib')) this.ctx.acceptWebSocket(b);
    else { b.accept(); listen(b, 'std', (line) => this.log.push(line)); b.addEventListener('close', () => setTimeout(() => this.log.push('later state ' + b.readyState + ' ' + showNow(() => b.send('x')) + ' ' + showNow(() => b.close(1000)) + ' ' + b.readyState), 5)) }
    b.send('hello');
    return new Response(null, { status: 101, webSocket: a });
  }
  webSocketClose(ws, code, reason, wasClean) { this.log.push(['hib close', code, inspect(reason), wasClean, 'state ' + ws.readyState, 'listed ' + this.ctx.getWebSockets().length, showNow(() => ws.send('x')), showNow(() => ws.close(1000)), ws.readyState].join(' ')) }
  webSocketError(ws, error) { this.log.push('hib error ' + inspect(error)) }
  told() { return [...this.log, 'listed ' + this.ctx.getWebSockets().length].join('\n') }
}
export default {
  async fetch(request, env) {
    const o = env.OBJ.getByName('a');
    if (new URL(request.url).pathname === '/told') return new Response(await o.told());
    return o.fetch(request);
  },
};
`,
  async steps(client) {
    for (const path of ['/std', '/hib']) {
      const a = await client.socket(path);
      await a.hears();
      await a.terminate();
      await client.wait(300);
      await client.fetch('/told');
    }
  },
});

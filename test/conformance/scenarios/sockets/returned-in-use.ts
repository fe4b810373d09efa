import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A socket that its program uses itself breaks off for whoever gets it in a response.',
  rows: ['12.returning'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep, show, showNow, inspect, tag } from './prelude.js';
const listen = (w, name, push) => {
  for (const t of ['open', 'message', 'close', 'error']) w.addEventListener(t, (e) => push(name + ' ' + t + ' ' + (t === 'message' ? inspect(e.data) : t === 'close' ? [e.code, inspect(e.reason), e.wasClean, 'state ' + w.readyState].join(' ') : t === 'error' ? e.message + ' ' + inspect(e.error) : '')));
};
const pair = () => Object.values(new WebSocketPair());
const upgrade = { headers: { Upgrade: 'websocket' } };
export class Obj extends DurableObject {
  fetch(request) {
    const [a, b] = pair();
    const how = new URL(request.url).pathname;
    if (how === '/accepted') { a.accept(); b.accept() }
    if (how === '/hibernatable') this.ctx.acceptWebSocket(a);
    return new Response(null, { status: 101, webSocket: a });
  }
}
export default worker(async ({ say, env }) => {
  for (const how of ['accepted', 'hibernatable']) {
    await say(how, async () => {
      const lines = [];
      const r = await env.OBJ.getByName(how).fetch('http://x/' + how, upgrade);
      listen(r.webSocket, 'client', (line) => lines.push(line));
      r.webSocket.accept();
      await sleep(50);
      return [r.status, ...lines];
    });
  }
});
`,
});

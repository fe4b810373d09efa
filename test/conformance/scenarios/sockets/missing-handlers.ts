import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A handler that is not there is not missed, and one of the instance counts.',
  rows: ['1.handler-methods', '12.web-socket-close'],
  config: {
    durable_objects: {
      bindings: [
        { name: 'NONE', class_name: 'None' },
        { name: 'OWN', class_name: 'Own' },
      ],
    },
    migrations: [{ tag: 'v1', new_sqlite_classes: ['None', 'Own'] }],
  },
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep, show, showNow, inspect, tag } from './prelude.js';
const listen = (w, name, push) => {
  for (const t of ['open', 'message', 'close', 'error']) w.addEventListener(t, (e) => push(name + ' ' + t + ' ' + (t === 'message' ? inspect(e.data) : t === 'close' ? [e.code, inspect(e.reason), e.wasClean, 'state ' + w.readyState].join(' ') : t === 'error' ? e.message + ' ' + inspect(e.error) : '')));
};
const pair = () => Object.values(new WebSocketPair());
const upgrade = { headers: { Upgrade: 'websocket' } };
export class None extends DurableObject {
  fetch() { const [a, b] = pair(); this.ctx.acceptWebSocket(b); return new Response(null, { status: 101, webSocket: a }) }
  listed() { return this.ctx.getWebSockets().length }
}
export class Own extends None { webSocketMessage = (ws, m) => ws.send('own ' + m) }
export default worker(async ({ say, env }) => {
  for (const [name, binding] of [['none', env.NONE], ['own', env.OWN]]) {
    const o = binding.getByName('a');
    const lines = [];
    const { webSocket } = await o.fetch('http://x/', upgrade);
    listen(webSocket, 'client', (line) => lines.push(line));
    webSocket.accept();
    webSocket.send('1');
    for (let i = 0; i < 150 && name === 'own' && lines.length < 1; i++) await sleep(20);
    await sleep(30);
    await say(name, async () => [...lines, await o.listed()]);
    webSocket.close(1000, 'x');
    await sleep(30);
    await say(name + ' after a close', () => o.listed());
    await say(name + ' by RPC', () => o.webSocketMessage('x'));
  }
});
`,
});

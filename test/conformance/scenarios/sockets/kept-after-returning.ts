import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A socket that went away in a response cannot be accepted again, and what its program still sends on it goes nowhere.',
  rows: ['12.returning', '12.accept-web-socket'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep, showNow, inspect } from './prelude.js';
export class Obj extends DurableObject {
  fetch(request) {
    const [client, server] = Object.values(new WebSocketPair());
    if (new URL(request.url).pathname === '/hibernatable') this.ctx.acceptWebSocket(server);
    else server.accept();
    this.client = client;
    return new Response(null, { status: 101, webSocket: client });
  }
  attempts() {
    const { client } = this;
    return [
      client.readyState,
      showNow(() => client.accept()),
      showNow(() => this.ctx.acceptWebSocket(client)),
      showNow(() => client.send('late')),
      showNow(() => client.close(1000, 'late')),
      client.readyState,
      showNow(() => client.send('later')),
    ];
  }
}
export default worker(async ({ say, env }) => {
  for (const how of ['accepted', 'hibernatable']) {
    const stub = env.OBJ.getByName(how);
    const heard = [];
    const { webSocket } = await stub.fetch('http://x/' + how, { headers: { Upgrade: 'websocket' } });
    for (const type of ['message', 'close', 'error']) webSocket.addEventListener(type, (event) => heard.push(type + ' ' + inspect(event.data ?? event.reason ?? event.message)));
    webSocket.accept();
    await say(how, () => stub.attempts());
    await sleep(50);
    await say(how + ', heard', () => heard);
  }
});
`,
});

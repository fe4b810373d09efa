import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A socket whose hibernatable other end was closed before anything was sent on it may be accepted again, also when it is over; another one may not.',
  rows: ['12.accept', '12.accept-web-socket', '12.close-events'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep, showNow } from './prelude.js';

export class Obj extends DurableObject {
  fetch(request) {
    const how = new URL(request.url).pathname.slice(1);
    const [a, b] = Object.values(new WebSocketPair());
    if (how.startsWith('standard')) b.accept();
    else this.ctx.acceptWebSocket(b);
    if (how.endsWith('message')) b.send('hello');
    b.close(4001, 'no');
    return new Response(null, { status: 101, webSocket: a });
  }
}

export default worker(async ({ say, env }) => {
  for (const how of ['standard', 'hibernatable', 'standard, after a message', 'hibernatable, after a message']) {
    const { webSocket } = await env.OBJ.getByName(how).fetch('http://x/' + how.replaceAll(/, after a /g, '-'), { headers: { Upgrade: 'websocket' } });
    const log = [];
    const again = (when) => log.push(when + ': ' + showNow(() => webSocket.accept()));
    for (const type of ['message', 'close', 'error']) webSocket.addEventListener(type, () => again(type));
    webSocket.accept();
    again('at once');
    await sleep(60);
    again('later');
    await say(how, () => log.join(', '));
  }
});
`,
});

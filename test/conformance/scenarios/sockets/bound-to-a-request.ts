import { socketModule } from '../../programs/sockets.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A socket is bound to the request of its Worker in which it was accepted; kept in a global it is no use to another request.',
  rows: ['1.io-contexts'],
  modules: socketModule,
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker } from './prelude.js';
import { answer, open, pair, upgrade } from './sockets.js';
export class Obj extends DurableObject {
  fetch() { const [a, b] = pair(); this.ctx.acceptWebSocket(b); this.kept ??= b; return answer(a) }
  webSocketMessage(ws, m) { ws.send('echo ' + m) }
  count() { return this.ctx.getWebSockets().length }
  say(m) { this.kept.send(m); return this.kept.readyState }
}
let kept;
export default worker(async ({ say, env, url }) => {
  const o = env.OBJ.getByName('a');
  if (url.pathname === '/keep') {
    const [fresh] = pair();
    const [left, right] = pair();
    left.accept(); right.accept();
    const w = await open(o);
    const response = await o.fetch('http://x/', upgrade);
    kept = { fresh, left, w, response, untaken: response.webSocket };
    await say('kept', () => 'yes');
    return;
  }
  await say('send', () => kept.w.send('x'));
  await say('close', () => kept.w.close(1000));
  await say('state', () => kept.w.readyState);
  await say('attachment', () => { kept.w.serializeAttachment(1); return kept.w.deserializeAttachment() });
  await say('a listener', () => kept.w.addEventListener('message', () => {}));
  await say('binaryType', () => { kept.w.binaryType = 'arraybuffer'; return kept.w.binaryType });
  await say('accept again', () => kept.w.accept());
  await say('one in memory', () => kept.left.send('x'));
  await say('a fresh one', () => kept.fresh.accept());
  await say('its first message', () => kept.fresh.send('x'));
  await say('one not taken up', () => kept.untaken.accept());
  await say('its response', () => [kept.response.status, kept.response.webSocket === kept.untaken]);
  await say('in a response', () => new Response(null, { status: 101, webSocket: kept.untaken }).status);
  await say('an object may', () => o.say('from a later event'));
});
`,
  async steps(client) {
    await client.fetch('/keep');
    await client.fetch('/use');
  },
});

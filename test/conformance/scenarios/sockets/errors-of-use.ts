import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'What is not accepted cannot be used, and each of the two ways of accepting excludes the other.',
  rows: ['12.accept', '12.accept-web-socket', '12.send', '12.fresh'],
  program: String.raw`
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep, show, showNow, inspect, tag } from './prelude.js';
const listen = (w, name, push) => {
  for (const t of ['open', 'message', 'close', 'error']) w.addEventListener(t, (e) => push(name + ' ' + t + ' ' + (t === 'message' ? inspect(e.data) : t === 'close' ? [e.code, inspect(e.reason), e.wasClean, 'state ' + w.readyState].join(' ') : t === 'error' ? e.message + ' ' + inspect(e.error) : '')));
};
const pair = () => Object.values(new WebSocketPair());
const upgrade = { headers: { Upgrade: 'websocket' } };
export class Obj extends DurableObject {
  async texts() {
    const lines = [];
    const say = (what, f) => lines.push(what + ': ' + showNow(f));
    const { ctx } = this;
    say('send before', () => pair()[0].send('x'));
    say('close before', () => pair()[0].close());
    say('send nothing', () => { const [a] = pair(); a.accept(); a.send() });
    say('send a symbol', () => { const [a] = pair(); a.accept(); a.send(Symbol()) });
    say('accept twice', () => { const [a] = pair(); a.accept(); a.accept() });
    say('accept what hibernates', () => { const [a] = pair(); ctx.acceptWebSocket(a); a.accept() });
    say('accept with a number', () => pair()[0].accept(5));
    say('accept with a text', () => pair()[0].accept({ allowHalfOpen: 'x' }));
    say('accept with null', () => pair()[0].accept(null));
    say('hibernate what is accepted', () => { const [a] = pair(); a.accept(); ctx.acceptWebSocket(a) });
    say('hibernate twice', () => { const [a] = pair(); ctx.acceptWebSocket(a); ctx.acceptWebSocket(a) });
    say('its pair is accepted', () => { const [a, b] = pair(); b.accept(); ctx.acceptWebSocket(a) });
    say('its pair hibernates', () => { const [a, b] = pair(); ctx.acceptWebSocket(b); ctx.acceptWebSocket(a) });
    say('its pair is in a response', () => { const [a, b] = pair(); new Response(null, { status: 101, webSocket: b }); ctx.acceptWebSocket(a) });
    say('hibernate nothing', () => ctx.acceptWebSocket());
    say('hibernate an object', () => ctx.acceptWebSocket({}));
    say('tags are a text', () => ctx.acceptWebSocket(pair()[0], 'x'));
    say('a refused one can be accepted', () => { const [a] = pair(); try { ctx.acceptWebSocket(a, ['x'.repeat(257)]) } catch {} ctx.acceptWebSocket(a) });
    return lines.join('\n');
  }
}
export default worker(async ({ say, env }) => { await say('texts', () => env.OBJ.getByName('a').texts()) });
`,
});

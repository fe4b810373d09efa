import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'The automatic answer is a pair of texts of at most 2,048 bytes each, for the whole object, and a new object each time.',
  rows: ['12.auto-response', '12.get-auto-response', '12.auto-response-timestamp', '15.websocket'],
  program: String.raw`
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep, show, showNow, inspect, tag } from './prelude.js';
const listen = (w, name, push) => {
  for (const t of ['open', 'message', 'close', 'error']) w.addEventListener(t, (e) => push(name + ' ' + t + ' ' + (t === 'message' ? inspect(e.data) : t === 'close' ? [e.code, inspect(e.reason), e.wasClean, 'state ' + w.readyState].join(' ') : t === 'error' ? e.message + ' ' + inspect(e.error) : '')));
};
const pair = () => Object.values(new WebSocketPair());
const upgrade = { headers: { Upgrade: 'websocket' } };
export class Obj extends DurableObject {
  texts() {
    const lines = [];
    const say = (what, f) => lines.push(what + ': ' + showNow(f));
    const { ctx } = this;
    say('none', () => ctx.getWebSocketAutoResponse());
    say('a plain object', () => ctx.setWebSocketAutoResponse({ request: 'a', response: 'b' }));
    say('null', () => ctx.setWebSocketAutoResponse(null));
    say('set', () => ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong')));
    say('get', () => { const p = ctx.getWebSocketAutoResponse(); return [p.request, p.response, tag(p), p === ctx.getWebSocketAutoResponse()] });
    say('unset', () => [ctx.setWebSocketAutoResponse(), ctx.getWebSocketAutoResponse()]);
    say('long request', () => ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('x'.repeat(2049), 'y')));
    say('long response', () => ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('x', 'y'.repeat(2049))));
    say('long in UTF-8', () => ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('é'.repeat(1025), 'y')));
    say('constructing looks at no size', () => new WebSocketRequestResponsePair('x'.repeat(5000), 'y').request.length);
    say('longest', () => new WebSocketRequestResponsePair('x'.repeat(2048), 'y').request.length);
    say('one text', () => new WebSocketRequestResponsePair('x'));
    say('no text', () => new WebSocketRequestResponsePair());
    say('time of a fresh socket', () => ctx.getWebSocketAutoResponseTimestamp(pair()[0]));
    say('time of an accepted one', () => { const [a] = pair(); a.accept(); return ctx.getWebSocketAutoResponseTimestamp(a) });
    say('time of one that hibernates', () => { const [a] = pair(); ctx.acceptWebSocket(a); return ctx.getWebSocketAutoResponseTimestamp(a) });
    say('time of nothing', () => ctx.getWebSocketAutoResponseTimestamp());
    say('timeout', () => ctx.getHibernatableWebSocketEventTimeout());
    say('timeout set', () => [ctx.setHibernatableWebSocketEventTimeout(1000), ctx.getHibernatableWebSocketEventTimeout()]);
    say('timeout 0', () => [ctx.setHibernatableWebSocketEventTimeout(0), ctx.getHibernatableWebSocketEventTimeout()]);
    say('timeout unset', () => [ctx.setHibernatableWebSocketEventTimeout(7), ctx.setHibernatableWebSocketEventTimeout(), ctx.getHibernatableWebSocketEventTimeout()]);
    say('timeout largest', () => [ctx.setHibernatableWebSocketEventTimeout(604800000), ctx.getHibernatableWebSocketEventTimeout()]);
    say('timeout too large', () => ctx.setHibernatableWebSocketEventTimeout(604800001));
    say('timeout negative', () => ctx.setHibernatableWebSocketEventTimeout(-1));
    say('timeout a text', () => ctx.setHibernatableWebSocketEventTimeout('x'));
    say('timeout a fraction', () => [ctx.setHibernatableWebSocketEventTimeout(5.7), ctx.getHibernatableWebSocketEventTimeout()]);
    say('timeout null', () => [ctx.setHibernatableWebSocketEventTimeout(null), ctx.getHibernatableWebSocketEventTimeout()]);
    return lines.join('\n');
  }
}
export default worker(async ({ say, env }) => { await say('texts', () => env.OBJ.getByName('a').texts()) });
`,
});

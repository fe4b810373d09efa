import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Tags are texts, each once, ten at most and 256 bytes each.',
  rows: ['12.get-tags', '12.accept-web-socket', '12.get-web-sockets'],
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
    const tagged = (tags) => { const [a] = pair(); ctx.acceptWebSocket(a, tags); return ctx.getTags(a) };
    say('none', () => tagged());
    say('values', () => tagged([5, null, {}]));
    say('twice the same', () => tagged(['a', 'b', 'a']));
    say('eleven', () => tagged(Array.from({ length: 11 }, (_, i) => '' + i)));
    say('eleven times one', () => tagged(Array.from({ length: 11 }, () => 'a')));
    say('long', () => tagged(['x'.repeat(257)]));
    say('longest', () => tagged(['x'.repeat(256)])[0].length);
    say('long in UTF-8', () => tagged(['é'.repeat(200)]));
    say('empty', () => [tagged(['']), ctx.getWebSockets('').length]);
    say('a copy', () => { const [a] = pair(); ctx.acceptWebSocket(a, ['x']); ctx.getTags(a).push('y'); return ctx.getTags(a) });
    say('of a fresh one', () => ctx.getTags(pair()[0]));
    say('of an accepted one', () => { const [a] = pair(); a.accept(); return ctx.getTags(a) });
    say('of an object', () => ctx.getTags({}));
    say('of nothing', () => ctx.getTags());
    say('all', () => ctx.getWebSockets().length);
    say('by a', () => ctx.getWebSockets('a').length);
    say('by a number', () => ctx.getWebSockets(5).length);
    say('by null', () => ctx.getWebSockets(null).length);
    say('by what nobody has', () => ctx.getWebSockets('x'.repeat(300)).length);
    return lines.join('\n');
  }
}
export default worker(async ({ say, env }) => { await say('texts', () => env.OBJ.getByName('a').texts()) });
`,
});

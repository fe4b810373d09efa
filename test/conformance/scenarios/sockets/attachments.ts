import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'An attachment is a copy of at most 16,384 bytes, of any socket and at any time.',
  rows: ['12.attachments'],
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
    const kept = (value) => { const [a] = pair(); a.serializeAttachment(value); return a.deserializeAttachment() };
    say('before accepting', () => kept({ a: 1 }));
    say('none', () => pair()[0].deserializeAttachment());
    say('undefined', () => kept(undefined));
    say('nothing', () => pair()[0].serializeAttachment());
    say('a function', () => kept(() => 1));
    say('an instance', () => { class X { a = 1 } return kept(new X()) });
    say('a map with a date', () => kept(new Map([['k', new Date(0)]])));
    say('bytes', () => kept(new Uint8Array([1, 2])));
    say('too large', () => kept('x'.repeat(16380)));
    say('largest', () => kept('x'.repeat(16379)).length);
    say('a socket', () => kept(pair()[0]));
    say('an accepted socket', () => { const [a] = pair(); a.accept(); a.serializeAttachment([1]); return a.deserializeAttachment() });
    say('one that hibernates', () => { const [a] = pair(); this.ctx.acceptWebSocket(a); a.serializeAttachment([2]); return a.deserializeAttachment() });
    say('a copy each time', () => { const [a] = pair(); const o = { n: 1 }; a.serializeAttachment(o); o.n = 2; const one = a.deserializeAttachment(); one.n = 3; return a.deserializeAttachment() });
    say('the last counts', () => { const [a] = pair(); a.serializeAttachment(1); a.serializeAttachment(2); return a.deserializeAttachment() });
    say('a refused one changes nothing', () => { const [a] = pair(); a.serializeAttachment(1); try { a.serializeAttachment(() => 1) } catch {} return a.deserializeAttachment() });
    return lines.join('\n');
  }
}
export default worker(async ({ say, env }) => {
  await say('texts', () => env.OBJ.getByName('a').texts());
  await say('in a Worker', () => { const [a] = pair(); a.serializeAttachment({ w: 1 }); return a.deserializeAttachment() });
});
`,
});

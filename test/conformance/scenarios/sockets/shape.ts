import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'The three classes have the members, constants and tags of the platform, and refuse to be called.',
  rows: ['12.pair', '12.fresh'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep, show, showNow, inspect, tag } from './prelude.js';
const listen = (w, name, push) => {
  for (const t of ['open', 'message', 'close', 'error']) w.addEventListener(t, (e) => push(name + ' ' + t + ' ' + (t === 'message' ? inspect(e.data) : t === 'close' ? [e.code, inspect(e.reason), e.wasClean, 'state ' + w.readyState].join(' ') : t === 'error' ? e.message + ' ' + inspect(e.error) : '')));
};
const pair = () => Object.values(new WebSocketPair());
const upgrade = { headers: { Upgrade: 'websocket' } };
const own = (o) => Reflect.ownKeys(o).filter((k) => typeof k === 'string').map((k) => { const d = Object.getOwnPropertyDescriptor(o, k); return k + '(' + (d.get ? 'get' + (d.set ? ' set' : '') : typeof d.value) + (d.enumerable ? ' e' : '') + (d.configurable ? ' c' : '') + (d.writable ? ' w' : '') + ')' }).join(', ');
export class Obj extends DurableObject {}
let early;
try { early = new WebSocketPair() } catch (e) { early = e }
export default worker(async ({ say }) => {
  say.now('at module scope', () => early);
  say.now('pair', () => { const p = new WebSocketPair(); return [own(p), tag(p), [...p].length, [...p][0] === p[0], own(WebSocketPair.prototype)] });
  say.now('keys', () => Object.keys(new WebSocketPair()));
  say.now('pair without new', () => WebSocketPair());
  say.now('socket without new', () => WebSocket('ws://x/'));
  say.now('answer without new', () => WebSocketRequestResponsePair('a', 'b'));
  say.now('constants', () => [WebSocket.CONNECTING, WebSocket.OPEN, WebSocket.CLOSING, WebSocket.CLOSED, WebSocket.READY_STATE_OPEN, WebSocket.prototype.CLOSED]);
  say.now('prototype', () => own(WebSocket.prototype));
  say.now('is an EventTarget', () => Object.getPrototypeOf(WebSocket.prototype) === EventTarget.prototype);
  say.now('fresh', () => { const w = pair()[0]; return [w.readyState, w.url, w.protocol, w.extensions, w.binaryType, tag(w), w instanceof WebSocket, w.constructor === WebSocket, Object.keys(w)] });
  say.now('names', () => [WebSocket.name, WebSocketPair.name, WebSocketRequestResponsePair.name, WebSocket.length]);
  say.now('wrong this', () => WebSocket.prototype.send.call({}, 'x'));
  say.now('binaryType', () => { const w = pair()[0]; w.binaryType = 'arraybuffer'; const one = w.binaryType; w.binaryType = 'foo'; return [one, w.binaryType] });
  say.now('answer', () => { const p = new WebSocketRequestResponsePair(5, null); return [p.request, p.response, tag(p), own(WebSocketRequestResponsePair.prototype)] });
});
`,
});

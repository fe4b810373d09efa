import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Events and listeners are made of what the platform takes, and refuse the rest in its words: each class reads its own fields, nothing captures, nothing is passive.',
  rows: ['1.global-scope'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, inspect } from './prelude.js';
export class Obj extends DurableObject {}
const FIELDS = ['type', 'data', 'origin', 'lastEventId', 'source', 'ports', 'code', 'reason', 'wasClean', 'message', 'filename', 'lineno', 'colno', 'error', 'detail', 'bubbles', 'cancelable', 'composed', 'eventPhase', 'defaultPrevented', 'returnValue', 'cancelBubble', 'target', 'currentTarget', 'srcElement'];
const fields = (e) => FIELDS.map((k) => k in e && e[k] !== false && e[k] !== 0 ? k + ' ' + inspect(e[k]) : '').filter(Boolean).join(', ');
const all = (v) => ({ bubbles: v, cancelable: v, composed: v, data: v, origin: v, lastEventId: v, code: v, reason: v, wasClean: v, message: v, filename: v, lineno: v, colno: v, error: v, detail: v });
const inits = { nothing: [], undefined: [undefined], null: [null], '5': [5], text: ['x'], true: [true], function: [() => {}], list: [[]], object: [{}], bigint: [1n], 'all null': [all(null)], 'all undefined': [all(undefined)], 'all texts': [all('7')], 'all numbers': [all(1.7)], 'all objects': [all({})], 'large numbers': [{ code: 70000, lineno: 2147483647, colno: -1 }], 'too large': [{ code: 5000000000, lineno: 5000000000 }], 'no numbers': [{ code: NaN, lineno: Infinity, colno: 'x' }], bigints: [{ code: 1n, lineno: 1n }], 'a symbol': [{ reason: Symbol('x'), message: Symbol('x') }], 'a symbol as data': [{ data: Symbol('x'), detail: Symbol('x') }], 'a getter': [{ get bubbles() { throw new RangeError('mine') } }], 'other getters': [{ get data() { throw new RangeError('mine') }, get detail() { throw new RangeError('mine') }, get code() { throw new RangeError('mine') }, get message() { throw new RangeError('mine') } }] };
export default worker(async ({ say }) => {
  for (const C of [Event, CustomEvent, MessageEvent, CloseEvent, ErrorEvent]) {
    say.now(C.name, () => [C.length, new C('t', {}) instanceof Event, new C('t', {}).constructor === C, String(new C('t', {}))]);
    say.now('without arguments', () => new C());
    for (const type of [undefined, null, 5, {}, Symbol('x'), 1n, '', ['a', 'b'], { toString() { throw new RangeError('mine') } }]) say.now('of ' + (type?.toString === Object.prototype.toString ? '{}' : typeof type), () => new C(type, {}).type);
    for (const k in inits) say.now(C.name + ' with ' + k, () => fields(new C('t', ...inits[k])));
    say.now('in a subclass', () => { class Mine extends C { constructor() { super('mine', { detail: 1, data: 2, code: 3, message: 'm' }); this.more = 4 } } const e = new Mine(); return [e instanceof C, fields(e), e.more] });
    say.now('what is read', () => { const read = []; new C('t', new Proxy({}, { get(_, k) { read.push(String(k)) } })); return read });
    say.now('its own', () => Object.keys(new C('t', {})).filter((k) => k !== 'isTrusted'));
  }
  say.now('dispatched', () => { const t = new EventTarget(); const log = []; t.addEventListener('a', (e) => { log.push(e.target === t, e.currentTarget === t, e.srcElement === t, e.eventPhase, e.composedPath().length); e.preventDefault() }); const e = new CustomEvent('a', { detail: { x: 1 }, cancelable: true }); log.push(e.target, e.currentTarget, t.dispatchEvent(e), e.defaultPrevented, e.target === t, e.currentTarget === t, e.eventPhase); return log });
  say.now('dispatched on the scope', () => {
    const is = (value) => (value === globalThis ? 'the scope' : value);
    const log = [];
    const told = (e) => [is(e.target), is(e.currentTarget), is(e.srcElement), e.composedPath().map(is)];
    addEventListener('zz', function (e) { log.push(is(this), ...told(e)) });
    addEventListener('zz', { handleEvent(e) { log.push(this === globalThis, e.target === globalThis) } });
    const e = new Event('zz');
    log.push(...told(e), dispatchEvent(e), ...told(e));
    return log;
  });
  const t = new EventTarget();
  for (const [k, given] of [['nothing', []], ['undefined', [undefined]], ['null', [null]], ['a text', ['x']], ['{}', [{}]]]) say.now('dispatchEvent of ' + k, () => t.dispatchEvent(...given));
  const f = () => {};
  for (const [k, given] of [['nothing', []], ['a type', ['x']], ['undefined', ['x', undefined]], ['null', ['x', null]], ['a text', ['x', 'y']], ['a number', ['x', 5]], ['{}', ['x', {}]], ['handleEvent', ['x', { handleEvent() {} }]], ['a text as options', ['x', f, 'z']], ['5', ['x', f, 5]], ['null as options', ['x', f, null]], ['true', ['x', f, true]], ['false', ['x', f, false]], ['a function as options', ['x', f, f]], ['signal 5', ['x', f, { signal: 5 }]], ['signal null', ['x', f, { signal: null }]], ['a signal', ['x', f, { signal: AbortSignal.abort() }]], ['once', ['x', f, { once: 'x' }]], ['capture', ['x', f, { capture: true }]], ['capture of null', ['x', null, { capture: true }]], ['no capture', ['x', f, { capture: false }]], ['passive', ['x', f, { passive: true }]], ['a symbol', [Symbol('x'), f]]])
    for (const method of ['addEventListener', 'removeEventListener']) say.now(method + ' of ' + k, () => t[method](...given));
  say.now('on a signal', () => new AbortController().signal.addEventListener('abort', f, { passive: true }));
  say.now('on a socket', () => new WebSocketPair()[0].addEventListener('message', f, true));
  say.now('on the scope', () => addEventListener('x', f, { capture: true }));
  say.now('listeners', () => { const t = new EventTarget(); const log = []; const f = () => log.push('f'); t.addEventListener('a', f); t.addEventListener('a', f); t.addEventListener('a', { handleEvent() { log.push('h') } }); t.addEventListener('a', function () { log.push(this === t) }, { once: true }); t.dispatchEvent(new Event('a')); t.removeEventListener('a', f); t.dispatchEvent(new Event('a')); return log });
});
`,
});

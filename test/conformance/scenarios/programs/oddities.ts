import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Classes of unusual but legal JavaScript serve as they do anywhere: old-style classes, mixins, decorated and frozen ones, late handlers, accessors, thenables, generators, subclassed built-ins and top-level await.',
  rows: [
    '1.durable-object-class',
    '1.legacy-class',
    '1.handler-methods',
    '4.visible-members',
    '4.async-thenables',
    '4.uncloneable',
    '4.plain-objects',
    '2.id-from-string',
    '2.new-unique-id',
    '2.jurisdiction',
    '2.location-hint',
    '5.members',
    '14.bindings',
    '1.top-level-restrictions',
  ],
  config: objects({
    LEGACY: 'Legacy',
    FUNC: 'Func',
    MIXED: 'Mixed',
    LATE: 'Late',
    DECORATED: 'Decorated',
    ODD: 'Odd',
    PROXIED: 'Proxied',
    ABSTRACT: 'Sub',
    FIELDS: 'Fields',
    FETCHONLY: 'FetchOnly',
  }),
  program: `
import { DurableObject, RpcTarget } from 'cloudflare:workers';
import { inspect, show, showNow, tag, worker } from './prelude.js';

const config = await Promise.resolve({ loaded: 'by top-level await' });
const late = await (async () => { await null; return 'late' })();

export class Legacy { constructor(state, env) { this.state = state; this.env = env } async fetch(request) { return new Response([request.method, tag(this.state), Object.keys(this.env).length > 5, typeof this.ctx, await this.state.storage.get('x') ?? 'none'].join()) } hello() { return 'never' } async alarm() {} }
export function Func(state, env) { this.state = state; this.calls = 0 }
Func.prototype.fetch = function (request) { this.calls++; return new Response('func ' + this.calls + ' ' + this.state.id.name) };
const Counting = (Base) => class extends Base { #n = 0; count() { return ++this.#n } get current() { return this.#n } };
const Named = (Base) => class Named extends Base { name() { return this.ctx.id.name + ' ' + this.constructor.name } static make() { return 'static' } };
export class Mixed extends Counting(Named(DurableObject)) { name() { return 'mixed ' + super.name() } async both() { return [this.count(), this.count(), this.current, config.loaded, late, this.constructor.make?.()] } }
export class Late extends DurableObject {
  set() { this.extra = () => 'extra'; this.fetch = () => new Response('own'); this.alarm = () => {}; Late.prototype.added = function () { return 'added ' + this.ctx.id.name }; Object.defineProperty(Late.prototype, 'lazy', { get() { return 'lazy' }, configurable: true }); return [typeof this.extra, typeof this.added] }
  fetch() { return new Response('prototype') }
  replace() { Late.prototype.fetch = () => new Response('replaced'); Late.prototype.set2 = Late.prototype.set; delete Late.prototype.lazy; return 'ok' }
}
const decorate = (target, name, how) => Object.defineProperty(target.prototype, name, how(Object.getOwnPropertyDescriptor(target.prototype, name)));
export class Decorated extends DurableObject { log = []; slow(n) { return n * 2 } fails() { throw new Error('inner') } get value() { return 1 } }
for (const name of ['slow', 'fails']) decorate(Decorated, name, (d) => ({ ...d, value: async function (...args) { this.log.push(name); try { return await d.value.apply(this, args) } catch (error) { return 'caught ' + error.message } } }));
decorate(Decorated, 'value', (d) => ({ ...d, get() { return d.get.call(this) + 1 } }));
Object.freeze(Decorated); Object.freeze(Decorated.prototype);

class Temperature { constructor(c) { this.c = c } }
class Thenable { constructor(v) { this.v = v } then(resolve) { resolve('then ' + this.v) } }
class Money extends Number {} class Names extends Array { first() { return this[0] } } class Dict extends Map {} class When extends Date {} class Oops extends Error {} class Bytes extends Uint8Array {}
export class Odd extends DurableObject {
  *gen() { yield 1 } async *agen() { yield 1 }
  static shared = 0; static { Odd.shared = 41 } static inc() { return ++Odd.shared }
  shared() { return Odd.inc() >= 42 }
  thenable() { return new Thenable(1) } plainThen() { return { then(r) { r('plain') } } } rejects() { return { then(_, r) { r(new Error('thenable no')) } } } nested() { return { a: new Promise((r) => r(1)) } } arr() { return [Promise.resolve(1)] }
  money() { return new Money(5) } names() { return new Names('a', 'b') } dict() { return new Dict([[1, 2]]) } when() { return new When(0) } oops() { return new Oops('x') } bytes() { return new Bytes([1, 2]) } temp() { return new Temperature(1) } boxed() { return [Object(1n), Object('s')] } sym() { return Symbol.for('x') } weak() { return new WeakSet() } re() { return /x/y } err() { return new Oops('y', { cause: new Temperature(2) }) } fn() { return function named() { return 'called' } } cls() { return Temperature } bound() { return this.shared.bind(this) } args() { return arguments } ns() { return Object.freeze({ [Symbol.toStringTag]: 'Mine', a: 1 }) } nul() { return Object.assign(Object.create(null), { a: 1 }) } inherit() { return Object.create({ hidden: 1 }, { shown: { value: 2, enumerable: true } }) } getter() { return { get g() { return 'got' }, set s(v) {} } } throwing() { return { get g() { throw new Error('getter') } } } undef() { return { a: undefined, b: [undefined] } } url() { return new URL('https://x') } params() { return new URLSearchParams('a=1') } form() { return new FormData() } blob() { return new Blob(['x']) } file() { return new File(['x'], 'n') } event() { return new Event('x') } target() { return new EventTarget() } ws() { return new WebSocketPair() } key() { return crypto.subtle } date() { return Temporalish() } signal() { return new AbortController().signal } enc() { return new TextEncoder() } regexp() { return RegExp('[') } stub() { return this.env.ODD.getByName('other') } id() { return this.ctx.id } ns2() { return this.env.ODD } env2() { return this.env } ctx2() { return this.ctx } storage() { return this.ctx.storage } sql() { return this.ctx.storage.sql.exec('SELECT 1') } intl() { return new Intl.NumberFormat() } self() { return this } prom() { return Promise } deep() { let a = {}; const top = a; for (let i = 0; i < 100; i++) a = a.a = {}; return top } cyc() { const a = [1]; a.push(a); return a } shared2() { const o = { n: 1 }; return [o, o] } holes() { return [, 1, , ] } big() { return 'x'.repeat(1000).length } nan() { return [NaN, -0, Infinity] }
  takes(...args) { return args.map((a) => tag(a) + (a?.constructor?.name ?? '')) }
  same(a, b) { return a === b }
  get accessor() { return { a: 1, f: () => 'f' } } get promised() { return Promise.resolve('p') } get failing() { return Promise.reject(new Error('prop')) } get fun() { return (x) => x + this.ctx.id.name } get [Symbol.toStringTag]() { return 'OddTag' } set only(v) {}
  ['computed' + 1]() { return 'computed' } 'quoted name'() { return 'q' } 123() { return 'n' } $dollar() { return '$' } _under() { return '_' } ünïcode() { return 'ü' } async() { return 'async' } await() { return 'await' } get() { return 'get' } of() { return 'of' } static() { return 'static' } dup() { return 'mydup' } name() { return 'name' } length() { return 'length' } prototype() { return 'prototype' } arguments() { return 'arguments' } caller() { return 'caller' } bind() { return 'bind' } call() { return 'call' } apply() { return 'apply' } toString() { return 'ts' } valueOf() { return 1 } constructor2() { return 'c2' } queue() { return 'queue' } scheduled() { return 'scheduled' } email() { return 'email' } trace() { return 'trace' } tail() { return 'tail' } test() { return 'test' } webSocketMessage() { return 'wsm' } webSocketClose() { return 'wsc' } webSocketError() { return 'wse' } alarm() { return 'al' } fetch() { return new Response('f') }
}
const Temporalish = () => new Date(NaN);
export class Proxied extends DurableObject { constructor(...args) { super(...args); return new Proxy(this, { get: (t, k, r) => (k in t ? Reflect.get(t, k) : typeof k === 'string' && k !== 'then' ? (...a) => 'dynamic ' + k + a : undefined) }) } real() { return 'real ' + this.ctx.id.name } }
class Abstract extends DurableObject { constructor(...args) { super(...args); if (new.target === Abstract) throw new Error('abstract') } template() { return 'template ' + this.part() } part() { throw new Error('not implemented') } }
export class Sub extends Abstract { part() { return 'part' + super.template.name } }
export class Fields extends DurableObject { own = 1; fn = () => 'fn'; #secret = 's'; static s = 2; accessor2 = { get x() { return 1 } }; alarm = () => {}; webSocketMessage = () => {}; fetch = (request) => new Response('field ' + this.#secret + request.method); async set() { return show(() => this.ctx.storage.setAlarm(Date.now() + 1e6).then(() => this.ctx.storage.deleteAlarm())) } has(o) { return #secret in (o ?? this) } members() { return [Object.getOwnPropertyNames(this).sort(), Object.getOwnPropertyNames(Object.getPrototypeOf(this.ctx)).sort(), Object.getOwnPropertyNames(this.ctx), Object.isFrozen(this.env), showNow(() => { this.env.NEW = 1; return this.env.NEW }), showNow(() => { Object.freeze(this.env); return Object.isFrozen(this.env) }), showNow(() => { this.ctx.mine = 1; return this.ctx.mine }), showNow(() => { this.ctx.id = 1; return tag(this.ctx.id) }), showNow(() => { this.ctx = 5; return this.ctx })] } }
export class FetchOnly extends DurableObject { fetch = undefined; }

export default worker(async ({ say, env }) => {
  const fetched = (stub, init) => stub.fetch('https://x/path', init).then((r) => r.text());
  await say('legacy', () => fetched(env.LEGACY.getByName('l'), { method: 'PUT' }));
  await say('legacy called', () => env.LEGACY.getByName('l').hello());
  await say('legacy property', () => env.LEGACY.getByName('l').state);
  await say('func', async () => [await fetched(env.FUNC.getByName('f')), await fetched(env.FUNC.getByName('f'))]);
  await say('mixed', async () => { const m = env.MIXED.getByName('m'); return [await m.both(), await m.name(), await m.current] });
  const l = env.LATE.getByName('l');
  await say('before', () => fetched(l));
  await say('set', () => l.set());
  await say('own fetch', () => fetched(l));
  await say('extra', () => l.extra());
  await say('added', () => l.added());
  await say('lazy', () => l.lazy);
  await say('replace', () => l.replace());
  await say('replaced', () => fetched(l));
  await say('lazy gone', () => l.lazy);
  await say('decorated', async () => { const d = env.DECORATED.getByName('d'); return [await d.slow(4), await d.fails(), await d.value, await show(() => d.log)] });
  await say('proxied', async () => { const p = env.PROXIED.getByName('p'); return [await show(() => p.real()), await show(() => p.anything(1, 2)), await show(() => p.prop)] });
  await say('sub', () => env.ABSTRACT.getByName('a').template());
  const f = env.FIELDS.getByName('f');
  await say('fields', async () => [await show(() => fetched(f)), await show(() => f.own), await show(() => f.fn()), await f.set(), await f.has(), await show(() => f.has({}))]);
  await say('members', () => f.members());
  await say('fetch only', () => fetched(env.FETCHONLY.getByName('f')));
  const odd = env.ODD.getByName('odd');
  for (const name of ['gen', 'agen', 'shared', 'thenable', 'plainThen', 'rejects', 'nested', 'arr', 'money', 'names', 'dict', 'when', 'oops', 'bytes', 'temp', 'boxed', 'sym', 'weak', 're', 'err', 'fn', 'cls', 'bound', 'args', 'ns', 'nul', 'inherit', 'getter', 'throwing', 'undef', 'url', 'params', 'form', 'blob', 'file', 'event', 'target', 'ws', 'key', 'date', 'signal', 'enc', 'regexp', 'stub', 'id', 'ns2', 'env2', 'ctx2', 'storage', 'sql', 'intl', 'self', 'prom', 'cyc', 'shared2', 'holes', 'big', 'nan']) await say(name, async () => { const got = await odd[name](); return typeof got === 'function' ? tag(got) : inspect(got) });
  await say('deep', async () => { let n = 0; for (let a = await odd.deep(); a; a = a.a) n++; return n });
  for (const name of ['accessor', 'promised', 'failing', 'fun', 'only', 'shared']) await say('.' + name, async () => { const got = await odd[name]; return typeof got === 'function' ? tag(got) : got });
  await say('accessor.f()', () => odd.accessor.f());
  await say('fun()', () => odd.fun('x'));
  for (const name of ['computed1', 'quoted name', '123', '$dollar', '_under', 'ünïcode', 'async', 'await', 'get', 'of', 'static', 'dup', 'name', 'length', 'prototype', 'arguments', 'caller', 'bind', 'call', 'apply', 'toString', 'valueOf', 'queue', 'scheduled', 'email', 'trace', 'tail', 'test', 'webSocketMessage', 'webSocketClose', 'webSocketError', 'alarm', 'hasOwnProperty']) await say(name + '()', async () => { const got = await odd[name](); return typeof got === 'object' ? tag(got) : got });
  for (const [what, value] of Object.entries({ klass: new Temperature(1), money: new Money(1), generator: (function* () {})(), symbol: Symbol('s'), weak: new WeakMap(), url: new URL('https://x'), thenable: new Thenable(2), promise: Promise.resolve(5), fn: () => 1, blob: new Blob(['x']), form: new FormData(), stub: odd, id: env.ODD.idFromName('x'), ns: env.ODD, env, headers: new Headers({ a: 'b' }), err: new Oops('z'), frozen: Object.freeze([1]), args: (function () { return arguments })(1), proto: Object.create({ a: 1 }), nested: { a: { b: new Temperature(3) } } })) await say('takes ' + what, () => odd.takes(value));
  await say('same', async () => { const o = { a: 1 }; return [await odd.same(o, o), await odd.same(odd, odd), await odd.same('a', 'a')] });
  const ids = { short: 'abc', bad: 'z'.repeat(64), long: '0'.repeat(65), upper: env.ODD.idFromName('x').toString().toUpperCase(), other: env.LEGACY.idFromName('x').toString(), number: 5, object: {}, undef: undefined, id: env.ODD.idFromName('x'), own: env.ODD.idFromName('x').toString(), empty: '', spaced: ' ' + env.ODD.idFromName('x').toString().slice(1) };
  for (const [what, id] of Object.entries(ids)) say.now('id ' + what, () => { const made = env.ODD.idFromString(id); return [made.equals(env.ODD.idFromName('x')), made.name, String(made).length, inspect(made)] });
  for (const options of [{ jurisdiction: 'eu' }, { jurisdiction: 'fedramp' }, { jurisdiction: 'mars' }, { jurisdiction: undefined }, {}, { jurisdiction: 5 }, null, 'eu']) say.now('unique ' + JSON.stringify(options), () => { const id = env.ODD.newUniqueId(options); return [String(id).length, id.name, id.jurisdiction, Object.keys(id)] });
  for (const name of ['eu', 'us', 'moon', '', undefined, null]) say.now('jurisdiction ' + name, () => { const ns = env.ODD.jurisdiction(name); return [tag(ns), ns.idFromName('x').equals(env.ODD.idFromName('x'))] });
  for (const options of [{ locationHint: 'weur' }, { locationHint: 'mars' }, { locationHint: 5 }, { other: 1 }, 'x', { routingMode: 'primary-only' }]) say.now('get ' + JSON.stringify(options), () => { const s = env.ODD.get(env.ODD.idFromName('hinted'), options); return [tag(s), s.name, String(s.id).length, Object.keys(s)] });
  for (const args of [[], [undefined], [5], [{}], ['x'], [null], ['']]) { say.now('get with ' + inspect(args), () => tag(env.ODD.get(...args))); say.now('by name with ' + inspect(args), () => env.ODD.getByName(...args).id.name); say.now('from name with ' + inspect(args), () => env.ODD.idFromName(...args).name) }
  say.now('id of another class', () => tag(env.ODD.get(env.LEGACY.idFromName('x'))));
  say.now('ids compared', () => [env.ODD.idFromName('a').equals(env.ODD.idFromName('a')), env.ODD.idFromName('a').equals(env.LEGACY.idFromName('a')), showNow(() => env.ODD.idFromName('a').equals('x')), env.ODD.idFromName('a') == String(env.ODD.idFromName('a')), JSON.stringify({ id: env.ODD.idFromName('a') })]);
});
`,
});

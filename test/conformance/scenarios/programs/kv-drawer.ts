import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A drawer of documents keeps every kind of value under long and odd keys, lists them in both interfaces, and changes them in transactions that fail, roll back, nest and overlap.',
  rows: [
    '7.get',
    '7.get-many',
    '7.put-entries',
    '7.list',
    '7.list-edge-cases',
    '7.transaction',
    '7.rollback',
    '7.txn-object',
    '7.delete-all',
    '8.list',
    '8.shared-with-async',
    '7.isolation',
    '7.preserved',
    '11.delete-all',
  ],
  config: objects({ DRAWER: 'Drawer' }),
  program: `
import { DurableObject, RpcTarget } from 'cloudflare:workers';
import { inspect, show, showNow, tag, worker } from './prelude.js';

const shared = { n: 1 };
const values = {
  map: new Map([['a', { deep: new Map([[1, new Set([2])]]) }], [{ k: 1 }, null]]), set: new Set([1, 'two', [3]]), date: new Date(86400000), invalid: new Date(NaN), regexp: /a[b]+\\/c/gimsuy, error: new TypeError('kept', { cause: new Error('why') }),
  bytes: new Uint8Array([1, 2, 3]).subarray(1), floats: new Float64Array([0.5, -0, NaN, Infinity]), bigs: new BigInt64Array([-1n]), clamped: new Uint8ClampedArray([300, -5]), view: new DataView(new ArrayBuffer(4), 1, 2), buffer: new Uint8Array([9, 8]).buffer,
  cyclic: (() => { const a = { name: 'a' }; a.self = a; a.list = [a, { back: a }]; return a })(), twice: [shared, shared], sparse: [1, , 3], props: Object.assign([1], { extra: 2 }), boxed: [Object(1), Object('s'), Object(false), Object(5n)], nested: { a: [{ b: undefined, c: null }] },
  nan: NaN, minus: -0, big: 2n ** 70n, text: 'a\\u0000b\\ud800é', long: 'x'.repeat(300), yes: true, nil: null, int: 2 ** 31, double: 1e300, empty: {}, emptyArray: [], nullProto: Object.assign(Object.create(null), { a: 1 }), klass: new (class Point { x = 1; get y() { return 2 } })(), frozen: Object.freeze({ f: 1 }), getter: { get g() { return 'got' } }, keys: { 1: 'one', b: 2, 0: 'zero', '-1': 'minus' }, headers: new Headers({ a: 'b' }), args: (function () { return arguments })(1, 2), i8: new Int8Array([-1]), f32: new Float32Array([1.1]), u32: new Uint32Array(2), aggregate: new AggregateError([new Error('x')], 'agg'), dom: new DOMException('d', 'AbortError'), errProps: Object.assign(new RangeError('r'), { code: 7, name: 'Renamed' }),
};
const refusedValues = () => ({ symbol: Symbol('s'), func: () => 1, weak: new WeakMap(), promise: Promise.resolve(), request: new Request('https://x'), response: new Response(), stream: new ReadableStream(), url: new URL('https://x'), blob: new Blob(['x']), target: new RpcTarget(), form: new FormData(), iterator: [][Symbol.iterator](), generator: (function* () {})(), deepFunc: { a: [{ f() {} }] }, deepSymbol: [Symbol('x')], proxied: new WeakRef({}), undef: undefined, abort: AbortSignal.abort(), event: new Event('x'), crypto: crypto.subtle });

export class Drawer extends DurableObject {
  get s() { return this.ctx.storage }
  async values() { const out = []; for (const [name, value] of Object.entries(values)) out.push(name + ' ' + await show(async () => { await this.s.put(name, value); const a = await this.s.get(name), b = this.s.kv.get(name); return inspect(a) + (inspect(a) === inspect(b) ? '' : ' BUT ' + inspect(b)) + (a === value && typeof a === 'object' ? ' SAME' : '') + (Object.isFrozen(a) ? ' frozen' : '') })); return out }
  identity() { const got = this.s.kv.get('cyclic'), t = this.s.kv.get('twice'); return [got.self === got, got.list[0] === got, got.list[1].back === got, t[0] === t[1], this.s.kv.get('regexp').lastIndex, Object.getPrototypeOf(this.s.kv.get('klass')) === Object.prototype, Object.getPrototypeOf(this.s.kv.get('nullProto')) === Object.prototype, this.s.kv.get('bytes').buffer.byteLength, this.s.kv.get('bytes').byteOffset, this.s.kv.get('error').stack.split('\\n')[0]] }
  async refused() { const out = []; for (const [name, value] of Object.entries(refusedValues())) out.push(name, await show(() => this.s.put('r', value)), showNow(() => this.s.kv.put('r', value)), await show(() => this.s.put({ ok: 1, r: value }))); return [out, this.s.kv.get('r'), this.s.kv.get('ok')] }
  async fill() { await this.s.deleteAll(); const names = ['a', 'a/1', 'a/10', 'a/2', 'a/b/c', 'b', 'b1', 'B', 'é', 'e\\u0301', '\\u{1F600}', '\\uffff', ' ', '0', '00', '~', 'a\\u0000b', 'A', '_cf_x', '%', "o'brien", 'x'.repeat(40)]; await this.s.put(Object.fromEntries(names.map((n, i) => [n, i]))); return (await this.s.list()).size }
  async lists(options) { const keys = (it) => [...it].map(([k]) => k); const a = await show(async () => keys(await this.s.list(options))); const b = showNow(() => keys(this.s.kv.list(options))); return a === b ? a : a + ' BUT ' + b }
  async many() { const got = await this.s.get(['b', 'nothing', 'a', 'b', 'é']); return [tag(got), [...got], got.size, await show(() => this.s.get([])), await show(() => this.s.get(['x', 1])), await show(() => this.s.get(new Set(['a']))), await show(() => this.s.delete(['a', 'nothing', 'b', 'b'])), await show(() => this.s.delete([])), await show(() => this.s.delete('nothing')), await show(() => this.s.delete(5)), showNow(() => this.s.kv.delete('B')), showNow(() => this.s.kv.delete('B'))] }
  async oddKeys() { const out = []; for (const key of ['', 'x'.repeat(2048), 'x'.repeat(2049), 'é'.repeat(1025), 5, null, undefined, {}, ['k'], true, 1n, '\\ud800', '__proto__', 'constructor']) out.push(inspect(key).slice(0, 12) + ' ' + (await show(async () => { await this.s.put(key, 'v'); return [await this.s.get(key), [...(await this.s.list({ limit: 1, start: String(key) })).keys()].map((k) => k.length)] })) + ' ' + showNow(() => { this.s.kv.put(key, 'w'); return this.s.kv.get(key) })); return out }
  async protoKeys() { await this.s.put(JSON.parse('{"__proto__": 1, "toString": 2}')); return [...(await this.s.get(['__proto__', 'toString']))] }
  async big() { return [await show(() => this.s.put('big', 'x'.repeat(2097100))), await show(() => this.s.put('big', 'x'.repeat(2097152))), await show(() => this.s.put('big', new Uint8Array(3000000))), showNow(() => this.s.kv.put('big', 'y'.repeat(2200000))), (await this.s.get('big'))?.length, await show(() => this.s.put(Object.fromEntries(Array.from({ length: 129 }, (_, i) => ['m' + i, i])))), await show(() => this.s.get(Array.from({ length: 129 }, (_, i) => 'm' + i)).then((m) => m.size)), await show(() => this.s.delete(Array.from({ length: 129 }, (_, i) => 'm' + i)))] }
  async iterates() { const out = []; await this.s.put({ p1: 1, p2: 2, p3: 3, p4: 4 }); for (const [k, v] of this.s.kv.list({ prefix: 'p' })) { out.push(k + v); if (k === 'p1') { this.s.kv.delete('p2'); this.s.kv.put('p25', 'new'); this.s.kv.put('p3', 'changed') } if (k === 'p3') this.s.kv.delete('p4') } const it = this.s.kv.list({ prefix: 'p' }); out.push(tag(it), typeof it.next, typeof it[Symbol.iterator], inspect(it.next()), inspect(it.return?.()), inspect(it.next())); const m = await this.s.list({ prefix: 'p' }); out.push(tag(m), m instanceof Map); const one = this.s.kv.list({ prefix: 'p' }); one.next(); await this.s.put('p9', 1); out.push(showNow(() => [...one].length)); return out }
  async transactions() {
    const out = []; const s = this.s; await s.put({ n: 0 });
    out.push(await show(() => s.transaction(async (t) => { await t.put('n', 1); return [await t.get('n'), await s.get('n'), s.kv.get('n')] })));
    out.push(await show(() => s.transaction(async (t) => { await t.put('n', 2); t.rollback(); return [await show(() => t.get('n')), await show(() => t.put('n', 3)), await show(() => t.rollback())] })), await s.get('n'));
    out.push(await show(() => s.transaction(async (t) => { await t.put({ n: 5, m: 6 }); await t.delete('m'); throw new RangeError('no') })), await s.get('n'));
    out.push(await show(() => s.transaction((t) => { t.put('n', 7); return 'not async' })), await s.get('n'));
    out.push(await show(() => s.transaction(async (t) => { await t.put('n', 8); return s.transaction(async (u) => { await u.put('n', 9); throw new Error('inner') }).catch(async (e) => e.message + await t.get('n')) })), await s.get('n'));
    const both = await Promise.allSettled([1, 2, 3].map((i) => s.transaction(async (t) => { const n = (await t.get('n')) ?? 0; await scheduler.wait(1); await t.put('n', n + 1); return n })));
    out.push(inspect(both.map((r) => r.value ?? r.reason.message)), await s.get('n'));
    let kept; await s.transaction(async (t) => { kept = t }); out.push(await show(() => kept.get('n')), await show(() => kept.put('n', 1)));
    out.push(await show(() => s.transaction()), await show(() => s.transaction(5)), await show(() => s.transaction(async (t) => Object.getOwnPropertyNames(Object.getPrototypeOf(t)).sort().join())), await show(() => s.transaction(async (t) => [tag(t), typeof t.sql, typeof t.transaction, typeof t.kv, await t.getAlarm(), await t.setAlarm(Date.now() + 1e6), (await t.getAlarm()) > 0, t.rollback(), (await s.getAlarm())])));
    out.push(await show(() => s.transaction(async (t) => { s.sql.exec('CREATE TABLE IF NOT EXISTS q (a)'); s.sql.exec('INSERT INTO q VALUES (1)'); await null; s.transactionSync(() => s.sql.exec('INSERT INTO q VALUES (2)')); t.rollback(); return 'rolled' })), showNow(() => s.sql.exec('SELECT * FROM q').toArray()));
    out.push(await show(() => s.transaction(async (t) => { const list = await t.list({ prefix: 'p', limit: 2, reverse: true }); return [...list] })));
    return out;
  }
  async wiping() { await this.s.setAlarm(Date.now() + 1e6); this.s.sql.exec('CREATE TABLE IF NOT EXISTS t (a); INSERT INTO t VALUES (1)'); const before = [(await this.s.list()).size > 0, (await this.s.getAlarm()) > 0]; const done = this.s.deleteAll(); const during = [(await this.s.list()).size, await this.s.getAlarm(), showNow(() => this.s.sql.exec('SELECT * FROM t'))]; await done; await this.s.put('after', 1); return [before, during, [...(await this.s.list())], await show(() => this.s.transaction(() => this.s.deleteAll())), showNow(() => this.s.transactionSync(() => { this.s.deleteAll() })).replace(/= .*/, '= …'), [...(await this.s.list())], await show(() => this.s.deleteAll({ allowUnconfirmed: true }))] }
  alarm() {}
  async options() { const s = this.s; return [await show(() => s.put('o', 1, { allowUnconfirmed: true, noCache: true })), await show(() => s.put({ o: 2 }, { allowConcurrency: true })), await show(() => s.put('o')), await show(() => s.put()), await show(() => s.put({})), await show(() => s.put('a', 1, 5)), await show(() => s.put(null)), await show(() => s.put([['k', 1]])), await show(() => s.get('o', { allowConcurrency: 1, extra: 2 })), await show(() => s.get()), await show(() => s.get('o', 'p')), await show(() => s.list(null)), await show(() => s.list('x')), await show(() => s.sync()), await show(() => s.list({ noCache: true }).then((m) => m.size))] }
}

export default worker(async ({ say, env }) => {
  const d = env.DRAWER.getByName('d');
  await say('values', async () => (await d.values()).join('\\n    '));
  await say('identity', () => d.identity());
  await say('refused', () => d.refused());
  await say('fill', () => d.fill());
  for (const options of [undefined, {}, { prefix: 'a' }, { prefix: 'a/' }, { prefix: 'a/', reverse: true, limit: 2 }, { start: 'a/1' , end: 'b' }, { startAfter: 'a/1', end: 'b' }, { start: 'b', end: 'a' }, { start: 'a', end: 'a' }, { prefix: 'a', start: 'a/2' }, { prefix: 'a', end: 'a/2', reverse: true }, { prefix: 'b', start: 'a' }, { limit: 0 }, { limit: -1 }, { limit: 1.9 }, { limit: '3' }, { limit: NaN }, { start: 'a', startAfter: 'a' }, { prefix: '' }, { start: '' }, { prefix: '\\uffff' }, { prefix: 'e' }, { prefix: 'é' }, { prefix: '_cf' }, { reverse: 'yes', limit: 3 }, { reverse: 0, limit: 3 }, { start: 5 }, { start: null, limit: 1 }, { prefix: null }, { end: undefined, limit: 2 }, { start: '\\u{1F600}' }, { prefix: 'a\\u0000' }, { start: 'B', end: 'b', limit: 100, reverse: true }])
    await say('list ' + JSON.stringify(options), () => d.lists(options));
  await say('many', () => d.many());
  await say('odd keys', async () => (await d.oddKeys()).join('\\n    '));
  await say('proto keys', () => d.protoKeys());
  await say('big', () => d.big());
  await say('iterates', () => d.iterates());
  await say('transactions', async () => (await d.transactions()).join('\\n    '));
  await say('options', () => d.options());
  await say('wiping', () => d.wiping());
});
`,
});

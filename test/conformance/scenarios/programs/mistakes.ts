import { objects, scenario } from '../../scenario.ts';
export const subject = scenario({
  name: 'What people do wrong: keys and values too large, every kind of SQL error, asynchronous callbacks where none may be, storage after it was emptied, ids of other classes, forgotten awaits, methods that are not there.',
  rows: ['7.key-size', '7.value-size', '9.error-format', '9.transaction-sync', '4.visible-members'],
  config: objects({ A: 'A', B: 'B' }),
  program: `
import { DurableObject, RpcTarget } from 'cloudflare:workers';
import { worker, show, showNow, sleep } from './prelude.js';
const say = async (log, what, f) => log.push(what + ': ' + (await show(f)));
export class B extends DurableObject { n = 0; inc() { return ++this.n } hello() { return 'hello' } }
export class A extends DurableObject {
  async sizes() {
    const log = []; const s = this.ctx.storage;
    await say(log, 'key 2048', () => s.put('k'.repeat(2048), 1));
    await say(log, 'key 2049', () => s.put('k'.repeat(2049), 1));
    await say(log, 'key ü 1024', () => s.put('ü'.repeat(1024), 1));
    await say(log, 'key ü 1025', () => s.put('ü'.repeat(1025), 1));
    await say(log, 'empty', () => s.put('', 1));
    await say(log, 'empty get', () => s.get(''));
    await say(log, 'get long', () => s.get('k'.repeat(3000)));
    await say(log, 'del long', () => s.delete('k'.repeat(3000)));
    await say(log, 'kv long', () => s.kv.put('k'.repeat(3000), 1));
    await say(log, 'kv get long', () => s.kv.get('k'.repeat(3000)));
    await say(log, 'value 2 MiB', () => s.put('v', new Uint8Array(2 * 1024 * 1024 - 100)));
    await say(log, 'value over', () => s.put('v', new Uint8Array(2 * 1024 * 1024 + 100)));
    await say(log, 'text over', () => s.put('v', 'x'.repeat(2 * 1024 * 1024 + 100)));
    await say(log, 'get 128', () => s.get(Array.from({ length: 128 }, (_, i) => 'k' + i)));
    await say(log, 'get 129', () => s.get(Array.from({ length: 129 }, (_, i) => 'k' + i)));
    await say(log, 'put 129', () => s.put(Object.fromEntries(Array.from({ length: 129 }, (_, i) => ['k' + i, i]))));
    await say(log, 'delete 129', () => s.delete(Array.from({ length: 129 }, (_, i) => 'k' + i)));
    await say(log, 'put undefined', () => s.put('u', undefined));
    await say(log, 'put nothing', () => s.put());
    await say(log, 'put one', () => s.put('x'));
    await say(log, 'put fn', () => s.put('f', () => {}));
    await say(log, 'put class', () => s.put('f', new (class Foo { a = 1; m() {} })()));
    await say(log, 'put symbol', () => s.put('f', Symbol('q')));
    await say(log, 'put promise', () => s.put('f', s.get('u')));
    await say(log, 'put env', () => s.put('f', this.env));
    await say(log, 'put ctx', () => s.put('f', this.ctx));
    await say(log, 'put stub', () => s.put('f', this.env.B.getByName('x')));
    await say(log, 'put id', () => s.put('f', this.ctx.id));
    await say(log, 'put request', () => s.put('f', new Request('http://a')));
    await say(log, 'put entries with fn', () => s.put({ a: 1, b: () => {} }));
    await say(log, 'a', () => s.get('a'));
    await say(log, 'get number', () => s.get(5));
    await say(log, 'get null', () => s.get(null));
    await say(log, 'get undefined', () => s.get(undefined));
    await say(log, 'get object', () => s.get({ a: 1 }));
    await say(log, 'list limit 0', () => s.list({ limit: 0 }));
    await say(log, 'list limit -1', () => s.list({ limit: -1 }));
    await say(log, 'list both', () => s.list({ start: 'a', startAfter: 'b' }));
    await say(log, 'list limit str', () => s.list({ limit: 'x' }));
    await say(log, 'list prefix null', () => s.list({ prefix: null }));
    await say(log, 'list reverse string', async () => (await s.list({ reverse: 'yes', limit: 1 })).size);
    await say(log, 'delete map', () => s.delete(new Map()));
    return log;
  }
  async forgotten() { this.ctx.storage.put('a', 1); this.ctx.storage.put('b', () => {}); return this.ctx.storage.get('a') }
  async sql() {
    const log = []; const { sql } = this.ctx.storage; const q = (...a) => sql.exec(...a).toArray();
    q('CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, u TEXT UNIQUE, n TEXT NOT NULL DEFAULT "x", c INTEGER CHECK (c > 0), f INTEGER REFERENCES t(id)) STRICT');
    const t = (what, ...a) => log.push(what + ': ' + showNow(() => q(...a)));
    t('unique', "INSERT INTO t (id, u) VALUES (1, 'a'), (2, 'a')");
    t('pk', 'INSERT INTO t (id) VALUES (5), (5)');
    t('notnull', 'INSERT INTO t (n) VALUES (NULL)');
    t('check', 'INSERT INTO t (c) VALUES (-1)');
    t('fk', 'INSERT INTO t (f) VALUES (99)');
    t('strict', "INSERT INTO t (c) VALUES ('abc')");
    t('syntax', 'SELCT 1');
    t('incomplete', 'SELECT');
    t('unclosed', "SELECT 'abc");
    t('no table', 'SELECT * FROM nope');
    t('no column', 'SELECT nope FROM t');
    t('no function', 'SELECT nope(1)');
    t('few bindings', 'SELECT ?, ?', 1);
    t('many bindings', 'SELECT ?', 1, 2);
    t('101 bindings', 'SELECT ' + Array(101).fill('?').join(), ...Array(101).fill(1));
    t('named', 'SELECT :a', 1);
    t('numbered', 'SELECT ?3, ?1', 1, 2, 3);
    t('object', 'SELECT ?', { a: 1 });
    t('boolean', 'SELECT ?, ?', true, false);
    t('date', 'SELECT ?', new Date(0));
    t('undefined', 'SELECT ?', undefined);
    t('bigint', 'SELECT ?', 5n);
    t('big bigint', 'SELECT ?', 2n ** 70n);
    t('symbol', 'SELECT ?', Symbol('a'));
    t('function', 'SELECT ?', () => {});
    t('array', 'SELECT ?', [1, 2]);
    t('nan', 'SELECT ?, ?', NaN, Infinity);
    t('big result', 'SELECT 9007199254740993 AS n');
    t('long', 'SELECT 1 -- ' + 'x'.repeat(100000));
    t('long2', 'SELECT ' + '1+'.repeat(60) + '1 AS x' );
    t('deep', 'SELECT ' + '('.repeat(110) + '1' + ')'.repeat(110));
    t('columns', 'CREATE TABLE wide (' + Array.from({ length: 101 }, (_, i) => 'c' + i).join() + ')');
    t('like', "SELECT 'a' LIKE '" + 'a%'.repeat(30) + "'");
    t('begin', 'BEGIN');
    t('commit', 'COMMIT');
    t('savepoint', 'SAVEPOINT a');
    t('attach', "ATTACH 'x' AS y");
    t('vacuum', 'VACUUM');
    t('pragma', 'PRAGMA journal_mode = DELETE');
    t('pragma version', 'PRAGMA user_version = 5');
    t('load', "SELECT load_extension('x')");
    t('cf', 'SELECT * FROM _cf_KV');
    t('cf2', 'CREATE TABLE _cf_x (a)');
    t('temp', 'CREATE TEMP TABLE tmp (a)');
    t('reindex', 'REINDEX');
    t('analyze', 'ANALYZE');
    t('empty', '');
    t('comment', '-- nothing');
    t('semicolons', ';;');
    t('too big', 'SELECT zeroblob(3000000)');
    t('too big 2', 'SELECT length(zeroblob(2000000)) AS l');
    t('huge int', "SELECT abs(-9223372036854775808)");
    t('json', "SELECT json('{')");
    t('div', 'SELECT 1/0 AS x');
    t('one none', 'SELECT 1 WHERE 0');
    log.push('one: ' + showNow(() => sql.exec('SELECT 1 WHERE 0').one()));
    log.push('one two: ' + showNow(() => sql.exec('SELECT 1 UNION SELECT 2').one()));
    log.push('number: ' + showNow(() => sql.exec(5)));
    log.push('none: ' + showNow(() => sql.exec()));
    log.push('multi: ' + showNow(() => sql.exec('SELECT 1; SELECT 2 AS two').toArray()));
    log.push('multi bad: ' + showNow(() => sql.exec('CREATE TABLE m (a); SELECT nope; CREATE TABLE m2 (a)').toArray()));
    t('m', 'SELECT name FROM sqlite_master WHERE name LIKE "m%"');
    log.push('prepare: ' + showNow(() => typeof sql.prepare));
    return log;
  }
  async tx() {
    const log = []; const s = this.ctx.storage;
    s.sql.exec('CREATE TABLE IF NOT EXISTS x (a)');
    const n = () => s.sql.exec('SELECT count(*) AS n FROM x').one().n;
    await say(log, 'sync async', () => s.transactionSync(async () => { s.sql.exec('INSERT INTO x VALUES (1)'); await null; s.sql.exec('INSERT INTO x VALUES (2)'); return 'r' }));
    await say(log, 'n', n);
    await say(log, 'sync throw', () => s.transactionSync(() => { s.sql.exec('INSERT INTO x VALUES (1)'); throw new Error('no') }));
    await say(log, 'n', n);
    await say(log, 'sync nothing', () => s.transactionSync());
    await say(log, 'tx throw', () => s.transaction(async (t) => { await t.put('t', 1); s.sql.exec('INSERT INTO x VALUES (1)'); throw new RangeError('tx') }));
    await say(log, 'n', () => [n(), s.kv.get('t')]);
    await say(log, 'tx rollback', () => s.transaction(async (t) => { await t.put('t', 1); s.sql.exec('INSERT INTO x VALUES (1)'); t.rollback(); return 'rolled' }));
    await say(log, 'after rollback', () => s.transaction(async (t) => { t.rollback(); await t.put('t', 1) }));
    await say(log, 'n', async () => [n(), await s.get('t')]);
    let kept; await s.transaction(async (t) => { kept = t; await t.put('t', 5) });
    await say(log, 'kept', () => kept.put('t', 6));
    await say(log, 'kept rollback', () => kept.rollback());
    await say(log, 'nested', () => s.transaction(async (t) => s.transaction(async (u) => { await u.put('t', 7); u.rollback() })));
    await say(log, 't', () => s.get('t'));
    await say(log, 'tx not fn', () => s.transaction(5));
    await say(log, 'tx sync fn', () => s.transaction((t) => 'sync'));
    await say(log, 'tx in sync', () => s.transactionSync(() => { s.transactionSync(() => { s.sql.exec('INSERT INTO x VALUES (8)') }); throw new Error('outer') }));
    await say(log, 'n', n);
    await say(log, 'alarm bad', () => s.setAlarm('soon'));
    await say(log, 'alarm nan', () => s.setAlarm(NaN));
    await say(log, 'alarm neg', () => s.setAlarm(-5));
    await say(log, 'alarm 0', () => s.setAlarm(0));
    await say(log, 'alarm date', () => s.setAlarm(new Date('x')));
    await say(log, 'alarm inf', () => s.setAlarm(Infinity));
    await say(log, 'alarm null', () => s.setAlarm(null));
    await say(log, 'alarm none', () => s.setAlarm());
    await s.deleteAlarm();
    return log;
  }
  alarm() {}
  async after() { const log = []; const s = this.ctx.storage; s.sql.exec('CREATE TABLE IF NOT EXISTS x (a); INSERT INTO x VALUES (1)'); await s.put('k', 1); const cur = s.sql.exec('SELECT * FROM x'); await s.deleteAll();
    await say(log, 'cur', () => cur.toArray()); await say(log, 'x', () => s.sql.exec('SELECT * FROM x').toArray()); await say(log, 'k', () => s.get('k')); await say(log, 'put', async () => { await s.put('k', 2); return s.get('k') }); await say(log, 'list', () => s.list()); s.sql.exec('CREATE TABLE x (a)'); await say(log, 'size', () => typeof s.sql.databaseSize); return log }
  name() { return this.ctx.id.name }
  ids() { const log = []; const t = (w, f) => log.push(w + ': ' + showNow(f)); const { A, B } = this.env;
    t('other class', () => B.idFromString(A.idFromName('x').toString())); t('short', () => A.idFromString('abc')); t('not hex', () => A.idFromString('z'.repeat(64))); t('random hex', () => A.idFromString('0'.repeat(64))); t('none', () => A.idFromString()); t('name none', () => typeof A.idFromName()); t('name num', () => A.idFromName(5).name); t('get str', () => A.get('x')); t('get none', () => A.get()); t('get other', () => B.get(A.idFromName('x'))); t('getByName none', () => String(A.getByName())); t('new', () => A.newUniqueId().name); t('set', () => { 'use strict'; this.ctx.id.name = 'x' }); t('set env', () => { this.env = {}; return Object.keys(this.env).length }); t('set ctx', () => { const c = this.ctx; this.ctx = 5; const r = this.ctx; this.ctx = c; return r }); t('new A', () => new DurableObject()); t('new A2', () => typeof new DurableObject(this.ctx, {})); t('ctx', () => new this.ctx.constructor()); t('call', () => DurableObject()); return log }
}
const play = worker(async ({ say, env }) => {
  const s = env.A.getByName('a');
  for (const m of ['sizes', 'sql', 'tx', 'after']) { const lines = await s[m](); await say(m, () => lines.join(String.fromCharCode(10))) }
  const l = await env.A.getByName('ids').ids(); await say('ids', () => l.join(String.fromCharCode(10)));
  await say('forgotten', () => env.A.getByName('f').forgotten());
  await say('forgotten after', async () => { await sleep(10); return env.A.getByName('f').name() });
  await say('no method', () => s.nope());
  await say('private', () => s.env);
  await say('alarm as method', () => s.alarm());
  await say('fetch no handler', () => s.fetch('http://x'));
});
export default play;
`,
});

import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A database is served over calls: sessions, transactions and cursors as RpcTargets, subscriptions by callback, pipelines, and disposal of all of it.',
  rows: [
    '1.rpc-target',
    '4.pipelining',
    '4.callbacks',
    '4.dup',
    '4.using',
    '4.target-dispose',
    '4.implicit-disposal',
    '4.by-reference',
  ],
  config: objects({ DB: 'Db', CLIENT: 'Client' }),
  program: `
import { DurableObject, RpcTarget, RpcStub } from 'cloudflare:workers';
import { inspect, worker } from './prelude.js';

class Cursor extends RpcTarget {
  #rows; #log; #at = 0;
  constructor(rows, log) { super(); this.#rows = rows; this.#log = log }
  next(count = 1) { const part = this.#rows.slice(this.#at, this.#at + count); this.#at += part.length; return { rows: part, done: this.#at >= this.#rows.length } }
  get position() { return this.#at }
  map(f) { return Promise.all(this.#rows.map((row, i) => f(row, i))) }
  [Symbol.dispose]() { this.#log.push('cursor closed at ' + this.#at) }
}
class Session extends RpcTarget {
  #db; #user; #open = true;
  prepared = { hidden: true };
  constructor(db, user) { super(); this.#db = db; this.#user = user }
  get user() { return this.#user }
  query(sql, ...bindings) { if (!this.#open) throw new Error('closed'); return new Cursor(this.#db.sql.exec(sql, ...bindings).toArray(), this.#db.log) }
  one(sql, ...bindings) { return this.#db.sql.exec(sql, ...bindings).one() }
  statement(sql) { return { sql, run: (...bindings) => this.#db.sql.exec(sql, ...bindings).rowsWritten, session: this } }
  async transaction(body) {
    return this.#db.ctx.storage.transaction(async (txn) => {
      const handle = new RpcStub(new Transaction(this.#db, txn));
      try { return await body(handle) } finally { handle[Symbol.dispose]() }
    });
  }
  close() { this.#open = false; return 'closed' }
  [Symbol.dispose]() { this.#db.log.push('session of ' + this.#user + ' disposed') }
}
class Transaction extends RpcTarget {
  #db; #txn;
  constructor(db, txn) { super(); this.#db = db; this.#txn = txn }
  exec(sql, ...bindings) { return this.#db.sql.exec(sql, ...bindings).toArray() }
  undone(sql) { this.#db.sql.exec(sql); this.#txn.rollback() }
  [Symbol.dispose]() { this.#db.log.push('transaction over') }
}

export class Db extends DurableObject {
  log = []; watchers = new Map();
  get sql() { return this.ctx.storage.sql }
  constructor(ctx, env) { super(ctx, env); this.sql.exec("CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, v); INSERT OR IGNORE INTO t VALUES (1, 'one'), (2, 2.5), (3, NULL), (4, x'00ff')") }
  session(user) { if (user === 'nobody') throw new Error('not you'); return new Session(this, user) }
  async watch(name, callback) {
    const kept = callback.dup();
    kept.onRpcBroken?.((error) => { this.log.push('watcher ' + name + ' broke: ' + error.message); this.watchers.delete(name) });
    this.watchers.set(name, kept);
    return new (class extends RpcTarget { #db; constructor(db) { super(); this.#db = db } stop() { return this.#db.stop(name) } })(this);
  }
  stop(name) { this.watchers.get(name)?.[Symbol.dispose](); return this.watchers.delete(name) }
  async notify(value) { return (await Promise.allSettled([...this.watchers].map(async ([name, f]) => [name, await f(value)]))).map(({ status, value: got, reason }) => (status === 'fulfilled' ? got : 'failed: ' + inspect(reason))) }
  takeLog() { return this.log.splice(0) }
}

export class Client extends DurableObject {
  heard = [];
  get db() { return this.env.DB.getByName('db') }
  async start() { this.watch = await this.db.watch(this.ctx.id.name, (value) => { this.heard.push(value); if (value === 'bad') throw new TypeError('bad value'); return this.heard.length }); return this.heard.length }
  stop() { return this.watch.stop() }
  all() { return this.heard }
  dies() { this.ctx.abort('client gone') }
}

export default worker(async ({ say, env }) => {
  const db = env.DB.getByName('db');
  const log = async () => { await scheduler.wait(40); await say('  log', () => db.takeLog()) };
  await say('a query', async () => { using session = await db.session('ann'); using cursor = await session.query('SELECT * FROM t ORDER BY id'); return [await session.user, await cursor.next(), await cursor.next(2), await cursor.position, await cursor.next(9)] });
  await log();
  await say('pipelined', async () => { using session = db.session('pipe'); const [rows, user] = await Promise.all([session.query('SELECT id FROM t WHERE id > ?', 2).next(5), session.user]); return [rows, user] });
  await log();
  await say('pipelined on what fails', () => db.session('nobody').query('SELECT 1').next());
  await say('one', () => db.session('x').one('SELECT v FROM t WHERE id = 4'));
  await say('one of none', () => db.session('x').one('SELECT v FROM t WHERE id = 40'));
  await say('a bad statement', () => db.session('x').query('SELEC 1'));
  await say('a function in an object', async () => { using session = await db.session('st'); using statement = await session.statement('INSERT INTO t (v) VALUES (?)'); return [statement.sql, await statement.run('a'), await statement.run(7), await statement.session.user] });
  await log();
  await say('hidden', async () => { using session = await db.session('h'); return await session.prepared });
  await say('no such method', async () => { using session = await db.session('h'); return await session.nothing() });
  await log();
  await say('map', async () => { using session = await db.session('m'); using cursor = await session.query('SELECT id FROM t WHERE id < 4'); const seen = []; const mapped = await cursor.map(({ id }, i) => { seen.push(id); return id * 10 + i }); return [mapped, seen.sort()] });
  await say('committed', async () => { using session = await db.session('t'); const result = await session.transaction(async (txn) => { return txn.exec('UPDATE t SET v = ? WHERE id = 1 RETURNING v', 'uno') }); return [result, await session.one('SELECT v FROM t WHERE id = 1')] });
  await say('rolled back', async () => { using session = await db.session('t'); await session.transaction(async (txn) => { await txn.undone("UPDATE t SET v = 'dos' WHERE id = 2") }); return session.one('SELECT v FROM t WHERE id = 2') });
  await say('thrown', async () => { using session = await db.session('t'); return session.transaction(async (txn) => { await txn.exec("UPDATE t SET v = 'tres' WHERE id = 3"); throw new RangeError('changed my mind') }) });
  await say('after it', () => db.session('t').one('SELECT v FROM t WHERE id = 3'));
  await log();
  await say('closed', async () => { using session = await db.session('c'); return [await session.close(), await session.query('SELECT 1').catch(inspect)] });
  await say('disposed', async () => { const session = await db.session('d'); session[Symbol.dispose](); return session.user });
  await say('a copy lives on', async () => { const session = await db.session('e'); const copy = session.dup(); session[Symbol.dispose](); const user = await copy.user; copy[Symbol.dispose](); return user });
  await log();
  const [one, two] = ['one', 'two'].map((name) => env.CLIENT.getByName(name));
  await say('watch', async () => [await one.start(), await two.start()]);
  await say('notify', async () => [await db.notify('x'), await db.notify('bad'), await one.all()]);
  await say('one stops', async () => [await one.stop(), await one.stop()]);
  await say('notify', () => db.notify('y'));
  await say('the other dies', () => two.dies());
  await scheduler.wait(40);
  await say('notify', () => db.notify('z'));
  await log();
  await say('a stub made here', async () => { using stub = new RpcStub(new (class extends RpcTarget { hi(name) { return 'hi ' + name } })()); return [await stub.hi('there'), await stub.dup().hi('again'), typeof stub.nothing] });
  await say('a function as a stub', async () => { using f = new RpcStub((a, b) => a + b); return f(1, 2) });
});
`,
});

/**
 * The program that the soak test runs: accounts that count, and pay each other.
 *
 * Promise: everything that changes an object is a row of its journal, written in the same turn as the balance. A transfer may be
 * asked for again by its id. A debit leaves with its commit, so a credit without a debit is a message that left before.
 * What is due is there with its alarm, and an alarm that rings replaces it by an entry, in one turn. Every entry is told to
 * every WebSocket, in the turn that makes it.
 */
export const SOAK_PROGRAM = `
import { DurableObject } from 'cloudflare:workers';

export class Account extends DurableObject {
  #life = crypto.randomUUID();

  constructor(ctx, env) {
    super(ctx, env);
    const { sql } = ctx.storage;
    sql.exec('CREATE TABLE IF NOT EXISTS journal (seq INTEGER PRIMARY KEY, op TEXT NOT NULL, stub TEXT, number INTEGER, amount INTEGER NOT NULL, life TEXT NOT NULL)');
    sql.exec('CREATE INDEX IF NOT EXISTS by_op ON journal (op)');
    sql.exec('CREATE TABLE IF NOT EXISTS due (name TEXT PRIMARY KEY, at_ms INTEGER NOT NULL)');
    sql.exec('CREATE TABLE IF NOT EXISTS outbox (id TEXT PRIMARY KEY, payee TEXT NOT NULL, amount INTEGER NOT NULL)');
  }

  /** The input gate is all that keeps two of these apart. */
  async increment({ stub, number }) {
    const { storage } = this.ctx;
    const count = (await storage.get('count')) ?? 0;
    storage.put('count', count + 1);
    return this.#enter({ op: 'increment ' + stub + '/' + number, stub, number, amount: 1 });
  }

  /** The same, and it waits for more than its storage: the critical section is all that keeps increments of either kind away. */
  guarded({ stub, number }) {
    return this.ctx.blockConcurrencyWhile(async () => {
      const { storage } = this.ctx;
      const count = (await storage.get('count')) ?? 0;
      await new Promise((resolve) => setTimeout(resolve, 2));
      storage.put('count', count + 1);
      return this.#enter({ op: 'increment ' + stub + '/' + number, stub, number, amount: 1 });
    });
  }

  async transfer({ stub, number, id, payee, amount }) {
    const op = 'debit ' + id;
    let debit = this.#find(op);
    if (!debit) {
      debit = this.#enter({ op, stub, number, amount: -amount });
      this.ctx.storage.sql.exec('INSERT INTO outbox VALUES (?, ?, ?)', id, payee, amount);
    }
    await this.#deliver(id);
    return debit;
  }

  credit({ id, amount }) {
    const op = 'credit ' + id;
    return this.#find(op) ?? this.#enter({ op, stub: null, number: null, amount });
  }

  async schedule({ stub, number, delayMs }) {
    const name = stub + '/' + number;
    const due = this.#enter({ op: 'due ' + name, stub, number, amount: 0 });
    this.ctx.storage.sql.exec('INSERT INTO due VALUES (?, ?)', name, Date.now() + delayMs);
    await this.#arm();
    return due;
  }

  async alarm() {
    const { sql } = this.ctx.storage;
    for (const { name } of sql.exec('SELECT name FROM due WHERE at_ms <= ? ORDER BY at_ms', Date.now()).toArray()) {
      sql.exec('DELETE FROM due WHERE name = ?', name);
      this.#enter({ op: 'rung ' + name, stub: null, number: null, amount: 0 });
    }
    await this.#arm();
  }

  fetch(request) {
    const [client, server] = Object.values(new WebSocketPair());
    this.ctx.acceptWebSocket(server);
    server.serializeAttachment(new URL(request.url).searchParams.get('socket'));
    return new Response(null, { status: 101, webSocket: client });
  }

  webSocketMessage(ws, number) {
    const stub = ws.deserializeAttachment();
    this.#enter({ op: 'message ' + stub + '/' + number, stub, number: Number(number), amount: 0 });
  }

  webSocketClose(ws) {
    this.#enter({ op: 'closed ' + ws.deserializeAttachment(), stub: null, number: null, amount: 0 });
  }

  read() {
    return this.ctx.storage.sql.exec('SELECT seq, life FROM journal ORDER BY seq DESC LIMIT 1').toArray()[0] ?? { seq: 0, life: this.#life };
  }

  async settle() {
    for (const { id } of this.ctx.storage.sql.exec('SELECT id FROM outbox').toArray()) await this.#deliver(id);
  }

  statement() {
    const { sql, kv } = this.ctx.storage;
    return {
      entries: sql.exec('SELECT * FROM journal ORDER BY seq').toArray(),
      balance: kv.get('balance') ?? 0,
      count: kv.get('count') ?? 0,
      sockets: this.ctx.getWebSockets().length,
      unsettled: sql.exec('SELECT id FROM outbox').toArray().map(({ id }) => id),
      integrity: sql.exec('PRAGMA quick_check').toArray().map((row) => row.quick_check).join('; '),
    };
  }

  async #deliver(id) {
    const { sql } = this.ctx.storage;
    const [waiting] = sql.exec('SELECT payee, amount FROM outbox WHERE id = ?', id).toArray();
    if (!waiting) return;
    await this.env.ACCOUNTS.getByName(waiting.payee).credit({ id, amount: waiting.amount });
    sql.exec('DELETE FROM outbox WHERE id = ?', id);
  }

  async #arm() {
    const { at_ms } = this.ctx.storage.sql.exec('SELECT min(at_ms) AS at_ms FROM due').one();
    if (at_ms !== null) await this.ctx.storage.setAlarm(at_ms);
  }

  #find(op) {
    return this.ctx.storage.sql.exec('SELECT seq, op, life FROM journal WHERE op = ?', op).toArray()[0];
  }

  #enter({ op, stub, number, amount }) {
    const { sql, kv } = this.ctx.storage;
    kv.put('balance', (kv.get('balance') ?? 0) + amount);
    const row = 'INSERT INTO journal (op, stub, number, amount, life) VALUES (?, ?, ?, ?, ?) RETURNING seq, op, life';
    const entry = sql.exec(row, op, stub, number, amount, this.#life).one();
    for (const ws of this.ctx.getWebSockets()) ws.send(JSON.stringify(entry));
    return entry;
  }
}

export default { fetch: (request, env) => env.ACCOUNTS.getByName(new URL(request.url).pathname.slice(1)).fetch(request) };
`;

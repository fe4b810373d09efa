import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A work queue in SQL hides what is being worked on, gives it back when a lease ends, retries with a back-off, and keeps dead letters.',
  rows: ['11.set-inside-handler', '11.delete-alarm', '9.exec', '4.error-propagation'],
  config: objects({ QUEUE: 'Queue', CONSUMER: 'Consumer' }),
  program: `
import { DurableObject } from 'cloudflare:workers';

const MAX_ATTEMPTS = 3;
const SCHEMA = [
  'CREATE TABLE IF NOT EXISTS jobs (id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, visible_at INTEGER NOT NULL, receipt TEXT, CHECK (json_valid(body)))',
  'CREATE INDEX IF NOT EXISTS jobs_due ON jobs (visible_at) WHERE receipt IS NULL',
  'CREATE TABLE IF NOT EXISTS dead (id INTEGER PRIMARY KEY, body TEXT NOT NULL, reason TEXT, attempts INTEGER)',
].join(';');

export class Queue extends DurableObject {
  #sql = this.ctx.storage.sql;
  constructor(ctx, env) {
    super(ctx, env);
    void ctx.blockConcurrencyWhile(async () => { this.#sql.exec(SCHEMA) });
  }
  async send(bodies, { delayMs = 0 } = {}) {
    const ids = this.ctx.storage.transactionSync(() => bodies.map((body) =>
      this.#sql.exec('INSERT INTO jobs (body, visible_at) VALUES (?, ?) RETURNING id', JSON.stringify(body), Date.now() + delayMs).one().id));
    await this.#schedule();
    return ids;
  }
  /** By hand, as a consumer that polls would. */
  async receive(limit, leaseMs) {
    const now = Date.now();
    const rows = this.#sql.exec(
      'UPDATE jobs SET attempts = attempts + 1, receipt = hex(randomblob(8)), visible_at = ?1 + ?2 WHERE id IN (SELECT id FROM jobs WHERE visible_at <= ?1 ORDER BY visible_at, id LIMIT ?3) RETURNING id, body, attempts, receipt', now, leaseMs, limit).toArray();
    await this.#schedule();
    return rows.map(({ body, ...rest }) => ({ ...rest, body: JSON.parse(body) }));
  }
  ack(receipt) {
    const { rowsWritten } = this.#sql.exec('DELETE FROM jobs WHERE receipt = ?', receipt);
    return rowsWritten > 0;
  }
  nack(receipt, reason) {
    const row = this.#sql.exec('SELECT id, attempts FROM jobs WHERE receipt = ?', receipt).toArray()[0];
    if (!row) throw new Error('No such receipt', { cause: { receipt } });
    return this.#failed(row, reason);
  }
  #failed({ id, attempts }, reason) {
    if (attempts >= MAX_ATTEMPTS) {
      this.ctx.storage.transactionSync(() => {
        this.#sql.exec('INSERT INTO dead SELECT id, body, ?, attempts FROM jobs WHERE id = ?', reason, id);
        this.#sql.exec('DELETE FROM jobs WHERE id = ?', id);
      });
      return 'dead';
    }
    this.#sql.exec('UPDATE jobs SET receipt = NULL, visible_at = ? WHERE id = ?', Date.now() + 20 * 2 ** attempts, id);
    return 'again';
  }
  async #schedule() {
    const [next] = this.#sql.exec('SELECT min(visible_at) AS at FROM jobs').raw().toArray()[0];
    if (next === null) return this.ctx.storage.deleteAlarm();
    const set = await this.ctx.storage.getAlarm();
    if (set === null || set > next) await this.ctx.storage.setAlarm(Math.max(next, Date.now() + 1));
  }
  async alarm(info) {
    const { consumer = null } = Object.fromEntries(await this.ctx.storage.get(['consumer']));
    this.#sql.exec('UPDATE jobs SET receipt = NULL WHERE receipt IS NOT NULL AND visible_at <= ?', Date.now());
    if (consumer === null) return;
    for (const job of await this.receive(2, 10_000)) {
      try {
        const outcome = await this.env.CONSUMER.getByName(consumer).consume(job.body, job.attempts);
        if (!this.ack(job.receipt)) throw new Error('acknowledged twice');
        await this.ctx.storage.put('last', [job.id, outcome, info.isRetry]);
      } catch (error) {
        this.#failed(job, error.name + ': ' + error.message + (error.remote ? ' (remote)' : ''));
      }
    }
    await this.#schedule();
  }
  async consumeWith(name) { await this.ctx.storage.put('consumer', name); await this.#schedule() }
  async status() {
    return {
      waiting: this.#sql.exec('SELECT id, attempts, receipt IS NULL AS free, body FROM jobs ORDER BY id').toArray(),
      dead: this.#sql.exec('SELECT * FROM dead ORDER BY id').toArray(),
      alarm: (await this.ctx.storage.getAlarm()) !== null,
      last: await this.ctx.storage.get('last'),
      sequence: [...this.#sql.exec('SELECT seq FROM sqlite_sequence WHERE name = ?', 'jobs')].map(({ seq }) => seq),
    };
  }
}

export class Consumer extends DurableObject {
  seen = [];
  async consume(body, attempts) {
    this.seen.push(body.what + ' ' + attempts);
    if (body.what === 'poison') throw new RangeError('cannot digest ' + body.what);
    if (body.what === 'flaky' && attempts < 2) throw Object.assign(new Error('later'), { retryable: true });
    if (body.what === 'kills') { if (attempts === 1) this.ctx.abort('out of cheese'); return 'survived' }
    return body.what.toUpperCase();
  }
  log() { return this.seen }
}

const json = (value, status = 200) => Response.json(value, { status });
export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    const queue = env.QUEUE.getByName(searchParams.get('queue') ?? 'main');
    try {
      switch (request.method + ' ' + pathname) {
        case 'POST /send': return json(await queue.send(await request.json()), 202);
        case 'POST /poll': {
          const jobs = await queue.receive(Number(searchParams.get('n')), Number(searchParams.get('lease')));
          return json(jobs.map(({ receipt, ...job }) => ({ ...job, receipt: receipt.length })));
        }
        case 'POST /poll-and-ack': {
          const jobs = await queue.receive(10, 1000);
          return json(await Promise.all(jobs.map(async ({ id, receipt }) => [id, await queue.ack(receipt), await queue.ack(receipt)])));
        }
        case 'POST /poll-and-nack': {
          const [job] = await queue.receive(1, 1000);
          return json([job.id, job.attempts, await queue.nack(job.receipt, 'no')]);
        }
        case 'POST /nack': return json(await queue.nack(searchParams.get('receipt'), 'no'));
        case 'POST /consume': await queue.consumeWith('c'); return new Response(null, { status: 204 });
        case 'GET /status': return json(await queue.status());
        case 'GET /consumer': return json(await env.CONSUMER.getByName('c').log());
        default: return json({ error: 'not found' }, 404);
      }
    } catch (error) {
      return json({ error: error.message, cause: error.cause, remote: error.remote }, 500);
    }
  },
};
`,
  async steps(client) {
    const post = (path: string, body?: unknown) =>
      client.fetch(path, { method: 'POST', ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    await post('/send', [{ what: 'a' }, { what: 'b' }, { what: 'c' }]);
    await post('/poll?n=2&lease=60000');
    await post('/poll?n=2&lease=3000');
    await post('/poll?n=2&lease=1000');
    await client.fetch('/status');
    await client.wait(3500);
    await client.fetch('/status');
    await post('/poll-and-ack');
    await post('/nack?receipt=none');
    await client.fetch('/status');
    await post('/send?queue=worked', [{ what: 'fine' }, { what: 'poison' }, { what: 'flaky' }, { what: 'kills' }]);
    await post('/consume?queue=worked');
    await client.wait(2000);
    await client.fetch('/status?queue=worked');
    await client.fetch('/consumer');
    await post('/send?queue=worked', 'not a list');
    await post('/send?queue=by+hand', [{ n: 1 }]);
    for (let i = 0; i < 3; i++) {
      await post('/poll-and-nack?queue=by+hand');
      await client.wait(400);
    }
    await client.fetch('/status?queue=by+hand');
    await client.fetch('/nowhere');
  },
});

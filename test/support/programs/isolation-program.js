// biome-ignore-all lint/complexity/noCommaOperator: an indirect eval is spelt so
/** Objects of which each tries one way out, and does what makes the runtime work. */
import * as workers from 'cloudflare:workers';
import { attempt } from './isolation-ways.js';

const { DurableObject, RpcTarget } = workers;
// Made where code may be made from text: not strict, so it has a `caller`.
const sloppy = new Function('f', 'return f && f()');

let reads = 0;
const imports = [
  () => new Function('url', 'return import(url)'),
  () => Function('url', 'return import/**/(url)'),
  () => new Function({ toString: () => (reads++ % 2 ? 'url' : 'url = import(url)') }, 'return url'),
  // biome-ignore lint/security/noGlobalEval: a program that tries it
  () => (0, eval)('(url) => import(url)'),
].flatMap((make) => {
  try {
    return [make()];
  } catch {
    return [];
  }
});

class Counter extends RpcTarget {
  #n = 0;
  add(n) {
    this.#n += n;
    return this.#n;
  }
}

export class Peer extends DurableObject {
  async echo(value) {
    return value;
  }
  async callBack(call, times) {
    let sum = 0;
    for (let i = 0; i < times; i++) sum += await call(i);
    return sum;
  }
  counter() {
    return new Counter();
  }
  fail() {
    throw new RangeError('as told');
  }
  async read(stream) {
    let length = 0;
    for await (const chunk of stream) length += chunk.byteLength;
    return length;
  }
  async fetch(request) {
    if (request.headers.get('upgrade') !== 'websocket')
      return new Response(await request.text(), { headers: { a: 'b' } });
    const { 0: client, 1: server } = new WebSocketPair();
    server.accept();
    server.addEventListener('message', ({ data }) => server.send(data));
    return new Response(null, { status: 101, webSocket: client });
  }
}

export class Prisoner extends DurableObject {
  async tries(name, files) {
    const { ctx, env } = this;
    const stub = env.PEERS.getByName('a');
    const given = {
      ctx,
      env,
      stub,
      sloppy,
      files,
      imports,
      DurableObject,
      roots: { ctx, env, workers, meta: import.meta, it: this },
    };
    return await attempt(name, { work: () => this.work(), given });
  }

  async work() {
    const { storage } = this.ctx;
    const parts = [this.#store(), this.#call('one'), this.#call('two'), this.#socket(), this.#wait(), this.#rewrite()];
    for (const part of parts) await part.catch((error) => console.log('broke itself:', String(error)));
    await storage.sync().catch(() => {});
  }

  async #store() {
    const { storage } = this.ctx;
    await storage.put({ a: 1, b: new Map([[1, new Date()]]) });
    await Promise.all([storage.get('a'), storage.get(['a', 'b']), storage.list()]);
    storage.kv.put('c', [1, 2, 3]);
    storage.sql.exec('CREATE TABLE IF NOT EXISTS t (a, b)');
    storage.transactionSync(() => storage.sql.exec('INSERT INTO t VALUES (?, ?)', 1, new Uint8Array(20_000)));
    storage.sql.exec('SELECT * FROM t').toArray();
    await storage.transaction(async (txn) => txn.put('d', 4));
    await storage.sync();
    for (let i = 0; i < 6; i++) {
      storage.sql.exec('INSERT INTO t VALUES (?, ?)', i, new Uint8Array(200_000));
      await storage.sync();
    }
    await storage.setAlarm(Date.now() + 3_600_000);
    await storage.getAlarm();
    await storage.delete('a');
    await storage.sync();
  }

  async #call(name) {
    const stub = this.env.PEERS.getByName(name);
    await stub.echo({ a: [1, 'x', new Uint8Array(10)], d: new Date(), m: new Map([[1, 2]]) });
    await stub.callBack((n) => n + 1, 3);
    await stub.counter().add(2);
    using counter = await stub.counter();
    await Promise.all([counter.add(1), counter.add(2)]);
    await stub.fail().catch(() => {});
    await stub.read(new Blob(['x'.repeat(1000)]).stream()).catch(() => {});
    const response = await stub.fetch('http://x/', { method: 'POST', body: 'hello' });
    await response.text();
  }

  async #socket() {
    const stub = this.env.PEERS.getByName('sockets');
    const { webSocket } = await stub.fetch('http://x/', { headers: { upgrade: 'websocket' } });
    webSocket.accept();
    const heard = new Promise((resolve) => webSocket.addEventListener('message', () => resolve()));
    webSocket.send('x');
    await heard;
    webSocket.close(1000, 'done');
  }

  async #rewrite() {
    const rewriter = new HTMLRewriter().on('p', {
      async element(one) {
        await scheduler.wait(1);
        one.setAttribute('a', [...one.attributes].join()).append(new Response('streamed'));
      },
      text: (one) => void one.after('x'),
    });
    await rewriter.transform(new Response('<p b>text</p>')).text();
  }

  async #wait() {
    await scheduler.wait(5);
    await new Promise((resolve) => setTimeout(resolve, 5));
    this.ctx.waitUntil(scheduler.wait(1));
    await crypto.subtle.digest('SHA-256', new Uint8Array(4));
    await fetch('http://127.0.0.1:9/').catch(() => {});
    await this.ctx.blockConcurrencyWhile(async () => this.ctx.storage.put('e', 5));
    sloppy(() => structuredClone(new Map([[1, 2]])));
    const stream = new Response('text').body.pipeThrough(new TransformStream());
    await new Response(stream).text();
  }
}

export default { fetch: () => new Response('') };

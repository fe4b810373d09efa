/** A program that finds out which built-ins of its isolate anything looks at while it works, and works on with any of them broken. */
import { DurableObject } from 'cloudflare:workers';
import { breakBuiltIn, builtInsOf, REPLACEMENTS, restoreBuiltIn, watchBuiltIn } from './each-built-in.ts';

const ALL = builtInsOf(Object.getOwnPropertyNames(globalThis));
const byName = new Map(ALL.map((one) => [one.name, one]));
const TEXT = 'täglich \u4e2d '.repeat(20);
const { apply } = Reflect;
const addTo = Set.prototype.add;

let touched;
let broken;

function restore() {
  if (broken) restoreBuiltIn(broken);
  broken = undefined;
}

/** Each is acknowledged by its answer. What it does itself is done by syntax alone. */
const DEEDS = {
  write({ ctx }, n) {
    ctx.storage.kv.put(`k${n}`, { n, text: TEXT, bytes: BYTES });
    ctx.storage.sql.exec('INSERT INTO t VALUES (?, ?)', n, TEXT);
    return n;
  },
  async put({ ctx }, n) {
    await ctx.storage.put(`k${n}`, { n, text: TEXT, bytes: BYTES });
    ctx.storage.sql.exec('INSERT INTO t VALUES (?, ?)', n, TEXT);
    await ctx.storage.sync();
    return n;
  },
  async transaction({ ctx }, n) {
    await ctx.storage.transaction(async (txn) => {
      await txn.put(`k${n}`, { n, text: TEXT, bytes: BYTES });
      ctx.storage.sql.exec('INSERT INTO t VALUES (?, ?)', n, TEXT);
    });
    await ctx.storage.setAlarm(4_000_000_000_000 + n);
    return n;
  },
  async call({ ctx, env }, n) {
    await env.NEIGHBOURS.getByName('neighbour').add(n, { text: TEXT, bytes: BYTES });
    ctx.storage.kv.put(`k${n}`, { n, text: TEXT, bytes: BYTES });
    ctx.storage.sql.exec('INSERT INTO t VALUES (?, ?)', n, TEXT);
    return n;
  },
  async fetch({ ctx, env }, n) {
    const response = await env.NEIGHBOURS.getByName('neighbour').fetch('https://neighbour/', {
      method: 'POST',
      body: `${n}`,
    });
    await response.text();
    ctx.storage.kv.put(`k${n}`, { n, text: TEXT, bytes: BYTES });
    ctx.storage.sql.exec('INSERT INTO t VALUES (?, ?)', n, TEXT);
    return n;
  },
  async stream({ ctx, env }, n) {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new Uint8Array([48 + (n % 10)]));
        controller.close();
      },
    });
    const { size } = await env.NEIGHBOURS.getByName('neighbour').measure(body);
    if (size !== 1) throw new Error(`${size} bytes have come of 1`);
    ctx.storage.kv.put(`k${n}`, { n, text: TEXT, bytes: BYTES });
    ctx.storage.sql.exec('INSERT INTO t VALUES (?, ?)', n, TEXT);
    return n;
  },
  async digest({ ctx }, n) {
    const digest = await crypto.subtle.digest('MD5', BYTES);
    if (new Uint8Array(digest)[0] !== 0x52) throw new Error('not the digest of 1, 2, 3');
    ctx.storage.kv.put(`k${n}`, { n, text: TEXT, bytes: BYTES });
    ctx.storage.sql.exec('INSERT INTO t VALUES (?, ?)', n, TEXT);
    return n;
  },
  async page({ ctx }, n) {
    const page = await new HTMLRewriter()
      .on('p', { element: (p) => p.setAttribute('n', `${n}`) })
      .transform(new Response('<p>x</p>'))
      .text();
    if (page !== `<p n="${n}">x</p>`) throw new Error(page);
    ctx.storage.kv.put(`k${n}`, { n, text: TEXT, bytes: BYTES });
    ctx.storage.sql.exec('INSERT INTO t VALUES (?, ?)', n, TEXT);
    return n;
  },
  send({ ctx }, n) {
    const sockets = ctx.getWebSockets();
    for (let i = 0; i < sockets.length; i++) sockets[i].send(`${n}`);
    ctx.storage.kv.put(`k${n}`, { n, text: TEXT, bytes: BYTES });
    ctx.storage.sql.exec('INSERT INTO t VALUES (?, ?)', n, TEXT);
    return n;
  },
  /** All that is left is of the last one that was acknowledged, or of one after it. */
  async clear({ ctx }, n) {
    await ctx.storage.deleteAll();
    ctx.storage.sql.exec('CREATE TABLE t(n INTEGER PRIMARY KEY, text)');
    ctx.storage.kv.put(`k${n}`, { n, text: TEXT, bytes: BYTES });
    ctx.storage.sql.exec('INSERT INTO t VALUES (?, ?)', n, TEXT);
    return n;
  },
  async facet({ ctx }, n) {
    await ctx.facets.get('one', () => ({ class: ctx.exports.Facet })).add(n);
    ctx.storage.kv.put(`k${n}`, { n, text: TEXT, bytes: BYTES });
    ctx.storage.sql.exec('INSERT INTO t VALUES (?, ?)', n, TEXT);
    return n;
  },
  /** The next session finds what was before. */
  async back({ ctx }, n) {
    ctx.storage.kv.put(`k${n}`, { n, text: TEXT, bytes: BYTES });
    ctx.storage.sql.exec('INSERT INTO t VALUES (?, ?)', n, TEXT);
    const bookmark = await ctx.storage.getCurrentBookmark();
    ctx.storage.sql.exec('DELETE FROM t');
    await ctx.storage.onNextSessionRestoreBookmark(bookmark);
    return n;
  },
};
const BYTES = new Uint8Array([1, 2, 3]);

class Stored extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS t(n INTEGER PRIMARY KEY, text)');
  }
  add(n) {
    this.ctx.storage.sql.exec('INSERT OR IGNORE INTO t VALUES (?, ?)', n, TEXT);
  }
  /** What is stored, if nothing of it is damaged. */
  stored() {
    const { kv, sql } = this.ctx.storage;
    const rows = sql.exec('SELECT n, text FROM t ORDER BY n').toArray();
    const pairs = [...kv.list({ prefix: 'k' })];
    const isWhole =
      sql.exec('PRAGMA quick_check').one().quick_check === 'ok' &&
      rows.every((row) => row.text === TEXT) &&
      pairs.every(([key, { n, text, bytes }]) => key === `k${n}` && text === TEXT && `${bytes}` === `${BYTES}`);
    return { isWhole, rows: rows.map((row) => row.n), keys: pairs.map(([, { n }]) => n).sort((a, b) => a - b) };
  }
}

export class Facet extends Stored {}

export class Neighbour extends Stored {
  async measure(stream) {
    return { size: (await new Response(stream).bytes()).length };
  }
  async fetch(request) {
    this.add(Number(await request.text()));
    return new Response('added');
  }
}

export class Liar extends Stored {
  alarm() {}
  fetch() {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }
  /** From now on it is noted what anybody looks at. */
  watch() {
    touched = new Set();
    for (const one of ALL) watchBuiltIn(one, () => apply(addTo, touched, [one]));
    return ALL.length;
  }
  touched() {
    for (const one of ALL) restoreBuiltIn(one);
    return [...touched].map(({ name }) => name);
  }
  /** What is broken stays so until the next attempt, while the answer leaves and whatever comes after it. */
  attempt({ deed, name, does, n }) {
    restore();
    const builtIn = byName.get(name);
    if (builtIn) {
      broken = builtIn;
      breakBuiltIn(builtIn, REPLACEMENTS[does]);
    }
    return DEEDS[deed](this, n);
  }
  mend() {
    restore();
  }
  facetStored() {
    return this.ctx.facets.get('one', () => ({ class: this.ctx.exports.Facet })).stored();
  }
}

export default { fetch: (request, env) => env.LIARS.getByName(new URL(request.url).pathname).fetch(request) };

import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Errors pass through a chain of objects, by call, by fetch and by callback, with what they carry; a client with retries tells them apart.',
  rows: [
    '4.error-propagation',
    '4.thrown-non-errors',
    '3.error-flags',
    '3.user-exception',
    '3.broken-stub',
    '5.abort',
    '6.section-failure',
    '6.commit-failure',
  ],
  config: { ...objects({ HOP: 'Hop' }), services: [{ binding: 'SELF', service: 'first' }] },
  program: `
import { DurableObject, WorkerEntrypoint } from 'cloudflare:workers';
import { inspect } from './prelude.js';

class Rich extends Error {
  constructor(message, extra) { super(message, { cause: extra?.cause }); this.name = 'Rich'; Object.assign(this, extra); this.when = new Date(0); this.list = [1n, { a: new Set([1]) }] }
  method() {}
}

const KINDS = {
  plain: () => new Error('plain'),
  type: () => new TypeError('type'),
  named: () => Object.assign(new Error('named'), { name: 'MyError' }),
  rich: () => new Rich('rich', { code: 'E1', cause: new RangeError('inner', { cause: 'root' }) }),
  retryable: () => Object.assign(new Error('try again'), { retryable: true, overloaded: true, durableObjectReset: false, remote: false }),
  aggregate: () => new AggregateError([new Error('a'), new TypeError('b')], 'both'),
  dom: () => new DOMException('dom', 'AbortError'),
  suppressed: () => Object.assign(new Error('with a method'), { f() { return 1 } }),
  symbol: () => Object.assign(new Error('with a symbol'), { s: Symbol('x') }),
  circular: () => { const e = new Error('circular'); e.self = e; return e },
  string: () => 'a string',
  nothing: () => undefined,
  object: () => ({ code: 5, nested: { map: new Map([[1, 2]]) } }),
  response: () => new Response('thrown', { status: 418 }),
  frozen: () => Object.freeze(new Error('frozen')),
  subclass: () => new (class extends TypeError { name = 'Sub' })('sub'),
  empty: () => new Error(),
  proto: () => Object.setPrototypeOf(new Error('no prototype'), null),
};

export class Hop extends DurableObject {
  calls = 0;
  next(n) { return this.env.HOP.getByName('hop ' + (n - 1)) }
  async go(n, kind) { if (n > 0) return this.next(n).go(n - 1, kind); throw KINDS[kind]() }
  async wrap(n, kind) { if (n === 0) throw KINDS[kind](); try { return await this.next(n).wrap(n - 1, kind) } catch (error) { throw new Error('hop ' + n, { cause: error }) } }
  async stack(n) { if (n === 0) return functionThatThrows(); return this.next(n).stack(n - 1) }
  async callback(n, f) { return n === 0 ? f() : this.next(n).callback(n - 1, f) }
  async fetch(request) { const [, n, kind] = new URL(request.url).pathname.split('/'); if (n === '0') throw KINDS[kind](); return this.next(Number(n)).fetch('http://hop/' + (n - 1) + '/' + kind) }
  async reset(n, how) {
    if (n > 0) return this.next(n).reset(n - 1, how);
    switch (how) {
      case 'abort': this.ctx.abort('aborted at the end'); break;
      case 'abort with an error': this.ctx.abort(new Rich('rich abort', { code: 9 })); break;
      case 'abort with nothing': this.ctx.abort(); break;
      case 'section': return this.ctx.blockConcurrencyWhile(async () => { throw new Rich('in the section', { code: 3 }) });
      case 'commit': this.ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS p (x PRIMARY KEY); CREATE TABLE IF NOT EXISTS c (y REFERENCES p (x) DEFERRABLE INITIALLY DEFERRED); INSERT INTO c VALUES (1)'); return 'never seen';
    }
  }
  async flaky(failures, retryable) { this.calls += 1; if (this.calls <= failures) throw Object.assign(new Error('call ' + this.calls), { retryable }); const { calls } = this; this.calls = 0; return calls }
  async waits(ms) { await scheduler.wait(ms); return 'waited' }
  dies() { this.ctx.abort(new TypeError('dies')) }
}
function functionThatThrows() { throw new Error('with a stack') }

async function withRetries(makeStub, call, attempts = 4) {
  const seen = [];
  for (let attempt = 1; ; attempt++) {
    try { return [await call(makeStub()), seen] } catch (error) {
      seen.push((error.retryable ? 'R' : '-') + (error.overloaded ? 'O' : '-') + (error.durableObjectReset ? 'D' : '-') + (error.remote ? 'r' : '-'));
      if (!error.retryable || error.overloaded || attempt === attempts) return ['gave up: ' + error.message, seen];
      await scheduler.wait(2 ** attempt);
    }
  }
}

export class Inner extends WorkerEntrypoint {
  async go(kind) { return this.env.HOP.getByName('hop 1').go(1, kind) }
  async own(kind) { throw KINDS[kind]() }
}

export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    const lines = [];
    const say = async (what, f) => { try { lines.push(what + ': ' + inspect(await f())) } catch (error) { let shown; try { shown = inspect(error) } catch (e) { shown = 'not to be shown: ' + e.message } lines.push(what + ' THROWS ' + shown) } };
    const hop = (n) => env.HOP.getByName('hop ' + n);
    if (url.pathname === '/kinds') for (const kind of Object.keys(KINDS)) { await say(kind, () => hop(0).go(0, kind)); await say(kind + ', two hops', () => hop(2).go(2, kind)) }
    if (url.pathname === '/fetches') for (const kind of Object.keys(KINDS)) await say(kind, async () => (await hop(1).fetch('http://hop/1/' + kind)).status);
    if (url.pathname === '/others') {
      for (const kind of ['plain', 'rich', 'object', 'retryable']) { await say('wrapped ' + kind, () => hop(2).wrap(2, kind)); await say('entrypoint ' + kind, () => ctx.exports.Inner.go(kind)); await say('its own ' + kind, () => ctx.exports.Inner.own(kind)); await say('callback ' + kind, () => hop(1).callback(1, () => { throw KINDS[kind]() })) }
      await say('stack', () => hop(1).stack(1).catch((e) => [e.stack.split('\\n')[0], e.stack.includes('functionThatThrows'), /\\bat\\b/.test(e.stack)]));
      await say('stack of a callback', () => hop(0).callback(0, () => functionThatThrows()).catch((e) => [e.stack.split('\\n')[0], e.stack.includes('functionThatThrows')]));
    }
    if (url.pathname === '/resets') for (const how of ['abort', 'abort with an error', 'abort with nothing', 'section', 'commit']) {
      const stub = hop(0);
      await say(how, () => stub.reset(0, how));
      await say('  the same stub', () => stub.waits(0));
      await say('  a new one', () => hop(0).waits(0));
      await say('  through two', () => hop(2).reset(2, how));
    }
    if (url.pathname === '/retries') {
      await say('retryable', () => withRetries(() => hop('r'), (stub) => stub.flaky(2, true)));
      await say('not retryable', () => withRetries(() => hop('n'), (stub) => stub.flaky(2, false)));
      await say('too many', () => withRetries(() => hop('m'), (stub) => stub.flaky(9, true)));
      await say('reset under a call', async () => { const stub = hop('d'); await stub.waits(0); const waiting = withRetries(() => hop('d'), (s) => s.waits(5000), 1); await scheduler.wait(50); await stub.dies().catch(() => {}); return waiting });
      await say('no such method', () => withRetries(() => hop('x'), (stub) => stub.nothing()));
      await say('not to be sent', () => withRetries(() => hop('x'), (stub) => stub.waits(Symbol('s'))));
    }
    return new Response(lines.join('\\n'));
  },
};
`,
  async steps(client) {
    for (const path of ['/kinds', '/fetches', '/others', '/resets', '/retries']) await client.fetch(path);
  },
});

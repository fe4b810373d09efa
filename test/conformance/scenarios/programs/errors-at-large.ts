import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A bank of failures: classes of errors with causes, getters, own data and odd names, thrown in methods, streams, callbacks, sections, transactions and handlers of three kinds.',
  rows: [
    '4.error-propagation',
    '4.thrown-non-errors',
    '3.user-exception',
    '3.error-flags',
    '6.exception-in-handler',
    '6.section-failure',
    '5.abort',
    '5.wait-until',
  ],
  config: objects({ BANK: 'Bank', TELLER: 'Teller' }),
  program: `
import { DurableObject, RpcTarget, WorkerEntrypoint } from 'cloudflare:workers';
import { inspect, show, showNow, worker } from './prelude.js';

class InsufficientFunds extends Error {
  static { this.prototype.name = 'InsufficientFunds' }
  code = 'E_FUNDS'; #hidden = 1; missing;
  constructor(missing, options) { super('missing ' + missing, options); this.missing = missing }
  get hint() { return 'ask ' + this.missing }
  toJSON() { return { never: 1 } }
}
class Validation extends TypeError { constructor(fields) { super('invalid'); this.name = 'ValidationError'; this.fields = fields; this.at = new Date(0); this.set = new Set([1]); } }
class Odd extends Error { get message() { return 'a getter' } get name() { return 'OddName' } }
class HttpError extends Error { constructor(status, message) { super(message); Object.defineProperty(this, 'status', { value: status, enumerable: false }); this.response = new Response('body', { status }) } }
class WithFunction extends Error { constructor() { super('carries a function'); this.retry = () => 'again'; this.kept = 1 } }
class WithSymbol extends Error { constructor() { super('carries a symbol'); this.sym = Symbol('x'); this[Symbol('y')] = 1; this.big = 10n } }

const failures = {
  funds: () => new InsufficientFunds(5, { cause: new RangeError('low', { cause: 'deep' }) }),
  validation: () => new Validation([{ path: ['a', 0], message: 'no' }]),
  odd: () => new Odd('never seen'),
  http: () => new HttpError(418, 'teapot'),
  withFunction: () => new WithFunction(),
  withSymbol: () => new WithSymbol(),
  aggregate: () => new AggregateError([new Error('one'), 'two', new TypeError('three')], 'many', { cause: 1 }),
  dom: () => new DOMException('aborted it', 'AbortError'),
  domCustom: () => new DOMException('custom', 'MyError'),
  domProps: () => Object.assign(new DOMException('with props', 'DataCloneError'), { extra: 1 }),
  noMessage: () => new Error(),
  emptyName: () => Object.assign(new Error('nameless'), { name: '' }),
  numberName: () => Object.assign(new Error('numbered'), { name: 5 }),
  colonName: () => Object.assign(new Error('a: b: c'), { name: 'x: y' }),
  undefinedName: () => Object.assign(new Error('un'), { name: undefined }),
  numberMessage: () => Object.assign(new Error(), { message: 42 }),
  multi: () => new SyntaxError('line one\\nline two\\ttab \\u00e9 \\ud83d\\ude00'),
  uri: () => { try { decodeURIComponent('%') } catch (e) { return e } },
  json: () => { try { JSON.parse('{') } catch (e) { return e } },
  type: () => { try { null.x } catch (e) { return e } },
  ref: () => { try { nothing } catch (e) { return e } },
  evil: () => { try { new Function('}') } catch (e) { return e } },
  range: () => { try { new Array(-1) } catch (e) { return e } },
  overflow: () => { const f = () => f() + 1; try { f() } catch (e) { return e } },
  cyclic: () => { const e = new Error('cyclic'); e.self = e; e.cause = { e }; return e },
  frozen: () => Object.freeze(new Error('frozen')),
  flags: () => Object.assign(new Error('flags'), { retryable: true, overloaded: true, remote: 'mine', durableObjectReset: 1, other: true }),
  noStack: () => { const e = new Error('no stack'); delete e.stack; return e },
  stackOnly: () => Object.assign(new Error('stacked'), { stack: 'my stack' }),
  evalError: () => new EvalError('e'),
  created: () => Object.create(Error.prototype, { message: { value: 'made' } }),
  likeError: () => ({ name: 'Error', message: 'like', stack: 'x' }),
  protoNull: () => Object.setPrototypeOf(new Error('no proto'), null),
  suppressed: () => new SuppressedError(new Error('s'), new Error('was'), 'both'),
  throwingGetter: () => Object.defineProperty(new Error('getter'), 'bad', { enumerable: true, get() { throw new Error('from getter') } }),
  number: () => 42, text: () => 'text', nil: () => null, undef: () => undefined, bool: () => false, big: () => 12n, symbol: () => Symbol('s'), func: () => () => 1, array: () => [1, , 'x'], object: () => ({ a: { b: 1 } }), map: () => new Map([[1, 2]]), promise: () => Promise.resolve(1), response: () => new Response('thrown', { status: 500 }), target: () => new (class extends RpcTarget { hi() { return 'hi' } })(), klass: () => new (class Foo { a = 1 })(), date: () => new Date(0), bytes: () => new Uint8Array([1, 2]),
};

export class Bank extends DurableObject {
  id = Math.random(); log = [];
  takeLog() { return this.log.splice(0) }
  fails(name) { throw failures[name]() }
  async failsLater(name) { await scheduler.wait(1); throw failures[name]() }
  gives(name) { return failures[name]() }
  nested(name) { return { in: [failures[name]()] } }
  get prop() { throw failures.funds() }
  calls(f) { return f('x') }
  async catches(f) { try { return await f('x') } catch (error) { return [inspect(error), error instanceof Error, error.stack?.split('\\n')[0]] } }
  async wraps(f) { try { return await f() } catch (cause) { throw new Error('wrapped', { cause }) } }
  sync(name) { return this.ctx.storage.transactionSync(() => { this.ctx.storage.kv.put('in', name); throw failures[name]() }) }
  async txn(name) { return this.ctx.storage.transaction(async (t) => { await t.put('in', name); throw failures[name]() }) }
  kept() { return this.ctx.storage.kv.get('in') ?? 'nothing' }
  async section(name) { return this.ctx.blockConcurrencyWhile(async () => { throw failures[name]() }) }
  async caughtSection(name) { try { await this.ctx.blockConcurrencyWhile(async () => { throw failures[name]() }) } catch (error) { return inspect(error) } }
  waits(name) { this.ctx.waitUntil(Promise.reject(failures[name]())); return 'waits' }
  aborts(name) { this.ctx.abort(name === undefined ? undefined : failures[name]()) }
  me() { return this.id }
  fetch(request) { const { pathname, searchParams } = new URL(request.url); if (pathname === '/promise') return Promise.reject(failures[searchParams.get('n')]()); if (pathname === '/nothing') return; if (pathname === '/text') return 'text'; throw failures[searchParams.get('n')]() }
  transit(stub, name) { return stub.fails(name) }
  async alarm() {}
}
export class Teller extends DurableObject { async via(name) { return this.env.BANK.getByName('bank').fails(name) } async viaFetch(name) { return this.env.BANK.getByName('bank').fetch('https://x/?n=' + name) } async rethrows(name) { try { await this.env.BANK.getByName('bank').fails(name) } catch (error) { error.passed = 'teller'; throw error } } async wraps(name) { try { await this.env.BANK.getByName('bank').fails(name) } catch (error) { throw new AggregateError([error], 'teller says', { cause: error }) } } }
export class Front extends WorkerEntrypoint { fails(name) { throw failures[name]() } async fetch(request) { throw failures[new URL(request.url).searchParams.get('n')]() } }

export default worker(async ({ say, env, ctx }) => {
  const bank = env.BANK.getByName('bank'), teller = env.TELLER.getByName('teller'), front = ctx.exports.Front;
  const all = Object.keys(failures);
  for (const name of all) await say('throws ' + name, () => bank.fails(name));
  for (const name of all) await say('gives ' + name, async () => { const got = await bank.gives(name); return typeof got === 'function' ? 'stub' : got });
  for (const name of ['funds', 'withFunction', 'aggregate', 'cyclic']) await say('nested ' + name, () => bank.nested(name));
  for (const name of ['funds', 'odd', 'dom', 'flags', 'target', 'undef', 'response', 'aggregate', 'created']) {
    await say('by fetch ' + name, () => bank.fetch('https://x/?n=' + name));
    await say('by rejected fetch ' + name, () => bank.fetch('https://x/promise?n=' + name));
    await say('later ' + name, () => bank.failsLater(name));
    await say('via ' + name, () => teller.via(name));
    await say('via fetch ' + name, () => teller.viaFetch(name));
    await say('rethrown ' + name, () => teller.rethrows(name));
    await say('wrapped ' + name, () => teller.wraps(name));
    await say('by an entrypoint ' + name, () => front.fails(name));
    await say('by its fetch ' + name, () => front.fetch('https://x/?n=' + name));
    await say('in a callback ' + name, () => bank.calls(() => { throw failures[name]() }));
    await say('caught there ' + name, () => bank.catches(() => { throw failures[name]() }));
    await say('wrapped there ' + name, () => bank.wraps(async () => { throw failures[name]() }));
    await say('sync ' + name, async () => [await show(() => bank.sync(name)), await bank.kept()]);
    await say('txn ' + name, async () => [await show(() => bank.txn(name)), await bank.kept()]);
  }
  await say('property', () => bank.prop);
  await say('nothing', () => bank.fetch('https://x/nothing'));
  await say('text', () => bank.fetch('https://x/text'));
  await say('sent', () => bank.calls(failures.funds()));
  await say('an error as argument', () => bank.catches(failures.validation()));
  await say('in an argument', () => bank.wraps((x) => { throw failures.validation() }));
  for (const name of ['funds', 'undef', 'text', 'dom']) {
    const bank = env.BANK.getByName('bank'); const before = await show(() => bank.me());
    await say('section ' + name, () => bank.section(name));
    await say('  then', async () => (await show(() => env.BANK.getByName('bank').me())) === before); await say('  the same stub', async () => typeof (await bank.me()));
    await say('caught section ' + name, () => bank.caughtSection(name));
    await say('waits ' + name, async () => { const id = await bank.me(); return [await bank.waits(name), (await bank.me()) === id] });
    await say('aborts ' + name, () => bank.aborts(name));
    await say('  next', () => bank.takeLog()); await say('  next', () => bank.takeLog()); await say('  of a new stub', () => env.BANK.getByName('bank').takeLog());
  }
  await say('aborts', () => bank.aborts());
  await say('  next', () => bank.takeLog());
});
`,
});

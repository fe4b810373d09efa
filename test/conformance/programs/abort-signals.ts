/** Signals that are passed over RPC, and what comes of them at the other end. */
export const abortSignals = `
import { DurableObject, WorkerEntrypoint } from 'cloudflare:workers';
import { worker, inspect, show, showNow, sleep, tag } from './prelude.js';

class Mine extends Error {}
const reasons = () => ({
  none: [],
  undefined: [undefined],
  null: [null],
  text: ['text'],
  number: [7],
  object: [{ a: [1] }],
  error: [Object.assign(new RangeError('mine'), { code: 5 })],
  'own class': [new Mine('own')],
  DOMException: [new DOMException('named', 'DataError')],
  date: [new Date(0)],
});
const shown = (signal) => inspect([signal.aborted, signal.reason]);
const heard = (signal) => new Promise((resolve) => {
  signal.onabort = (e) => resolve([tag(e), e.type, e.target === signal, shown(signal)].join(' '));
});
const soon = (what) => Promise.race([what, sleep(60).then(() => 'nothing')]);

export class Obj extends DurableObject {
  seen = [];
  async told() { await sleep(60); return this.seen.splice(0); }
  shape(signal) { return [tag(signal), signal instanceof AbortSignal, signal.constructor === AbortSignal, shown(signal), typeof signal[Symbol.dispose], Object.keys(signal), signal.onabort]; }
  async waits(signal) { return soon(heard(signal)); }
  async throws(signal) { await soon(heard(signal)); signal.throwIfAborted(); }
  async nested({ list: [signal], n }) { return [n, await soon(heard(signal))]; }
  async twice(a, b) { const both = await Promise.all([soon(heard(a)), soon(heard(b))]); return [a === b, ...both]; }
  async listens(signal) { return soon(new Promise((resolve) => { signal.addEventListener('abort', () => resolve('called')); })); }
  async polls(signal) { for (let i = 0; i < 20 && !signal.aborted; i++) await sleep(5); return shown(signal); }
  async any(signal) { return soon(heard(AbortSignal.any([signal, new AbortController().signal]))); }
  async fetches(signal) { const asked = show(() => this.env.OBJ.getByName('slow').fetch('https://x/', { signal })); return soon(asked); }
  async fetch() { await sleep(200); return new Response('late'); }
  keeps(signal) { this.kept = signal; void heard(signal).then((what) => this.seen.push(what)); return shown(signal); }
  state() { return shown(this.kept); }
  async waitsLong(signal) { void heard(signal).then((what) => this.seen.push(what)); await sleep(40); return shown(signal); }
  ignores() {}
  async passesOn(signal) { return this.env.OBJ.getByName('b').waits(signal); }
  gives() { this.controller = new AbortController(); return this.controller.signal; }
  givesNested() { this.controller = new AbortController(); return { signal: this.controller.signal }; }
  givesAborted() { return AbortSignal.abort(new RangeError('before')); }
  aborts(...reason) { this.controller.abort(...reason); }
  echo(signal) { return signal; }
  async gives_to(name) { this.controller = new AbortController(); return this.env.OBJ.getByName(name).keeps(this.controller.signal); }
  dies() { this.ctx.abort('it died'); }
  async throws_after(name) { await this.gives_to(name); throw new Error('thrown after it'); }
  async stores(signal) { return show(() => this.ctx.storage.put('k', signal)); }
  calls(f) { return f(AbortSignal.abort('to the callback')); }
}

export class Point extends WorkerEntrypoint {
  waits(signal) { return soon(heard(signal)); }
  gives() { const c = new AbortController(); this.ctx.waitUntil(sleep(100)); void later(20, () => c.abort(new RangeError('there'))); return c.signal; }
  gives_and_ends() { return new AbortController().signal; }
}

const later = async (ms, what) => { await sleep(ms); what(); };

const asArguments = async (say, o) => {
  await say('shape', () => o.shape(new AbortController().signal));
  for (const [name, reason] of Object.entries(reasons())) {
    await say('aborted before, ' + name, () => { const c = new AbortController(); c.abort(...reason); return o.shape(c.signal); });
    await say('aborted, ' + name, async () => { const c = new AbortController(); void later(10, () => c.abort(...reason)); return o.waits(c.signal); });
  }
  await say('reason that does not travel', async () => { const c = new AbortController(); void later(10, () => c.abort(Symbol('s'))); return o.waits(c.signal); });
  await say('it, to who aborts', async () => { const c = new AbortController(); const asked = o.waits(c.signal); await sleep(10); const said = showNow(() => c.abort(Symbol('s'))); return [said, await asked, c.signal.aborted]; });
  await say('reason that does not travel, before', () => { const c = new AbortController(); c.abort(Symbol('s')); return o.shape(c.signal); });
  await say('reason that goes by reference', async () => { const c = new AbortController(); void later(10, () => c.abort(() => 1)); return o.waits(c.signal); });
  await say('never aborted', () => o.waits(new AbortController().signal));
  await say('aborted with the call', () => { const c = new AbortController(); const asked = o.waits(c.signal); c.abort('at once'); return asked; });
  await say('throwIfAborted', () => { const c = new AbortController(); void later(10, () => c.abort(new TypeError('thrown'))); return o.throws(c.signal); });
  await say('timeout', () => o.waits(AbortSignal.timeout(10)));
  await say('any', () => { const c = new AbortController(); void later(10, () => c.abort('one of them')); return o.waits(AbortSignal.any([c.signal, new AbortController().signal])); });
  await say('nested', () => { const c = new AbortController(); void later(10, () => c.abort('nested')); return o.nested({ list: [c.signal], n: 1 }); });
  await say('the same twice', () => { const c = new AbortController(); void later(10, () => c.abort('both')); return o.twice(c.signal, c.signal); });
  await say('a listener alone', () => { const c = new AbortController(); void later(10, () => c.abort()); return o.listens(c.signal); });
  await say('polled', () => { const c = new AbortController(); void later(10, () => c.abort('polled')); return o.polls(c.signal); });
  await say('aborted twice', () => { const c = new AbortController(); void later(10, () => { c.abort('first'); c.abort('second'); }); return o.waits(c.signal); });
  await say('any of it', () => { const c = new AbortController(); void later(10, () => c.abort('any')); return o.any(c.signal); });
  await say('given to fetch', () => { const c = new AbortController(); void later(10, () => c.abort(new RangeError('fetch'))); return o.fetches(c.signal); });
  await say('passed on', () => { const c = new AbortController(); void later(20, () => c.abort('passed on')); return o.passesOn(c.signal); });
  await say('ignored', async () => { const c = new AbortController(); await o.ignores(c.signal); c.abort('nobody hears'); await sleep(20); return c.signal.aborted; });
  await say('to a callback', () => o.calls((signal) => shown(signal)));
  await say('stored', () => o.stores(new AbortController().signal));
  await say('cloned', () => structuredClone(new AbortController().signal));
};

const kept = async (say, o) => {
  await say('kept, aborted while its caller runs', async () => {
    const c = new AbortController();
    const first = await o.keeps(c.signal);
    c.abort('kept');
    return [first, await o.told(), await o.state()];
  });
  await say('aborted during the call', async () => {
    const c = new AbortController();
    void later(10, () => c.abort('during'));
    return [await o.waitsLong(c.signal), await o.told()];
  });
};

const asResults = async (say, o, ctx) => {
  await say('given', async () => { const s = await o.gives(); return [tag(s), s instanceof AbortSignal, shown(s), typeof s[Symbol.dispose], Object.keys(s)]; });
  await say('given, aborted before', async () => shown(await o.givesAborted()));
  await say('read of it', () => o.gives().aborted);
  await say('given by an object, aborted', async () => { const s = await o.gives(); const it = heard(s); await o.aborts(new RangeError('there')); return [await soon(it), shown(s)]; });
  await say('given in an object, aborted', async () => { const { signal } = await o.givesNested(); const it = heard(signal); await o.aborts('there'); return [await soon(it), shown(signal)]; });
  await say('echoed by an object', async () => { const c = new AbortController(); const s = await o.echo(c.signal); const it = heard(s); c.abort('echo'); return [s === c.signal, await soon(it)]; });
  const point = ctx.exports.Point;
  await say('sent to a Worker', () => { const c = new AbortController(); void later(10, () => c.abort('to a Worker')); return point.waits(c.signal); });
  await say('given by a Worker', async () => { const s = await point.gives(); return [await soon(heard(s)), shown(s)]; });
  await say('given by a Worker that is over', async () => { const s = await point.gives_and_ends(); return [await soon(heard(s)), shown(s)]; });
};

const deaths = async (say, env) => {
  const d = env.OBJ.getByName('dies');
  const b = env.OBJ.getByName('b');
  await say('its sender is reset', async () => [await d.gives_to('b'), await show(() => d.dies()), await b.told(), await b.state()]);
  await say('its sender threw', async () => [await show(() => env.OBJ.getByName('dies').throws_after('b')), await b.told(), await b.state()]);
};

export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    const o = env.OBJ.getByName('a');
    if (pathname === '/gone') return new Response(await o.keeps(new AbortController().signal));
    if (pathname === '/gone-aborted') { const c = new AbortController(); const said = await o.keeps(c.signal); c.abort('last words'); return new Response(said); }
    if (pathname === '/told') return Response.json([await o.told(), await o.state()]);
    return worker(({ say }) => (pathname === '/results' ? asResults(say, o, ctx) : pathname === '/kept' ? kept(say, o) : pathname === '/deaths' ? deaths(say, env) : asArguments(say, o))).fetch(request, env, ctx);
  },
};
`;

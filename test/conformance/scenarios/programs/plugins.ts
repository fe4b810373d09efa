import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A host runs each plugin as a facet with storage of its own, hands it capabilities, limits its time, takes it back after a failure, and deletes it.',
  rows: [
    '5.members',
    '1.rpc-target',
    '4.callbacks',
    '1.ctx-exports',
    '1.ctx-props',
    '4.error-propagation',
    '7.delete-all',
  ],
  config: objects({ HOST: 'Host' }),
  program: `
import { DurableObject, RpcTarget } from 'cloudflare:workers';
import { inspect, worker } from './prelude.js';

/** What a plugin may do, and no more. */
class Capabilities extends RpcTarget {
  #host; #name; #budget;
  constructor(host, name, budget) { super(); this.#host = host; this.#name = name; this.#budget = budget }
  #spend() { if (--this.#budget < 0) throw new RangeError('the budget of ' + this.#name + ' is used up') }
  log(text) { this.#spend(); this.#host.log.push(this.#name + ': ' + text) }
  async shared(key, value) { this.#spend(); const { storage } = this.#host.ctx; if (value === undefined) return storage.get('shared:' + key); await storage.put('shared:' + key, value) }
  get budget() { return this.#budget }
}

class Plugin extends DurableObject {
  runs = 0;
  async run(input, can) { this.runs += 1; const total = ((await this.ctx.storage.get('runs')) ?? 0) + 1; await this.ctx.storage.put('runs', total); return { output: await this.work(input, can), runs: this.runs, total } }
  whoAmI() { return [this.constructor.name, this.ctx.props ?? null, typeof this.env.HOST, String(this.ctx.id.name)] }
}
export class Upper extends Plugin {
  async work(input, can) { await can.log('upper ' + input); return input.toUpperCase() }
  async fetch(request) { return new Response('upper of ' + new URL(request.url).pathname + ' ' + (await this.ctx.storage.get('runs')), { status: 203 }) }
}
export class WordCount extends Plugin {
  constructor(ctx, env) { super(ctx, env); ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS words (word TEXT PRIMARY KEY, n INTEGER NOT NULL)') }
  async work(input, can) {
    for (const word of input.split(' ')) this.ctx.storage.sql.exec('INSERT INTO words VALUES (?, 1) ON CONFLICT DO UPDATE SET n = n + 1', word);
    const all = this.ctx.storage.sql.exec('SELECT word, n FROM words ORDER BY n DESC, word').toArray();
    await can.shared('words', all.length);
    return all.map(({ word, n }) => word + n).join(' ');
  }
}
export class Broken extends Plugin {
  async work(input, can) {
    if (input === 'throws') throw Object.assign(new Error('broken plugin'), { code: 'BROKEN' });
    if (input === 'hangs') return new Promise(() => setTimeout(() => {}, 1e6));
    if (input === 'greedy') for (;;) await can.log('more');
    if (input === 'section') return this.ctx.blockConcurrencyWhile(async () => { throw new Error('broken section') });
    if (input === 'peeks') return (await can.shared('words')) ?? 'nothing';
    return 'fine';
  }
}

export class Host extends DurableObject {
  log = []; started = [];
  #plugin(name, kind) {
    return this.ctx.facets.get(name, async () => { this.started.push(name); const { exports } = this.ctx; if (!(kind in exports)) throw new Error('no plugin ' + kind); return { class: exports[kind], id: 'plugin ' + name } });
  }
  install(name, kind) { this.ctx.storage.kv.put('plugin:' + name, kind); return this.list() }
  list() { return Object.fromEntries(this.ctx.storage.kv.list({ prefix: 'plugin:' })) }
  #kind(name) { return this.ctx.storage.kv.get('plugin:' + name) }
  async run(name, input, { budget = 3, limitMs = 1000 } = {}) {
    const plugin = this.#plugin(name, this.#kind(name));
    const can = new Capabilities(this, name, budget);
    let timer;
    const late = new Promise((_, reject) => { timer = setTimeout(() => { this.ctx.facets.abort(name, new Error(name + ' took too long')); reject(new Error('limit of ' + limitMs + ' ms')) }, limitMs) });
    try { return { ...(await Promise.race([plugin.run(input, can), late])), left: can.budget } } finally { clearTimeout(timer) }
  }
  who(name) { return this.#plugin(name, this.#kind(name)).whoAmI() }
  async http(name, path) { const response = await this.#plugin(name, this.#kind(name)).fetch('http://plugin' + path); return [response.status, await response.text()] }
  async pipeline(input, ...names) { for (const name of names) input = (await this.run(name, input)).output; return input }
  uninstall(name) { this.ctx.facets.delete(name); return this.ctx.storage.kv.delete('plugin:' + name) }
  take() { return [this.log.splice(0), this.started.splice(0)] }
  restart() { this.ctx.abort('restart') }
}

export default worker(async ({ say, env }) => {
  const host = () => env.HOST.getByName('h');
  const take = () => say('  log and starts', () => host().take());
  await say('install', async () => { await host().install('up', 'Upper'); await host().install('count', 'WordCount'); await host().install('bad', 'Broken'); return host().install('none', 'Missing') });
  await say('run', () => host().run('up', 'text'));
  await say('run again', () => host().run('up', 'more'));
  await say('count', () => host().run('count', 'a b a'));
  await say('count again', () => host().run('count', 'b c'));
  await say('who', async () => [await host().who('up'), await host().who('count')]);
  await take();
  await say('fetch', () => host().http('up', '/x'));
  await say('pipeline', () => host().pipeline('x y', 'up', 'count'));
  await say('two at once', async () => (await Promise.all([host().run('up', 'p'), host().run('up', 'q')])).map(({ output, total }) => output + total));
  await say('none', () => host().run('none', 'x'));
  await take();
  await say('peeks', () => host().run('bad', 'peeks'));
  for (const what of ['throws', 'greedy', 'section', 'fine']) await say(what, () => host().run('bad', what));
  await say('hangs', () => host().run('bad', 'hangs', { limitMs: 30 }));
  await say('after it', () => host().run('bad', 'fine'));
  await take();
  await say('restart', () => host().restart());
  await say('kept', async () => [await host().run('up', 'kept'), await host().run('count', 'a')]);
  await say('uninstall', async () => [await host().uninstall('count'), await host().uninstall('count'), await host().list()]);
  await say('installed anew', async () => { await host().install('count', 'WordCount'); return host().run('count', 'new') });
  await take();
});
`,
});

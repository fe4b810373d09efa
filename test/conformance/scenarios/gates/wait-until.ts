import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'waitUntil takes any promise, lets the answer leave before it, and a rejection does nothing.',
  rows: ['5.wait-until', '1.import-wait-until'],
  config: objects({ OBJ: 'Obj' }),
  program: `
import { DurableObject, waitUntil } from 'cloudflare:workers';
import { show, showNow, sleep } from './prelude.js';

export class Obj extends DurableObject {
  seen = [];
  after(ms) { this.ctx.waitUntil(sleep(ms).then(() => this.seen.push('after ' + ms))); return 'returned' }
  imported(ms) { waitUntil(sleep(ms).then(() => this.seen.push('imported ' + ms))); return 'returned' }
  rejects() { this.ctx.waitUntil(Promise.reject(new Error('rejected'))); return 'returned' }
  rejectsLater() { this.ctx.waitUntil(sleep(200).then(() => { this.seen.push('rejects'); throw new Error('rejected') })); return 'returned' }
  writes() { this.ctx.waitUntil((async () => { await sleep(1); await this.ctx.storage.put('k', 'written') })()); return 'returned' }
  never() { this.ctx.waitUntil(new Promise(() => {})); return 'returned' }
  values() { return [[], [undefined], [null], [1], ['text'], [{}], [() => {}], [Promise.resolve(1)], [{ then(f) { f() } }], [{ get then() { throw new Error('no then') } }], [Promise.resolve(), 2]].map((args) => showNow(() => this.ctx.waitUntil(...args))) }
  section() { this.ctx.waitUntil(this.ctx.blockConcurrencyWhile(async () => { this.seen.push('in'); await sleep(5); this.seen.push('out') })); return 'returned' }
  failingSection() { this.ctx.waitUntil(this.ctx.blockConcurrencyWhile(async () => { throw new Error('section') })); return 'returned' }
  plain(n) { this.seen.push(n) }
  take() { return this.seen.splice(0) }
  stored() { return this.ctx.storage.get('k') }
}

let told = [];
export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname === '/background') { ctx.waitUntil(sleep(5).then(() => told.push('background of the Worker'))); waitUntil(sleep(6).then(() => told.push('imported'))); return new Response('answered first: ' + told) }
    if (pathname === '/rejects') { ctx.waitUntil(Promise.reject(new Error('no'))); ctx.waitUntil(sleep(1).then(() => { throw new Error('later') })); return new Response('answered') }
    if (pathname === '/throws') { ctx.waitUntil(sleep(5).then(() => told.push('although it threw'))); return new Response(await show(() => { throw new Error('no') })) }
    if (pathname === '/told') { await sleep(100); return new Response(told.join(', ')) }
    const lines = [];
    const say = async (what, f) => { lines.push(what + ': ' + (await show(f))) };
    const o = env.OBJ.getByName('a');
    for (const [method, ...args] of [['after', 200], ['imported', 200], ['rejects'], ['rejectsLater'], ['writes'], ['never'], ['values'], ['section']]) {
      await say(method, () => o[method](...args));
      await say('  at once', () => o.take());
      await sleep(['after', 'imported', 'rejectsLater'].includes(method) ? 400 : 60);
      await say('  later', () => o.take());
    }
    await say('what was written', () => o.stored());
    await say('calls behind a section', async () => { await Promise.all([o.section(), o.plain(1), o.plain(2)]); return o.take() });
    await say('a section that fails', () => o.failingSection());
    await sleep(10);
    await say('  the same stub', () => o.take());
    await say('  a new stub', () => env.OBJ.getByName('a').take());
    await say('of the Worker', () => [[], [undefined], [7], [{ get then() { throw new Error('no then') } }]].map((args) => showNow(() => ctx.waitUntil(...args))));
    return new Response(lines.join('\\n'));
  },
};
`,
  async steps(client) {
    await client.fetch('/');
    for (const path of ['/background', '/rejects', '/throws', '/told']) await client.fetch(path);
  },
});

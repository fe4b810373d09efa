import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Ten seconds after its last event an instance that nothing holds is gone, with its memory and without a word to it.',
  rows: ['13.idle-eviction', '13.no-shutdown-hook', '5.wait-until'],
  config: objects({ OBJ: 'Obj', LOG: 'Log', HOLDER: 'Holder' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';

export class Log extends DurableObject {
  add(what) { this.ctx.storage.kv.put('told', [...(this.ctx.storage.kv.get('told') ?? []), what]) }
  told() { return this.ctx.storage.kv.get('told') ?? [] }
}
export class Obj extends DurableObject {
  constructor(ctx, env) { super(ctx, env); ctx.storage.kv.put('starts', (ctx.storage.kv.get('starts') ?? 0) + 1) }
  starts() { return this.ctx.storage.kv.get('starts') }
  quiet() { return this.starts() }
  timer() { setTimeout(() => {}, 60_000); return this.starts() }
  interval() { this.interval = setInterval(() => { this.ticks = (this.ticks ?? 0) + 1 }, 1_000); return this.starts() }
  cleared() { clearTimeout(setTimeout(() => {}, 60_000)); return this.starts() }
  background() { this.ctx.waitUntil(new Promise((resolve) => { this.release = resolve })); return this.starts() }
  unawaited() { new Promise(() => {}); return this.starts() }
  async alarm() {}
  async alarmed() { await this.ctx.storage.setAlarm(Date.now() + 86_400_000); return this.starts() }
  calls() { this.open = this.env.LOG.getByName('never').add; this.env.HOLDER.getByName('endless').endless(); return this.starts() }
  keepsStub() { this.stub = this.env.LOG.getByName('kept'); return this.starts() }
  async unreadWhole() { this.response = await this.env.HOLDER.getByName('bodies').fetch('http://x/whole'); return this.starts() }
  async unreadOpen() { this.response = await this.env.HOLDER.getByName('bodies').fetch('http://x/open'); return this.starts() }
  async readsOpen() { const response = await this.env.HOLDER.getByName('bodies').fetch('http://x/open'); response.text().catch(() => {}); return this.starts() }
  endless() { return new Promise(() => {}) }
  listens() { try { addEventListener('beforeunload', () => {}) } catch {} return this.starts() }
  [Symbol.dispose]() { this.env.LOG.getByName('log').add('disposed') }
  webSocketClose() { this.env.LOG.getByName('log').add('closed') }
}
export class Holder extends DurableObject {
  fetch(request) {
    const { readable, writable } = new TransformStream();
    const writer = writable.getWriter();
    writer.write(new TextEncoder().encode('first')).catch(() => {});
    if (request.url.endsWith('whole')) writer.close().catch(() => {});
    return new Response(readable);
  }
  endless() { return new Promise(() => {}) }
  async opens() { this.stub = this.env.OBJ.getByName('is known to another'); await this.stub.starts(); this.call = this.env.OBJ.getByName('is being called').endless(); this.call.catch(() => {}) }
}

const methods = { quiet: 'quiet', timer: 'timer', interval: 'interval', 'a timer that was cleared': 'cleared', 'waitUntil': 'background', 'a promise that nobody holds': 'unawaited', 'an alarm of tomorrow': 'alarmed', 'a call that is open': 'calls', 'has a stub': 'keepsStub', 'a whole body that nobody reads': 'unreadWhole', 'an open body that nobody reads': 'unreadOpen', 'an open body that is read': 'readsOpen', 'is disposable': 'listens' };
export default worker(async ({ say, env, url }) => {
  if (url.pathname === '/start') {
    for (const [name, method] of Object.entries(methods)) await say(name, () => env.OBJ.getByName(name)[method]());
    await say('is being called', () => env.OBJ.getByName('is being called').starts());
    await env.HOLDER.getByName('h').opens();
    return;
  }
  for (const name of [...Object.keys(methods), 'is being called', 'is known to another']) await say(name, () => env.OBJ.getByName(name).starts());
  await say('told', () => env.LOG.getByName('log').told());
});
`,
  async steps(client) {
    await client.fetch('/start');
    await client.wait(3_000);
    await client.fetch('/look');
    await client.wait(13_000);
    await client.fetch('/look');
  },
});

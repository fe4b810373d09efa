import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'deleteAll() empties an object without SQLite at once, its alarm included; not even abort() takes it back.',
  rows: ['7.delete-all', '11.delete-all'],
  config: objects({}, { OBJ: 'Obj' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, show } from './prelude.js';

export class Obj extends DurableObject {
  alarm() {}
  async run() {
    const s = this.ctx.storage, lines = [];
    const say = async (what, f) => lines.push(what + ': ' + (await show(f)));
    await say('of a fresh object', () => s.deleteAll());
    await s.put({ a: 1, b: 2 });
    await s.setAlarm(Date.now() + 1e9);
    await say('gives', () => s.deleteAll());
    await say('leaves', async () => [(await s.list()).size, await s.getAlarm()]);
    await say('written and deleted in one turn', async () => { s.put('x', 1); s.deleteAll(); s.put('y', 1); return [...(await s.list()).keys()] });
    await say('with options', () => s.deleteAll({ allowUnconfirmed: true }));
    await say('with wrong options', () => s.deleteAll(1));
    await say('in a transaction', () => s.transaction(() => s.deleteAll()));
    await say('in a transaction, of its own', () => s.transaction((txn) => txn.deleteAll()));
    return lines.join('\\n');
  }
  async fill() { await this.ctx.storage.put({ a: 1, b: 2 }); await this.ctx.storage.setAlarm(Date.now() + 1e9) }
  async emptyAndReset() { this.ctx.storage.deleteAll(); await this.ctx.storage.sync(); this.ctx.abort('reset') }
  emptyAndLose() { this.ctx.storage.deleteAll(); this.ctx.abort('lost') }
  putAndLose() { this.ctx.storage.put('lost', 1); this.ctx.abort('lost') }
  async left() { return [[...(await this.ctx.storage.list()).keys()], (await this.ctx.storage.getAlarm()) !== null] }
}

export default worker(async ({ say, env }) => {
  const at = (name) => env.OBJ.getByName(name);
  await say('in one object', () => at('a').run());
  await at('b').fill();
  await say('reset after it', () => at('b').emptyAndReset());
  await say('  is empty', () => at('b').left());
  await at('c').fill();
  await say('reset in its turn', () => at('c').emptyAndLose());
  await say('  has', () => at('c').left());
  await at('d').fill();
  await say('a put in a turn that is lost', () => at('d').putAndLose());
  await say('  is lost', () => at('d').left());
});
`,
});

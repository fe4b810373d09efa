import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Before 2026-02-24, deleteAll() leaves the alarm; the flag brings the later behaviour.',
  rows: ['7.delete-all', '11.delete-all'],
  config: { compatibility_date: '2026-02-23' },
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, show } from './prelude.js';

export class Obj extends DurableObject {
  alarm() {}
  async run() {
    const s = this.ctx.storage;
    await s.put('a', 1);
    const at = Date.now() + 1e9;
    await s.setAlarm(at);
    await s.deleteAll();
    const after = await s.getAlarm();
    return [after === at, await s.get('a'), s.sql.exec('select name from sqlite_master').toArray().map((r) => r.name)];
  }
  async again() { return [(await this.ctx.storage.getAlarm()) !== null, this.ctx.storage.sql.databaseSize] }
  reset() { this.ctx.abort('reset') }
}

export default worker(async ({ say, env }) => {
  const o = () => env.OBJ.getByName('a');
  await say('the alarm is the same, the key is gone', () => o().run());
  await say('reset', () => o().reset());
  await say('the alarm is still there', () => o().again());
});
`,
});

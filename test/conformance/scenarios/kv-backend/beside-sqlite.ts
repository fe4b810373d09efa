import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Classes with and without SQLite live in one Worker and call each other.',
  rows: ['14.bindings', '9.without-sqlite'],
  config: objects({ NEW: 'New' }, { OLD: 'Old' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, show } from './prelude.js';

export class Old extends DurableObject {
  async both(n) { await this.ctx.storage.put('n', n); return [await show(() => this.ctx.storage.sql.exec('select 1').one()), await this.env.NEW.getByName('a').count(n)] }
  left() { return this.ctx.storage.get('n') }
}
export class New extends DurableObject {
  count(n) { const { sql } = this.ctx.storage; sql.exec('create table if not exists t(n)'); sql.exec('insert into t values(?)', n); return sql.exec('select count(*) n from t').one().n }
}

export default worker(async ({ say, env }) => {
  await say('one', () => env.OLD.getByName('a').both(1));
  await say('two', () => env.OLD.getByName('a').both(2));
  await say('stored', () => env.OLD.getByName('a').left());
});
`,
});

import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A query builder for objects, workers-qb, reads and writes by its own statements, and counts the rows.',
  rows: ['9.exec', '9.to-array'],
  packages: ['workers-qb'],
  config: {
    durable_objects: { bindings: [{ name: 'STAFF', class_name: 'Staff' }] },
    migrations: [{ tag: 'v1', new_sqlite_classes: ['Staff'] }],
  },
  program: `
import { DurableObject } from 'cloudflare:workers';
import { DOQB } from 'workers-qb';
import { worker } from './prelude.js';

export class Staff extends DurableObject {
  #qb = new DOQB(this.ctx.storage.sql);
  make() {
    this.ctx.storage.sql.exec('CREATE TABLE staff (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, role TEXT, years REAL); CREATE INDEX by_role ON staff (role)');
  }
  insert(data, more = {}) { return this.#qb.insert({ tableName: 'staff', data, returning: '*', ...more }).execute() }
  all(query) { return this.#qb.fetchAll({ tableName: 'staff', ...query }).execute() }
  one(query) { return this.#qb.fetchOne({ tableName: 'staff', ...query }).execute() }
  update(query) { return this.#qb.update({ tableName: 'staff', ...query }).execute() }
  delete(query) { return this.#qb.delete({ tableName: 'staff', ...query }).execute() }
}

export default worker(async ({ say, env }) => {
  const staff = env.STAFF.getByName('all');
  const where = (conditions, ...params) => ({ where: { conditions, params } });
  await say('a table', () => staff.make());
  await say('three at once', () => staff.insert([{ name: 'Ann', role: 'cook', years: 1 }, { name: 'Ben', role: 'baker', years: 2.5 }, { name: 'Cy', role: 'cook', years: 3 }]));
  await say('by an index', () => staff.all({ ...where('role = ?1', 'cook'), orderBy: { name: 'DESC' } }));
  await say('a count', () => staff.one({ fields: 'count(*) AS count', ...where('years > ?1', 1) }));
  await say('an update', () => staff.update({ data: { years: 9 }, ...where('name = ?1', 'Ben'), returning: 'years' }));
  await say('an upsert', () => staff.insert({ name: 'Ann', role: 'chef', years: 7 }, { onConflict: { column: 'name', data: { years: 77 } } }));
  await say('one too many', () => staff.insert({ name: 'Ben', role: 'cook' }));
  await say('gone', () => staff.delete({ ...where('role = ?1', 'cook'), returning: '*' }));
});
`,
});

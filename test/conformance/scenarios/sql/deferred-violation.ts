import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A constraint that is violated when the turn ends resets the object, and what the turn wrote is lost.',
  rows: ['20.foreign-keys', '20.transactions', '6.commit-failure'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { show } from './prelude.js';

const schema = 'create table if not exists p(id integer primary key); ' +
  'create table if not exists c(r references p(id) deferrable initially deferred)';

export class Obj extends DurableObject {
  begin() {
    this.mark = 'alive';
    this.ctx.storage.sql.exec(schema);
  }
  write(...texts) {
    for (const text of texts) this.ctx.storage.sql.exec(text);
    return 'looked fine';
  }
  async writeTwice() {
    const { storage } = this.ctx;
    storage.sql.exec('insert into c values(1)');
    await storage.get('nothing');
    storage.sql.exec('insert into p values(1)');
    return 'is fine';
  }
  async writeInTurns() {
    const { storage } = this.ctx;
    storage.sql.exec('insert into c values(2)');
    await new Promise((resolve) => setTimeout(resolve, 1));
    return 'never said';
  }
  caught() {
    try {
      this.ctx.storage.sql.exec('pragma defer_foreign_keys = off; create table strict_c(r references p(id))');
      this.ctx.storage.sql.exec('insert into strict_c values(9)');
    } catch (error) {
      return error.message;
    }
  }
  state() {
    return [this.mark, this.ctx.storage.sql.exec('select r from c').toArray().map((row) => row.r).join()];
  }
}

export default {
  async fetch(request, env) {
    const lines = [];
    const say = async (what, call) => {
      const stub = env.OBJ.getByName('a');
      await stub.begin();
      lines.push(what + ': ' + (await show(() => call(stub))));
      lines.push('  then: ' + (await show(() => env.OBJ.getByName('a').state())));
    };
    await say('a fine write', (stub) => stub.write('insert into p values(10)', 'insert into c values(10)'));
    await say('a violation', (stub) => stub.write('insert into c values(11)'));
    await say('a violation among other writes', (stub) => stub.write('insert into c values(10)', 'insert into c values(12)'));
    await say('one that is mended in the turn', (stub) => stub.write('insert into c values(13)', 'insert into p values(13)'));
    await say('mended after an await of storage', (stub) => stub.writeTwice());
    await say('not mended before the next turn', (stub) => stub.writeInTurns());
    await say('a parent deleted', (stub) => stub.write('delete from p where id = 10'));
    await say('one that is not deferred', (stub) => stub.caught());
    return new Response(lines.join('\\n'));
  },
};
`,
});

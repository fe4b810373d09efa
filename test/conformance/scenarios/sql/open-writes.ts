import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A statement with RETURNING that is not read to its end when the turn ends resets the object.',
  rows: ['9.cursor', '9.exec'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { inspect, show } from './prelude.js';

export class Obj extends DurableObject {
  begin() {
    this.mark = 'alive';
    this.ctx.storage.sql.exec('create table if not exists t(a)');
  }
  write(text, reads) {
    const cursor = this.ctx.storage.sql.exec(text);
    for (let i = 0; i < reads; i++) cursor.next();
    return 'done in the turn';
  }
  state() {
    return [this.mark, this.ctx.storage.sql.exec('select a from t').toArray().map((row) => row.a).join()];
  }
}

export default {
  async fetch(request, env) {
    const lines = [];
    const texts = [
      ['insert into t values (1) returning a', 1],
      ['insert into t values (2) returning a', 0],
      ['insert into t values (3), (4) returning a', 2],
      ['insert into t values (5), (6) returning a', 1],
      ['update t set a = a + 10 returning a', 0],
      ['delete from t where a = 99 returning a', 0],
      ['insert into t values (7) returning a; select 1', 1],
      ['select * from t; select 1', 0],
      ['select a from t', 0],
    ];
    for (const [text, reads] of texts) {
      const stub = env.OBJ.getByName('a');
      await stub.begin();
      // An internal error ends with a reference that is another one each time.
      const outcome = (await show(() => stub.write(text, reads))).replace(/(internal error).*/, '$1');
      lines.push(text + ', read ' + reads + ': ' + outcome);
      lines.push('  then: ' + (await show(() => env.OBJ.getByName('a').state())));
    }
    return new Response(lines.join('\\n'));
  },
};
`,
});

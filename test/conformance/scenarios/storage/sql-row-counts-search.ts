import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A row of a full-text table counts once, whatever the index behind it does.',
  rows: ['19.vupdate'],
  waitsFor: 'full-text search',
  program: `
import { DurableObject } from 'cloudflare:workers';
import { showNow } from './prelude.js';

export class Obj extends DurableObject {
  run() {
    const { sql } = this.ctx.storage, lines = [];
    const counts = (text) => {
      const cursor = sql.exec(text);
      cursor.toArray();
      return cursor.rowsRead + 'r ' + cursor.rowsWritten + 'w';
    };
    const say = (text) => lines.push(text + ' -> ' + showNow(() => counts(text)));
    say('create virtual table f using fts5(body)');
    say("insert into f(body) values('one two three')");
    say("insert into f(body) values('two'), ('three')");
    say("select * from f where f match 'two'");
    say("select * from f where f match 'none'");
    say('select * from f');
    say("update f set body = 'four' where rowid = 1");
    say('delete from f where rowid = 1');
    say('delete from f');
    say('drop table f');
    return lines.join('\\n');
  }
}

export default { fetch: async (request, env) => new Response(await env.OBJ.getByName('a').run()) };
`,
});

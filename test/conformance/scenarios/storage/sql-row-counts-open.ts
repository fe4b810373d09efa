import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Row counts grow as a cursor is read, one row ahead, and are of that cursor alone.',
  rows: ['19.next', '19.multi-statement'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { showNow } from './prelude.js';

export class Obj extends DurableObject {
  async run() {
    const { storage } = this.ctx, { sql } = storage, lines = [];
    const counts = (c) => c.rowsRead + 'r ' + c.rowsWritten + 'w';
    const say = (what, ...cursors) => lines.push(what + ': ' + cursors.map(counts).join(', '));
    sql.exec('create table u(id integer primary key, a)');
    for (let i = 0; i < 10; i++) sql.exec('insert into u(a) values(?)', i % 3);
    const all = 'select * from u';

    let c = sql.exec(all);
    say('opened', c);
    c.next(); say('one row on', c);
    c.next(); say('two', c);
    [...c]; say('at the end', c);
    c.next(); say('beyond it', c);
    say('the same text again', sql.exec(all));

    c = sql.exec(all); c.raw().next(); say('raw, one row', c);
    c = sql.exec(all); for (const row of c) if (row.id === 4) break; say('left in the middle', c);
    c = sql.exec(all); lines.push(showNow(() => c.one())); say('one() of many', c);

    const [a, b, d] = [sql.exec(all), sql.exec(all), sql.exec('select * from u where a = 1')];
    say('three at once', a, b, d);
    a.next(); a.next(); b.next(); say('two of the first, one of the second', a, b, d);
    d.toArray(); say('the third to its end', a, b, d);
    a.toArray(); b.next(); say('the first to its end', a, b, d);
    sql.exec(all).toArray(); say('somebody else reads', a, b, d);
    b.toArray(); say('all ended', a, b, d);

    c = sql.exec('insert into u(a) values(7), (8); select * from u; select * from u where id > 8');
    say('the last of three statements', c);
    c.toArray(); say('its end', c);
    say('nothing but a write at the end', sql.exec('select * from u; insert into u(a) values(9)'));

    c = sql.exec('insert into u(a) values(1), (2), (3) returning id'); say('returning', c);
    c.next(); say('one of its rows', c);
    c.toArray(); say('its end', c);

    sql.exec('alter table u add column b');
    c = sql.exec(all); say('prepared again after the schema changed', c);
    c.toArray(); say('its end', c);
    c = sql.exec(all); c.next();
    sql.exec('create table other(x)');
    c.next(); say('the schema changed under it', c);
    c.toArray(); say('its end', c);

    c = sql.exec('select * from u where id < 4'); c.next();
    sql.exec('update u set a = 4'); c.next(); say('rows changed under it', c);
    c.toArray(); say('its end', c);

    try {
      storage.transactionSync(() => { c = sql.exec('insert into u(a) values(1)'); throw new Error('back'); });
    } catch {}
    say('rolled back', c);

    sql.exec("create table j(id integer primary key, text); insert into j(text) values('[1]'), ('[2]'), ('{'), ('[4]')");
    c = sql.exec('select json(text) from j'); say('before a row that fails', c);
    lines.push(showNow(() => c.toArray())); say('after it', c);
    lines.push(showNow(() => sql.exec('insert into j(id) values(100), (1)')));
    say('after an insert that failed', sql.exec('select count(*) from j'));

    c = sql.exec(all); c.next(); say('before everything is deleted', c);
    await storage.deleteAll();
    lines.push('after: ' + showNow(() => c.rowsRead) + ', ' + showNow(() => c.rowsWritten) + ', ' + showNow(() => c.columnNames));
    return lines.join('\\n');
  }
}

export default { fetch: async (request, env) => new Response(await env.OBJ.getByName('a').run()) };
`,
});

import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'An object of a class without SQLite has the same storage object, whose SQL, synchronous keys and bookmarks refuse.',
  rows: ['8.without-sqlite', '9.without-sqlite'],
  config: objects({}, { OBJ: 'Obj' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { show, showNow, tag } from './prelude.js';

export class Obj extends DurableObject {
  async run() {
    const s = this.ctx.storage, lines = [];
    const say = async (what, f) => lines.push(what + ': ' + (await show(f)));
    const now = (what, f) => lines.push(what + ': ' + showNow(f));
    now('the storage', () => tag(s) + ' ' + s.constructor.name);
    now('its members', () => { const found = []; for (const k in s) found.push(k); return found.sort().join(' ') });
    now('sql', () => tag(s.sql) + ' ' + (s.sql === s.sql));
    now('sql members', () => Object.getOwnPropertyNames(Object.getPrototypeOf(s.sql)).sort().join(' '));
    now('exec', () => s.sql.exec('select 1'));
    now('exec of nothing', () => s.sql.exec());
    now('exec of something else', () => s.sql.exec(Symbol()));
    now('exec that is wrong', () => s.sql.exec('selec 1'));
    now('databaseSize', () => s.sql.databaseSize);
    now('Cursor', () => typeof s.sql.Cursor);
    now('Statement', () => typeof s.sql.Statement);
    now('kv', () => tag(s.kv));
    now('kv is the same', () => s.kv === s.kv);
    now('kv.get', () => s.kv.get('a'));
    now('kv.get of nothing', () => s.kv.get());
    now('kv.put', () => s.kv.put('a', 1));
    now('kv.put of a function', () => s.kv.put('a', () => 1));
    now('kv.put without a value', () => s.kv.put('a'));
    now('kv.delete of nothing', () => s.kv.delete());
    now('kv.list with wrong options', () => s.kv.list(1));
    now('kv.list with a wrong limit', () => s.kv.list({ limit: 0 }));
    now('kv members', () => Object.getOwnPropertyNames(Object.getPrototypeOf(s.kv)).sort().join(' '));
    now('kv.delete', () => s.kv.delete('a'));
    now('kv.list', () => s.kv.list());
    now('transactionSync', () => s.transactionSync(() => 1));
    now('transactionSync of nothing', () => s.transactionSync());
    await say('getCurrentBookmark', () => s.getCurrentBookmark());
    await say('getBookmarkForTime', () => s.getBookmarkForTime(Date.now()));
    await say('getBookmarkForTime of nothing', () => s.getBookmarkForTime());
    await say('onNextSessionRestoreBookmark of nothing', () => s.onNextSessionRestoreBookmark());
    await say('onNextSessionRestoreBookmark', () => s.onNextSessionRestoreBookmark('x'));
    now('thrown at the call or later', () => { try { s.getBookmarkForTime(1).catch(() => {}); return 'later' } catch { return 'at the call' } });
    await say('sync', () => s.sync());
    await say('nothing was stored', () => s.list());
    await say('keys work', async () => { await s.put('a', 1); return s.get('a') });
    return lines.join('\\n');
  }
}

export default { fetch: async (request, env) => new Response(await env.OBJ.getByName('a').run()) };
`,
});

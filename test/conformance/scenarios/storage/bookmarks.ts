import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Bookmarks: their shape, how they grow, and what the methods that take an argument refuse.',
  rows: ['10.current-bookmark', '10.bookmark-for-time', '10.restore'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { show, showNow } from './prelude.js';

export class Obj extends DurableObject {
  async run() {
    const s = this.ctx.storage, lines = [];
    const say = async (what, f) => lines.push(what + ': ' + (await show(f)));
    const saySync = (what, f) => lines.push(what + ': ' + showNow(f));
    const quietly = (promise) => { promise.catch(() => {}); return promise };
    const mark = () => s.getCurrentBookmark();
    const shape = /^[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{32}$/;
    const marks = [];
    marks.push(await mark());
    saySync('a bookmark is a string of this shape', () => [typeof marks[0], shape.test(marks[0])]);
    marks.push(await mark());
    s.put('a', 1); marks.push(await mark());
    await s.put('a', 2); marks.push(await mark());
    s.sql.exec('CREATE TABLE t (x)'); marks.push(await mark());
    s.transactionSync(() => s.sql.exec('INSERT INTO t VALUES (1)')); marks.push(await mark());
    await s.transaction(async (txn) => { await txn.put('b', 1); marks.push(await mark()) });
    marks.push(await mark());
    marks.push(...await Promise.all([mark(), mark()]));
    await s.sync(); marks.push(await mark());
    saySync('each one is greater than those before it', () => marks.every((m, i) => i === 0 || marks[i - 1] < m));
    saySync('what is called is a promise', () => [mark(), quietly(s.getBookmarkForTime(Date.now())), quietly(s.onNextSessionRestoreBookmark('x'))].map((p) => p instanceof Promise));
    saySync('lengths', () => [s.getCurrentBookmark.length, s.getBookmarkForTime.length, s.onNextSessionRestoreBookmark.length]);
    await say('an argument that nobody wants', () => s.getCurrentBookmark('x').then((m) => shape.test(m)));
    for (const time of [NaN, Infinity, 'x', '2026-01-01', undefined, null, {}, true, 5n, 1e18, new Date(NaN)]) {
      await say('time ' + (typeof time === 'bigint' ? '5n' : String(time)), () => s.getBookmarkForTime(time));
    }
    await say('no time', () => s.getBookmarkForTime());
    await say('no bookmark', () => s.onNextSessionRestoreBookmark());
    await say('a symbol', () => s.onNextSessionRestoreBookmark(Symbol('x')));
    saySync('an argument that is refused is a promise too', () => [quietly(s.getBookmarkForTime('x')), quietly(s.onNextSessionRestoreBookmark())].map((p) => p instanceof Promise));
    await say('the time is now', () => s.getBookmarkForTime(Date.now()).then((m) => shape.test(m)));
    await say('a Date', () => s.getBookmarkForTime(new Date()).then((m) => shape.test(m)));
    await say('a restore', () => mark().then((m) => s.onNextSessionRestoreBookmark(m)).then((m) => shape.test(m)));
    return lines.join('\\n');
  }
}

export default { fetch: async (request, env) => new Response(await env.OBJ.getByName('a').run()) };
`,
});

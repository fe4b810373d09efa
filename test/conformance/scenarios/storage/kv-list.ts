import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'kv.list is a lazy iterator: it sees later writes, and a second list ends the first.',
  rows: ['8.list'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { showNow, tag } from './prelude.js';

export class Obj extends DurableObject {
  run() {
    const kv = this.ctx.storage.kv, lines = [];
    const say = (what, f) => lines.push(what + ': ' + showNow(f));
    const keys = (options) => [...kv.list(options)].map(([key]) => key);
    say('an empty store', () => keys());
    for (const [i, key] of ['b', 'a', 'ab', 'c', '\\uFF21', '\\u{1F600}'].entries()) kv.put(key, i);
    say('all', () => [...kv.list()]);
    say('tag', () => tag(kv.list()));
    say('it is its own iterator', () => { const l = kv.list(); return l[Symbol.iterator]() === l });
    say('methods of a Map', () => { const l = kv.list(); return [typeof l.get, typeof l.size, typeof l.keys] });
    say('methods of an iterator', () => { const l = kv.list(); return [typeof l.next, typeof l.return, typeof l.map] });
    say('next', () => { const l = kv.list({ limit: 1 }); return [l.next(), l.next(), l.next()] });
    say('start and end', () => keys({ start: 'ab', end: 'c' }));
    say('startAfter', () => keys({ startAfter: 'ab' }));
    say('prefix', () => keys({ prefix: 'a' }));
    say('reverse and limit', () => keys({ reverse: true, limit: 2 }));
    say('start and startAfter', () => kv.list({ start: 'a', startAfter: 'a' }));
    say('limit 0', () => kv.list({ limit: 0 }));
    say('limit -1', () => kv.list({ limit: -1 }));
    say('null options', () => keys(null).length);
    say('a key put behind the position', () => { const l = kv.list(); l.next(); kv.put('a1', 'new'); const r = [...l].map(([k]) => k); kv.delete('a1'); return r });
    say('a key put at the end', () => { const l = kv.list({ start: 'b', end: 'd' }); l.next(); kv.put('cc', 'new'); const r = [...l].map(([k]) => k); kv.delete('cc'); return r });
    say('a key deleted ahead', () => { const l = kv.list({ end: 'd' }); l.next(); kv.delete('c'); const r = [...l].map(([k]) => k); kv.put('c', 3); return r });
    say('a value changed ahead', () => { const l = kv.list({ end: 'd' }); l.next(); kv.put('c', 'changed'); return [...l].at(-1) });
    say('a second list', () => { const l = kv.list(); l.next(); kv.list(); return l.next() });
    say('a second list that was read', () => { const l = kv.list(); l.next(); kv.list().next(); return l.next() });
    say('a second list after the first has ended', () => { const l = kv.list({ limit: 1 }); l.next(); l.next(); kv.list().next(); return l.next() });
    say('left early by a loop', () => { const seen = []; const l = kv.list(); for (const [k] of l) { seen.push(k); break } return [seen, l.next().done] });
    say('get, put and delete in a loop', () => { const seen = []; for (const [k] of kv.list({ prefix: 'a' })) { kv.put(k, 'again'); seen.push(kv.get(k)) } return seen });
    return lines.join('\\n');
  }
}

export default { fetch: async (request, env) => new Response(await env.OBJ.getByName('a').run()) };
`,
});

import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'ctx.storage.kv reads and writes at once, on the same data as the asynchronous methods.',
  rows: ['8.get-put-delete', '8.put-undefined', '8.shared-with-async'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { show, showNow, tag } from './prelude.js';

export class Obj extends DurableObject {
  async run() {
    const s = this.ctx.storage, kv = s.kv, lines = [];
    const say = (what, f) => lines.push(what + ': ' + showNow(f));
    const sayLater = async (what, f) => lines.push(what + ': ' + (await show(f)));
    say('tag', () => tag(kv));
    say('the same object at each reading', () => s.kv === s.kv);
    say('members', () => Object.getOwnPropertyNames(Object.getPrototypeOf(kv)).sort());
    say('get of nothing stored', () => kv.get('a'));
    say('put', () => kv.put('a', { n: 1 }));
    say('get', () => kv.get('a'));
    say('a copy each time', () => kv.get('a') === kv.get('a'));
    say('delete', () => [kv.delete('a'), kv.delete('a'), kv.get('a')]);
    say('put undefined', () => kv.put('u', undefined));
    say('it is listed', () => [...kv.list()]);
    say('delete of it', () => kv.delete('u'));
    say('put of a key alone', () => kv.put('k'));
    say('put()', () => kv.put());
    say('get()', () => kv.get());
    say('delete()', () => kv.delete());
    say('a list of keys is one key', () => { kv.put('x,y', 'joined'); return [kv.get(['x', 'y']), kv.delete(['x', 'y'])] });
    say('a number as key', () => { kv.put(1, 'one'); return [kv.get('1'), kv.delete(1)] });
    say('a function', () => kv.put('f', () => 1));
    say('a symbol', () => kv.put('s', Symbol('s')));
    say('an object of entries', () => kv.put({ a: 1 }, 2));
    say('its key', () => [...kv.list()]);
    kv.delete('[object Object]');
    await sayLater('put by kv, got by storage', () => { kv.put('k', 'sync'); return s.get('k') });
    await sayLater('put by storage, got by kv at once', () => { s.put('k', 'async'); return kv.get('k') });
    await sayLater('deleted by storage, gone for kv at once', () => { s.delete('k'); return kv.get('k') });
    await sayLater('undefined by kv, got by storage', async () => { kv.put('u', undefined); return [await s.get('u'), (await s.get(['u'])).has('u'), (await s.list()).has('u'), await s.delete('u')] });
    return lines.join('\\n');
  }
}

export default { fetch: async (request, env) => new Response(await env.OBJ.getByName('a').run()) };
`,
});

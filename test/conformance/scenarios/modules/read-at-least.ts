import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A reader that brings its own buffer can wait until so many elements are there, by readAtLeast.',
  rows: ['1.global-scope'],
  config: objects({ OBJ: 'Obj' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { inspect, worker } from './prelude.js';

const pieces = (...all) => { let i = 0; return new ReadableStream({ type: 'bytes', pull(c) { if (i < all.length) c.enqueue(new Uint8Array(all[i++])); if (i === all.length) { c.close(); c.byobRequest?.respond(0) } } }) };
const piped = (...all) => { const { readable, writable } = new IdentityTransformStream(); (async () => { const w = writable.getWriter(); for (const piece of all) await w.write(new Uint8Array(piece)); await w.close() })().catch(() => {}); return readable };
const shown = ({ done, value }) => [done, value && [value.constructor.name, value.length, [...value].slice(0, 8).join(' ')]];

export class Obj extends DurableObject {
  fetch() { return new Response(pieces([1, 2], [3], [4, 5, 6])) }
}

export default worker(async ({ say, env }) => {
  await say('the method', () => [typeof ReadableStreamBYOBReader.prototype.readAtLeast, ReadableStreamBYOBReader.prototype.readAtLeast.length, ReadableStreamBYOBReader.prototype.readAtLeast.name]);
  for (const [name, make] of [['of a source', pieces], ['of an identity', piped]]) {
    await say(name, async () => { const r = make([1, 2], [3], [4, 5, 6]).getReader({ mode: 'byob' }); return [shown(await r.readAtLeast(2, new Uint8Array(2))), shown(await r.readAtLeast(3, new Uint8Array(4))), shown(await r.read(new Uint8Array(4)))] });
    await say(name + ', more than there is', async () => { const r = make([1, 2], [3]).getReader({ mode: 'byob' }); return [shown(await r.readAtLeast(5, new Uint8Array(8))), shown(await r.readAtLeast(1, new Uint8Array(8)))] });
    if (make === pieces) await say(name + ', words', async () => { const r = make([1, 0, 2], [0, 3, 0, 4, 0]).getReader({ mode: 'byob' }); return [shown(await r.readAtLeast(2, new Uint16Array(3))), shown(await r.readAtLeast(1, new Uint16Array(3)))] });
    await say(name + ', min', async () => { const r = make([1, 2], [3], [4]).getReader({ mode: 'byob' }); return [shown(await r.read(new Uint8Array(4), { min: 3 })), shown(await r.read(new Uint8Array(4)))] });
    for (const [what, f] of [['0', (r) => r.readAtLeast(0, new Uint8Array(2))], ['more than the view', (r) => r.readAtLeast(3, new Uint8Array(2))], ['a negative', (r) => r.readAtLeast(-1, new Uint8Array(2))], ['an empty view', (r) => r.readAtLeast(1, new Uint8Array(0))], ['no view', (r) => r.readAtLeast(1)], ['nothing', (r) => r.readAtLeast()], ['no number', (r) => r.readAtLeast('x', new Uint8Array(2))], ['a text', (r) => r.readAtLeast('2', new Uint8Array(2))]])
      await say(name + ', ' + what, async () => shown(await f(make([1, 2]).getReader({ mode: 'byob' }))));
  }
  await say('of an object', async () => { const r = (await env.OBJ.getByName('o').fetch('http://o/')).body.getReader({ mode: 'byob' }); return [shown(await r.readAtLeast(5, new Uint8Array(5))), shown(await r.readAtLeast(1, new Uint8Array(5))), shown(await r.read(new Uint8Array(5)))] });
  await say('of a Blob', async () => { const r = new Blob(['hello']).stream().getReader({ mode: 'byob' }); return [shown(await r.readAtLeast(3, new Uint8Array(4)))] });
});
`,
});

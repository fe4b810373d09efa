import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Writing to a WritableStream that came over RPC: which writes wait for the sink, and what the writer shows meanwhile.',
  rows: ['4.streams'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, show, sleep } from './prelude.js';

const soon = (p, ms = 20) => Promise.race([show(() => p), sleep(ms).then(() => 'pending')]);
export class Obj extends DurableObject {
  async waiting(w, sizes) {
    const writer = w.getWriter(); const said = [writer.desiredSize, await soon(writer.ready)];
    for (const n of sizes) { const it = await soon(writer.write(new Uint8Array(n))); said.push(it); if (it === 'pending') break }
    said.push('close', await soon(writer.close(), 100));
    return said;
  }
}
const idle = () => { const seen = []; const waiting = []; return { seen, open: () => { for (const f of waiting.splice(0)) f(); waiting.push = (f) => f() }, w: new WritableStream({ write(c) { seen.push(c.byteLength); return new Promise((f) => waiting.push(f)) }, close() { seen.push('closed') } }) } };
export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  const sizes = { small: [10, 10, 10], 'of 64 KiB': [65536, 65536, 65536, 65536, 65536], 'of 300 KiB': [307200, 10], 'of 1 MiB': [1048576, 10] };
  for (const size in sizes) {
    await say('idle sink, one by one, ' + size, async () => { const it = idle(); const r = await o.waiting(it.w, sizes[size]); const before = [...it.seen]; it.open(); await sleep(20); return [r, before, it.seen] });
    await say('quick sink, ' + size, async () => { const seen = []; const r = await o.waiting(new WritableStream({ write(c) { seen.push(c.byteLength) } }), sizes[size]); return [r, seen] });
    await say('idle reader of an identity, one by one, ' + size, async () => { const t = new IdentityTransformStream(); return o.waiting(t.writable, sizes[size]) });
  }
});
`,
});

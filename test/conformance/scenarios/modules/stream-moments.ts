import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'How many microtasks pass until reads, writes, closes and closed of streams settle, and in which order.',
  rows: ['1.global-scope', '4.streams'],
  config: objects({}),
  program: `
import { inspect, sleep, worker, show, showNow } from './prelude.js';
const bytes = (...n) => new Uint8Array(n);
/** Says in which order the promises settle, each with the microtasks since the start. */
const moments = async (make) => {
  const said = []; let count = 0; let isOver = false;
  const watch = (name, p) => { p.then(() => said.push(name + ' ' + count), () => said.push(name + ' failed ' + count)) };
  const tick = () => { count++; if (count < 40) queueMicrotask(tick) };
  make(watch);
  queueMicrotask(tick);
  await sleep(2);
  return said.join(', ');
};
const makers = {
  values: () => { let c; const readable = new ReadableStream({ start(x) { c = x } }); return { readable, give: () => c.enqueue(bytes(1, 2)), end: () => c.close(), fail: (e) => c.error(e) } },
  bytes: () => { let c; const readable = new ReadableStream({ type: 'bytes', start(x) { c = x } }); return { readable, give: () => c.enqueue(bytes(1, 2)), end: () => c.close(), fail: (e) => c.error(e) } },
  identity: () => { const { readable, writable } = new IdentityTransformStream(); const w = writable.getWriter(); return { readable, give: (watch) => watch('write', w.write(bytes(1, 2))), end: (watch) => watch('close', w.close()), fail: (e, watch) => watch('abort', w.abort(e)) } },
  transform: () => { const { readable, writable } = new TransformStream(); const w = writable.getWriter(); return { readable, give: (watch) => watch('write', w.write(bytes(1, 2))), end: (watch) => watch('close', w.close()), fail: (e, watch) => watch('abort', w.abort(e)) } },
};
const deeds = {
  'read then given': (it, watch) => { watch('read', it.r.read()); it.give(watch) },
  'given then read': (it, watch) => { it.give(watch); watch('read', it.r.read()) },
  'read then ended': (it, watch) => { watch('read', it.r.read()); it.end(watch) },
  'read then failed': (it, watch) => { watch('read', it.r.read()); it.fail(new Error('e'), watch) },
  'cancelled': (it, watch) => { watch('cancel', it.r.cancel()) },
  'cancelled while it is read': (it, watch) => { watch('read', it.r.read()); watch('cancel', it.r.cancel()) },
  'released': (it, watch) => { it.r.releaseLock() },
  'released while it is read': (it, watch) => { watch('read', it.r.read()); watch('again', it.r.read()); it.r.releaseLock() },
};
export default worker(async ({ say }) => {
  for (const kind in makers) for (const deed in deeds) {
    if (kind === 'transform' && deed !== 'read then given' || kind === 'identity' && deed !== 'read then given' && deed !== 'cancelled') continue;
    await say(kind + ', ' + deed, async () => { const it = makers[kind](); it.r = it.readable.getReader(); await sleep(1); return moments((watch) => { watch('closed', it.r.closed); deeds[deed](it, watch) }) });
  }
});
`,
});

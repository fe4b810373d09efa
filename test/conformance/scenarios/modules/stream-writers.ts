import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'What the writer of a stream shows whose reader left, or that was terminated, aborted or failed: desiredSize, ready, closed.',
  rows: ['1.global-scope', '4.streams'],
  config: objects({}),
  program: `
import { inspect, sleep, worker, show, showNow } from './prelude.js';
const bytes = (...n) => new Uint8Array(n);
const soon = (f) => Promise.race([show(f), sleep(5).then(() => 'pending')]);
const transform = (more, ...rest) => () => { let c; const t = new TransformStream({ start(x) { c = x }, ...more }, ...rest); return { ...t, readable: t.readable, writable: t.writable, fail: (e) => c.error(e), terminate: () => c.terminate() } };
const makers = {
  transform: transform({}),
  'a roomy transform': transform({}, { highWaterMark: 3 }, { highWaterMark: 2 }),
  identity: () => new IdentityTransformStream(),
  sink: () => { let c; return { writable: new WritableStream({ start(x) { c = x } }), fail: (e) => c.error(e) } },
  'a failing sink': () => { let c; return { writable: new WritableStream({ start(x) { c = x }, write() { throw new RangeError('of the sink') } }), fail: (e) => c.error(e) } },
};
const ends = {
  nothing: () => {},
  cancel: (t) => t.readable.cancel('why'),
  'cancel for nothing': (t) => t.readable.cancel(),
  'cancel with an error': (t) => t.readable.cancel(new RangeError('why')),
  'cancel by the reader': (t) => t.readable.getReader().cancel('why'),
  terminate: (t) => t.terminate(),
  fail: (t) => t.fail(new RangeError('mine')),
  abort: (t, w) => w.abort(new RangeError('mine')),
  close: (t, w) => { show(() => w.close()) },
};
export default worker(async ({ say }) => {
  for (const kind in makers) for (const end in ends) for (const when of ['before', 'after a write']) {
    const name = (what) => kind + ', ' + end + ', ' + when + ': ' + what;
    const it = makers[kind]();
    if (when !== 'before' && ['transform', 'identity'].includes(kind) || kind === 'identity' && end === 'close') continue;
    if (end === 'terminate' && !it.terminate || end === 'fail' && !it.fail || !it.readable && end.startsWith('cancel')) continue;
    const w = it.writable.getWriter(); await sleep(1);
    const chunk = bytes(1, 2);
    const ready = w.ready; const closed = show(() => w.closed); const write = when === 'before' ? undefined : show(() => w.write(chunk));
    if (when === 'after a write') { await sleep(1) }
    const during = w.ready;
    await say(name('how'), () => soon(() => ends[end](it, w)));
    await say(name('desiredSize'), () => w.desiredSize);
    await say(name('ready'), async () => [await soon(() => ready), await soon(() => during), await soon(() => w.ready), during === w.ready]);
    await say(name('closed'), () => soon(() => closed));
    if (write) await say(name('the write'), () => soon(() => write));
    await say(name('write'), () => soon(() => w.write(chunk)));
    await say(name('afterwards'), async () => [showNow(() => w.desiredSize), await soon(() => w.ready), await soon(() => w.closed)]);
    await say(name('release'), () => soon(() => w.releaseLock()));
  }
});
`,
});

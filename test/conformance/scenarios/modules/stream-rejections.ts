import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'What a stream refuses or fails with and nobody looks at is an unhandled rejection; the promises that only show its state are none.',
  rows: ['1.unhandled-rejection', '4.streams'],
  config: objects({}),
  program: `
import { inspect, sleep, worker, show } from './prelude.js';
const heard = [];
addEventListener('unhandledrejection', (event) => { heard.push(inspect(event.reason)); event.preventDefault() });
const bytes = (...n) => new Uint8Array(n);
const failing = () => new ReadableStream({ start(c) { c.error(new RangeError('mine')) } });
const acts = {
  'a pipe': () => { failing().pipeTo(new WritableStream()) },
  'a pipe of a body': () => { new Response(failing()).body.pipeTo(new WritableStream()) },
  'a read': () => { failing().getReader().read() },
  'a read of a body': () => { new Response(failing()).body.getReader().read() },
  'a write': () => { const w = new WritableStream({ write() { throw new RangeError('mine') } }).getWriter(); w.write(1) },
  'a close': () => { const w = new WritableStream({ close() { throw new RangeError('mine') } }).getWriter(); w.close() },
  'a close of a stream': () => { new WritableStream({ close() { throw new RangeError('mine') } }).close() },
  'a second close': async () => { const w = new WritableStream().getWriter(); await w.close(); w.close() },
  'a write after a loss': async () => { const { readable, writable } = new IdentityTransformStream(); const w = writable.getWriter(); await readable.cancel(new RangeError('why')); w.write(bytes(1)) },
  'closed of a writer': async () => { const s = new WritableStream(); const w = s.getWriter(); w.closed; w.abort(new RangeError('why')) },
  'closed, released': async () => { const r = new ReadableStream().getReader(); r.closed; r.releaseLock() },
  'a read of a released one': async () => { const r = new ReadableStream().getReader(); r.releaseLock(); r.read() },
  'a ready of a released one': async () => { const w = new WritableStream().getWriter(); w.releaseLock(); w.ready; w.closed },
};
export default worker(async ({ say }) => { for (const what in acts) await say(what, async () => { heard.length = 0; await acts[what](); await sleep(5); return [...heard] }) });
`,
});

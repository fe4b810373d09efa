import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Reads with a buffer get an empty view of it when their stream is cancelled or closed, which then has no request any more; what a reader gives is listed as value, then done.',
  rows: ['17.stream-constructors'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, show, inspect } from './prelude.js';
export class Obj extends DurableObject {}
const bytes = (n) => new Uint8Array(n);
const waiting = () => { const it = {}; it.stream = new ReadableStream({ type: 'bytes', start(c) { it.controller = c } }); it.reader = it.stream.getReader({ mode: 'byob' }); return it };
export default worker(async ({ say }) => {
  for (const [k, view] of [['bytes', bytes(4)], ['a DataView', new DataView(new ArrayBuffer(8), 2, 4)], ['words', new Uint16Array(new ArrayBuffer(8), 2, 2)]]) await say('cancelled: ' + k, async () => { const { reader } = waiting(); const read = reader.read(view), next = reader.read(bytes(3)); await reader.cancel('why'); return [inspect(await read), inspect(await next), inspect(await reader.read(bytes(2))), view.byteLength] });
  await say('cancelled: at least', async () => { const { reader } = waiting(); const read = reader.readAtLeast(2, bytes(4)); await reader.cancel(); return inspect(await read) });
  await say('cancelled while it is asked', async () => { const r = new ReadableStream({ type: 'bytes', pull() { return new Promise(() => {}) } }).getReader({ mode: 'byob' }); const read = r.read(bytes(4)); await r.cancel(); return inspect(await read) });
  await say('closed', async () => { const { reader, controller } = waiting(); const read = reader.read(bytes(4)), next = reader.read(bytes(3)); controller.close(); return [controller.byobRequest, inspect(await read), inspect(await next)] });
  await say('closed, and answered then', async () => { const { reader, controller } = waiting(); const read = reader.read(bytes(4)); const request = controller.byobRequest; controller.close(); return [await show(() => request.respond(0)), await show(() => request.respond(1)), await show(() => request.respondWithNewView(bytes(0))), inspect(await read)] });
  for (const mode of ['byob', undefined]) await say('closed in pull, ' + mode, async () => { const log = []; const r = new ReadableStream({ type: 'bytes', autoAllocateChunkSize: 8, async pull(c) { c.close(); log.push(await show(() => c.byobRequest.respond(0))) } }).getReader(mode && { mode }); log.push(inspect(await r.read(mode && bytes(4)))); return log });
  await say('closed in pull, as a body', async () => { const log = []; const s = new ReadableStream({ type: 'bytes', autoAllocateChunkSize: 8, async pull(c) { c.close(); log.push(await show(() => c.byobRequest.respond(0))) } }); log.push(await new Response(s).text()); return log });
  await say('fails', async () => { const { reader, controller } = waiting(); const read = reader.read(bytes(4)); controller.error(new RangeError('m')); return show(() => read) });
  await say('released', async () => { const { reader } = waiting(); const read = reader.read(bytes(4)); reader.releaseLock(); return show(() => read) });
  await say('what a reader gives', async () => { const s = () => new ReadableStream({ start(c) { c.enqueue(1); c.close() } }); const r = s().getReader(); const b = new ReadableStream({ type: 'bytes', start(c) { c.enqueue(bytes(2)) } }).getReader({ mode: 'byob' }); return [Object.keys(await r.read()), Object.keys(await r.read()), Object.keys(await b.read(bytes(2))), JSON.stringify(await s().getReader().read()), Object.keys(await new Response('x').body.getReader().read())] });
});
`,
});

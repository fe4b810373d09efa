import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A stream of bytes whose reader has left tells it to one write, and is closed for the next; so is one that failed or was given up.',
  rows: ['1.global-scope', '4.streams'],
  config: objects({}),
  program: `
import { inspect, sleep, worker, show } from './prelude.js';
const bytes = (...n) => new Uint8Array(n);
const makers = { identity: () => new IdentityTransformStream(), fixed: () => new FixedLengthStream(100), gzip: () => new CompressionStream('gzip'), gunzip: () => new DecompressionStream('gzip'), standard: () => new TransformStream(), digest: () => { const writable = new crypto.DigestStream('SHA-1'); writable.digest.catch(() => {}); return { writable, readable: new ReadableStream() } } };

async function play(kind, deeds, isSlow) {
  const { readable, writable } = makers[kind]();
  let writer = writable.getWriter();
  let reader = readable.getReader();
  const log = [];
  writer.closed.then(() => log.push('closed'), (e) => log.push('closed with ' + inspect(e)));
  const acts = {
    write: () => writer.write(bytes(1)), empty: () => writer.write(bytes()), object: () => writer.write({}), close: () => writer.close(),
    abort: () => writer.abort(new Error('mine')), abort0: () => writer.abort(), abortText: () => writer.abort('text'),
    cancel: () => reader.cancel(new RangeError('why')), cancel0: () => reader.cancel(), cancelText: () => reader.cancel('text'),
    ready: () => writer.ready, closed: () => writer.closed, size: () => writer.desiredSize,
    read: async () => { const { done, value } = await reader.read(); return done ? 'END' : value.length + ' bytes' },
    release: () => { writer.releaseLock(); return 'ok' }, again: () => { writer = writable.getWriter(); return 'ok' },
    rrelease: () => { reader.releaseLock(); return 'ok' }, ragain: () => { reader = readable.getReader(); return 'ok' }, rclosed: () => reader.closed,
  };
  const said = [];
  for (const deed of deeds.split(' ')) {
    const i = said.push('pending') - 1;
    const told = show(acts[deed]).then((x) => { said[i] = x });
    if (isSlow) await Promise.race([told, sleep(5)]);
    if (isSlow) await sleep(1);
  }
  await sleep(10);
  return [...said, ...log];
}

const of = {
  identity: ['cancel write write size ready closed close', 'write cancel write size ready closed close abort', 'cancel0 write write', 'write cancel0 write', 'cancelText write write', 'cancel close close size', 'cancel abort write', 'cancel closed ready size', 'cancel empty size write', 'abort write write size ready closed close read', 'write abort write size read', 'abort0 write read closed', 'abortText read rclosed closed', 'read abort write read', 'close write close size ready closed', 'release write close abort size', 'rrelease read rclosed cancel', 'again', 'ragain', 'read read write write', 'write write read read', 'close release closed', 'object write'],
  fixed: ['cancel write write', 'write cancel close', 'abort write read', 'close write close'],
  gzip: ['cancel write write size ready closed close', 'cancel close close size', 'cancel abort write', 'abort write write size ready closed close read', 'close write close'],
  gunzip: ['write write close closed ready size abort read', 'write close', 'write abort close', 'close write close', 'read write', 'close read write close', 'cancel write close', 'abort write close'],
  digest: ['write object write close closed', 'abort write close', 'close write close', 'abort0 write'],
  standard: ['cancel write', 'cancel close close size', 'abort write close', 'close write close size ready closed', 'release write close abort closed ready size', 'rrelease read rclosed cancel', 'again', 'ragain'],
};

export default worker(async ({ say }) => {
  for (const kind in of) for (const deeds of of[kind]) {
    await say(kind + ' at once [' + deeds + ']', () => play(kind, deeds, false));
    await say(kind + ' slowly [' + deeds + ']', () => play(kind, deeds, true));
  }
});
`,
});

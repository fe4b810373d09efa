/** Objects whose requests are given up, and what their signals say of it. */
export const requestSignal = `
import { worker, inspect, show, showNow, sleep, tag } from './prelude.js';
import { DurableObject } from 'cloudflare:workers';

const watch = (signal) => new Promise((resolve) => {
  if (signal.aborted) resolve('at once ' + inspect(signal.reason));
  signal.addEventListener('abort', (e) => resolve([tag(e), e.type, inspect(signal.reason), signal.aborted].join(' ')));
});

export class Obj extends DurableObject {
  seen = [];
  count = 0;
  told() { const seen = this.seen; this.seen = []; return seen; }
  async fetch(request) {
    const { pathname } = new URL(request.url);
    const { signal } = request;
    if (pathname === '/shape') return Response.json([tag(signal), signal.aborted, inspect(signal.reason), signal === request.signal, request.clone().signal === signal, new Request(request).signal === signal]);
    const id = pathname + ' ';
    void watch(signal).then((what) => this.seen.push(id + what));
    if (pathname === '/answers') return new Response('done');
    if (pathname === '/throws') throw new Error('mine');
    if (pathname === '/streams') {
      const { readable, writable } = new TransformStream();
      const writer = writable.getWriter();
      void (async () => {
        for (let i = 0; i < 50; i++) { await writer.write(new TextEncoder().encode('piece')); await sleep(5); }
        await writer.close();
      })().catch(() => {});
      return new Response(readable);
    }
    try { signal.throwIfAborted(); } catch (error) { this.seen.push(id + 'throwIfAborted ' + inspect(error)); }
    await sleep(40);
    this.seen.push(id + 'still running ' + signal.aborted);
    return new Response('late');
  }
  async passes(request) {
    const it = watch(request.signal);
    await sleep(30);
    return [request.signal.aborted, inspect(request.signal.reason), await Promise.race([it, sleep(1).then(() => 'silent')])];
  }
}

const told = async (stub) => { await sleep(80); return stub.told(); };

export default worker(async ({ say, env, request, ctx }) => {
  const stub = env.OBJ.getByName('a');
  await say('of the Worker', () => [tag(request.signal), request.signal.aborted, request.signal === request.signal]);
  await say('of a request that is made', () => { const r = new Request('https://x/'); const c = new AbortController(); return [tag(r.signal), r.signal.aborted, r.signal === r.signal, new Request('https://x/', { signal: c.signal }).signal === c.signal, new Request('https://x/', { signal: null }).signal === null]; });
  await say('of a clone', () => { const c = new AbortController(); const r = new Request('https://x/', { signal: c.signal }); return [r.clone().signal === c.signal, new Request(r).signal === c.signal, r.signal === c.signal]; });
  await say('of an object', async () => (await stub.fetch('https://x/shape')).json());
  await say('answered', async () => { const r = await stub.fetch('https://x/answers'); return [await r.text(), await told(stub)]; });
  await say('thrown', async () => [await show(() => stub.fetch('https://x/throws')), await told(stub)]);
  await say('given up', async () => {
    const c = new AbortController();
    const asked = show(() => stub.fetch('https://x/waits', { signal: c.signal }));
    await sleep(10);
    c.abort(new RangeError('enough'));
    return [await asked, await told(stub)];
  });
  await say('given up without a reason', async () => {
    const c = new AbortController();
    const asked = show(() => stub.fetch('https://x/waits', { signal: c.signal }));
    await sleep(10);
    c.abort();
    return [await asked, await told(stub)];
  });
  await say('given up before', async () => {
    const asked = await show(() => stub.fetch('https://x/waits', { signal: AbortSignal.abort(new RangeError('before')) }));
    return [asked, await told(stub)];
  });
  await say('timed out', async () => {
    const asked = await show(() => stub.fetch('https://x/waits', { signal: AbortSignal.timeout(10) }));
    return [asked, await told(stub)];
  });
  await say('a body that is given up', async () => {
    const r = await stub.fetch('https://x/streams');
    const reader = r.body.getReader();
    await reader.read();
    await reader.cancel(new RangeError('no more'));
    return told(stub);
  });
  await say('a body that its signal ends', async () => {
    const c = new AbortController();
    const r = await stub.fetch('https://x/streams', { signal: c.signal });
    const reader = r.body.getReader();
    await reader.read();
    c.abort(new RangeError('ended'));
    const read = await show(() => reader.read());
    return [read, await told(stub)];
  });
  await say('passed on by the Worker', async () => { const r = await stub.fetch(new Request(request, { headers: {} })); return [r.status, await told(stub)]; });
});
`;

import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A fetch that is given up rejects with the reason, before it leaves, while it waits and while its body comes.',
  rows: ['web.fetch-abort'],
  config: { durable_objects: { bindings: [] }, migrations: [] },
  outside: 'itself',
  program: `
import { worker, inspect, show, sleep } from './prelude.js';
const main = worker(async ({ say, url }) => {
  const slow = url.origin + '/slow';
  const get = async (to, init) => (await fetch(to, init)).text();
  await say('the default reason', () => inspect(AbortSignal.abort().reason));
  await say('the default reason of a controller', () => { const c = new AbortController(); c.abort(); return inspect(c.signal.reason) });
  await say('undefined as a reason', () => { const c = new AbortController(); c.abort(undefined); return inspect(c.signal.reason) });
  await say('null as a reason', () => { const c = new AbortController(); c.abort(null); return inspect(c.signal.reason) });
  await say('before', () => get(slow, { signal: AbortSignal.abort() }));
  await say('before, with a reason', () => get(slow, { signal: AbortSignal.abort(new RangeError('mine')) }));
  await say('before, with a text', () => get(slow, { signal: AbortSignal.abort('mine') }));
  await say('while it waits', async () => { const c = new AbortController(); const p = get(slow, { signal: c.signal }); await sleep(5); c.abort(); return p });
  await say('while it waits, with a reason', async () => { const c = new AbortController(); const p = get(slow, { signal: c.signal }); await sleep(5); c.abort(new RangeError('mine')); return p });
  await say('the signal of a Request', async () => { const c = new AbortController(); const p = get(new Request(slow, { signal: c.signal })); await sleep(5); c.abort(new RangeError('mine')); return p });
  await say('a time limit', () => get(slow, { signal: AbortSignal.timeout(5) }));
  await say('any of two', () => get(slow, { signal: AbortSignal.any([AbortSignal.abort(new RangeError('mine')), new AbortController().signal]) }));
  await say('no signal', () => get(url.origin + '/fast', { signal: null }));
  await say('what is no signal', () => get(slow, { signal: 5 }));
  await say('after it came', async () => { const c = new AbortController(); const text = await get(url.origin + '/fast', { signal: c.signal }); c.abort(); return text });
  await say('throwIfAborted', () => AbortSignal.abort(new RangeError('mine')).throwIfAborted());
});
export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname === '/fast') return new Response('fast');
    if (pathname === '/slow') { await sleep(500); return new Response('slow') }
    return main.fetch(request, env, ctx);
  },
};
`,
});

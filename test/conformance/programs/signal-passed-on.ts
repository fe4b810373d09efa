/** A Worker that passes on a request whose asker gives up, and what the object behind it hears of that. */
export const signalPassedOn = `
import { DurableObject, WorkerEntrypoint } from 'cloudflare:workers';
import { worker, inspect, show, sleep } from './prelude.js';

const watch = (signal) => new Promise((resolve) => { signal.addEventListener('abort', () => resolve('aborted ' + inspect(signal.reason))); });

export class Obj extends DurableObject {
  seen = [];
  note(text) { this.seen.push(text); }
  async told() { await sleep(150); return this.seen.splice(0).sort(); }
  async fetch(request) {
    void watch(request.signal).then((what) => this.seen.push('object ' + what));
    await sleep(80);
    this.seen.push('object ends ' + request.signal.aborted);
    return new Response('late');
  }
}

export class Pass extends WorkerEntrypoint {
  async fetch(request) {
    const stub = this.env.OBJ.getByName('a');
    void watch(request.signal).then((what) => stub.note('Worker ' + what));
    const ask = {
      '/itself': () => stub.fetch(request),
      '/copied': () => stub.fetch(new Request(request)),
      '/cloned': () => stub.fetch(request.clone()),
      '/changed': () => stub.fetch(new Request(request, { headers: {} })),
      '/as-init': () => stub.fetch(new Request(request.url, request)),
      '/its-address': () => stub.fetch(request.url),
      '/its-signal': () => stub.fetch(request.url, { signal: request.signal }),
      '/any-of-it': () => stub.fetch(request.url, { signal: AbortSignal.any([request.signal]) }),
      '/without': () => stub.fetch(request, { signal: null }),
    }[new URL(request.url).pathname];
    const asked = ask().then((response) => response.text());
    this.ctx.waitUntil(show(() => asked).then((text) => stub.note('answered ' + text)));
    return new Response(await asked);
  }
}

const reasons = () => ({ text: 'text', number: 7, null: null, object: { a: 1 }, error: new RangeError('r'), 'with properties': Object.assign(new TypeError('t'), { code: 5 }), DOMException: new DOMException('d', 'DataError') });

export default worker(async ({ say, env, request, ctx }) => {
  const stub = env.OBJ.getByName('a');
  await say('one object', async () => [new Request(request).signal === request.signal, request.clone().signal === request.signal, new Request('https://x/', request).signal === request.signal]);
  for (const how of ['itself', 'copied', 'cloned', 'changed', 'as-init', 'its-address', 'its-signal', 'any-of-it', 'without']) {
    await say(how, async () => {
      const c = new AbortController();
      const asked = show(() => ctx.exports.Pass.fetch('https://x/' + how, { signal: c.signal }));
      await sleep(20);
      c.abort(new RangeError('mine'));
      return [await asked, await stub.told()];
    });
  }
  for (const [name, reason] of Object.entries(reasons())) {
    const seen = async (asked) => { try { await asked; return 'answered'; } catch (error) { return [error === reason, inspect(error)]; } };
    await say('given up with ' + name, async () => { const c = new AbortController(); const asked = seen(stub.fetch('https://x/', { signal: c.signal })); await sleep(10); c.abort(reason); return asked; });
    await say('given up before with ' + name, () => seen(stub.fetch('https://x/', { signal: AbortSignal.abort(reason) })));
  }
});
`;

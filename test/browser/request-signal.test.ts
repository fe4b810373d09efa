/** The page gives a request up: the Worker's and the object's signals say so, where the config asks for it. */
import { afterEach, expect, test } from 'vitest';
import { type DurableObjectNamespace, Simulator } from '../../src/index.ts';

interface Env {
  OBJ: DurableObjectNamespace<{ told(): Promise<string> }>;
}

const PROGRAM = `
import { DurableObject } from 'cloudflare:workers';
const watch = (signal) => new Promise((resolve) => {
  signal.addEventListener('abort', () => resolve(signal.reason.name + ': ' + signal.reason.message));
});
export class Obj extends DurableObject {
  #told = Promise.withResolvers();
  told() { return this.#told.promise; }
  note(text) { this.#told.resolve(text); }
  async fetch(request) {
    const told = watch(request.signal);
    await this.env.OBJ.getByName('arrived').note('');
    this.note('object ' + (await told));
    return new Response('late');
  }
}
export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname === '/object') return env.OBJ.getByName('object').fetch(request);
    const told = watch(request.signal).then((text) => env.OBJ.getByName('worker').note('worker ' + text));
    ctx.waitUntil(told);
    if (pathname === '/body') return new Response(new ReadableStream({ start: (c) => c.enqueue(new Uint8Array(3)) }));
    await env.OBJ.getByName('arrived').note('');
    await told;
    return new Response('late');
  },
};
`;

let sim: Simulator<Env> | undefined;
afterEach(() => sim?.close({ delete: true }));

async function start(flags: readonly string[] = []): Promise<Simulator<Env>> {
  sim = await Simulator.open<Env>({
    name: `request-signal-${performance.now()}`,
    modules: { 'index.js': PROGRAM },
    config: {
      ...{ name: 'signals', main: 'index.js', compatibility_date: '2026-07-30' },
      compatibility_flags: ['enable_request_signal', ...flags],
      durable_objects: { bindings: [{ name: 'OBJ', class_name: 'Obj' }] },
      migrations: [{ tag: 'v1', new_sqlite_classes: ['Obj'] }],
    },
    storage: 'memory',
  });
  return sim;
}

test.each([
  ['/wait', 'worker', []],
  // What a request that came is passed on to ends with it only by this flag.
  ['/object', 'object', ['request_signal_passthrough']],
])('a request to %s that the page gives up', async (path, who, flags) => {
  const { env, fetch } = bound(await start(flags));
  const controller = new AbortController();
  const asked = fetch(path, { signal: controller.signal });
  asked.catch(() => {}); // looked at below
  await env.OBJ.getByName('arrived').told();
  controller.abort(new RangeError('enough'));
  await expect(asked).rejects.toThrow('enough');
  expect(await env.OBJ.getByName(who).told()).toBe(`${who} AbortError: The client has disconnected`);
});

test('a body that the page stops reading', async () => {
  const { env, fetch } = bound(await start());
  const response = await fetch('/body');
  const reader = (response.body as ReadableStream).getReader();
  await reader.read();
  await reader.cancel();
  expect(await env.OBJ.getByName('worker').told()).toBe('worker AbortError: The client has disconnected');
});

function bound(simulator: Simulator<Env>) {
  return { env: simulator.env, fetch: (path: string, init?: RequestInit) => simulator.fetch(path, init) };
}

import { afterEach, describe, expect, test } from 'vitest';
import { type DurableObjectNamespace, type LogLine, Simulator, type SimulatorOptions } from '../../src/index.ts';
import { rejection } from '../support/rejection.ts';

const COUNTER = `
import { DurableObject } from 'cloudflare:workers';
export class Counter extends DurableObject {
  constructor(ctx, env) { super(ctx, env); this.nonce = crypto.randomUUID() }
  async increment() { const n = ((await this.ctx.storage.get('n')) ?? 0) + 1; await this.ctx.storage.put('n', n); return n }
  get() { return this.ctx.storage.get('n') }
  instance() { return this.nonce }
  die() { this.ctx.abort('told to') }
  fail() { throw Object.assign(new RangeError('no'), { code: 7 }) }
}
export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    const name = url.searchParams.get('name');
    if (!name) return new Response('a name, please', { status: 400 });
    return Response.json(await env.COUNTERS.getByName(name).increment());
  },
};
`;

const config = {
  name: 'counters',
  main: 'index.js',
  compatibility_date: '2026-07-30',
  durable_objects: { bindings: [{ name: 'COUNTERS', class_name: 'Counter' }] },
  migrations: [{ tag: 'v1', new_sqlite_classes: ['Counter'] }],
};

interface Counter {
  increment(): Promise<number>;
  get(): Promise<number | undefined>;
  instance(): string;
  die(): void;
  fail(): void;
}
interface Env {
  COUNTERS: DurableObjectNamespace<Counter>;
}

let lastAccount = 0;
const account = (): string => `test-${lastAccount++}-${performance.timeOrigin}`;
const open: Simulator<Env>[] = [];

async function start(options: Partial<SimulatorOptions> = {}): Promise<Simulator<Env>> {
  const simulator = await Simulator.open<Env>({
    name: account(),
    modules: { 'index.js': COUNTER },
    config,
    storage: 'memory',
    ...options,
  });
  open.push(simulator);
  return simulator;
}

afterEach(async () => {
  for (const simulator of open.splice(0)) await simulator.close();
});

describe('a program', () => {
  test('answers requests, keeps its count, and refuses what it does not know', async () => {
    const sim = await start();
    expect(await (await sim.fetch('/?name=a')).json()).toBe(1);
    expect(await (await sim.fetch('/?name=a')).json()).toBe(2);
    expect(await (await sim.fetch('/?name=b')).json()).toBe(1);
    expect((await sim.fetch('/')).status).toBe(400);
    expect(await sim.env.COUNTERS.getByName('a').increment()).toBe(3);
  });

  test('has the variables of its modules once in each object and in its Worker', async () => {
    const shared = COUNTER.replace('export class Counter', 'let calls = 0;\nexport class Counter')
      .replace('instance() { return this.nonce }', 'instance() { return String(++calls) }')
      .replace('const url', "if (request.url.endsWith('/calls')) return Response.json(calls);\n    const url");
    const sim = await start({ modules: { 'index.js': shared } });
    const { COUNTERS } = sim.env;
    expect([await COUNTERS.getByName('a').instance(), await COUNTERS.getByName('a').instance()]).toEqual(['1', '2']);
    expect(await COUNTERS.getByName('b').instance()).toBe('1');
    expect(await (await sim.fetch('/calls')).json()).toBe(0);
  });

  test('finds its data again after the page closed and reopened the account', async () => {
    const name = account();
    const first = await start({ name, storage: 'indexeddb' });
    expect(first.storage.mode).toBe('indexeddb');
    await first.env.COUNTERS.getByName('a').increment();
    await first.env.COUNTERS.getByName('a').increment();
    await first.close();
    const second = await Simulator.open<Env>({ name });
    expect(await second.env.COUNTERS.getByName('a').increment()).toBe(3);
    await second.close({ delete: true });
    expect((await indexedDB.databases()).filter((one) => one.name?.includes(name))).toEqual([]);
  });

  test('has an account that can be listed, and deleted once nobody has it open', async () => {
    const name = account();
    const sim = await start({ name, storage: 'indexeddb' });
    await sim.env.COUNTERS.getByName('a').increment();
    expect(await Simulator.list()).toContain(name);
    const error = await rejection(Simulator.delete(name));
    expect(error).toMatchObject({ code: 'config_invalid' });
    await sim.close();
    await Simulator.delete(name);
    expect(await Simulator.list()).not.toContain(name);
    expect((await indexedDB.databases()).filter((one) => one.name?.includes(name))).toEqual([]);
  });

  for (const [kind, text] of [
    [
      'wrangler.jsonc',
      `{ // the config\n "name": "many", "main": "src/index.ts", "compatibility_date": "2026-07-30",
       "durable_objects": { "bindings": [{ "name": "COUNTERS", "class_name": "Counter" }] },
       "migrations": [{ "tag": "v1", "new_sqlite_classes": ["Counter"] }], "vars": { "GREETING": "hello" } }`,
    ],
    [
      'wrangler.toml',
      `name = "many"\nmain = "src/index.ts"\ncompatibility_date = "2026-07-30"\n[vars]\nGREETING = "hello"
[[durable_objects.bindings]]\nname = "COUNTERS"\nclass_name = "Counter"\n[[migrations]]\ntag = "v1"\nnew_sqlite_classes = ["Counter"]\n`,
    ],
  ] as const) {
    test(`of several TypeScript files, in a circle, with JSON and text, and a ${kind}`, async () => {
      const sim = await start({
        config: undefined as never,
        modules: {
          [kind]: text,
          'src/index.ts': `
            import { type Step, Counter } from './counter';
            import page from './page.html';
            import limits from './limits.json';
            export { Counter };
            interface Env { COUNTERS: DurableObjectNamespace<Counter>; GREETING: string }
            export const step: Step = { by: limits.step };
            export default { async fetch(_request: Request, env: Env) {
              const stub = env.COUNTERS.getByName('a');
              return Response.json([env.GREETING, await stub.increment(), await stub.describe(), page.trim()]);
            } } satisfies ExportedHandler<Env>;`,
          'src/counter.ts': `
            import { DurableObject } from 'cloudflare:workers';
            import { step } from './index.js';
            export interface Step { by: number }
            export class Counter extends DurableObject {
              async increment(): Promise<number> {
                const n: number = ((await this.ctx.storage.get<number>('n')) ?? 0) + step.by;
                await this.ctx.storage.put('n', n);
                return n;
              }
              describe() { return \`steps of \${step.by}\`; }
            }`,
          'src/limits.json': '{ "step": 5 }',
          'src/page.html': '<p>page</p>\n',
        },
      });
      expect(await (await sim.fetch('/')).json()).toEqual(['hello', 5, 'steps of 5', '<p>page</p>']);
    });
  }

  test('gives its callers errors with class, members and flags', async () => {
    const sim = await start();
    const error = await rejection(sim.env.COUNTERS.getByName('a').fail());
    expect(error).toBeInstanceOf(RangeError);
    expect({ ...error, message: error.message }).toEqual({ message: 'no', code: 7, remote: true });
  });

  test('that aborts is reset: the stub keeps failing, a new one finds a new instance', async () => {
    const sim = await start();
    const stub = sim.env.COUNTERS.getByName('a');
    await stub.increment();
    const before = await stub.instance();
    const error = await rejection(stub.die());
    expect({ ...error, message: error.message }).toEqual({ message: 'told to', durableObjectReset: true });
    expect((await rejection(stub.get())).message).toBe('told to');
    expect(await sim.env.COUNTERS.getByName('a').get()).toBe(1);
    expect(await sim.env.COUNTERS.getByName('a').instance()).not.toBe(before);
  });

  test('that uses what is not there yet gets an error that names it', async () => {
    const sim = await start({
      modules: {
        'index.js': COUNTER.replace('die()', 'beacon() { return navigator.sendBeacon("http://x/") } die()'),
      },
    });
    const stub = sim.env.COUNTERS.getByName('a') as unknown as { beacon(): Promise<void> };
    expect((await rejection(stub.beacon())).message).toBe('Durabox does not support navigator.sendBeacon yet.');
  });
});

describe('the page', () => {
  test('hears afterwards what the config warned of while it was opened', async () => {
    const sim = await start({ config: { ...config, migrations: undefined } as never });
    const line = await new Promise<LogLine>((resolve) => sim.on('log', resolve));
    expect(line.level).toBe('warn');
    expect(line.text).toContain('Counter');
  });

  test('looks at stored keys without waking the object', async () => {
    const sim = await start();
    const stub = sim.env.COUNTERS.getByName('a');
    await stub.increment();
    await sim.objects.evict(stub);
    const [object] = await sim.inspect.objects();
    expect(object).toMatchObject({ className: 'Counter', name: 'a', state: 'sleeping' });
    expect(await sim.inspect.entries(stub)).toMatchObject([{ key: 'n', value: 1 }]);
    expect(await sim.inspect.objects()).toMatchObject([{ state: 'sleeping' }]);
    await stub.increment();
    expect(await sim.inspect.entries(object?.key as object)).toMatchObject([{ key: 'n', value: 2 }]);
    expect(await sim.inspect.objects()).toMatchObject([{ state: 'live' }]);
  });

  test('evicts and crashes objects; both lose memory and neither loses what was acknowledged', async () => {
    const sim = await start();
    const stub = sim.env.COUNTERS.getByName('a');
    await stub.increment();
    const first = await stub.instance();
    await sim.objects.evict(stub);
    const second = await stub.instance();
    expect(second).not.toBe(first);
    await sim.objects.crash(stub);
    const again = sim.env.COUNTERS.getByName('a');
    expect(await again.instance()).not.toBe(second);
    expect(await again.increment()).toBe(2);
  });

  test('hears what the program logs, and where', async () => {
    const sim = await start({
      modules: { 'index.js': COUNTER.replace('instance() {', "instance() { console.warn('hi', { a: 1 });") },
    });
    const line = new Promise<LogLine>((resolve) => sim.on('log', resolve));
    await sim.env.COUNTERS.getByName('a').instance();
    expect(await line).toMatchObject({ level: 'warn', source: 'Counter:a', text: 'hi { a: 1 }' });
  });
});

describe('a deployment', () => {
  test('replaces the code and keeps the data; one that does not compile or load changes nothing', async () => {
    const sim = await start();
    const stub = sim.env.COUNTERS.getByName('a');
    await stub.increment();
    const broken = await rejection(sim.deploy({ modules: { 'index.js': 'export default {\n  fetch( {' }, config }));
    expect(broken).toMatchObject({ code: 'bundle_failed', location: { file: 'index.js', line: 2 } });
    const throwing = await rejection(
      sim.deploy({ modules: { 'index.js': `${COUNTER}\nthrow new Error('at start');` }, config }),
    );
    expect(throwing).toMatchObject({ code: 'bundle_failed' });
    expect(throwing.message).toContain('at start');
    expect(await sim.env.COUNTERS.getByName('a').increment()).toBe(2);
    await sim.deploy({ modules: { 'index.js': COUNTER.replace('+ 1;', '+ 10;') }, config });
    expect(await sim.env.COUNTERS.getByName('a').increment()).toBe(12);
    expect(await (await sim.fetch('/?name=a')).json()).toBe(22);
  });

  test('of the same code is no deployment', async () => {
    const sim = await start();
    expect(sim.deployment).toMatchObject({ number: 1 });
    const first = await sim.deploy({ modules: { 'index.js': COUNTER }, config });
    const second = await sim.deploy({ modules: { 'index.js': COUNTER }, config });
    expect(second).toEqual(first);
  });
});

describe('two machines in one page', () => {
  test('run one instance between them, and the second takes over from the first', async () => {
    const name = account();
    const options = { name, storage: 'indexeddb' } as const;
    const one = await start({ ...options, machine: 'one' });
    const two = await start({ ...options, machine: 'two' });
    const [a, b] = [one.env.COUNTERS.getByName('a'), two.env.COUNTERS.getByName('a')];
    expect(await a.increment()).toBe(1);
    expect(await b.increment()).toBe(2);
    expect(await b.instance()).toBe(await a.instance());
    const values = await Promise.all(Array.from({ length: 40 }, (_, i) => (i % 2 ? a : b).increment()));
    expect(new Set(values).size).toBe(40);
    expect(Math.max(...values)).toBe(42);
    const before = await b.instance();
    await one.close();
    const later = two.env.COUNTERS.getByName('a');
    expect(await later.increment()).toBe(43);
    expect(await later.instance()).not.toBe(before);
    await two.close({ delete: true });
  });
});

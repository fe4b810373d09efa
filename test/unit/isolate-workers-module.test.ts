import { Miniflare } from 'miniflare';
import { expect, test } from 'vitest';
import { AsyncContext } from '../../src/base/async-context.ts';
import { makeWorkersModule } from '../../src/isolate/workers-module.ts';

interface Base {
  new (ctx: unknown, env: unknown): { ctx: unknown; env: unknown };
  (): never;
}

function open(env: object = { A: 'x' }, isGlobalScope = false) {
  const waited: unknown[] = [];
  const module = makeWorkersModule({
    context: new AsyncContext(),
    env: () => env,
    isGlobalScope: () => isGlobalScope,
    waitUntil: (promise) => waited.push(promise),
    isDurableObjectState: (value) => value instanceof Map,
  });
  return { module, waited, get: <T>(name: string) => module[name] as T };
}

test('the module exports the names that workerd exports, each of the same type', async () => {
  const runtime = new Miniflare({
    modules: true,
    script: `import * as it from 'cloudflare:workers';
      export default { fetch: () => Response.json(Object.keys(it).sort().map((name) => name + ' ' + typeof it[name])) };`,
    compatibilityDate: '2026-07-30',
    cf: false,
  });
  try {
    const theirs = await (await runtime.dispatchFetch('http://x/')).json();
    const { module } = open();
    const ours = Object.keys(module).sort();
    expect(ours.map((name) => `${name} ${typeof module[name]}`)).toEqual(theirs);
  } finally {
    await runtime.dispose();
  }
});

test('a DurableObject holds ctx and env as its own properties, and is made with `new` from a state', () => {
  const { get } = open();
  const DurableObject = get<Base>('DurableObject');
  class Counter extends DurableObject {}
  const ctx = new Map();
  const env = {};
  const counter = new Counter(ctx, env);
  expect(Object.keys(counter)).toEqual(['ctx', 'env']);
  expect([counter.ctx === ctx, counter.env === env, counter instanceof DurableObject]).toEqual([true, true, true]);
  expect(String(counter)).toBe('[object DurableObjectBase]');
  expect(() => new Counter(1, 2)).toThrow(
    new TypeError(
      "Failed to construct 'DurableObjectBase': constructor parameter 1 is not of type 'DurableObjectState'.",
    ),
  );
  expect(() => DurableObject()).toThrow(
    new TypeError(
      "Failed to construct 'DurableObjectBase': Please use the 'new' operator, this object constructor cannot be called as a function.",
    ),
  );
});

test('env is a live view, and withEnv replaces it while the callback runs', () => {
  const bindings: Record<string, unknown> = { A: 'x' };
  const { get } = open(bindings);
  const env = get<Record<string, unknown>>('env');
  const withEnv = get<(env: unknown, fn: () => unknown) => unknown>('withEnv');
  bindings['B'] = 2;
  expect([Object.keys(env), env['B'], 'A' in env, JSON.stringify(env)]).toEqual([
    ['A', 'B'],
    2,
    true,
    '{"A":"x","B":2}',
  ]);
  env['C'] = 3;
  expect(bindings['C']).toBe(3);
  expect(withEnv({ A: 1 }, () => [Object.keys(env), env['A']])).toEqual([['A'], 1]);
  expect(withEnv(5, () => env['A'])).toBe('x');
  expect(() =>
    withEnv({}, () => {
      throw new Error('x');
    }),
  ).toThrow('x');
  expect(env['A']).toBe('x');
  expect(() => (withEnv as (env: unknown) => void)({})).toThrow(
    new TypeError("Failed to execute 'withEnv' on 'EnvModule': parameter 2 is not of type 'function'."),
  );
});

test('waitUntil goes to the current event and is refused at module scope', () => {
  const inside = open();
  const promise = Promise.resolve();
  inside.get<(promise: unknown) => void>('waitUntil')(promise);
  expect(inside.waited).toEqual([promise]);
  const outside = open({}, true);
  expect(() => outside.get<(promise: unknown) => void>('waitUntil')(promise)).toThrow('Disallowed operation called');
  expect(outside.waited).toEqual([]);
});

test('what does not exist yet can be imported, and says so when it is used', () => {
  const { get } = open();
  expect(() => get<() => void>('abortIsolate')()).toThrow('Durabox does not support abortIsolate yet.');
  for (const name of ['RpcPromise', 'RpcProperty', 'ServiceStub']) {
    expect(() => new (get<new () => object>(name))()).toThrow(new TypeError('Illegal constructor'));
  }
});

test('the classes of RPC take the places of the stand-ins', () => {
  class RpcTarget {}
  const module = makeWorkersModule({
    context: new AsyncContext(),
    env: () => ({}),
    isGlobalScope: () => false,
    waitUntil() {},
    classes: { RpcTarget },
  });
  expect(module['RpcTarget']).toBe(RpcTarget);
});

test('spans are entered and record nothing', () => {
  const { get } = open();
  interface Span {
    isTraced: boolean;
    setAttribute(name: string, value: unknown): void;
  }
  const tracing = get<{
    enterSpan(name: string, fn: (span: Span, ...args: unknown[]) => unknown, ...args: unknown[]): unknown;
  }>('tracing');
  expect(
    tracing.enterSpan('x', (span, ...rest) => [String(span), span.isTraced, span.setAttribute('a', 1), rest], 1, 2),
  ).toEqual(['[object Span]', false, undefined, [1, 2]]);
});

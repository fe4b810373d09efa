/** Functions, targets and streams by reference: who has what, for how long, and what becomes of it when somebody goes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deferred } from '../../src/base/async.ts';
import { ErrorHook, Failure, type StubHook } from '../../src/rpc/hook.ts';
import { ExportTable } from '../../src/rpc/tables.ts';
import {
  type AnyStub,
  DurableObject,
  hostObject,
  makeCodecs,
  openContext,
  RpcTarget,
  settle,
  show,
} from '../support/rpc-realm.ts';

const text = (stream: ReadableStream) => new Response(stream).text();
const bytes = (value: string) => new TextEncoder().encode(value);
const endless = () => new ReadableStream({ pull: (to) => to.enqueue(new Uint8Array(100_000)) });
const LOST = 'THROWS Error(Error): Network connection lost. {"remote":true,"retryable":true,"indeterminate":true}';
const OVER = 'THROWS Error(Error): The execution context which hosts this callback is no longer running. {}';

const disposed: string[] = [];
const takeDisposed = () => disposed.splice(0);

class Counter extends RpcTarget {
  n = 0;
  readonly #name: string;

  constructor(name = 'counter') {
    super();
    this.#name = name;
  }
  add(by: number) {
    this.n += by;
    return this.n;
  }
  hang() {
    return new Promise(() => {});
  }
  [Symbol.dispose]() {
    disposed.push(this.#name);
  }
}

class Obj extends DurableObject {
  kept: AnyStub;
  readonly log: unknown[] = [];

  counter() {
    return new Counter();
  }
  nested() {
    return { counters: [new Counter('first'), new Counter('second')], plain: { value: 7 } };
  }
  async call(f: AnyStub, ...args: unknown[]) {
    return await f(...args);
  }
  keep(f: AnyStub) {
    this.kept = f.dup();
  }
  hold(stream: ReadableStream) {
    this.kept = stream;
  }
  use(...args: unknown[]) {
    return this.kept(...args);
  }
  drop() {
    this.kept[Symbol.dispose]();
  }
  async note(f: AnyStub, n: number) {
    this.log.push(n);
    return f(n);
  }
  echo(value: unknown) {
    return value;
  }
  bytes() {
    return new ReadableStream({
      start(controller) {
        controller.enqueue(bytes('one '));
        controller.enqueue(bytes('two'));
        controller.close();
      },
    });
  }
  endless() {
    return new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(1024)),
      cancel: (reason) => void disposed.push(`cancelled: ${reason.message}`),
    });
  }
  async read(stream: ReadableStream) {
    return await text(stream);
  }
  async write(writable: WritableStream, ...chunks: string[]) {
    const writer = writable.getWriter();
    for (const chunk of chunks) await writer.write(bytes(chunk));
    await writer.close();
  }
  async flood(writable: WritableStream, count: number) {
    const writer = writable.getWriter();
    for (let i = 0; i < count; i++) await writer.write(new Uint8Array(64 * 1024));
    await writer.close();
  }
  async abort(writable: WritableStream) {
    await writable.abort(new RangeError('given up'));
  }
}

const quiet = (object: ReturnType<typeof hostObject>) =>
  [object.sessions[0]?.caller.isQuiet, object.sessions[0]?.callee.isQuiet] as const;

describe('who has what', () => {
  test('a target lives until its last handle is gone, and its object is not quiet meanwhile', async () => {
    const object = hostObject(new Obj());
    const counter = await object.stub().counter();
    const again = counter.dup();
    expect([await counter.add(2), await again.add(3), quiet(object)]).toEqual([2, 5, [false, false]]);
    counter[Symbol.dispose]();
    await settle();
    expect([takeDisposed(), quiet(object), await again.add(1)]).toEqual([[], [false, false], 6]);
    again[Symbol.dispose]();
    await settle();
    expect([takeDisposed(), quiet(object)]).toEqual([['counter'], [true, true]]);
  });

  test('a callback lives as long as the call, or as its dup', async () => {
    const object = hostObject(new Obj());
    const o = object.stub();
    expect([await o.call((x: number) => x + 1, 1), await settle(), quiet(object)]).toEqual([
      2,
      undefined,
      [true, true],
    ]);
    await o.keep((x: number) => x * 2);
    await settle();
    expect([quiet(object), await o.use(21)]).toEqual([[false, false], 42]);
    await o.drop();
    await settle();
    expect(quiet(object)).toEqual([true, true]);
    expect(await show(() => o.use(1))).toBe('THROWS Error(Error): RPC stub used after being disposed. {"remote":true}');
  });

  test('a stub that comes home leads there straight, and leaves nothing behind', async () => {
    const object = hostObject(new Obj());
    const o = object.stub();
    const back = await o.echo(() => 'home');
    expect(await back()).toBe('home');
    back[Symbol.dispose]();
    await settle();
    expect(quiet(object)).toEqual([true, true]);
  });

  test('a call whose stub is disposed of at once still gets its answer, and holds the target meanwhile', async () => {
    const object = hostObject(new Obj());
    const counter = await object.stub().counter();
    const adding = counter.add(5);
    counter[Symbol.dispose]();
    expect(await adding).toBe(5);
    await settle();
    expect([takeDisposed(), quiet(object)]).toEqual([['counter'], [true, true]]);
  });

  test('what is asked of an answer that was disposed of or answered meanwhile ends too', async () => {
    const object = hostObject(new Obj());
    const o = object.stub();
    const asked = [o.nested().counters, o.nested().plain.value, o.counter().add(1), o.counter().add(2)];
    const [counters, value, one, two] = await Promise.all(asked);
    expect([counters.length, value, one, two]).toEqual([2, 7, 1, 2]);
  });

  test('10,000 calls of one stub at once are answered in order', async () => {
    const object = hostObject(new Obj(), { link: { clone: false } });
    const counter = await object.stub().counter();
    const answers = await Promise.all(Array.from({ length: 10_000 }, () => counter.add(1)));
    expect(answers).toEqual(answers.map((_, i) => i + 1));
    counter[Symbol.dispose]();
    await settle();
    expect([takeDisposed(), quiet(object)]).toEqual([['counter'], [true, true]]);
  });

  test('a value that holds itself and a stub arrives as it is', async () => {
    const o = hostObject(new Obj()).stub();
    const cycle: Record<string, unknown> = { f: () => 'inside' };
    cycle['self'] = cycle;
    const back = await o.echo(cycle);
    expect([back.self === back, await back.f()]).toEqual([true, 'inside']);
  });

  test('a promise is no argument of its own call', async () => {
    const o = hostObject(new Obj()).stub();
    const promise = o.counter();
    const line =
      'THROWS DOMException(DataCloneError): Could not serialize object of type "RpcPromise". This type does not support serialization. {"code":25,"name":"DataCloneError"}';
    expect(await show(() => promise.add(promise))).toBe(line);
    expect(await show(() => o.echo([o.echo]))).toBe(line.replace('RpcPromise', 'RpcProperty'));
  });
});

describe('when the link ends', () => {
  const object = () => hostObject(new Obj());

  test('every call under way settles, in both directions, and stubs fail from then on', async () => {
    const host = object();
    const o = host.stub();
    const counter = await o.counter();
    const hanging = [
      show(() => counter.hang()),
      show(() => o.call(() => new Promise(() => {}))),
      show(() => o.counter().hang()),
    ];
    await settle();
    host.links[0]?.[0].lose();
    host.links[0]?.[1].lose();
    const [ofTarget, ofCall, ofAnswer] = await Promise.all(hanging);
    expect(ofTarget).toBe(LOST);
    expect([ofCall, ofAnswer]).toEqual([LOST.replace('"remote":true,', ''), LOST.replace('"remote":true,', '')]);
    expect(await show(() => counter.add(1))).toBe('THROWS Error(Error): Network connection lost. {"retryable":true}');
    await settle();
    // The other one has a call under way, which nobody takes back.
    expect(takeDisposed()).toEqual(['counter']);
  });

  test('a reset tells a call under way why, and stubs that their object is over', async () => {
    const codecs = makeCodecs();
    const host = hostObject(new Obj(), { codecs });
    const counter = await host.stub().counter();
    const hanging = show(() => counter.hang());
    await settle();
    host.links[0]?.[1].break(codecs.errors.encode(new Error('why'), { durableObjectReset: true }));
    expect(await hanging).toBe('THROWS Error(Error): why {"remote":true,"durableObjectReset":true}');
    expect([await show(() => counter.add(1)), await show(() => counter.dup().add(1))]).toEqual([OVER, OVER]);
    counter[Symbol.dispose]();
    takeDisposed();
  });

  test('a peer that dies in mid-stream: the reader hears of it, and so does the writer', async () => {
    const host = object();
    const reader = (await host.stub().endless()).getReader();
    expect((await reader.read()).value.length).toBeGreaterThan(0);
    const sent = show(() =>
      host.stub().read(
        new ReadableStream({
          pull: () => new Promise(() => {}),
        }),
      ),
    );
    await settle();
    host.links[0]?.[0].lose();
    host.links[0]?.[1].lose();
    const rest = await show(async () => {
      for (;;) if ((await reader.read()).done) return 'done';
    });
    expect(rest).toBe('THROWS Error(Error): ReadableStream received over RPC disconnected prematurely. {}');
    expect(await sent).toMatch(/^THROWS Error\(Error\): Network connection lost/);
    await settle();
    expect(takeDisposed()).toEqual(['cancelled: Network connection lost.']);
  });

  test('a stream that is passed and not read holds whoever passes it, until its reader gives it up', async () => {
    const obj = new Obj();
    const host = hostObject(obj);
    await host.stub().hold(endless());
    await settle();
    expect([host.channel.isNeeded, host.sessions[0]?.callee.isIdle]).toEqual([true, false]);
    await obj.kept.cancel();
    await settle();
    expect([host.channel.isNeeded, host.sessions[0]?.callee.isIdle]).toEqual([false, true]);
  });

  test('streams that a request passed break off when it is over', async () => {
    const over: (() => void)[] = [];
    const callerContext = { ...openContext(), adopt: (end: () => void) => void over.push(end) };
    const obj = new Obj();
    const host = hostObject(obj, { callerContext });
    await host.stub().hold(endless());
    await settle();
    expect(host.sessions[0]?.callee.isIdle).toBe(false);
    for (const end of over) end();
    await settle();
    expect(host.sessions[0]?.callee.isIdle).toBe(true);
    expect(await show(() => text(obj.kept))).toMatch('ReadableStream received over RPC disconnected prematurely.');
  });

  test('a goaway takes no callback away: what was not delivered is asked again with the same references', async () => {
    const host = hostObject(new Obj(), { link: { manual: true } });
    const o = host.stub();
    const first = o.call((x: number) => `first ${x}`, 1);
    const second = o.call((x: number) => `second ${x}`, 2);
    const third = o.call((stream: AnyStub) => stream, 3);
    const fourth = o.call((counter: AnyStub) => counter.add(4), new Counter());
    await settle();
    host.links[0]?.[1].goaway();
    host.links[0]?.[0].deliverOne();
    await settle();
    expect(takeDisposed(), 'it is still to be sent').toEqual([]);
    await pump(host);
    expect(await Promise.all([first, second, third, fourth])).toEqual(['first 1', 'second 2', 3, 4]);
    expect(host.links.length).toBe(2);
    const [last] = host.sessions.slice(-1);
    await settle();
    await pump(host);
    expect(takeDisposed()).toEqual(['counter']);
    expect([last?.caller.isQuiet, last?.callee.isQuiet]).toEqual([true, true]);
  });

  test('whatever goaways come, each call with a callback runs once and in order, and each callback too', async () => {
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.constant('call' as const) },
      { weight: 4, arbitrary: fc.constant('deliver' as const) },
      { weight: 4, arbitrary: fc.constant('answer' as const) },
      { weight: 2, arbitrary: fc.constant('goaway' as const) },
      { weight: 2, arbitrary: fc.constant('settle' as const) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const obj = new Obj();
        const host = hostObject(obj, { link: { manual: true } });
        const o = host.stub();
        const heard: number[] = [];
        const answers: Promise<unknown>[] = [];
        const last = () => host.links[host.links.length - 1];
        for (const one of steps) {
          if (one === 'call') answers.push(o.note((n: number) => heard.push(n), answers.length));
          else if (one === 'deliver') last()?.[1].deliverOne();
          else if (one === 'answer') last()?.[0].deliverOne();
          else if (one === 'goaway') {
            if (host.sessions[host.sessions.length - 1]?.callee.isQuiet) last()?.[1].goaway();
          } else await settle(2);
        }
        await pump(host, 4 + answers.length);
        const expected = answers.map((_, i) => i);
        expect([obj.log, heard]).toEqual([expected, expected]);
        expect(await Promise.all(answers)).toEqual(expected.map((i) => i + 1));
        await pump(host);
        const { caller, callee } = host.sessions[host.sessions.length - 1] ?? {};
        expect([caller?.isQuiet ?? true, callee?.isQuiet ?? true]).toEqual([true, true]);
      }),
      { numRuns: 60 },
    );
  });
});

/** Delivers whatever there is on links that deliver only when told. */
async function pump(host: ReturnType<typeof hostObject>, rounds = 8): Promise<void> {
  for (let i = 0; i < rounds; i++) {
    await settle(2);
    for (const [caller, callee] of host.links) {
      while (callee.deliverOne());
      while (caller.deliverOne());
    }
  }
  await settle(2);
}

describe('a peer that breaks the rules', () => {
  const empty = { bytes: new Uint8Array(), externals: [] };
  const args = (...externals: unknown[]) => ({ bytes: new Uint8Array([255, 15, 48]), externals });
  const malformed: unknown[] = [
    { m: 'call', id: 9, target: 7, path: [], args: empty },
    { m: 'call', id: 9, target: 0, path: ['echo'], args: args({ kind: 'stub', own: 7 }) },
    { m: 'call', id: 9, target: 0, path: ['echo'], args: args({ kind: 'stub', export: 1, own: 1 }) },
    { m: 'call', id: 9, target: 0, path: ['echo'], args: args({ kind: 'stub', export: 0 }) },
    { m: 'call', id: 9, target: 0, path: ['echo'], args: args({ kind: 'target', target: { kind: 'object', id: 3 } }) },
    { m: 'call', id: 9, target: 0, path: ['echo'], args: args({ kind: 'readable', stream: 'x' }) },
    { m: 'call', id: 9, target: 0, path: ['echo'], args: args({ kind: 'blob', blob: 'x' }) },
    { m: 'call', id: 9, target: 0, path: ['echo'], args: args({ kind: 'unheard-of' }) },
    { m: 'call', id: 9, target: 0, path: ['echo'], args: { ...empty, disposer: -1 } },
    { m: 'call', id: 9, target: 1, on: 1, path: ['echo'], args: empty },
    { m: 'call', id: 9, target: 0, on: 12, path: ['echo'], args: empty },
    { m: 'get', id: 1, target: 0, path: ['echo'] },
    { m: 'unkept', id: 3 },
    { m: 'finish', id: 0 },
    { m: 'call', id: 9, target: 0, path: ['echo'], args: args({ kind: 'signal', signal: 0 }) },
    { m: 'abort', signal: 1 },
    { m: 'abort', signal: 1, reason: 'x' },
    { m: 'gone', export: 0 },
    { m: 'release', export: 1, count: 2 },
  ];

  test.each(malformed.map((body) => [JSON.stringify(body), body]))(
    '%s breaks its link and nothing else',
    async (_, body) => {
      const host = hostObject(new Obj());
      expect(await host.stub().echo(1)).toBe(1);
      host.links[0]?.[0].send(body);
      await settle();
      expect([host.links[0]?.[1].isOpen, host.sessions[0]?.callee.ending?.state]).toEqual([false, 'closed']);
      expect(await host.stub().echo(2)).toBe(2);
    },
  );

  test('bytes that name references which are not there fail the call alone, and what came unnamed is given back', async () => {
    const host = hostObject(new Obj());
    const o = host.stub();
    expect(await o.echo(1)).toBe(1);
    host.links[0]?.[0].send({ m: 'call', id: 9, target: 0, path: ['echo'], args: args({ kind: 'stub', export: 5 }) });
    await settle();
    expect(host.links[0]?.[1].bodies.at(-1)).toMatchObject({ m: 'error', id: 9 });
    // This end never exported 5: its release is what breaks the link.
    expect(host.links[0]?.[1].bodies).toContainEqual({ m: 'release', export: 5, count: 1 });
  });
});

describe('the table of exports', () => {
  test('counts under any order of sendings and releases', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.boolean()), { maxLength: 60 }), (steps) => {
        const table = new ExportTable();
        const hooks = [0, 1, 2, 3].map((i) => new Named(i));
        const counts = [0, 0, 0, 0];
        const ids: (number | undefined)[] = [];
        for (const [i, isSending] of steps) {
          const hook = hooks[i] as Named;
          if (isSending) {
            ids[i] = table.send(hook);
            counts[i] = (counts[i] as number) + 1;
          } else {
            const isThere = (counts[i] as number) > 0;
            expect(table.release(ids[i] ?? 99, (counts[i] as number) + 1), 'more than was sent').toBe(false);
            expect(table.release(ids[i] ?? 99, 1)).toBe(isThere);
            if (isThere) counts[i] = (counts[i] as number) - 1;
          }
          expect(table.size).toBe(counts.filter((count) => count > 0).length);
        }
        table.releaseAll();
        expect(table.size).toBe(0);
      }),
    );
  });

  test('what is over fails at once, and stays until it is released', () => {
    const table = new ExportTable();
    const id = table.send(new Over());
    const instead = new ErrorHook(() => new Error('over'));
    expect([table.replaceOver(instead), table.get(id) === instead, table.release(id, 1), table.size]).toEqual([
      [id],
      true,
      true,
      0,
    ]);
  });
});

class Named extends ErrorHook {
  constructor(name: number) {
    super(() => name);
  }
}
class Over extends ErrorHook {
  constructor() {
    super(() => undefined);
  }
  override get isOver() {
    return true;
  }
}

test('a hook that failed fails in every way and throws in none', async () => {
  const hook = new ErrorHook(() => new RangeError('x'));
  const outcomes = await Promise.all([
    hook.call([], { bytes: new Uint8Array(), references: [] }).pull(),
    (hook as StubHook).get(['a']),
    hook.pull(),
  ]);
  expect(outcomes.every((outcome) => outcome instanceof Failure)).toBe(true);
  await expect(hook.fetch()).rejects.toThrow('x');
});

describe('streams', () => {
  test('arrive with their bytes, in results and arguments', async () => {
    const o = hostObject(new Obj()).stub();
    expect(await text(await o.bytes())).toBe('one two');
    expect(await o.read(await o.bytes())).toBe('one two');
  });

  test('a reader that gives up is told to the source', async () => {
    const host = hostObject(new Obj());
    const reader = (await host.stub().endless()).getReader();
    await reader.read();
    await reader.cancel(new Error('enough'));
    await settle();
    expect([takeDisposed(), quiet(host)]).toEqual([['cancelled: Network connection lost.'], [true, true]]);
  });

  test('a stream that is written to gets chunks and its end', async () => {
    const host = hostObject(new Obj());
    const seen: string[] = [];
    const sink = new WritableStream({
      write: (chunk) => void seen.push(new TextDecoder().decode(chunk)),
      close: () => void seen.push('closed'),
    });
    await host.stub().write(sink, 'a', 'b');
    await settle();
    expect([seen, quiet(host)]).toEqual([
      ['a', 'b', 'closed'],
      [true, true],
    ]);
  });

  test('a writer is never more than a window ahead of a sink that is slow', async () => {
    const host = hostObject(new Obj());
    const gate = deferred();
    let taken = 0;
    const sink = new WritableStream({
      async write(chunk: ArrayBuffer) {
        taken += chunk.byteLength;
        await gate.promise;
      },
    });
    const flooding = host.stub().flood(sink, 40);
    await settle(20);
    const calls = host.links[0]?.[1].bodies.filter((body) => (body as { m: string }).m === 'call').length ?? 0;
    expect([taken, calls * 64 <= 256 + 64 * 2]).toEqual([64 * 1024, true]);
    gate.resolve();
    await flooding;
    expect(taken).toBe(40 * 64 * 1024);
  });

  test('a sink that fails fails the writer; one that nobody writes to any more is aborted', async () => {
    const host = hostObject(new Obj());
    const full = new WritableStream({
      write() {
        throw new RangeError('full');
      },
    });
    expect(await show(() => host.stub().flood(full, 40))).toBe('THROWS RangeError(RangeError): full {"remote":true}');
    const reasons: unknown[] = [];
    await host.stub().abort(new WritableStream({ abort: (reason) => void reasons.push(`${reason}`) }));
    await host.stub().echo(new WritableStream({ abort: (reason) => void reasons.push(`${reason}`) }));
    host.links[0]?.[0].lose();
    host.links[0]?.[1].lose();
    await settle();
    const gone =
      'Error: WritableStream received over RPC was disconnected because the remote execution context has endeded.';
    expect(reasons).toEqual([gone, gone]);
  });
});

test('what a request made is over with it: whoever has it is told, and lets go', async () => {
  const over: (() => void)[] = [];
  const callerContext = { ...openContext(), adopt: (ends: () => void) => void over.push(ends) };
  const host = hostObject(new Obj(), { callerContext });
  const o = host.stub();
  await o.keep((x: number) => x + 1);
  const counter = await o.counter();
  expect(await o.use(1)).toBe(2);
  for (const end of over.splice(0).reverse()) end();
  host.sessions[0]?.caller.sweep();
  await settle();
  expect(quiet(host)).toEqual([true, true]);
  expect(await show(() => o.use(1))).toBe(OVER.replace('{}', '{"remote":true}'));
  expect(await show(() => counter.add(1))).toMatch(
    /^THROWS Error\(Error\): Cannot perform I\/O on behalf of a different request\./,
  );
  expect(takeDisposed()).toEqual(['counter']);
});

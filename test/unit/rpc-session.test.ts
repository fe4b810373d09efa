/** Order, gates, quiet, ends of links, and what a stub remembers of them. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deferred } from '../../src/base/async.ts';
import { SimulatorError } from '../../src/base/errors.ts';
import { seal } from '../../src/base/sealed.ts';
import { ObjectChannel } from '../../src/rpc/channel.ts';
import { ErrorHook } from '../../src/rpc/hook.ts';
import { type Delivery, type RpcContext, RpcSession } from '../../src/rpc/session.ts';
import { makeObjectStub } from '../../src/rpc/stub.ts';
import { ExportTable, ImportTable } from '../../src/rpc/tables.ts';
import { memoryLinkPair } from '../support/memory-link.ts';
import { DurableObject, hostObject, makeCodecs, openContext, settle, show } from '../support/rpc-realm.ts';

const events: string[] = [];
class Recorder extends DurableObject {
  r(n: unknown) {
    events.push(`r${n}`);
    return n;
  }
  fetch(request: Request) {
    events.push(`f${new URL(request.url).pathname.slice(1)}`);
    return new Response('ok');
  }
}
const take = () => events.splice(0);

describe('order', () => {
  test('calls in order, fetches in order; in one turn all fetches leave before the calls', async () => {
    const o = hostObject(new Recorder()).stub();
    await Promise.all([o.r(1), o.fetch('http://x/2'), o.r(3), o.fetch('http://x/4'), o.r(5)]);
    expect(take()).toEqual(['f2', 'f4', 'r1', 'r3', 'r5']);
    const later = [o.r(1)];
    for (let i = 0; i < 50; i++) await null;
    later.push(o.fetch('http://x/2'), o.r(3));
    await Promise.all(later);
    expect(take()).toEqual(['f2', 'r1', 'r3']);
  });

  test('two stubs of one object keep the order of their calls, also those made before there is a link', async () => {
    const object = hostObject(new Recorder());
    const [a, b] = [object.stub(), object.stub()];
    await Promise.all([a.r(1), b.r(2), a.r(3), b.r(4)]);
    expect(take()).toEqual(['r1', 'r2', 'r3', 'r4']);
    expect(object.links.length).toBe(1);
  });
});

/** A gate that holds what leaves, or what arrives, until the test opens it. */
function heldContext() {
  const leaving: (() => void)[] = [];
  const arriving: (() => void)[] = [];
  const context: RpcContext = {
    ...openContext(),
    leave: (post) => void leaving.push(post),
    capture: () => (deliver) => void arriving.push(deliver),
  };
  const release = (held: (() => void)[]) => {
    for (const one of held.splice(0)) one();
  };
  return { context, openOutput: () => release(leaving), openInput: () => release(arriving) };
}

describe('gates', () => {
  test('a result is serialised when the method settles, and leaves when the output gate lets it', async () => {
    const callee = heldContext();
    const shared = { n: 1 };
    class Late extends DurableObject {
      shared() {
        return shared;
      }
    }
    const object = hostObject(new Late(), { calleeContext: callee.context });
    let result: unknown;
    const call = object.stub().shared();
    void call.then((value: unknown) => {
      result = value;
    });
    await settle();
    shared.n = 2;
    expect(result).toBeUndefined();
    expect(object.sessions[0]?.callee.isQuiet).toBe(false);
    callee.openOutput();
    await settle();
    expect(result).toEqual({ n: 1 });
    expect(object.sessions[0]?.callee.isQuiet).toBe(true);
  });

  test('a call waits for the caller’s output gate, its answer for the caller’s input gate', async () => {
    const caller = heldContext();
    const object = hostObject(new Recorder(), { callerContext: caller.context });
    let answer: unknown;
    void object
      .stub()
      .r(7)
      .then((value: unknown) => {
        answer = value;
      });
    await settle();
    expect([take(), object.links.length, object.channel.isQuiet]).toEqual([[], 0, false]);
    caller.openOutput();
    await settle();
    expect([take(), answer, object.channel.isQuiet]).toEqual([['r7'], undefined, false]);
    caller.openInput();
    await settle();
    expect([answer, object.channel.isQuiet]).toEqual([7, true]);
  });

  test('an event that never ran answers with the error it is given; a fetch adds remote', async () => {
    const deliver = (delivery: Delivery) => delivery.fail(new RangeError('no'), { durableObjectReset: true });
    const o = hostObject(undefined, { deliver }).stub();
    expect(await show(() => o.hi())).toBe('THROWS RangeError(RangeError): no {"durableObjectReset":true}');
    expect(await show(() => o.prop)).toBe('THROWS RangeError(RangeError): no {"durableObjectReset":true}');
    expect(await show(() => o.fetch('http://x/'))).toBe(
      'THROWS RangeError(RangeError): no {"remote":true,"durableObjectReset":true}',
    );
  });
});

describe('when a link ends', () => {
  test('a goaway replays exactly what was not delivered, in order, and the stub never notices', async () => {
    const object = hostObject(new Recorder(), { link: { manual: true } });
    const o = object.stub();
    const answers = Promise.all([o.r(1), o.r(2), o.r(3), o.r(4)]);
    await settle();
    const [caller, callee] = object.links[0] ?? [];
    callee?.deliverOne();
    callee?.deliverOne();
    await settle();
    expect(take()).toEqual(['r1', 'r2']);
    callee?.goaway();
    for (let i = 0; i < 3; i++) caller?.deliverOne();
    await settle();
    expect(object.links.length).toBe(2);
    const [nextCaller, nextCallee] = object.links[1] ?? [];
    while (nextCallee?.deliverOne());
    await settle();
    while (nextCaller?.deliverOne());
    expect(await answers).toEqual([1, 2, 3, 4]);
    expect(take()).toEqual(['r3', 'r4']);
  });

  test('whatever goaways come, each call is delivered exactly once and in order', async () => {
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.constant('call' as const) },
      { weight: 4, arbitrary: fc.constant('deliver' as const) },
      { weight: 4, arbitrary: fc.constant('answer' as const) },
      { weight: 1, arbitrary: fc.constant('goaway' as const) },
      { weight: 2, arbitrary: fc.constant('settle' as const) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        take();
        const object = hostObject(new Recorder(), { link: { manual: true } });
        const stubs = [object.stub(), object.stub()];
        const answers: Promise<unknown>[] = [];
        const last = () => object.links[object.links.length - 1];
        const evict = () => {
          // The handshake: a host evicts only an isolate that has answered everything.
          const session = object.sessions[object.sessions.length - 1];
          if (session?.callee.isQuiet) last()?.[1].goaway();
        };
        for (const one of steps) {
          if (one === 'call') answers.push(stubs[answers.length % 2].r(answers.length));
          else if (one === 'deliver') last()?.[1].deliverOne();
          else if (one === 'answer') last()?.[0].deliverOne();
          else if (one === 'goaway') evict();
          else await settle(2);
        }
        for (let i = 0; i < 4 + answers.length; i++) {
          while (last()?.[1].deliverOne());
          await settle(2);
          for (const [caller] of object.links) while (caller.deliverOne());
          await settle(2);
        }
        const expected = answers.map((_, i) => i);
        expect(take()).toEqual(expected.map((i) => `r${i}`));
        expect(await Promise.all(answers)).toEqual(expected);
        expect(object.channel.isQuiet).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  test('a reset fails what is in flight and poisons the stubs that used the link, not a new one', async () => {
    const codecs = makeCodecs();
    const hang = deferred();
    class Slow extends Recorder {
      slow() {
        return hang.promise;
      }
    }
    const object = hostObject(new Slow(), { codecs });
    const [used, idle] = [object.stub(), object.stub()];
    const slow = show(() => used.slow());
    const afterFetch = show(() => used.fetch('http://x/1').then(() => used.slow()));
    await settle();
    object.links[0]?.[1].break(codecs.errors.encode(new Error('why'), { durableObjectReset: true }));
    const line = 'THROWS Error(Error): why {"durableObjectReset":true}';
    expect([await slow, await afterFetch]).toEqual([line, line]);
    expect([await show(() => used.r(1)), await show(() => used.r), await show(() => used.fetch('http://x/'))]).toEqual([
      line,
      line,
      line,
    ]);
    take();
    expect([await show(() => idle.r(2)), await show(() => object.stub().r(3)), take()]).toEqual([
      '2',
      '3',
      ['r2', 'r3'],
    ]);
  });

  test('a fetch in flight at a reset is remote besides', async () => {
    const codecs = makeCodecs();
    const object = hostObject(undefined, { codecs, deliver: () => {} });
    const stub = object.stub();
    const fetching = show(() => stub.fetch('http://x/1'));
    await settle();
    object.links[0]?.[1].break(codecs.errors.encode(new Error('why'), { durableObjectReset: true }));
    expect(await fetching).toBe('THROWS Error(Error): why {"remote":true,"durableObjectReset":true}');
    expect(await show(() => stub.fetch('http://x/1'))).toBe('THROWS Error(Error): why {"durableObjectReset":true}');
  });

  test('a lost link: what was posted may have run and says so; what never left is the platform’s disconnect', async () => {
    const object = hostObject(undefined, { deliver: () => {} });
    const stub = object.stub();
    const posted = show(() => stub.r(1));
    await settle();
    object.links[0]?.[0].lose();
    expect(await posted).toBe('THROWS Error(Error): Network connection lost. {"retryable":true,"indeterminate":true}');
    const line = 'THROWS Error(Error): Network connection lost. {"retryable":true}';
    expect([await show(() => stub.r(2)), await show(() => stub.x)]).toEqual([line, line]);
    expect(object.links.length).toBe(1);
  });

  test('a connection that cannot be made is the platform’s disconnect, or the error that the realm has for it', async () => {
    const failures = [
      new SimulatorError('peer_gone', 'The host of the object is gone.'),
      Object.assign(new Error('Durable Object is overloaded.'), { overloaded: true }),
    ];
    let attempts = 0;
    const object = hostObject(undefined, {
      connect: () => Promise.reject(failures[attempts++]),
    });
    const lost = object.stub();
    const line = 'THROWS Error(Error): Network connection lost. {"retryable":true}';
    expect([await show(() => lost.r(1)), await show(() => lost.r(2)), attempts]).toEqual([line, line, 1]);
    expect(await show(() => object.stub().r(1))).toBe(
      'THROWS Error(Error): Durable Object is overloaded. {"overloaded":true}',
    );
  });

  test('a link that its owner closed for idleness is opened again by the next call', async () => {
    const object = hostObject(new Recorder());
    const o = object.stub();
    expect(await o.r(1)).toBe(1);
    object.links[0]?.[0].goaway();
    expect(await o.r(2)).toBe(2);
    object.links[1]?.[1].goaway();
    expect([await o.r(3), object.links.length, take()]).toEqual([3, 3, ['r1', 'r2', 'r3']]);
  });

  test('what the peer sends out of form breaks the link, and only that', async () => {
    const codecs = makeCodecs();
    const malformed: unknown[] = [
      'x',
      null,
      { m: 'call', id: 0, target: 0, path: ['r'], args: { bytes: new Uint8Array(), externals: [] } },
      { m: 'call', id: 1, target: 3, path: ['r'], args: { bytes: new Uint8Array(), externals: [] } },
      { m: 'call', id: 1, target: 0, path: [1], args: { bytes: new Uint8Array(), externals: [] } },
      { m: 'call', id: 1, target: 0, path: ['r'], args: { bytes: 'x', externals: [] } },
      { m: 'result', id: 9, value: { bytes: new Uint8Array(), externals: [] } },
      {
        m: 'fetch',
        id: 1,
        request: { method: 'GET', url: 'http://x/', headers: [['a']], body: { kind: 'none' }, redirect: 'follow' },
      },
      {
        m: 'response',
        id: 1,
        response: { status: 1000, statusText: '', headers: [], url: '', body: { kind: 'none' } },
      },
      { m: 'release', export: 1, count: 1 },
      { m: 'unheard-of' },
      { m: 'get', id: 1, target: 0, path: [], event: -1, lead: 0, cause: 'a' },
      { m: 'get', id: 1, target: 0, path: [], event: 1, lead: -1 },
      { m: 'get', id: 1, target: 0, path: [], cause: 'a' },
    ];
    for (const body of malformed) {
      const object = hostObject(new Recorder(), { codecs });
      expect(await object.stub().r(1)).toBe(1);
      object.links[0]?.[0].send(body);
      await settle();
      expect([object.links[0]?.[1].isOpen, object.sessions[0]?.callee.ending?.state]).toEqual([false, 'closed']);
      expect(await object.stub().r(2)).toBe(2);
    }
    take();
  });
});

test('a question is never delivered twice, whatever the peer sends', async () => {
  let deliveries = 0;
  const object = hostObject(undefined, { deliver: () => void deliveries++ });
  void object
    .stub()
    .r(1)
    .catch(() => {});
  await settle();
  object.links[0]?.[0].send(object.links[0]?.[0].bodies[0]);
  await settle();
  expect([deliveries, object.links[0]?.[1].isOpen]).toEqual([1, false]);
});

test('a goaway without an answer to what was delivered is no promise: it may have run, and is not asked again', async () => {
  let deliveries = 0;
  const object = hostObject(undefined, { deliver: () => void deliveries++ });
  const posted = show(() => object.stub().r(1));
  await settle();
  object.links[0]?.[1].goaway();
  expect(await posted).toBe('THROWS Error(Error): Network connection lost. {"retryable":true,"indeterminate":true}');
  await settle();
  expect([deliveries, object.links.length]).toEqual([1, 1]);
});

describe('tables', () => {
  test('an export lives until it was released as often as it was sent', () => {
    const exports = new ExportTable();
    let disposed = 0;
    const hook = new (class extends ErrorHook {
      override dispose() {
        disposed++;
      }
    })(() => new Error('x'));
    const id = exports.send(hook);
    expect([id, exports.send(hook), exports.get(id) === hook, exports.size]).toEqual([1, 1, true, 1]);
    expect([exports.release(id, 1), disposed, exports.size]).toEqual([true, 0, 1]);
    expect([exports.release(id, 2), exports.release(7, 1)]).toEqual([false, false]);
    expect([exports.release(id, 1), disposed, exports.size]).toEqual([true, 1, 0]);
    expect(exports.send(hook)).toBe(2);
    exports.releaseAll();
    expect([disposed, exports.size]).toEqual([2, 0]);
  });

  test('an import tells how often it came', () => {
    const released: [number, number][] = [];
    const imports = new ImportTable((id, count) => released.push([id, count]));
    const first = imports.receive(3);
    const second = imports.receive(3);
    expect([first === second, imports.size]).toEqual([true, 1]);
    first.drop();
    expect([released, imports.size]).toEqual([[], 1]);
    second.drop();
    expect([released, imports.size]).toEqual([[[3, 2]], 0]);
  });
});

test('both ends of one link may ask', async () => {
  const codecs = makeCodecs();
  const [left, right] = memoryLinkPair();
  const end = (link: typeof left) =>
    new RpcSession({
      link,
      context: openContext(),
      codecs,
      limits: { rpcPathDepth: 64 },
      main: { deliver: (delivery) => void delivery.run(new Recorder()) },
    });
  const stubOver = (session: RpcSession) =>
    makeObjectStub({
      hook: new ObjectChannel({
        connect: async () => seal(session.link),
        makeSession: () => session,
        lane: 'object',
        context: openContext(),
        codecs,
        limits: { rpcPathDepth: 64 },
      }).lease(),
      codec: codecs.payload,
      id: 'id',
      name: 'n',
    }) as { r(n: number): Promise<number> };
  const [a, b] = [stubOver(end(left)), stubOver(end(right))];
  expect(await Promise.all([a.r(1), b.r(2), a.r(3)])).toEqual([1, 2, 3]);
  take();
});

/** Functions, targets and streams by reference: who has what, for how long, and what becomes of it when somebody goes. */
import { describe, expect, test } from 'vitest';
import { type AnyStub, DurableObject, hostObject, RpcTarget, settle, show } from '../support/rpc-realm.ts';

const text = (stream: ReadableStream) => new Response(stream).text();
const bytes = (value: string) => new TextEncoder().encode(value);

class Counter extends RpcTarget {
  n = 0;
  add(by: number) {
    this.n += by;
    return this.n;
  }
  [Symbol.dispose]() {
    disposed.push('counter');
  }
}
const disposed: string[] = [];

class Obj extends DurableObject {
  kept: AnyStub;
  counter() {
    return new Counter();
  }
  async call(f: AnyStub, ...args: unknown[]) {
    return await f(...args);
  }
  keep(f: AnyStub) {
    this.kept = f.dup();
  }
  use(...args: unknown[]) {
    return this.kept(...args);
  }
  drop() {
    this.kept[Symbol.dispose]();
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
  async write(writable: WritableStream, ...chunks: string[]) {
    const writer = writable.getWriter();
    for (const chunk of chunks) await writer.write(bytes(chunk));
    await writer.close();
  }
}

describe('streams', () => {
  test('a stream in a result arrives with its bytes', async () => {
    const o = hostObject(new Obj()).stub();
    expect(await text(await o.bytes())).toBe('one two');
  });

  test('a stream that is written to', async () => {
    const o = hostObject(new Obj()).stub();
    const seen: string[] = [];
    await o.write(
      new WritableStream({
        write: (chunk) => void seen.push(new TextDecoder().decode(chunk)),
        close: () => void seen.push('closed'),
      }),
      'a',
      'b',
    );
    expect(seen).toEqual(['a', 'b', 'closed']);
  });
});

test('a callback and a target, kept and dropped', async () => {
  const object = hostObject(new Obj());
  const o = object.stub();
  expect(await o.call((x: number) => x + 1, 1)).toBe(2);
  const counter = await o.counter();
  expect([await counter.add(2), await counter.add(3)]).toEqual([2, 5]);
  expect(object.sessions[0]?.callee.isQuiet).toBe(false);
  counter[Symbol.dispose]();
  await settle();
  expect([disposed.splice(0), object.sessions[0]?.callee.isQuiet, object.sessions[0]?.caller.isQuiet]).toEqual([
    ['counter'],
    true,
    true,
  ]);
  await o.keep((x: number) => x * 2);
  expect(object.sessions[0]?.caller.isQuiet).toBe(false);
  expect(await o.use(21)).toBe(42);
  await o.drop();
  await settle();
  expect(object.sessions[0]?.caller.isQuiet).toBe(true);
  expect(await show(() => o.use(1))).toBe('THROWS Error(Error): RPC stub used after being disposed. {"remote":true}');
});

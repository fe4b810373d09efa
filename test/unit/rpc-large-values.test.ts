/** Large values over links that hand over and links that copy: what arrives, what stays, and who else reads it. */
import { describe, expect, test } from 'vitest';
import type { MemoryLinkEnd } from '../support/memory-link.ts';
import { type AnyStub, DurableObject, hostObject, makeCodecs, settle, show } from '../support/rpc-realm.ts';

const SIZE = 65_536;
const filled = (byte: number, size = SIZE) => new Uint8Array(size).fill(byte);
const is = (bytes: Uint8Array, byte: number, size = SIZE) =>
  bytes.length === size && bytes.every((one) => one === byte);

class Obj extends DurableObject {
  readonly taken: unknown[] = [];
  readonly own = { bytes: filled(1), text: 'a'.repeat(SIZE) };
  far: AnyStub;

  take(...args: unknown[]) {
    this.taken.push(...args);
  }
  echo(value: unknown) {
    return value;
  }
  big() {
    return this.own;
  }
  withStub() {
    return { ...this.own, call: () => 7 };
  }
}

class Relay extends DurableObject {
  readonly #far: AnyStub;

  constructor(far: AnyStub) {
    super();
    this.#far = far;
  }
  get far() {
    return this.#far;
  }
}

const carriers = [
  ['hands over', true],
  ['copies', false],
] as const;

describe.each(carriers)('over a link that %s', (_name, transfers) => {
  test('views keep their one buffer, of its own length, in both directions', async () => {
    const buffer = filled(3).buffer;
    const value = { a: new Uint8Array(buffer, 8, 100), b: new Float64Array(buffer, 16), buffer, again: buffer };
    const instance = new Obj();
    const o = hostObject(instance, { link: { transfers } }).stub();
    const back = await o.echo(value);
    await o.take(value);
    for (const { a, b, buffer, again } of [back, instance.taken[0] as typeof value]) {
      expect([a.buffer === buffer, b.buffer === buffer, again === buffer]).toEqual([true, true, true]);
      expect([buffer.byteLength, a.byteOffset, a.length, b.length]).toEqual([SIZE, 8, 100, SIZE / 8 - 2]);
      expect(is(new Uint8Array(buffer), 3)).toBe(true);
    }
    expect(buffer.byteLength).toBe(SIZE);
  });

  test('a resizable buffer stays one', async () => {
    const Resizable = ArrayBuffer as unknown as new (size: number, options: object) => ArrayBuffer;
    const o = hostObject(new Obj(), { link: { transfers } }).stub();
    const back = await o.echo(new Resizable(SIZE, { maxByteLength: 2 * SIZE }));
    expect([back.byteLength, back.resizable, back.maxByteLength]).toEqual([SIZE, true, 2 * SIZE]);
  });

  test('what is sent is what it was when it was sent, and stays the sender’s', async () => {
    const instance = new Obj();
    const o = hostObject(instance, { link: { transfers } }).stub();
    const bytes = filled(1);
    const taking = o.take(bytes);
    bytes.fill(2);
    await taking;
    expect([is(instance.taken[0] as Uint8Array, 1), is(bytes, 2)]).toEqual([true, true]);
    const first = await o.big();
    first.bytes.fill(9);
    const second = await o.big();
    expect([is(first.bytes, 9), is(second.bytes, 1), is(instance.own.bytes, 1)]).toEqual([true, true, true]);
  });

  test('a goaway replays it whole, as often as it takes', async () => {
    const instance = new Obj();
    const object = hostObject(instance, { link: { manual: true, transfers } });
    const bytes = filled(5);
    const taking = object.stub().take(bytes, 'b'.repeat(SIZE), () => 7);
    bytes.fill(6);
    for (let i = 0; i < 3; i++) {
      await settle();
      const [caller, callee] = object.links[i] as [MemoryLinkEnd, MemoryLinkEnd];
      callee.goaway();
      while (caller.deliverOne());
    }
    await settle();
    const [caller, callee] = object.links[3] as [MemoryLinkEnd, MemoryLinkEnd];
    while (callee.deliverOne());
    await settle();
    while (caller.deliverOne());
    await taking;
    const [taken, text, call] = instance.taken as [Uint8Array, string, () => Promise<number>];
    expect([is(taken, 5), text]).toEqual([true, 'b'.repeat(SIZE)]);
    expect(typeof call).toBe('function');
  });

  test('calls one after the other and at once do not see what others kept', async () => {
    const o = hostObject(new Obj(), { link: { transfers } }).stub();
    for (let round = 0; round < 3; round++) {
      const sizes = Array.from({ length: 20 }, (_, i) => 5000 + 7000 * ((i * 7 + round) % 20));
      const all = await Promise.all(sizes.map((size, i) => o.echo([filled(i, size), 'x'])));
      expect(all.map(([bytes], i) => is(bytes, i, sizes[i]))).toEqual(sizes.map(() => true));
    }
  });

  test('what was asked of an answer in time is looked for in the answer as it came', async () => {
    const object = hostObject(new Obj(), { link: { manual: true, transfers } });
    const promise = object.stub().big();
    await settle();
    const [caller, callee] = object.links[0] as [MemoryLinkEnd, MemoryLinkEnd];
    callee.deliverOne();
    await settle();
    // The answer is on its way, and nothing of it is kept where it was made.
    const asked = Promise.all([promise.bytes, promise.text, promise.bytes]);
    await settle();
    while (callee.deliverOne());
    caller.deliverOne();
    const value = await promise;
    value.bytes.fill(9);
    while (caller.deliverOne());
    const [bytes, text, again] = await asked;
    expect([is(bytes, 1), text, is(again, 1)]).toEqual([true, 'a'.repeat(SIZE), true]);
    expect([bytes.buffer === again.buffer, is(value.bytes, 9)]).toEqual([false, true]);
  });

  test('so it is where the answer has been passed on meanwhile', async () => {
    const far = hostObject(new Obj(), { link: { manual: true, transfers } });
    const near = hostObject(new Relay(far.stub()), { link: { transfers } });
    const promise = near.stub().far.big();
    await settle();
    const [caller, callee] = far.links[0] as [MemoryLinkEnd, MemoryLinkEnd];
    callee.deliverOne();
    await settle();
    const asked = Promise.all([promise.text, promise.bytes]);
    await settle();
    while (callee.deliverOne());
    caller.deliverOne();
    await settle();
    while (caller.deliverOne());
    await settle();
    const [text, bytes] = await asked;
    const value = await promise;
    expect([text, is(bytes, 1), is(value.bytes, 1)]).toEqual(['a'.repeat(SIZE), true, true]);
  });

  test('beside stubs, in arguments and results', async () => {
    const o = hostObject(new Obj(), { link: { transfers } }).stub();
    const result = await o.withStub();
    expect([is(result.bytes, 1), await result.call()]).toEqual([true, 7]);
    const echoed = await o.echo({ call: () => 8, bytes: filled(4) });
    expect([is(echoed.bytes, 4), await echoed.call()]).toEqual([true, 8]);
  });

  test('an abort tells each listener its reason whole', async () => {
    const instance = new Obj();
    const o = hostObject(instance, { link: { transfers } }).stub();
    const controller = new AbortController();
    await o.take(controller.signal, controller.signal);
    controller.abort({ bytes: filled(2) });
    await settle();
    const [first, second] = instance.taken as [AbortSignal, AbortSignal];
    expect([is(first.reason.bytes, 2), is(second.reason.bytes, 2)]).toEqual([true, true]);
  });
});

test('the limit counts the bytes of the whole as one piece', async () => {
  const o = hostObject(new Obj()).stub();
  const limit = 32 * 1024 * 1024;
  // ff 0f, the array of arguments with its end (A 01 … $ 00 01), the buffer's tag and length (B and four bytes), its view (V B 00, four bytes, 00)
  const around = 2 + 5 + 5 + 8;
  expect((await o.echo(new Uint8Array(limit - around).fill(1))).length).toBe(limit - around);
  expect(await show(() => o.echo(new Uint8Array(limit - around + 1)))).toBe(
    'THROWS Error(Error): Serialized RPC arguments or return values are limited to 32MiB, but the size of this value ' +
      `was: ${limit + 1} bytes. {}`,
  );
});

describe('a peer that breaks the rules', () => {
  const externals: unknown[] = [];
  // ff 0f, an array of one: the buffer of that number
  const naming = (number: number) => new Uint8Array([255, 15, 0x41, 1, 0x74, number, 0x24, 0, 1]);
  const call = (args: unknown) => ({ m: 'call', id: 9, target: 0, path: ['echo'], args });
  const resizable = new (ArrayBuffer as unknown as new (size: number, options: object) => ArrayBuffer)(8, {
    maxByteLength: 16,
  });

  test.each([
    ['no list', new ArrayBuffer(8)],
    ['a view', [new Uint8Array(8)]],
    ['a text', ['x']],
    ['nothing', [undefined]],
    ['a shared buffer', [new SharedArrayBuffer(8)]],
    ['a resizable buffer', [resizable]],
  ])('breaks its link with %s in the place of buffers, and nothing else', async (_name, buffers) => {
    const host = hostObject(new Obj());
    expect(await host.stub().echo(1)).toBe(1);
    host.links[0]?.[0].send(call({ bytes: naming(0), externals, buffers }));
    await settle();
    expect([host.links[0]?.[1].isOpen, host.sessions[0]?.callee.ending?.state]).toEqual([false, 'closed']);
    expect(await host.stub().echo(2)).toBe(2);
  });

  test.each([
    ['a number that is too high', naming(1), [new ArrayBuffer(8)]],
    ['a buffer where there are none', naming(0), undefined],
    ['a buffer twice', new Uint8Array([255, 15, 0x41, 2, 0x74, 0, 0x74, 0, 0x24, 0, 2]), [new ArrayBuffer(8)]],
    ['one buffer of two', naming(0), [new ArrayBuffer(8), new ArrayBuffer(8)]],
    ['a view that exceeds it', new Uint8Array([255, 15, 0x74, 0, 0x56, 0x42, 0, 9, 0]), [new ArrayBuffer(8)]],
  ])('fails the call alone when its bytes name %s', async (_name, bytes, buffers) => {
    const host = hostObject(new Obj());
    expect(await host.stub().echo(1)).toBe(1);
    host.links[0]?.[0].send(call({ bytes, externals, ...(buffers && { buffers }) }));
    await settle();
    expect(host.links[0]?.[1].bodies.at(-1)).toMatchObject({ m: 'error', id: 9 });
    const answer = host.links[0]?.[1].bodies.at(-1) as { error: { bytes: Uint8Array } };
    expect(String(makeCodecs().errors.decode(answer.error))).toBe('Error: Unable to deserialize cloned data.');
  });
});

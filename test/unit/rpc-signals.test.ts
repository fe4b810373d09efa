/** AbortSignals that are passed: who hears of an abort, over which link, and what becomes of one whose other end is gone. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { type AnyStub, DurableObject, hostObject, settle } from '../support/rpc-realm.ts';

setFlagsFromString('--expose_gc');
const collect = runInNewContext('gc') as () => void;

class Obj extends DurableObject {
  signal: AbortSignal | undefined;
  controller = new AbortController();

  keep(signal: AbortSignal) {
    this.signal = signal;
    return [signal instanceof AbortSignal, signal.aborted];
  }
  give() {
    return { signal: this.controller.signal };
  }
  #other: AnyStub;
  follow(other: AnyStub) {
    this.#other = other.dup();
  }
  get other() {
    return this.#other;
  }
  echo(value: unknown) {
    return value;
  }
}

function start(options: Parameters<typeof hostObject>[1] = {}) {
  const obj = new Obj();
  const host = hostObject(obj, options);
  return { obj, host, stub: host.stub(), controller: new AbortController() };
}

test('an abort is told with its reason, once, and after the call that passed the signal', async () => {
  const { obj, host, stub, controller } = start();
  const asked = stub.keep(controller.signal);
  controller.abort(new RangeError('enough'));
  expect(await asked).toEqual([true, false]);
  await settle();
  expect([obj.signal?.aborted, obj.signal?.reason]).toEqual([true, new RangeError('enough')]);
  const sent = host.links[0]?.[0].bodies.map((body) => (body as { m: string }).m);
  expect(sent).toEqual(['call', 'abort']);
});

test('a signal that was aborted before travels by its reason alone', async () => {
  const { obj, host, stub } = start();
  expect(await stub.keep(AbortSignal.abort('before'))).toEqual([true, true]);
  expect(obj.signal?.reason).toBe('before');
  expect(host.sessions[0]?.callee.signals.count).toBe(0);
});

test('a result that holds one aborts in the hands of who asked', async () => {
  const { obj, stub } = start();
  const { signal } = await stub.give();
  expect(signal.aborted).toBe(false);
  obj.controller.abort('there');
  await settle();
  expect([signal.aborted, signal.reason]).toEqual([true, 'there']);
});

test('a reason that cannot be copied, or that goes by reference, is not told', async () => {
  for (const reason of [Symbol('s'), () => 1]) {
    const { obj, stub, controller } = start();
    await stub.keep(controller.signal);
    controller.abort(reason);
    await settle();
    expect(obj.signal?.aborted).toBe(false);
  }
});

test('a signal keeps neither end busy, and its link does not rest before it has aborted', async () => {
  const { host, stub, controller } = start();
  await stub.keep(controller.signal);
  await settle();
  const { caller, callee } = host.sessions[0] as (typeof host.sessions)[0];
  expect([caller.isQuiet, callee.isQuiet, caller.signals.count, callee.signals.count]).toEqual([true, true, 1, 1]);
  host.channel.rest();
  expect(caller.isOpen).toBe(true);
  controller.abort();
  await settle();
  expect([caller.signals.count, callee.signals.count]).toEqual([0, 0]);
  host.channel.rest();
  expect(caller.isOpen).toBe(false);
});

test('a signal whose passer is gone stays as it is', async () => {
  const { obj, host, stub, controller } = start();
  await stub.keep(controller.signal);
  host.links[0]?.[0].break();
  await settle();
  controller.abort();
  await settle();
  expect([obj.signal?.aborted, host.sessions[0]?.callee.signals.count]).toEqual([false, 0]);
});

test('what was not delivered before a goaway is passed again, and aborts there', async () => {
  const { obj, host, stub, controller } = start({ link: { manual: true } });
  const asked = stub.keep(controller.signal);
  await settle();
  host.links[0]?.[1].goaway();
  await pump(host);
  expect(await asked).toEqual([true, false]);
  controller.abort('again');
  await pump(host);
  expect([host.links.length, obj.signal?.reason]).toEqual([2, 'again']);
});

test('who passes one on unopened tells of the abort too', async () => {
  const { obj, stub, controller } = start();
  const kept: AbortSignal[] = [];
  await stub.follow((signal: AbortSignal) => kept.push(signal));
  expect(await stub.other(controller.signal)).toBe(1);
  controller.abort('all the way');
  await settle();
  expect([kept[0]?.reason, obj.signal]).toEqual(['all the way', undefined]);
});

test('a signal that comes home aborts as any', async () => {
  const { stub, controller } = start();
  const signal = (await stub.echo(controller.signal)) as AbortSignal;
  controller.abort('home');
  await settle();
  expect([signal === controller.signal, signal.reason]).toEqual([false, 'home']);
});

async function pump(host: ReturnType<typeof hostObject>): Promise<void> {
  for (let i = 0; i < 6; i++) {
    await settle(2);
    for (const [caller, callee] of host.links) {
      while (callee.deliverOne());
      while (caller.deliverOne());
    }
  }
  await settle(2);
}

test('a signal that nobody can abort any more is forgotten at both ends', async () => {
  const { host, stub } = start();
  const pass = () => stub.keep(new AbortController().signal);
  for (let i = 0; i < 5; i++) await pass();
  const kept = new AbortController();
  await stub.keep(kept.signal);
  const { caller, callee } = host.sessions[0] as (typeof host.sessions)[0];
  for (let i = 0; i < 50 && callee.signals.count > 1; i++) {
    collect();
    await settle();
  }
  expect([caller.signals.count, callee.signals.count]).toEqual([1, 1]);
  kept.abort();
  await settle();
  expect([caller.signals.count, callee.signals.count]).toEqual([0, 0]);
});

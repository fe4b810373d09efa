/** Changes from outside an object's program: when they happen, when they are told, and that they are made once. */
import { deserialize, serialize } from 'node:v8';
import { describe, expect, test } from 'vitest';
import { must } from '../../src/base/assert.ts';
import { deferred } from '../../src/base/async.ts';
import { ManualClock } from '../../src/base/clock.ts';
import type { Container } from '../../src/host/container.ts';
import { Edits, type HolderAnswer, type HolderRequest } from '../../src/host/edits.ts';
import { Placement } from '../../src/host/placement.ts';
import type { EditResult, ObjectEdit } from '../../src/protocol/edits.ts';
import type { EndpointId, Epoch, MachineId, ObjectAddress } from '../../src/protocol/names.ts';
import { objectAddress, uniqueKey } from '../../src/protocol/names.ts';
import { fill, readSnapshot } from '../../src/storage/log-state.ts';
import { PageFile } from '../../src/storage/page-file.ts';
import { MemoryObject, type MemoryObjectStore } from '../../src/storage/vault-memory.ts';
import { openHeldObject } from '../support/held-object.ts';
import { settle } from '../support/rpc-realm.ts';

const put = (value: unknown): ObjectEdit => ({ e: 'put', key: 'value', value: new Uint8Array(serialize(value)) });

async function pagesOf(store: MemoryObjectStore): Promise<Uint8Array<ArrayBuffer>> {
  const file = new PageFile();
  fill(file, must(await readSnapshot(store), 'what is stored'));
  return file.toBytes() as Uint8Array<ArrayBuffer>;
}

describe('in the isolate', () => {
  test('an edit is told when it is durable, and so is what an event read of it', async () => {
    const { role, store, stub, left } = await openHeldObject();
    let isTold = false;
    const edit = role.edit(put(7)).then((result) => {
      isTold = true;
      return result;
    });
    await settle();
    expect([isTold, store.waitingCount, typeof (await role.drain())]).toEqual([false, 1, 'string']);
    const read = stub().read();
    await settle();
    expect(left).toEqual([]);
    store.release();
    expect((await edit).rowsWritten).toBe(1);
    expect(await read).toBe(7);
  });

  test('it waits for a critical section of the program', async () => {
    const { role, store, stub } = await openHeldObject();
    store.isHolding = false;
    await stub().put('before');
    const order: string[] = [];
    const section = deferred();
    let began = false;
    role.io.arrive(() => {
      void role.io.criticalSection(() => {
        began = true;
        return section.promise.then(() => order.push('section'));
      });
    });
    await settle();
    expect(began).toBe(true);
    const edit = role.edit(put('edited')).then(() => order.push('edit'));
    await settle();
    expect(order).toEqual([]);
    section.resolve();
    await edit;
    expect(order).toEqual(['section', 'edit']);
    expect(await stub().read()).toBe('edited');
  });

  test('it makes no instance, and an object that only had edits drains', async () => {
    const { role, store, resets } = await openHeldObject();
    store.isHolding = false;
    await role.edit(put(1));
    expect(await role.edit({ e: 'exec', sql: 'CREATE TABLE t (n)', bindings: [] })).toMatchObject({ rows: [] });
    expect(await role.drain()).toBe(undefined);
    expect(resets).toEqual([]);
  });

  test('an edit that a failing commit takes along is told so', async () => {
    const { role, store, resets } = await openHeldObject();
    const edit = role.edit(put(1));
    edit.catch(() => {});
    await settle();
    store.fail(new RangeError('disk'));
    await expect(edit).rejects.toThrow('disk');
    await settle();
    expect(resets).toHaveLength(1);
  });

  test('pages are replaced at once, and the next instance finds them', async () => {
    const stored = new MemoryObject();
    const first = await openHeldObject(stored);
    first.store.isHolding = false;
    await first.role.edit(put('old'));
    const pages = await pagesOf(first.store);
    await first.role.edit(put('new'));
    await first.role.edit({ e: 'replace', bytes: pages, alarm: null });
    await first.role.drain();
    const second = await openHeldObject(stored);
    second.store.isHolding = false;
    expect(await second.stub().read()).toBe('old');
  });
});

const X = objectAddress(uniqueKey('worker', 'Counter'), '0'.repeat(64));
const TARGET = { kind: 'object', namespace: uniqueKey('worker', 'Counter'), id: '0'.repeat(64), name: 'a' } as const;
const RESULT: EditResult = { columns: [], rows: [], rowsWritten: 1 };

/** A machine whose objects are moved by the test. */
function machine(
  name: string,
  ask: (object: ObjectAddress, request: HolderRequest) => Promise<HolderAnswer | undefined>,
) {
  const made: ObjectEdit[] = [];
  const ended: string[] = [];
  const drained: string[] = [];
  let keys = 0;
  const container = (kind: string, edit: (edit: ObjectEdit) => Promise<EditResult | undefined>) =>
    ({
      isEnded: false,
      endpoint: `${kind} of ${name}`,
      live: async () => 3 as Epoch,
      edit,
      drain: async () => void drained.push(kind),
      end: () => void ended.push(kind),
    }) as unknown as Container;
  const holder = { is: undefined as MachineId | undefined };
  const placement = new Placement<
    Container,
    { machine: MachineId; endpoint: EndpointId; epoch: Epoch; carrier: 'channel' }
  >({
    leases: {
      tryAcquire: async () => (holder.is ? undefined : { lost: new Promise(() => {}), release: () => {} }),
      acquire: (_, { signal }) =>
        new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
    },
    ask: () => ({
      answer: Promise.resolve({
        outcome: 'answered',
        answer: { machine: holder.is as MachineId, endpoint: 'e' as EndpointId, epoch: 1 as Epoch, carrier: 'channel' },
      }),
      cancel: () => {},
    }),
    announceMoved: () => {},
  });
  const make = async (edit: ObjectEdit) => {
    made.push(edit);
    return RESULT;
  };
  const edits = new Edits({
    machine: name as MachineId,
    clock: new ManualClock(),
    placement,
    startStorage: () => container('storage', make),
    ask: (object, request) => ({
      answer: ask(object, request).then((answer) => (answer ? { outcome: 'answered', answer } : { outcome: 'silent' })),
      cancel: () => {},
    }),
    newKey: () => `${name} ${++keys}`,
    wake: async () => undefined,
    closeSockets: () => {},
  });
  const run = () => placement.find(X, () => container('program', make));
  return { edits, made, ended, drained, holder, run };
}

describe('in the host', () => {
  const nobody = async () => undefined;

  test('a sleeping object is its storage alone, which ends with the edit; one that runs stays', async () => {
    const { edits, made, ended, run } = machine('one', nobody);
    expect(await edits.edit(TARGET, put(1))).toEqual(RESULT);
    expect([made.length, ended]).toEqual([1, ['storage']]);
    await run();
    expect(await edits.edit(TARGET, put(2))).toEqual(RESULT);
    expect([made.length, ended]).toEqual([2, ['storage']]);
  });

  test('an object of another machine is edited there, once however often that is asked', async () => {
    const there = machine('there', nobody);
    await there.run();
    const here = machine('here', async (object, request) => {
      await there.edits.answer(object, request);
      return there.edits.answer(object, request);
    });
    here.holder.is = 'there' as MachineId;
    expect(await here.edits.edit(TARGET, put(1))).toEqual(RESULT);
    expect([here.made, there.made.length]).toEqual([[], 1]);
    expect(there.edits.answer(X, { machine: 'third' as MachineId, key: 'k', order: { o: 'evict' } })).toBe(undefined);
  });

  test('a holder that lets go meanwhile is not the end of it, one that stays silent is', async () => {
    const gone = machine('gone', nobody);
    const here = machine('here', async (object, request) => {
      here.holder.is = undefined;
      return gone.edits.answer(object, request);
    });
    here.holder.is = 'gone' as MachineId;
    expect(await here.edits.edit(TARGET, put(1))).toEqual(RESULT);
    expect(here.made).toHaveLength(1);
    const alone = machine('alone', nobody);
    alone.holder.is = 'gone' as MachineId;
    await expect(alone.edits.edit(TARGET, put(1))).rejects.toMatchObject({ code: 'peer_gone' });
  });

  test('an object is evicted, or crashed, where it runs; one that sleeps is left alone', async () => {
    const there = machine('there', nobody);
    const here = machine('here', async (object, request) => there.edits.answer(object, request));
    await here.edits.evict(X);
    expect(await here.edits.crash(X)).toBe(undefined);
    expect([here.drained, here.ended]).toEqual([[], []]);
    await there.run();
    here.holder.is = 'there' as MachineId;
    await here.edits.evict(X);
    expect([there.drained, there.ended]).toEqual([['program'], []]);
    expect(await here.edits.crash(X)).toBe('program of there');
    expect(there.ended).toEqual(['program']);
    await there.edits.evict(X);
    expect(there.drained).toHaveLength(2);
    const alone = machine('alone', nobody);
    alone.holder.is = 'there' as MachineId;
    for (const end of [alone.edits.evict(X), alone.edits.crash(X)]) {
      await expect(end).rejects.toMatchObject({ code: 'peer_gone' });
    }
  });

  test('two edits of a sleeping object go one after the other', async () => {
    const order: string[] = [];
    const { edits, made } = machine('one', nobody);
    const both = [1, 2].map(async (n) => {
      await edits.edit(TARGET, put(n));
      order.push(`edit ${n}`);
    });
    await Promise.all(both);
    expect(made.map((edit) => edit.e === 'put' && deserialize(edit.value))).toEqual([1, 2]);
    expect(order).toEqual(['edit 1', 'edit 2']);
  });
});

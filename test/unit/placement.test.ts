import { describe, expect, test } from 'vitest';
import { type Deferred, deferred } from '../../src/base/async.ts';
import {
  type DirectoryOutcome,
  type DirectoryQuestion,
  type HeldLease,
  type Placed,
  Placement,
} from '../../src/host/placement.ts';
import { type Epoch, type ObjectAddress, objectAddress, uniqueKey } from '../../src/protocol/names.ts';

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
const X = objectAddress(uniqueKey('worker', 'Counter'), 'x');

class TestContainer implements Placed {
  isEnded = false;
  readonly epoch: Epoch;
  readonly started: Promise<void>;

  constructor(epoch: number, started: Promise<void> = Promise.resolve()) {
    this.epoch = epoch as Epoch;
    this.started = started;
  }

  async live(): Promise<Epoch | undefined> {
    await this.started;
    return this.isEnded ? undefined : this.epoch;
  }

  end(): void {
    this.isEnded = true;
  }
}

interface TestLease extends HeldLease {
  isReleased: boolean;
  steal(): void;
}

function newLease(): TestLease {
  const lost = deferred();
  const lease: TestLease = {
    lost: lost.promise,
    isReleased: false,
    release: () => {
      lease.isReleased = true;
    },
    steal: () => lost.resolve(),
  };
  return lease;
}

/** One machine; the lock and the other hosts are moved by the test. */
function machine({ free }: { free: boolean }) {
  const leases: TestLease[] = [];
  const questions: Deferred<DirectoryOutcome<string>>[] = [];
  const moved: [ObjectAddress, Epoch][] = [];
  const grants: Deferred<HeldLease>[] = [];
  let stolen = 0;
  let epochs = 0;
  const grant = () => {
    const lease = newLease();
    leases.push(lease);
    return lease;
  };
  const placement = new Placement<TestContainer, string>({
    leases: {
      tryAcquire: async () => (free ? grant() : undefined),
      acquire(_object, { steal, signal }) {
        if (steal) {
          stolen++;
          return Promise.resolve(grant());
        }
        const waiting = deferred<HeldLease>();
        grants.push(waiting);
        signal?.addEventListener('abort', () => waiting.reject(signal.reason));
        return waiting.promise;
      },
    },
    ask(): DirectoryQuestion<string> {
      const question = deferred<DirectoryOutcome<string>>();
      questions.push(question);
      return { answer: question.promise, cancel: () => question.resolve({ outcome: 'cancelled' }) };
    },
    announceMoved: (object, epoch) => moved.push([object, epoch]),
  });
  const containers: TestContainer[] = [];
  const hows: boolean[] = [];
  const start = (started?: Promise<void>) => (how: { wasFree: boolean }) => {
    hows.push(how.wasFree);
    const container = new TestContainer(++epochs, started);
    containers.push(container);
    return container;
  };
  return { placement, leases, questions, grants, moved, containers, hows, start, grant, stolen: () => stolen };
}

describe('an object is placed', () => {
  test('here when its lock is free, once for all who ask at the same time', async () => {
    const { placement, containers, hows, start, moved } = machine({ free: true });
    const [a, b] = await Promise.all([placement.find(X, start()), placement.find(X, start())]);
    expect(a.at === 'here' && b.at === 'here' && a.container === b.container).toBe(true);
    expect(containers).toHaveLength(1);
    expect(hows).toEqual([true]);
    expect(moved).toEqual([]);
  });

  test('there when its holder answers', async () => {
    const { placement, questions, start, containers } = machine({ free: false });
    const found = placement.find(X, start());
    await settle();
    questions[0]?.resolve({ outcome: 'answered', answer: 'endpoint of the holder' });
    expect(await found).toEqual({ at: 'there', answer: 'endpoint of the holder' });
    expect(containers).toEqual([]);
  });

  test('here when the holder lets go while it is asked, and others are told', async () => {
    const { placement, grants, hows, start, moved, grant } = machine({ free: false });
    const found = placement.find(X, start());
    await settle();
    grants[0]?.resolve(grant());
    expect(await found).toMatchObject({ at: 'here', epoch: 1 });
    expect(hows).toEqual([false]);
    expect(moved).toEqual([[X, 1]]);
  });

  test('here by theft when the holder stays silent, and others are told the new epoch', async () => {
    const { placement, questions, start, moved, stolen } = machine({ free: false });
    const found = placement.find(X, start());
    await settle();
    questions[0]?.resolve({ outcome: 'silent' });
    expect(await found).toMatchObject({ at: 'here', epoch: 1 });
    expect(stolen()).toBe(1);
    expect(moved).toEqual([[X, 1]]);
  });

  test('by asking again when it moved meanwhile', async () => {
    const { placement, questions, start } = machine({ free: false });
    const found = placement.find(X, start());
    await settle();
    placement.moved(X);
    await settle();
    expect(questions).toHaveLength(2);
    questions[1]?.resolve({ outcome: 'answered', answer: 'its new holder' });
    expect(await found).toEqual({ at: 'there', answer: 'its new holder' });
  });

  test('anew when the container it found ended in good order before it was reached', async () => {
    const { placement, containers, start } = machine({ free: true });
    const first = await placement.find(X, start());
    if (first.at !== 'here') throw new Error('placed elsewhere');
    first.container.end();
    placement.ended(X, first.container);
    expect(await placement.find(X, start())).toMatchObject({ at: 'here', epoch: 2 });
    expect(containers).toHaveLength(2);
  });

  test('anew, and no more as if it had just been asked for, when its start was overtaken by a good end', async () => {
    const { placement, containers, hows, start } = machine({ free: true });
    const started = deferred();
    const found = placement.find(X, start(started.promise));
    await settle();
    const [first] = containers;
    first?.end();
    if (first) placement.ended(X, first);
    started.resolve();
    expect(await found).toMatchObject({ at: 'here', epoch: 2 });
    expect(hows).toEqual([true, false]);
  });
});

describe('a machine that is asked by another', () => {
  test('answers for what it runs, also while it is still starting it', async () => {
    const { placement, start } = machine({ free: true });
    const started = deferred();
    const found = placement.find(X, start(started.promise));
    const answer = placement.answer(X);
    started.resolve();
    expect(await answer).toMatchObject({ epoch: 1 });
    expect(await found).toMatchObject({ at: 'here' });
  });

  test('is silent about what it does not hold', async () => {
    expect(await machine({ free: true }).placement.answer(X)).toBeUndefined();
  });

  test('is silent about what it is asking for itself: two who wait for each other would never rob a frozen third', async () => {
    const { placement, start, questions } = machine({ free: false });
    const found = placement.find(X, start());
    await settle();
    expect(await placement.answer(X)).toBeUndefined();
    questions[0]?.resolve({ outcome: 'silent' });
    await found;
  });
});

test('a robbed machine ends the instance; an ended one gives its lease back, once its isolate is gone', async () => {
  const { placement, leases, start } = machine({ free: true });
  const place = await placement.find(X, start());
  if (place.at !== 'here') throw new Error('placed elsewhere');
  leases[0]?.steal();
  await settle();
  expect(place.container.isEnded).toBe(true);
  expect(leases[0]?.isReleased).toBe(false);
  placement.ended(X, place.container);
  expect(leases[0]?.isReleased).toBe(true);
  expect(placement.containers).toEqual([]);
});

test('a failed start gives the lease back and reaches everybody who asked', async () => {
  const { placement, leases } = machine({ free: true });
  const fail = () => {
    throw new Error('no such class');
  };
  const results = await Promise.allSettled([placement.find(X, fail), placement.find(X, fail)]);
  expect(results.map((result) => result.status === 'rejected' && (result.reason as Error).message)).toEqual([
    'no such class',
    'no such class',
  ]);
  expect(leases[0]?.isReleased).toBe(true);
});

describe('a lease held for work on what is stored', () => {
  test('keeps callers waiting, here and elsewhere, and lets them in afterwards', async () => {
    const { placement, leases, containers, start, moved } = machine({ free: true });
    const work = deferred<Epoch>();
    const held = placement.hold(X, () => work.promise);
    await settle();
    let isFound = false;
    const found = placement.find(X, start()).then((place) => {
      isFound = true;
      return place;
    });
    let answered: unknown = 'nothing yet';
    const asked = placement.answer(X).then((answer) => {
      answered = answer;
    });
    await settle();
    expect([isFound, answered, leases.map((lease) => lease.isReleased)]).toEqual([false, 'nothing yet', [false]]);
    work.resolve(1 as Epoch);
    expect(await held).toEqual({ at: 'over' });
    expect(leases[0]?.isReleased).toBe(true);
    await Promise.all([found, asked]);
    expect([isFound, answered, containers.length, moved]).toEqual([true, undefined, 1, []]);
  });

  test('is given back when the work fails, and only who asked for it hears of that', async () => {
    const { placement, leases, start } = machine({ free: true });
    const work = deferred<Epoch>();
    const held = placement.hold(X, () => work.promise);
    const found = placement.find(X, start());
    const other = placement.hold(X, async () => undefined);
    await settle();
    work.reject(new RangeError('no'));
    await expect(held).rejects.toThrow(RangeError);
    expect(leases[0]?.isReleased).toBe(true);
    expect((await found).at).toBe('here');
    expect(['here', 'over']).toContain((await other).at);
  });

  test('is not taken while the object runs, here or there', async () => {
    const here = machine({ free: true });
    await here.placement.find(X, here.start());
    const work = () => Promise.reject(new Error('begun'));
    expect(await here.placement.hold(X, work)).toEqual({ at: 'here', container: here.containers[0] });
    const there = machine({ free: false });
    const asking = there.placement.hold(X, work);
    await settle();
    there.questions[0]?.resolve({ outcome: 'answered', answer: 'the holder' });
    expect(await asking).toEqual({ at: 'there', answer: 'the holder' });
  });

  test('that a frozen holder lost is announced with the epoch of the work', async () => {
    const { placement, questions, moved, stolen } = machine({ free: false });
    const held = placement.hold(X, async () => 7 as Epoch);
    await settle();
    questions[0]?.resolve({ outcome: 'silent' });
    expect(await held).toEqual({ at: 'over' });
    expect([stolen(), moved]).toEqual([1, [[X, 7]]]);
  });
});

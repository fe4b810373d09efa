/** The directory over a bus in memory, with time in the test's hand. */
import { expect, test } from 'vitest';
import { type Deferred, deferred } from '../../src/base/async.ts';
import { ManualClock } from '../../src/base/clock.ts';
import { seededRandom } from '../../src/base/random.ts';
import { Directory } from '../../src/network/directory.ts';
import type { Wire, WireHandler } from '../../src/network/wire.ts';
import { HOLDER_ANSWER_MS } from '../../src/protocol/limits.ts';
import {
  asAccount,
  type Epoch,
  type MachineId,
  type ObjectAddress,
  PROTOCOL_VERSION,
} from '../../src/protocol/names.ts';
import { microtasks } from '../support/memory-wire.ts';

const object = 'app-Counter/00' as ObjectAddress;

/** What is posted reaches every other wire a microtask later, unless the bus is deaf. */
function makeBus() {
  const handlers = new Map<number, WireHandler>();
  let made = 0;
  const bus = {
    isDeaf: false,
    posted: [] as { d?: string }[],
    wire(): Wire<unknown> {
      const own = made++;
      return {
        transfers: false,
        post(message) {
          const copy = structuredClone(message);
          bus.posted.push(copy as { d?: string });
          if (bus.isDeaf) return;
          queueMicrotask(() => {
            for (const [other, handler] of handlers) if (other !== own) handler.onMessage(copy);
          });
        },
        start: (handler) => void handlers.set(own, handler),
        close: () => void handlers.delete(own),
        whenHeard: (go) => go(),
      };
    },
  };
  return bus;
}

function makeHost(bus: ReturnType<typeof makeBus>, machine: string, account = 'test') {
  const clock = new ManualClock();
  const host = {
    clock,
    heard: [] as unknown[],
    errors: [] as unknown[],
    answer: undefined as ((payload: unknown) => Promise<string | undefined> | undefined) | undefined,
  };
  const directory = new Directory<string>({
    account: asAccount(account),
    machine: machine as MachineId,
    clock,
    random: seededRandom(machine.length + machine.charCodeAt(0)),
    wire: bus.wire(),
    answer: (_object, payload) => host.answer?.(payload),
    onMoved: (moved, epoch, from) => host.heard.push(['moved', moved, epoch, from]),
    onAnnouncement: (body, from) => host.heard.push(['announced', body, from]),
    onError: (error) => host.errors.push(error),
  });
  return { ...host, host, directory };
}

const outcomeOf = async (answer: Promise<unknown>): Promise<unknown> => {
  let outcome: unknown = 'open';
  void answer.then((value) => {
    outcome = value;
  });
  await microtasks();
  return outcome;
};

test('the holder answers, those who do not hold stay silent', async () => {
  const bus = makeBus();
  const [asker, holder] = [makeHost(bus, 'a'), makeHost(bus, 'b')];
  makeHost(bus, 'c');
  holder.host.answer = async (payload) => `for ${JSON.stringify(payload)}`;
  const question = asker.directory.ask(object, { want: 1 });
  expect(await question.answer).toEqual({ outcome: 'answered', answer: 'for {"want":1}', machine: 'b' });
  expect(bus.posted.map(({ d }) => d)).toEqual(['ask', 'answer']);
  expect(asker.clock.pending).toBe(0);
});

test('a question nobody answers is asked twice and then reported silent', async () => {
  const bus = makeBus();
  const asker = makeHost(bus, 'a');
  makeHost(bus, 'b');
  const question = asker.directory.ask(object, undefined);
  await asker.clock.advance(2 * HOLDER_ANSWER_MS - 1);
  expect(await outcomeOf(question.answer)).toBe('open');
  expect(bus.posted.length).toBe(2);
  await asker.clock.advance(1);
  expect(await outcomeOf(question.answer)).toEqual({ outcome: 'silent' });
});

test('a question that was lost is answered when it is asked again', async () => {
  const bus = makeBus();
  const [asker, holder] = [makeHost(bus, 'a'), makeHost(bus, 'b')];
  holder.host.answer = async () => 'here';
  bus.isDeaf = true;
  const question = asker.directory.ask(object, undefined);
  await microtasks();
  bus.isDeaf = false;
  await asker.clock.advance(HOLDER_ANSWER_MS);
  expect(await outcomeOf(question.answer)).toMatchObject({ outcome: 'answered', answer: 'here' });
});

test('a holder at work on its answer is not silent; one that freezes over it is', async () => {
  const bus = makeBus();
  const [asker, holder] = [makeHost(bus, 'a'), makeHost(bus, 'b')];
  const slow: Deferred<string> = deferred<string>();
  holder.host.answer = () => slow.promise;
  const question = asker.directory.ask(object, undefined);
  await microtasks();
  for (let i = 0; i < 40; i++) {
    await holder.clock.advance(HOLDER_ANSWER_MS / 4);
    await microtasks();
    await asker.clock.advance(HOLDER_ANSWER_MS / 4, microtasks);
  }
  expect(await outcomeOf(question.answer)).toBe('open');
  await asker.clock.advance(2 * HOLDER_ANSWER_MS, microtasks);
  expect(await outcomeOf(question.answer)).toEqual({ outcome: 'silent' });
});

test('time that the asker slept through is not silence', async () => {
  const bus = makeBus();
  const [asker, holder] = [makeHost(bus, 'a'), makeHost(bus, 'b')];
  // The timers of a frozen tab all fire on waking, long after they were due.
  const frozen = { now: asker.clock.now.bind(asker.clock), sleptMs: 0 };
  asker.clock.now = () => (frozen.now() + frozen.sleptMs) as ReturnType<typeof frozen.now>;
  const question = asker.directory.ask(object, undefined);
  await asker.clock.advance(HOLDER_ANSWER_MS);
  frozen.sleptMs = 3_600_000;
  holder.host.answer = async () => 'here';
  await asker.clock.advance(HOLDER_ANSWER_MS);
  expect(await outcomeOf(question.answer)).toMatchObject({ outcome: 'answered', answer: 'here' });
});

test('a cancelled question ends at once, and so do all when the directory closes', async () => {
  const bus = makeBus();
  const asker = makeHost(bus, 'a');
  const [one, two] = [asker.directory.ask(object, 1), asker.directory.ask(object, 2)];
  one.cancel();
  expect(await one.answer).toEqual({ outcome: 'cancelled' });
  asker.directory.close();
  expect(await two.answer).toEqual({ outcome: 'cancelled' });
  expect(await asker.directory.ask(object, 3).answer).toEqual({ outcome: 'cancelled' });
  expect(asker.clock.pending).toBe(0);
});

test('an answer that fails is reported where it failed', async () => {
  const bus = makeBus();
  const [asker, holder] = [makeHost(bus, 'a'), makeHost(bus, 'b')];
  holder.host.answer = () => Promise.reject(new Error('a bug'));
  const question = asker.directory.ask(object, undefined);
  expect(await outcomeOf(question.answer)).toBe('open');
  expect(holder.host.errors).toEqual([new Error('a bug')]);
  expect(holder.clock.pending).toBe(0);
});

test('announcements reach the other machines of the account and nobody else', async () => {
  const bus = makeBus();
  const [a, b, stranger] = [makeHost(bus, 'a'), makeHost(bus, 'b'), makeHost(bus, 'x', 'other')];
  a.directory.announceMoved(object, 4 as Epoch);
  a.directory.announce({ deployment: 2 });
  bus.wire().post({ d: 'moved', object, epoch: 9, machine: 'z', account: 'test', v: PROTOCOL_VERSION + 1 });
  bus.wire().post({ d: 'moved', object: 7, epoch: 9, machine: 'z', account: 'test', v: PROTOCOL_VERSION });
  bus.wire().post('noise');
  await microtasks();
  expect(b.heard).toEqual([
    ['moved', object, 4, 'a'],
    ['announced', { deployment: 2 }, 'a'],
  ]);
  expect([a.heard, stranger.heard]).toEqual([[], []]);
});

/** Who has an engine: never more than there is room for, never nobody while somebody waits, and in the order of coming. */
import { expect, test } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { seededRandom } from '../../src/base/random.ts';
import { EngineRoom, type EngineUser } from '../../src/host/engine-room.ts';
import { ENGINE_RETRY_MS, ENGINE_ROOM_WAIT_MS, ENGINE_WAIT_MS, ENGINES } from '../../src/protocol/limits.ts';

class User implements EngineUser {
  isLive = true;
  readonly heard: string[] = [];

  post({ order }: Parameters<EngineUser['post']>[0]): void {
    this.heard.push(order);
  }

  take(): string[] {
    return this.heard.splice(0);
  }
}

function filled(limit: number, clock = new ManualClock()) {
  const room = new EngineRoom(clock, limit);
  const users = Array.from({ length: limit }, () => new User());
  for (const user of users) {
    expect(room.reserve(user)).toBe(true);
    room.hear(user, 'held');
  }
  return { room, users };
}

test('when all places are taken, whoever has had theirs for longest is asked, and who waits gets it', () => {
  const { room, users } = filled(3);
  const late = new User();
  expect(room.reserve(late)).toBe(false);
  room.hear(late, 'wanted');
  expect(users.map((user) => user.take())).toEqual([['lend'], [], []]);
  room.hear(users[0] as User, 'none');
  expect(late.take()).toEqual(['take']);
  room.hear(late, 'held');
  room.hear(users[0] as User, 'wanted');
  expect([users[1]?.take(), users[2]?.take(), late.take()]).toEqual([['lend'], [], []]);
});

test('one that is in use is passed over, and the next is asked; what comes later is not wanted any more', () => {
  const { room, users } = filled(2);
  const [busy, resting] = users as [User, User];
  const late = new User();
  room.hear(late, 'wanted');
  expect(busy.take()).toEqual(['lend']);
  room.hear(busy, 'held');
  expect(resting.take()).toEqual(['lend']);
  room.hear(resting, 'none');
  expect(late.take()).toEqual(['take']);
  expect(busy.take()).toEqual(['keep']);
  room.hear(late, 'held');
  expect(room.count).toBe(2);
});

test('one that is in use gives it up when it rests, if somebody still waits', () => {
  const { room, users } = filled(1);
  const late = new User();
  room.hear(late, 'wanted');
  room.hear(users[0] as User, 'held');
  room.hear(users[0] as User, 'none');
  expect(late.take()).toEqual(['take']);
});

test('when all are in use for a minute, whoever waits is refused, and whoever comes then waits as long', async () => {
  const clock = new ManualClock();
  const { room, users } = filled(2, clock);
  const [late, later] = [new User(), new User()];
  room.hear(late, 'wanted');
  for (const user of users) room.hear(user, 'held');
  await clock.advance(ENGINE_WAIT_MS - 1);
  expect(late.take()).toEqual([]);
  await clock.advance(1);
  expect(late.take()).toEqual(['refuse']);
  room.hear(later, 'wanted');
  await clock.advance(ENGINE_WAIT_MS - 1);
  room.hear(users[0] as User, 'none');
  room.hear(later, 'held');
  expect([late.take(), later.take(), clock.pending]).toEqual([[], ['take'], 0]);
});

test('while some are served nobody loses patience', async () => {
  const clock = new ManualClock();
  const { room, users } = filled(2, clock);
  const late = [new User(), new User()] as const;
  for (const user of late) room.hear(user, 'wanted');
  await clock.advance(ENGINE_WAIT_MS - 1);
  room.hear(users[0] as User, 'none');
  room.hear(late[0], 'held');
  await clock.advance(ENGINE_WAIT_MS - 1);
  expect(late.map((user) => user.take())).toEqual([['take'], []]);
  await clock.advance(1);
  expect(late[1].take()).toEqual(['refuse']);
});

test('those that run no object yet are not asked', () => {
  const { room, users } = filled(2);
  (users[0] as User).isLive = false;
  room.hear(new User(), 'wanted');
  expect(users.map((user) => user.take())).toEqual([[], ['lend']]);
});

test('a browser that has less room than we thought is believed, until some is free for good', () => {
  const room = new EngineRoom(new ManualClock());
  const users = Array.from({ length: 20 }, () => new User());
  for (const user of users.slice(0, 19)) {
    room.reserve(user);
    room.hear(user, 'held');
  }
  const refused = users[19] as User;
  expect(room.reserve(refused)).toBe(true);
  room.hear(refused, 'none');
  expect(users[0]?.take()).toEqual(['lend']);
  expect(room.reserve(new User())).toBe(false);
  room.gone(users[5] as User);
  expect(refused.take()).toEqual(['take']);
  room.hear(refused, 'held');
  expect(room.count).toBe(19);
  room.gone(users[6] as User);
  expect(room.reserve(new User())).toBe(true);
});

test('a browser that refuses even the first is asked now and then, and who waits is refused soon', async () => {
  const clock = new ManualClock();
  const room = new EngineRoom(clock);
  const user = new User();
  let asked = 0;
  /** Takes what it is offered, and the browser has none for it. */
  const answer = () => {
    const heard = user.take();
    for (const order of heard) {
      if (order === 'take') asked++;
      if (order === 'take') room.hear(user, 'none');
    }
    return heard;
  };
  room.reserve(new User()); // one that boots meanwhile, and has not said anything yet
  room.hear(user, 'wanted');
  answer();
  expect([asked, user.take()]).toEqual([1, []]);
  for (let ms = 0; ms < ENGINE_ROOM_WAIT_MS - ENGINE_RETRY_MS; ms += ENGINE_RETRY_MS) {
    await clock.advance(ENGINE_RETRY_MS);
    expect(answer()).toEqual(['take']);
  }
  await clock.advance(ENGINE_RETRY_MS);
  expect(answer()).toContain('no room');
  expect([room.count, asked]).toEqual([1, ENGINE_ROOM_WAIT_MS / ENGINE_RETRY_MS]);
  // The next one is asked for as the first was, and there is room again.
  room.hear(user, 'wanted');
  await clock.advance(ENGINE_RETRY_MS);
  expect(user.take()).toEqual(['take']);
  room.hear(user, 'held');
  await clock.advance(ENGINE_WAIT_MS);
  expect([room.count, user.take(), clock.pending]).toEqual([2, [], 0]);
});

test('whatever happens: no more than the limit, and nobody waits while there is room', () => {
  const random = seededRandom(7);
  const pick = <T>(all: readonly T[]): T | undefined => all[Math.floor(random.unit() * all.length)];
  for (let round = 0; round < 200; round++) {
    const limit = 1 + Math.floor(random.unit() * 6);
    const room = new EngineRoom(new ManualClock(), limit);
    const state = new Map<User, 'none' | 'waiting' | 'held'>();
    const asked = new Set<User>();
    const pump = () => {
      for (let again = true; again; ) {
        again = false;
        for (const [user, is] of state) {
          for (const c of user.take()) {
            again = true;
            if (c === 'take') {
              expect(is).toBe('waiting');
              state.set(user, 'held');
              room.hear(user, 'held');
            } else if (c === 'lend') {
              asked.add(user);
              if (state.get(user) === 'held') room.hear(user, 'held');
            } else asked.delete(user);
          }
        }
      }
      const count = (what: string) => [...state.values()].filter((is) => is === what).length;
      expect(count('held')).toBeLessThanOrEqual(limit);
      if (count('waiting') > 0) expect(count('held')).toBe(limit);
      if (count('waiting') > 0) expect(asked.size).toBeGreaterThanOrEqual(Math.min(limit, count('waiting')));
    };
    for (let step = 0; step < 60; step++) {
      const user = pick([...state.keys()]);
      const dice = random.unit();
      if (!user || dice < 0.25) {
        const fresh = new User();
        state.set(fresh, room.reserve(fresh) ? 'held' : 'waiting');
        room.hear(fresh, state.get(fresh) === 'held' ? 'held' : 'wanted');
      } else if (dice < 0.35) {
        state.delete(user);
        asked.delete(user);
        room.gone(user);
      } else if (state.get(user) === 'held' && asked.has(user)) {
        asked.delete(user);
        state.set(user, 'none');
        room.hear(user, 'none');
      } else if (state.get(user) === 'none') {
        state.set(user, 'waiting');
        room.hear(user, 'wanted');
      }
      pump();
    }
  }
  expect(ENGINES).toBeLessThan(124);
});

import { expect, test } from 'vitest';
import { TaskSet } from '../../src/base/async.ts';
import { compareBytes, fromHex, toHex, utf8 } from '../../src/base/bytes.ts';
import { ManualClock } from '../../src/base/clock.ts';
import { seededRandom } from '../../src/base/random.ts';

test('a manual clock fires timers in due order, each at its own time', async () => {
  const clock = new ManualClock();
  const fired: [string, number][] = [];
  clock.after(20, () => fired.push(['late', clock.now()]));
  clock.after(5, () => {
    fired.push(['early', clock.now()]);
    clock.after(5, () => fired.push(['nested', clock.now()]));
  });
  const cancelled = clock.after(6, () => fired.push(['cancelled', clock.now()]));
  cancelled.cancel();
  await clock.advance(30);
  expect(fired).toEqual([
    ['early', 5],
    ['nested', 10],
    ['late', 20],
  ]);
  expect(clock.now()).toBe(30);
});

test('a task set reports each rejection to its owner and knows when it is idle', async () => {
  const errors: unknown[] = [];
  const tasks = new TaskSet((error) => errors.push(error));
  tasks.add(Promise.reject(new Error('one')));
  tasks.add(Promise.resolve());
  await tasks.idle();
  expect(errors).toEqual([new Error('one')]);
  expect(tasks.size).toBe(0);
});

test('bytes order as UTF-8, where an astral character comes after every other', () => {
  const keys = ['\u{1F600}', '\uFF21', 'b', 'B', '10', '9', ''];
  keys.sort((a, b) => compareBytes(utf8(a), utf8(b)));
  expect(keys).toEqual(['', '10', '9', 'B', 'b', '\uFF21', '\u{1F600}']);
});

test('hex refuses what is not hex', () => {
  expect(toHex(fromHex('00fFa1') as Uint8Array)).toBe('00ffa1');
  expect(fromHex('0g')).toBeUndefined();
  expect(fromHex('abc')).toBeUndefined();
});

test('the same seed gives the same values', () => {
  const a = seededRandom(7);
  const b = seededRandom(7);
  expect([a.unit(), a.unit(), ...a.bytes(4)]).toEqual([b.unit(), b.unit(), ...b.bytes(4)]);
});

/** How long a thread stays awake for what may come. */
import { expect, test } from 'vitest';
import { Lingering } from '../../src/base/linger.ts';

const TASKS = 24;

function makeLingering() {
  let tasks = 0;
  const lingering = new Lingering(() => {
    tasks++;
  });
  let run = 0;
  return {
    linger: () => lingering.linger(),
    heard: () => lingering.heard(),
    /** Runs `count` of the tasks that it asks for, or all that there are; gives how many ran. */
    go(count = Infinity) {
      const before = run;
      while (run < tasks && run - before < count) {
        run++;
        lingering.step();
      }
      return run - before;
    },
  };
}

test('what was posted last keeps it awake for so many tasks, one at a time', () => {
  const { linger, go } = makeLingering();
  expect(go()).toBe(0);
  linger();
  linger();
  expect(go(10)).toBe(10);
  linger();
  expect([go(), go()]).toEqual([TASKS, 0]);
});

test('what comes lets it rest, and what is posted then keeps it awake again', () => {
  const { linger, heard, go } = makeLingering();
  linger();
  go(3);
  heard();
  expect([go(), go()]).toEqual([1, 0]);
  linger();
  go(3);
  heard();
  linger();
  expect([go(), go()]).toEqual([TASKS, 0]);
  heard();
  expect(go()).toBe(0);
});

test('where nothing comes in time, it is tried once in a while only, until it is worth it', () => {
  const { linger, heard, go } = makeLingering();
  const posted = (times: number) =>
    Array.from({ length: times }, () => {
      linger();
      return go();
    });
  expect(posted(4)).toEqual([TASKS, TASKS, TASKS, TASKS]);
  expect(posted(31)).toEqual(Array(31).fill(0));
  expect(posted(1)).toEqual([TASKS]);
  expect(posted(31)).toEqual(Array(31).fill(0));
  linger();
  heard();
  expect(go()).toBe(1);
  expect(posted(2)).toEqual([TASKS, TASKS]);
});

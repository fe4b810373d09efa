/** Timers run in the order in which they are due, one behind the other at the gate. */
import { expect, test } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { Timers } from '../../src/isolate/timers.ts';

/** Timers whose gate lets in what the test says: 'outside' waits while a section runs. */
function timers() {
  const clock = new ManualClock();
  const log: string[] = [];
  let section: 'outside' | 'inside' = 'outside';
  const heldBack: (() => void)[] = [];
  let isSectionOpen = false;
  const all = new Timers({
    after: (delayMs, fire) => ({ dueMs: clock.now() + delayMs, ...clock.after(delayMs, fire) }),
    capture: () => {
      const armedIn = section;
      return (run) => (isSectionOpen && armedIn === 'outside' ? heldBack.push(run) : run());
    },
    assertAllowed: () => {},
    onError: (error) => log.push(String(error)),
    limit: 3,
  });
  const arm = (name: string, ms: number) => all.setTimeout(() => log.push(`${name} at ${clock.now()}`), ms);
  const enter = () => {
    section = 'inside';
    isSectionOpen = true;
  };
  const leave = () => {
    isSectionOpen = false;
    for (const run of heldBack.splice(0)) run();
  };
  return { clock, log, all, arm, enter, leave };
}

test('they run when they are due, equal ones in the order in which they were armed', async () => {
  const { clock, log, arm } = timers();
  arm('c', 30);
  arm('a', 10);
  arm('b', 10);
  await clock.advance(100);
  expect(log).toEqual(['a at 10', 'b at 10', 'c at 30']);
});

test('one that the gate keeps out keeps back all that are due later, and none that is due earlier', async () => {
  const { clock, log, all, arm, enter, leave } = timers();
  arm('outside', 10);
  enter();
  arm('earlier', 5);
  arm('later', 20);
  await clock.advance(9);
  expect([log, all.isHeldBack]).toEqual([['earlier at 5'], false]);
  await clock.advance(41);
  expect([log, all.isHeldBack]).toEqual([['earlier at 5'], true]);
  leave();
  expect(log).toEqual(['earlier at 5', 'outside at 50', 'later at 50']);
  expect([all.activeCount, all.isHeldBack]).toEqual([0, false]);
});

test('clearing one that is kept out frees those behind it, and it never runs', async () => {
  const { clock, log, all, arm, enter, leave } = timers();
  const outside = arm('outside', 10);
  enter();
  arm('later', 20);
  await clock.advance(50);
  all.clear(outside);
  expect(log).toEqual(['later at 50']);
  leave();
  expect(log).toEqual(['later at 50']);
});

test('an interval goes on after a callback that threw, until it is cleared', async () => {
  const { clock, log, all } = timers();
  let n = 0;
  const id = all.setInterval(() => {
    log.push(`tick ${clock.now()}`);
    if (++n === 2) throw new Error('second');
    if (n === 3) all.clear(id);
  }, 5);
  await clock.advance(100);
  expect(log).toEqual(['tick 5', 'tick 10', 'Error: second', 'tick 15']);
});

test('more than may be active are refused', () => {
  const { arm } = timers();
  for (const name of ['a', 'b', 'c']) arm(name, 1);
  expect(() => arm('d', 1)).toThrow(/max active timeouts: 3, current active timeouts: 3/);
});

import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { TaskSet } from '../../src/base/async.ts';
import { compareBytes, fromHex, toHex, utf8 } from '../../src/base/bytes.ts';
import { ManualClock } from '../../src/base/clock.ts';
import { arrayAppend } from '../../src/base/primordials.ts';
import { Queue } from '../../src/base/queue.ts';
import { seededRandom } from '../../src/base/random.ts';
import { listOf } from '../support/queues.ts';

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

describe('arrayAppend', () => {
  const heard: unknown[] = [];
  const undo: (() => void)[] = [];
  afterEach(() => {
    for (const one of undo.splice(0)) one();
    heard.length = 0;
  });
  let heardCount = 0;
  // Nothing in it may append to an array: it stands behind all of them.
  const trap = {
    set() {
      heardCount++;
      return true;
    },
  };

  test.each<[string, () => void]>([
    [
      'on Array.prototype',
      () => {
        Object.defineProperty(Array.prototype, '1', { set: (value) => heard.push(value), configurable: true });
        undo.push(() => Reflect.deleteProperty(Array.prototype, '1'));
      },
    ],
    [
      'on Object.prototype',
      () => {
        Object.defineProperty(Object.prototype, '1', { set: (value) => heard.push(value), configurable: true });
        undo.push(() => Reflect.deleteProperty(Object.prototype, '1'));
      },
    ],
    [
      'behind Array.prototype',
      () => {
        undo.push(() => Object.setPrototypeOf(Array.prototype, Object.prototype));
        Object.setPrototypeOf(Array.prototype, new Proxy(Object.prototype, trap));
      },
    ],
  ])('is not heard by a setter that a program put %s', (_, put) => {
    const list: unknown[] = ['first'];
    put();
    arrayAppend(list, 'second');
    arrayAppend(list, 'third');
    for (const one of undo.splice(0)) one();
    expect([list, heard, heardCount]).toEqual([['first', 'second', 'third'], [], 0]);
  });

  test('is not heard by the prototype that an array was given', () => {
    const list: unknown[] = Object.setPrototypeOf(['first'], new Proxy([], trap));
    arrayAppend(list, 'second');
    expect([list.length, list[1], heardCount]).toEqual([2, 'second', 0]);
  });
});

describe('a queue', () => {
  test('gives what it was given, in order, however it is filled and emptied', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.nat(), fc.constantFrom('shift', 'clear'))), (steps) => {
        const queue = new Queue<number>();
        const model: number[] = [];
        for (const step of steps) {
          if (step === 'shift') expect(queue.shift()).toBe(model.shift());
          else if (step === 'clear') {
            queue.clear();
            model.length = 0;
          } else {
            queue.append(step as number);
            model.push(step as number);
          }
          expect([queue.length, queue.first?.value, queue.last, listOf(queue)]).toEqual([
            model.length,
            model[0],
            model.at(-1),
            model,
          ]);
        }
      }),
    );
  });
});

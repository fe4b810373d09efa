import { describe, expect, test } from 'vitest';
import { OneByOne } from '../../src/sockets/one-by-one.ts';

/** What is delivered, and how: `begin` lets the oldest begin. */
function line() {
  const begins: (() => void)[] = [];
  const log: string[] = [];
  let turn: number | undefined;
  const made = new OneByOne<string>({
    turn: () => turn,
    deliver: (thing, begun, isNext) => {
      log.push(isNext ? `next ${thing}` : thing);
      begins.push(begun);
    },
  });
  const begin = (inTurn?: number) => {
    turn = inTurn;
    begins.shift()?.();
  };
  return { made, log, begin, goTo: (number: number | undefined) => (turn = number) };
}

describe('what arrives on one socket', () => {
  test('is delivered one at a time, the next when the one before has begun', () => {
    const { made, log, begin } = line();
    for (const thing of ['a', 'b', 'c']) made.add(thing);
    expect(log).toEqual(['a']);
    begin();
    expect(log).toEqual(['a', 'next b']);
    begin();
    begin();
    made.add('d');
    expect(log).toEqual(['a', 'next b', 'next c', 'd']);
  });

  test('follows what it came with, also when that has begun at once', () => {
    const { made, log, begin, goTo } = line();
    made.add('a');
    begin(1);
    made.add('b');
    begin(2);
    goTo(3);
    made.add('c');
    expect(log).toEqual(['a', 'next b', 'c']);
  });
});

/** What an object tells its host of its sockets: all of it, in order, in few posts. */
import { describe, expect, test } from 'vitest';
import { Burst } from '../../src/isolate/burst.ts';
import { SocketDeeds } from '../../src/isolate/socket-deeds.ts';
import { TaskArrivals } from '../../src/isolate/task-arrivals.ts';
import type { ConnectionId } from '../../src/protocol/names.ts';
import type { SocketDeed } from '../../src/protocol/sockets.ts';

const connection = 'a' as ConnectionId;
const send = (data: string): SocketDeed => ({ o: 'send', connection, data });
const TAKEN: SocketDeed = { o: 'taken', connection: 'a' as ConnectionId };
const OVER: SocketDeed = { o: 'over', connection };

function told() {
  const posts: (readonly SocketDeed[])[] = [];
  const burst = new Burst();
  const state = { isBursting: false, empties: 0 };
  const deeds = new SocketDeeds({
    post: (all) => posts.push(all),
    afterBurst: (go) => {
      if (state.isBursting) burst.wait(go);
      return state.isBursting;
    },
    onEmpty: () => state.empties++,
  });
  return { deeds, posts, burst, state };
}

const microtasks = async () => {
  for (let i = 0; i < 10; i++) await undefined;
};

describe('deeds', () => {
  test('that are sends leave together, a few microtasks later', async () => {
    const { deeds, posts, state } = told();
    deeds.say(TAKEN);
    deeds.say(send('1'));
    await undefined;
    deeds.say(send('2'));
    expect(posts).toEqual([]);
    expect(deeds.isEmpty).toBe(false);
    await microtasks();
    expect(posts).toEqual([[TAKEN, send('1'), send('2')]]);
    expect(deeds.isEmpty).toBe(true);
    expect(state.empties).toBe(1);
  });

  test('that somebody may hear of by another way are told at once, after what was said before', () => {
    const { deeds, posts } = told();
    deeds.say(TAKEN);
    deeds.say(send('1'));
    deeds.say(OVER);
    expect(posts).toEqual([[TAKEN, send('1'), OVER]]);
  });

  test('of a handler that sends nothing are told at the end of its turn', async () => {
    const { deeds, posts } = told();
    deeds.say(TAKEN);
    await microtasks();
    expect(posts).toEqual([]);
    deeds.turnEnded();
    expect(posts).toEqual([[TAKEN]]);
    deeds.turnEnded();
    expect(posts).toHaveLength(1);
  });

  test('wait for the deliveries behind them, and no end of a turn tells them before', async () => {
    const { deeds, posts, burst, state } = told();
    state.isBursting = true;
    deeds.say(TAKEN);
    deeds.say(send('1'));
    await microtasks();
    deeds.turnEnded();
    deeds.say(TAKEN);
    deeds.say(send('2'));
    await microtasks();
    deeds.turnEnded();
    expect(posts).toEqual([]);
    burst.end();
    expect(posts).toEqual([[TAKEN, send('1'), TAKEN, send('2')]]);
    state.isBursting = false;
    deeds.say(send('3'));
    await microtasks();
    expect(posts).toHaveLength(2);
  });

  test('are told when the instance ends, though they wait', async () => {
    const { deeds, posts, state } = told();
    state.isBursting = true;
    deeds.say(send('1'));
    await microtasks();
    deeds.flush();
    expect(posts).toEqual([[send('1')]]);
    deeds.flush();
    expect(posts).toHaveLength(1);
  });
});

describe('arrivals of a Worker', () => {
  function tasks() {
    const queue: (() => void)[] = [];
    const run = async () => {
      for (let task = queue.shift(); task; task = queue.shift()) {
        task();
        await microtasks();
      }
    };
    return { arrivals: new TaskArrivals((task) => queue.push(task)), queue, run };
  }

  test('are a task each, and what they answer leaves after the last', async () => {
    const { arrivals, queue, run } = tasks();
    const log: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      arrivals.arrive(() => {
        log.push(name);
        if (!arrivals.afterBurst(() => log.push(`${name} left`))) log.push(`${name} left at once`);
      });
    }
    expect(queue).toHaveLength(3);
    await run();
    expect(log).toEqual(['a', 'b', 'c', 'c left at once', 'a left', 'b left']);
    expect(arrivals.afterBurst(() => {})).toBe(false);
  });

  test('hold nothing up for more than a few', async () => {
    const { arrivals, run } = tasks();
    let delivered = 0;
    let left = 0;
    for (let i = 0; i < 80; i++) {
      arrivals.arrive(() => {
        if (delivered++ === 0) arrivals.afterBurst(() => (left = delivered));
      });
    }
    await run();
    expect(left).toBe(33);
  });

  test('that come while the last is answered belong to the same burst', async () => {
    const { arrivals, run } = tasks();
    const log: string[] = [];
    arrivals.arrive(() => {
      arrivals.afterBurst(() => log.push('left'));
    });
    arrivals.arrive(() => {
      log.push('last');
      arrivals.arrive(() => log.push('later'));
    });
    await run();
    expect(log).toEqual(['last', 'later', 'left']);
  });
});

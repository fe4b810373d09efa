import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { IoContext } from '../../src/isolate/io-context.ts';
import type { EndpointId, MachineId } from '../../src/protocol/names.ts';
import type { TraceEvent } from '../../src/protocol/trace.ts';
import type { TraceBatch } from '../../src/protocol/trace-batch.ts';
import { readBatch } from '../../src/protocol/trace-reader.ts';
import { Tracer } from '../../src/protocol/tracer.ts';

setFlagsFromString('--expose_gc');
const collect = runInNewContext('gc') as () => void;

/** A context whose tasks run only when the test says so. */
function context(tracer?: Tracer) {
  const clock = new ManualClock();
  const tasks: (() => void)[] = [];
  const log: string[] = [];
  const io: IoContext = new IoContext({
    schedule: (task) => tasks.push(task),
    endTurn: () => log.push('end'),
    after: (delayMs, fire) => clock.after(delayMs, fire),
    onBroken: (error, why) => log.push(`broken: ${(error as Error).message} (${why})`),
    sectionDepthMax: 2,
    sectionMsMax: 30_000,
    ...(tracer ? { tracer } : {}),
  });
  /** Runs what was posted, one task at a time, with its microtasks. */
  const run = async () => {
    const microtasks = () => new Promise<void>((resolve) => setImmediate(resolve));
    await microtasks();
    for (let task = tasks.shift(); task; task = tasks.shift()) {
      task();
      await microtasks();
    }
  };
  return { io, clock, tasks, log, run };
}

describe('what answers a burst', () => {
  test('is not kept when nothing waits', async () => {
    const { io, run } = context();
    const kept: boolean[] = [];
    io.arrive(() => kept.push(io.afterBurst(() => {})));
    await run();
    expect([...kept, io.afterBurst(() => {})]).toEqual([false, false]);
  });

  test('leaves when the deliveries that wait are through', async () => {
    const { io, log, run } = context();
    for (const name of ['a', 'b', 'c']) {
      io.arrive(() => log.push(`${name} ${io.afterBurst(() => log.push(`answer of ${name}`))}`));
    }
    expect(log).toEqual(['a false']);
    log.length = 0;
    for (const name of ['d', 'e']) io.arrive(() => log.push(`${name} ${io.afterBurst(() => {})}`));
    await run();
    expect(log.filter((line) => line !== 'end')).toEqual([
      'b true',
      'c true',
      'd true',
      'e false',
      'answer of b',
      'answer of c',
    ]);
  });

  test('leaves after 32 deliveries, however many more wait', async () => {
    const { io, log, run } = context();
    io.arrive(() => {});
    for (let i = 0; i < 80; i++) {
      io.arrive(() => {
        log.push(`delivery ${i}`);
        io.afterBurst(() => log.push(`answer ${i}`));
      });
    }
    await run();
    const lines = log.filter((line) => line !== 'end');
    expect(lines.indexOf('answer 0')).toBe(33);
    expect(lines.indexOf('answer 32')).toBe(33 + 32);
  });

  test('does not wait for a critical section', async () => {
    const { io, log, run } = context();
    io.arrive(() => {
      void io.criticalSection(() => new Promise(() => {}));
    });
    io.arrive(() => log.push('held back'));
    await run();
    expect(io.afterBurst(() => log.push('answer'))).toBe(false);
    expect(log).not.toContain('held back');
  });

  test('leaves before the context breaks', async () => {
    const { io, log, run } = context();
    io.arrive(() => {});
    io.arrive(() => {
      io.afterBurst(() => log.push('answer'));
      io.break();
      log.push('broken');
    });
    io.arrive(() => log.push('never'));
    await run();
    expect(log.filter((line) => line !== 'end')).toEqual(['answer', 'broken']);
  });
});

describe('a turn', () => {
  test('begins with the arrival itself when nothing runs, and ends before the next delivery', async () => {
    const { io, log, run } = context();
    io.arrive(() => log.push('a'));
    io.arrive(() => log.push('b'));
    expect(log).toEqual(['a']);
    await run();
    expect(log).toEqual(['a', 'end', 'b', 'end']);
    expect(io.isQuiet).toBe(true);
    expect(io.deliveryCount).toBe(2);
  });

  test('has all its microtasks before it ends', async () => {
    const { io, log, run } = context();
    io.arrive(() => {
      void Promise.resolve()
        .then(() => undefined)
        .then(() => log.push('microtask'));
    });
    await run();
    expect(log).toEqual(['microtask', 'end']);
  });

  test('is opened and ended for a write that no delivery began', async () => {
    const { io, log, run } = context();
    io.ensureTurn();
    expect(io.isQuiet).toBe(false);
    await run();
    expect(log).toEqual(['end']);
  });
});

describe('a critical section', () => {
  test('never starts synchronously, keeps others out, and hands over to its caller before they come in', async () => {
    const { io, log, run } = context();
    io.arrive(() => {
      log.push('event');
      const finished = io.criticalSection(async () => {
        log.push('section');
        const back = io.capture();
        await new Promise<void>((resolve) => back(resolve));
        log.push('section goes on');
      });
      void finished.then(() => log.push('caller goes on'));
      log.push('caller continues');
    });
    io.arrive(() => log.push('other event'));
    await run();
    expect(log.filter((entry) => entry !== 'end')).toEqual([
      'event',
      'caller continues',
      'section',
      'section goes on',
      'caller goes on',
      'other event',
    ]);
  });

  test('ends with its turn: that is over when its caller goes on', async () => {
    const { io, log, run } = context();
    io.arrive(() => {
      const finished = io.criticalSection(async () => {
        log.push('section');
        void (async () => {
          for (let i = 0; i < 9; i++) await undefined;
          log.push('microtask of the section');
        })();
      });
      void finished.then(() => log.push('caller goes on'));
    });
    io.arrive(() => log.push('other event'));
    await run();
    expect(log).toEqual([
      'end',
      'section',
      'microtask of the section',
      'end',
      'caller goes on',
      'end',
      'other event',
      'end',
    ]);
  });

  test('that fails breaks the context: nothing is delivered any more, and its promise never settles', async () => {
    const { io, log, run } = context();
    let settled = false;
    io.arrive(() => {
      void io
        .criticalSection(() => {
          throw new Error('init');
        })
        .finally(() => {
          settled = true;
        });
    });
    io.arrive(() => log.push('other event'));
    await run();
    expect(log.filter((entry) => entry !== 'end')).toEqual(['broken: init (failed)']);
    expect(io.isBroken).toBe(true);
    expect(settled).toBe(false);
  });

  test('that takes longer than it may breaks the context', async () => {
    const { io, clock, log, run } = context();
    io.arrive(() => void io.criticalSection(() => new Promise(() => {})));
    await run();
    await clock.advance(29_999);
    expect(io.isBroken).toBe(false);
    await clock.advance(1);
    expect(log.at(-1)).toMatch(/^broken: A call to blockConcurrencyWhile\(\) .* \(too long\)$/);
  });

  test('may be nested, but not for ever', async () => {
    const { io, log, run } = context();
    io.arrive(() => {
      void io.criticalSection(() =>
        io.criticalSection(async () => {
          log.push('inner');
          try {
            await io.criticalSection(() => {});
          } catch (error) {
            log.push((error as Error).message);
          }
        }),
      );
    });
    await run();
    expect(log.filter((entry) => entry !== 'end')).toEqual([
      'inner',
      'blockConcurrencyWhile() calls are nested too deeply.',
    ]);
    expect(io.isQuiet).toBe(true);
  });
});

describe('a critical section whose promise nobody can settle', () => {
  const LOST = 'broken: Promise will never complete. (failed)';
  /** Collects what nothing reaches, and lets the engine say so. */
  const forget = async (run: () => Promise<void>) => {
    for (let i = 0; i < 3; i++) {
      collect();
      await run();
    }
  };

  test.each<[string, () => unknown]>([
    ['that awaits such a promise', () => new Promise(() => {})],
    [
      'that awaits it in a function',
      async () => {
        await new Promise(() => {});
      },
    ],
    ['that awaits what was made of it', () => new Promise(() => {}).then(() => 1)],
  ])('ends the object when memory is collected: one %s', async (_, callback) => {
    const { io, log, run } = context();
    io.arrive(() => void io.criticalSection(callback));
    await run();
    expect(log).not.toContain(LOST);
    await forget(run);
    expect(log.filter((line) => line !== 'end')).toEqual([LOST]);
    expect(io.isBroken).toBe(true);
  });

  test('waits like any other while somebody could settle it', async () => {
    const { io, log, run } = context();
    let settle: (value: string) => void = () => {};
    const began = () => new Promise<string>((resolve) => (settle = resolve));
    io.arrive(() => void io.criticalSection(began).then((value) => log.push(value)));
    await run();
    await forget(run);
    expect(log).toEqual(['end', 'end']);
    settle('settled');
    await run();
    await forget(run);
    expect(log).toEqual(['end', 'end', 'settled', 'end']);
    expect(io.isBroken).toBe(false);
  });

  test('says nothing of one that failed in another way', async () => {
    const { io, log, run } = context();
    io.arrive(() => void io.criticalSection(() => Promise.reject(new Error('mine'))));
    await run();
    await forget(run);
    expect(log.filter((line) => line !== 'end')).toEqual(['broken: mine (failed)']);
  });
});

test('the trace says of what waits how long it waited: for the next turn since the first of it came, behind a section each for itself', async () => {
  const batches: TraceBatch[] = [];
  const time = { real: 1, readings: 0 };
  const tracer = new Tracer({
    now: () => 0,
    realNow: () => {
      time.readings++;
      return time.real;
    },
    later: () => {},
    hand: (batch) => batches.push(batch),
  });
  tracer.become({ id: 'a' as EndpointId, kind: 'object', lane: 'a', label: 'A:a', machine: 'm' as MachineId });
  tracer.turn(true);
  const { io, run } = context(tracer);
  const arrive = (name: string, go = () => {}) => io.arrive(go, { what: 'call', name, cause: undefined });
  const inTurn = (count: number, name: string) => {
    for (let i = 0; i < count; i++, time.real += 1 / 8) arrive(`${name} ${i}`);
  };
  let open = () => {};
  arrive('at once');
  inTurn(3, 'waits');
  await run();
  const readings = time.readings;
  arrive('section', () => void io.criticalSection(() => new Promise<void>((resolve) => (open = resolve))));
  await run();
  inTurn(2, 'held');
  open();
  await run();
  tracer.flush();
  expect(readings).toBe(5);
  const waited = batches
    .flatMap(readBatch)
    .flatMap((event) => (event.kind === 'deliver' ? [`${event.name}: ${event.waitedMs}`] : []));
  expect(waited).toEqual([
    'at once: 0',
    'waits 0: 0.375',
    'waits 1: 0.375',
    'waits 2: 0.375',
    'section: 0',
    'held 0: 0.25',
    'held 1: 0.125',
  ]);
});

describe('the trace of a critical section', () => {
  test('says that what it does, and what follows it, belongs to the event whose code began it', async () => {
    const batches: TraceBatch[] = [];
    const tracer = new Tracer({
      now: () => 0,
      realNow: () => 1,
      later: (go) => go(),
      hand: (batch) => batches.push(batch),
    });
    tracer.become({ id: 'a' as EndpointId, kind: 'object', lane: 'a', label: 'A:a', machine: 'm' as MachineId });
    tracer.turn(true);
    const { io, run } = context(tracer);
    const log = (text: string) => tracer.note({ kind: 'log', level: 'log', text });
    const arrive = (name: string, go: () => void) => io.arrive(go, { what: 'call', name, cause: undefined });
    arrive('first', async () => {
      await io.criticalSection(async () => {
        log('inside');
        await new Promise<void>((resolve) => io.capture()(resolve, { what: 'timer', name: 'timer', cause: undefined }));
      });
      log('after');
    });
    arrive('second', () => log('second'));
    await run();
    const events = batches.flatMap(readBatch);
    const causeOf = (is: (event: TraceEvent) => boolean) => {
      const cause = events.find(is)?.cause;
      const found = events.find(({ number }) => number === cause?.number);
      return found && 'name' in found ? found.name : undefined;
    };
    const byText = (text: string) => causeOf((event) => event.kind === 'log' && event.text === text);
    expect([byText('inside'), byText('after'), byText('second')]).toEqual(['first', 'first', 'second']);
    expect(causeOf((event) => event.kind === 'gate' && event.state === 'closed')).toBe('first');
    expect(causeOf((event) => event.kind === 'gate' && event.state === 'open')).toBe('first');
  });
});

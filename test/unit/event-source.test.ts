/** What EventSource does about time and failures; what it tells of streams is compared with workerd. */
import { expect, test } from 'vitest';
import { type EventSourceParts, makeEventSource } from '../../src/isolate/event-source.ts';
import { EventStreamReader } from '../../src/isolate/event-stream.ts';

class ErrorEvent extends Event {
  readonly error: unknown;

  constructor(type: string, { error }: { error: unknown }) {
    super(type);
    this.error = error;
  }
}

interface Source extends EventTarget {
  readonly readyState: number;
  onerror: unknown;
  close(): void;
}

/** A source whose answers and timers are the test's. */
function bench(answer: (tries: number, init: RequestInit) => Response | Promise<Response>) {
  const timers = new Map<number, { run: () => void; delayMs: number }>();
  const logged: unknown[] = [];
  let tries = 0;
  const parts: EventSourceParts = {
    events: { Event, MessageEvent, ErrorEvent } as unknown as EventSourceParts['events'],
    dispatch: (target, event) => void target.dispatchEvent(event),
    fetch: async (_, init) => answer(++tries, init as RequestInit),
    timers: {
      setTimeout: (run, delayMs) => {
        timers.set(timers.size + 1, { run, delayMs });
        return timers.size;
      },
      clearTimeout: (id) => timers.delete(id),
    },
    isFetcher: (_value): _value is never => false,
    isGlobalScope: () => false,
    log: (error) => void logged.push(error),
  };
  const EventSource = makeEventSource(parts) as unknown as new (url: string) => Source;
  const source = new EventSource('https://events.example/');
  const failure = () =>
    new Promise<unknown>((resolve) => {
      source.onerror = (event: ErrorEvent) => resolve(event.error);
    });
  /** Fires the one timer; its delay. */
  const fire = () => {
    const [[id, { run, delayMs }]] = [...timers] as [[number, { run: () => void; delayMs: number }]];
    timers.delete(id);
    run();
    return delayMs;
  };
  return { source, failure, fire, timers, logged };
}

const events = (text: string) => new Response(text, { headers: { 'content-type': 'text/event-stream' } });
const turn = () => new Promise((resolve) => setImmediate(resolve));

test.each([
  ['nothing', '', 2000],
  ['no number', 'retry: soon\n', 2000],
  ['too little', 'retry: 10\n', 1000],
  ['something', 'retry: 1500\n', 1500],
  ['too much', 'retry: 20000\n', 10_000],
])('it asks again after %s', async (_, text, delayMs) => {
  const { failure, fire } = bench(() => events(text));
  expect(String(await failure())).toBe('Error: The server disconnected.');
  await turn();
  expect(fire()).toBe(delayMs);
});

test('a request that fails is told and repeated, with the last id that was heard', async () => {
  const ids: (string | undefined)[] = [];
  const { source, failure, fire } = bench((tries, { headers }) => {
    ids.push((headers as Record<string, string>)['last-event-id']);
    if (tries === 2) throw new TypeError('no network');
    return events('id: 7\n\n');
  });
  await failure();
  await turn();
  fire();
  expect(String(await failure())).toBe('TypeError: no network');
  expect(source.readyState).toBe(0);
  await turn();
  fire();
  await failure();
  expect(ids).toEqual([undefined, '7', '7']);
});

test('closed, it hangs up and asks no more', async () => {
  let signal: AbortSignal | null | undefined;
  const { source, failure, timers } = bench((tries, init) => {
    signal = init.signal;
    return tries === 1 ? events('') : new Promise<Response>(() => {});
  });
  await failure();
  await turn();
  expect(timers.size).toBe(1);
  source.close();
  expect([timers.size, signal?.aborted, source.readyState]).toEqual([0, true, 2]);
});

test('a text may be cut anywhere, and lines may end in three ways', () => {
  const text = 'id: a\r\ndata: one\rdata: two\n\r\nevent: own\n: nothing\ndata:three\r\r';
  const whole = new EventStreamReader('').read(text);
  expect(whole).toEqual([
    { type: 'message', data: 'one\ntwo', lastEventId: 'a' },
    { type: 'own', data: 'three', lastEventId: 'a' },
  ]);
  const reader = new EventStreamReader('');
  expect([...text].flatMap((one) => reader.read(one))).toEqual(whole);
});

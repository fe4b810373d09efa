/** Requests to the outside leave by the output gate, and what comes back arrives by the input gate, piece by piece. */
import { expect, test } from 'vitest';
import { makeFetchClasses } from '../../src/isolate/fetch-classes.ts';
import { outboundFetch } from '../../src/isolate/outbound.ts';
import { makeCodecs, settle } from '../support/rpc-realm.ts';

/** The program's `fetch` with gates that the test opens, and a network that the test is. */
function outside() {
  const asked: { url: string; init: RequestInit; answer(response: Response): void; fail(error: unknown): void }[] = [];
  const leaving: (() => void)[] = [];
  const arriving: (() => void)[] = [];
  let waits = 0;
  const classes = makeFetchClasses({ Request, Response, Headers });
  const fetch = outboundFetch({
    ways: { targetOf: () => undefined, ask: () => Promise.reject(new Error('nothing is inside')) },
    classes,
    ending: (signal) => signal,
    fetchBy: () => Promise.reject(new Error('there are no stubs')),
    errors: makeCodecs().errors,
    native: (url, init) =>
      new Promise((answer, fail) => void asked.push({ url: url as string, init: init as RequestInit, answer, fail })),
    context: () => ({
      leave: (post) => void leaving.push(post),
      capture: () => (run) => void arriving.push(run),
      arrive: (run) => run(),
      afterTurn: (go) => go(),
    }),
    begin() {
      waits++;
      let isOver = false;
      return () => {
        if (!isOver) waits--;
        isOver = true;
      };
    },
  });
  const open = async (gate: (() => void)[]) => {
    await settle();
    for (const one of gate.splice(0)) one();
    await settle();
  };
  return {
    fetch,
    asked,
    arriving,
    letLeave: () => open(leaving),
    letArrive: () => open(arriving),
    waits: () => waits,
  };
}

const text = (bytes: unknown) => new TextDecoder().decode(bytes as Uint8Array);
const URL_OUTSIDE = 'https://example.com/a';

/** A body that the test writes, and what was asked of it. */
function body() {
  let pulls = 0;
  let isCancelled = false;
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const stream = new ReadableStream<Uint8Array>(
    {
      start: (given) => {
        controller = given;
      },
      pull: () => void pulls++,
      cancel: () => {
        isCancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return {
    stream,
    say: (words: string) => controller?.enqueue(new TextEncoder().encode(words)),
    end: () => controller?.close(),
    fail: (error: unknown) => controller?.error(error),
    pulls: () => pulls,
    isCancelled: () => isCancelled,
  };
}

test('a request waits for the output gate, its response for the input gate', async () => {
  const { fetch, asked, letLeave, letArrive, waits } = outside();
  const seen: string[] = [];
  void fetch(URL_OUTSIDE, { method: 'POST', body: 'b' }).then((response) => seen.push(String(response.status)));
  await settle();
  expect([asked.length, waits()]).toEqual([0, 0]);
  await letLeave();
  expect(asked[0]).toMatchObject({ url: URL_OUTSIDE, init: { method: 'POST' } });
  expect(waits()).toBe(1);
  asked[0]?.answer(new Response('', { status: 201 }));
  await settle();
  expect([seen, waits()]).toEqual([[], 0]);
  await letArrive();
  expect(seen).toEqual(['201']);
});

test('each piece of a body is an arrival, is asked for when it is read, and is waited for', async () => {
  const { fetch, asked, letLeave, letArrive, waits } = outside();
  const network = body();
  const answered = fetch(URL_OUTSIDE);
  await letLeave();
  asked[0]?.answer(new Response(network.stream));
  await letArrive();
  const reader = ((await answered).body as ReadableStream).getReader();
  await settle();
  expect([network.pulls(), waits()], 'nothing is read ahead').toEqual([0, 0]);
  const seen: string[] = [];
  const read = () => void reader.read().then(({ done, value }) => seen.push(done ? 'end' : text(value)));
  read();
  await settle();
  expect([network.pulls(), waits()]).toEqual([1, 1]);
  network.say('one');
  await settle();
  expect(seen, 'behind the gate').toEqual([]);
  await letArrive();
  expect([seen, waits()]).toEqual([['one'], 0]);
  read();
  network.end();
  await letArrive();
  expect([seen, waits()]).toEqual([['one', 'end'], 0]);
});

test('a body can be read whole, given up, and fail', async () => {
  const { fetch, asked, letLeave, letArrive, waits } = outside();
  const bodies = [body(), body(), body()];
  const answers = bodies.map(() => fetch(URL_OUTSIDE));
  await letLeave();
  for (const [i, one] of bodies.entries()) asked[i]?.answer(new Response(one.stream));
  await letArrive();
  const [whole, given, failed] = await Promise.all(answers);
  const all = whole?.text();
  for (const words of ['a', 'b']) {
    bodies[0]?.say(words);
    await letArrive();
  }
  bodies[0]?.end();
  await letArrive();
  expect(await all).toBe('ab');
  await given?.body?.cancel('enough');
  expect(bodies[1]?.isCancelled()).toBe(true);
  const broken = failed?.text().catch((error: Error) => error.message);
  bodies[2]?.fail(new TypeError('network error'));
  await letArrive();
  expect([await broken, waits()]).toEqual(['network error', 0]);
});

test('a refusal is explained, and an abort is what the signal says', async () => {
  const { fetch, asked, letLeave, letArrive } = outside();
  const refused = fetch(URL_OUTSIDE).catch((error: Error) => error.message);
  const controller = new AbortController();
  const aborted = fetch(URL_OUTSIDE, { signal: controller.signal }).catch((error: unknown) => error);
  await letLeave();
  expect(asked[1]?.init.signal).toBe(controller.signal);
  asked[0]?.fail(new TypeError('Failed to fetch'));
  controller.abort('changed my mind');
  asked[1]?.fail('changed my mind');
  await letArrive();
  expect(await refused).toMatch(
    /^The browser refused the request to https:\/\/example\.com\/a: .+ \(CORS\), or .+Content-Security-Policy.+\(connect-src\)\.$/,
  );
  expect(await aborted).toBe('changed my mind');
});

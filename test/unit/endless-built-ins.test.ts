/**
 * Loops of ours that a program could make endless by breaking a built-in. Chromium does not end a thread in which optimized code goes on
 * and on in microtasks: it would keep a processor, its databases and every lock that falls to it until the page is closed.
 *
 * A test that goes wrong here stops by itself: whoever is called too often throws.
 */
import { expect, test } from 'vitest';
import { deferred } from '../../src/base/async.ts';
import { typedArrayByteLength } from '../../src/base/primordials.ts';
import { RequestContext } from '../../src/isolate/request-contexts.ts';
import type { ByteSink, LinkEnd } from '../../src/protocol/link.ts';
import { ByteStreams } from '../../src/rpc/byte-streams.ts';
import { Failure, type StubHook } from '../../src/rpc/hook.ts';
import type { LocalRealm } from '../../src/rpc/local.ts';
import { OutgoingBody } from '../../src/rpc/streams.ts';
import { type BuiltIn, breakBuiltIn, builtInsOf, REPLACEMENTS, restoreBuiltIn } from '../support/each-built-in.ts';
import { makeCodecs, openContext } from '../support/rpc-realm.ts';

const ALL = builtInsOf(Object.getOwnPropertyNames(globalThis));
const named = (name: string) => ALL.find((one) => one.name === name) as BuiltIn;
const WAYS = Object.entries(REPLACEMENTS);
const MANY = 100;

const context = openContext();
const { errors, payload } = makeCodecs();
const realm = { context, payload } as unknown as LocalRealm;

class Collected implements ByteSink {
  readonly id = 1;
  readonly cancelled = new Promise<never>(() => {});
  writes = 0;
  bytes = 0;
  async write(chunk: Uint8Array): Promise<void> {
    if (++this.writes > MANY) throw new Error('it never ends');
    this.bytes += typedArrayByteLength(chunk);
  }
  close(): void {}
  abort(): void {}
}
const BODY_MEMBERS = ['length', 'byteLength', 'byteOffset', 'buffer', 'slice', 'subarray', 'set'];

test.each(WAYS)('a body of bytes ends where its bytes end: a typed array’s member %s', async (_does, replacement) => {
  for (const member of BODY_MEMBERS) {
    const broken = named(`TypedArray.prototype.${member}`);
    for (const length of [3, 200_000]) {
      const bytes = new Uint8Array(length);
      const sink = new Collected();
      const over = deferred<boolean>();
      let kind: string | undefined;
      breakBuiltIn(broken, replacement);
      try {
        const body = new OutgoingBody({ bytes, context, errors, replayable: true, whenLeft: 'told' });
        const opened = body.openStream({ createStream: () => sink } as unknown as LinkEnd);
        kind = body.describe(opened).kind;
        if (opened) {
          body.start(opened, over.resolve);
          await over.promise;
        }
      } finally {
        restoreBuiltIn(broken);
      }
      const expected = length === 3 ? { kind: 'bytes', bytes: 0 } : { kind: 'stream', bytes: length };
      expect({ member, kind, bytes: sink.bytes }).toEqual({ member, ...expected });
    }
  }
});

const NativePromise = Promise;

/** Whoever makes a promise by the program's global gets something that is none: to wait for that takes no time at all. */
async function withoutPromises(run: () => Promise<void>): Promise<void> {
  let made = 0;
  const stop = () => {
    globalThis.Promise = NativePromise;
  };
  globalThis.Promise = new Proxy(NativePromise, {
    construct() {
      if (++made > MANY) stop();
      return {};
    },
  });
  try {
    await run();
  } finally {
    stop();
  }
  expect(made).toBe(0);
}

/** What is to happen next has happened. */
async function pass(): Promise<void> {
  for (let i = 0; i < MANY; i++) await undefined;
}

test('what waits for the end of a request waits, whatever Promise is', async () => {
  const request = new RequestContext();
  request.hold();
  const seen: unknown[] = [];
  await withoutPromises(async () => {
    void request.alone().then((isWhole) => seen.push(isWhole));
    await pass();
    seen.push('over');
    request.release();
    await pass();
  });
  expect(seen).toEqual(['over', true]);
});

test('who writes faster than is read waits, whatever Promise is', async () => {
  const answers: ((failure: Failure) => void)[] = [];
  const pull = () => new NativePromise((resolve) => answers.push(resolve));
  const hook = { call: () => ({ pull, dispose() {} }), dispose() {} } as unknown as StubHook;
  const writer = new ByteStreams(() => realm).writableOf(hook).getWriter();
  writer.closed.catch(() => {}); // the write says it
  const seen: string[] = [];
  await withoutPromises(async () => {
    writer.write(new Uint8Array(10_000_000)).then(
      () => seen.push('written'),
      (error) => seen.push(String(error)),
    );
    await pass();
    seen.push('nobody is there');
    answers[0]?.(new Failure(() => new Error('nobody is there')));
    await pass();
  });
  expect(seen).toEqual(['nobody is there', 'Error: nobody is there']);
});

/** Requests, responses and their bodies. Lines marked as transcripts were seen in workerd 1.20260730.1. */
import { describe, expect, test } from 'vitest';
import { deferred } from '../../src/base/async.ts';
import { makeFetchClasses } from '../../src/isolate/fetch-classes.ts';
import { INLINE_BODY_BYTES, STREAM_WINDOW_BYTES } from '../../src/protocol/limits.ts';
import type { SessionMessage } from '../../src/protocol/messages.ts';
import type { MemoryLinkEnd } from '../support/memory-link.ts';
import {
  DurableObject,
  hostObject as hostAny,
  makeCodecs,
  type ObjectOptions,
  settle,
  show,
} from '../support/rpc-realm.ts';

const NATIVE = { Request, Response, Headers };

describe.each([
  ['the browser’s own classes', NATIVE],
  ['an isolate’s classes', makeFetchClasses(NATIVE)],
])('with %s', (_name, classes) => {
  const { Request, Response, Headers } = classes;
  const hostObject = (instance: object, options: ObjectOptions = {}) =>
    hostAny(instance, { codecs: makeCodecs({ classes }), ...options });

  const cancelled: unknown[] = [];

  class Web extends DurableObject {
    pulls = 0;

    async fetch(request: Request): Promise<unknown> {
      const url = new URL(request.url);
      switch (url.pathname) {
        case '/str':
          return 'x';
        case '/undef':
          return undefined;
        case '/null':
          throw null;
        case '/throw':
          throw Object.assign(new RangeError('boo'), { code: 7 });
        case '/used': {
          const response = new Response('x');
          await response.text();
          return response;
        }
        case '/cookie': {
          const headers = new Headers({ 'x-a': 'q' });
          headers.append('set-cookie', 'a=1');
          headers.append('set-cookie', 'b=2');
          return new Response(null, { status: 204, headers });
        }
        case '/echo': {
          const body = await request.text();
          return Response.json([request.method, request.url, [...request.headers], body, request.redirect]);
        }
        case '/echobytes':
          return new Response(request.body);
        case '/redir':
          return new Response(null, { status: 302, headers: { location: '/echo' } });
        case '/redir307':
          return new Response(null, { status: 307, headers: { location: 'http://other.test/echo' } });
        case '/loop':
          return new Response(null, { status: 302, headers: { location: '/loop' } });
        case '/endless':
          return new Response(
            new ReadableStream(
              {
                pull: (controller) => {
                  this.pulls++;
                  controller.enqueue(new Uint8Array(64 * 1024));
                },
                cancel: (reason) => void cancelled.push(reason),
              },
              { highWaterMark: 0 },
            ),
          );
        case '/midway':
          return new Response(
            new ReadableStream({
              start: (controller) => controller.enqueue(new Uint8Array(3)),
              pull: (controller) => controller.error(new RangeError('mid')),
            }),
          );
        case '/strings':
          return new Response(
            new ReadableStream({
              start(controller) {
                controller.enqueue('abc');
                controller.close();
              },
            }),
          );
        case '/objects':
          return new Response(
            new ReadableStream({
              start(controller) {
                controller.enqueue({ a: 1 });
                controller.close();
              },
            }),
          );
        default:
          return new Response(`ok ${request.url}`, { status: 201, statusText: 'Made' });
      }
    }
  }

  const host = () => hostObject(new Web());
  const o = host().stub();
  const text = async (...args: unknown[]) => (await o.fetch(...args)).text();

  test('transcript: what a handler may not do', async () => {
    class NoFetch extends DurableObject {}
    const lines = [
      await show(() => hostObject(new NoFetch()).stub().fetch('http://x/')),
      await show(() => o.fetch('http://x/str')),
      await show(() => o.fetch('http://x/undef')),
      await show(() => o.fetch('http://x/null')),
      await show(() => o.fetch('http://x/throw')),
      await show(() => o.fetch('http://x/used')),
      await show(() => text('http://x/midway')),
      await show(() => text('http://x/objects')),
    ];
    expect(lines).toEqual([
      'THROWS Error(Error): Handler does not export a fetch() function. {"remote":true}',
      'THROWS TypeError(TypeError): Incorrect type for Promise: the Promise did not resolve to \'Response\'. {"remote":true}',
      'THROWS TypeError(TypeError): Incorrect type for Promise: the Promise did not resolve to \'Response\'. {"remote":true}',
      'THROWS Error(Error): null {"remote":true}',
      'THROWS RangeError(RangeError): boo {"code":7,"remote":true}',
      'THROWS TypeError(TypeError): Body has already been used. It can only be used once. Use tee() first if you need to read it twice. {"remote":true}',
      'THROWS RangeError(RangeError): mid {"remote":true}',
      'THROWS TypeError(TypeError): Draining read encountered a value that cannot be converted to bytes {"remote":true}',
    ]);
  });

  test('transcript: what a caller may not ask', async () => {
    const lines = [
      await show(() => o.fetch('/rel')),
      await show(() => o.fetch('http://')),
      await show(() => o.fetch('ftp://a/b')),
      await show(() => o.fetch()),
      await show(() => o.fetch('http://x/', { body: 'x' })),
      await show(() => o.fetch('http://x/', { redirect: 'error' })),
    ];
    expect(lines).toEqual([
      'THROWS TypeError(TypeError): Invalid URL: /rel {}',
      'THROWS TypeError(TypeError): Invalid URL: http:// {}',
      'THROWS TypeError(TypeError): Fetch API cannot load: ftp://a/b {}',
      "THROWS TypeError(TypeError): Failed to execute 'fetch' on 'Fetcher': parameter 1 is not of type 'Request or string'. {}",
      'THROWS TypeError(TypeError): Request with a GET or HEAD method cannot have a body. {}',
      'THROWS TypeError(TypeError): Invalid redirect value, must be one of "follow" or "manual" ("error" won\'t be implemented since it does not make sense at the edge; use "manual" and check the response status code). {}',
    ]);
  });

  test('transcript: what the callee sees of a request', async () => {
    const type = ['content-type', 'text/plain;charset=UTF-8'];
    const seen = async (...args: unknown[]) => JSON.parse(await text(...args));
    expect(
      await seen('http://h.test:8080/echo?q=1#frag', { method: 'PUT', body: 'hello', headers: { 'X-Up': 'a' } }),
    ).toEqual([
      'PUT',
      'http://h.test:8080/echo?q=1',
      [['content-length', '5'], type, ['x-up', 'a']],
      'hello',
      'manual',
    ]);
    expect(await seen(new URL('http://h.test/echo'))).toEqual(['GET', 'http://h.test/echo', [], '', 'manual']);
    expect(await seen('http://x/echo', { method: 'POST' })).toEqual(['POST', 'http://x/echo', [], '', 'manual']);
    expect(await seen('http://x/echo', { method: 'POST', body: new URLSearchParams({ a: '1' }) })).toEqual([
      'POST',
      'http://x/echo',
      [
        ['content-length', '3'],
        ['content-type', 'application/x-www-form-urlencoded;charset=UTF-8'],
      ],
      'a=1',
      'manual',
    ]);
    const strings = new ReadableStream({
      start(controller) {
        controller.enqueue('str');
        controller.close();
      },
    });
    expect(await seen('http://x/echo', { method: 'POST', body: strings })).toEqual([
      'POST',
      'http://x/echo',
      [['transfer-encoding', 'chunked']],
      'str',
      'manual',
    ]);
  });

  test('a Request given to fetch is used up, and init changes what it says', async () => {
    const request = new Request('http://h.test/echo', { method: 'POST', body: 'hello', headers: { a: '1' } });
    const [method, , headers, body] = JSON.parse(await text(request, { headers: { z: '1' } }));
    expect([
      method,
      headers.find(([name]: [string]) => name === 'z'),
      headers.some(([name]: [string]) => name === 'a'),
      body,
    ]).toEqual(['POST', ['z', '1'], false, 'hello']);
    expect(request.bodyUsed).toBe(true);
  });

  test('status, text, url and headers arrive; Set-Cookie keeps its number; a null body stays null', async () => {
    const made = await o.fetch('http://h.test/made');
    expect([made.status, made.statusText, made.url, made.redirected, await made.text()]).toEqual([
      201,
      'Made',
      'http://h.test/made',
      false,
      'ok http://h.test/made',
    ]);
    const cookie = await o.fetch('http://h.test/cookie');
    expect([cookie.status, cookie.headers.getSetCookie(), [...cookie.headers], cookie.body]).toEqual([
      204,
      ['a=1', 'b=2'],
      [
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
        ['x-a', 'q'],
      ],
      null,
    ]);
  });

  test('redirects are followed within the object', async () => {
    const followed = await o.fetch('http://h.test/redir', { method: 'POST', body: 'q' });
    expect([followed.url, followed.redirected, await followed.json()]).toEqual([
      'http://h.test/echo',
      true,
      ['GET', 'http://h.test/echo', [['content-type', 'text/plain;charset=UTF-8']], '', 'manual'],
    ]);
    const kept = await o.fetch('http://h.test/redir307', { method: 'POST', body: 'abc' });
    expect([kept.url, (await kept.json())[3]]).toEqual(['http://other.test/echo', 'abc']);
    const manual = await o.fetch('http://h.test/redir', { redirect: 'manual' });
    expect([manual.status, manual.url, [...manual.headers]]).toEqual([
      302,
      'http://h.test/redir',
      [['location', '/echo']],
    ]);
    const stream = new Blob(['abc']).stream();
    expect(await show(() => o.fetch('http://h.test/redir307', { method: 'POST', body: stream }))).toMatch(
      /^THROWS TypeError\(TypeError\): A request with a one-time-use body \(it was initialized from a stream, not a buffer\) encountered a redirect/,
    );
    const urls = Array.from({ length: 21 }, () => 'http://x/loop').join(', ');
    expect(await show(() => o.fetch('http://x/loop'))).toBe(
      `THROWS TypeError(TypeError): Too many redirects.${urls} {}`,
    );
  });

  test('a small body whose bytes are known travels inside its message, a larger one as a stream', async () => {
    const object = host();
    const stub = object.stub();
    const bodies = () =>
      object.links[0]?.[0].bodies.map((body) => {
        const message = body as SessionMessage & { m: 'fetch' };
        return message.request.body.kind;
      });
    for (const size of [INLINE_BODY_BYTES, INLINE_BODY_BYTES + 1]) {
      const response = await stub.fetch('http://x/echobytes', { method: 'POST', body: 'x'.repeat(size) });
      expect((await response.text()).length).toBe(size);
    }
    expect(bodies()).toEqual(['bytes', 'stream']);
    expect(object.sessions[0]?.caller.isQuiet).toBe(true);
  });

  test('16 MiB go there and back unchanged, and never more than the window waits on either way', async () => {
    const object = host();
    const size = 16 * 1024 * 1024;
    const chunk = 48 * 1024 + 7;
    let sent = 0;
    const body = new ReadableStream({
      pull(controller) {
        const length = Math.min(chunk, size - sent);
        const part = new Uint8Array(length);
        for (let i = 0; i < length; i++) part[i] = (sent + i) % 251;
        sent += length;
        controller.enqueue(part);
        if (sent === size) controller.close();
      },
    });
    const response = await object.stub().fetch('http://x/echobytes', { method: 'POST', body });
    const back = new Uint8Array(await response.arrayBuffer());
    expect(back.length).toBe(size);
    let wrong = 0;
    for (let i = 0; i < size; i++) if (back[i] !== i % 251) wrong++;
    expect(wrong).toBe(0);
    const [caller, callee] = object.links[0] ?? [];
    expect(caller?.highWaterBytes).toBeLessThanOrEqual(STREAM_WINDOW_BYTES + chunk);
    expect(callee?.highWaterBytes).toBeLessThanOrEqual(STREAM_WINDOW_BYTES + chunk);
    await settle();
    expect([object.sessions[0]?.caller.isQuiet, object.sessions[0]?.callee.isQuiet]).toEqual([true, true]);
  });

  test('a body that nobody reads stops its writer and keeps the session busy, until it is cancelled, which nobody tells the writer', async () => {
    const web = new Web();
    const object = hostObject(web);
    const response = await object.stub().fetch('http://x/endless');
    await settle(20);
    const stalled = web.pulls;
    await settle(20);
    expect([web.pulls, stalled * 64 * 1024 <= STREAM_WINDOW_BYTES + 64 * 1024]).toEqual([stalled, true]);
    expect(object.sessions[0]?.callee.isQuiet).toBe(false);
    const reader = response.body.getReader();
    for (let i = 0; i < 20; i++) await reader.read();
    expect(web.pulls).toBeGreaterThan(stalled);
    await reader.cancel('enough');
    await settle(20);
    const left = web.pulls;
    await settle(20);
    expect([web.pulls, cancelled.splice(0)]).toEqual([left, []]);
    expect([object.sessions[0]?.caller.isQuiet, object.sessions[0]?.callee.isQuiet]).toEqual([true, true]);
  });

  test('a link that dies under a response fails the reader, and nobody tells the writer', async () => {
    const object = host();
    const response = await object.stub().fetch('http://x/endless');
    const reader = response.body.getReader();
    await reader.read();
    object.links[0]?.[0].lose();
    object.links[0]?.[1].lose();
    const failure = await (async () => {
      for (;;) await reader.read();
    })().catch((error: Error) => error);
    expect([failure.message, (failure as Error & { retryable: boolean }).retryable]).toEqual([
      'Network connection lost.',
      true,
    ]);
    await settle();
    expect(cancelled.splice(0)).toEqual([]);
  });

  test('a streamed request that the peer never looked at is sent again whole on the next link', async () => {
    const object = hostObject(new Web(), { link: { manual: true } });
    const more = deferred();
    let step = 0;
    const body = new ReadableStream({
      async pull(controller) {
        if (step === 2) await more.promise;
        if (step === 4) return controller.close();
        controller.enqueue(new Uint8Array(50_000).fill(++step));
      },
    });
    const answer = object.stub().fetch('http://x/echobytes', { method: 'POST', body });
    await settle();
    object.links[0]?.[1].goaway();
    object.links[0]?.[0].deliverOne();
    await settle();
    more.resolve();
    const deliver = async () => {
      while (object.links[1]?.[1].deliverOne());
      await settle();
      while (object.links[1]?.[0].deliverOne());
    };
    await deliver();
    await deliver();
    const bytes = new Uint8Array(await (await answer).arrayBuffer());
    expect([bytes.length, ...[0, 1, 2, 3].map((i) => bytes[i * 50_000])]).toEqual([200_000, 1, 2, 3, 4]);
    expect([bytes[199_999], object.links.length]).toEqual([4, 2]);
  });

  test('an aborted fetch rejects with the signal’s reason, and the object’s answer is dropped', async () => {
    const gate = deferred();
    let settled = 0;
    class Slow extends DurableObject {
      async fetch() {
        await gate.promise;
        settled++;
        return new Response(new ReadableStream({ cancel: (reason) => void cancelled.push(reason) }));
      }
    }
    const object = hostObject(new Slow());
    const controller = new AbortController();
    const answer = show(() => object.stub().fetch('http://x/', { signal: controller.signal }));
    await settle();
    controller.abort(new Error('changed my mind'));
    expect(await answer).toBe('THROWS Error(Error): changed my mind {}');
    await settle();
    gate.resolve();
    await settle();
    expect([settled, cancelled.splice(0).length]).toEqual([1, 1]);
    expect(object.links[0]?.[1].bodies).toEqual([{ m: 'cancelled', id: 1 }]);
    expect([object.sessions[0]?.caller.isQuiet, object.sessions[0]?.callee.isQuiet]).toEqual([true, true]);
  });

  test('an abort that crosses the answer ends nothing but its own fetch', async () => {
    class Quick extends DurableObject {
      fetch(request: Request) {
        if (request.url.endsWith('/fails')) throw new Error('no');
        return new Response(new ReadableStream({ cancel: (reason) => void cancelled.push(reason) }));
      }
      count() {
        return 1;
      }
    }
    const object = hostObject(new Quick(), { link: { manual: true } });
    const ends = () => object.links[0] as [MemoryLinkEnd, MemoryLinkEnd];
    const deliverTo = async (end: 0 | 1) => {
      while (ends()[end].deliverOne());
      await settle();
    };
    const stub = object.stub();
    for (const path of ['body', 'fails']) {
      const controller = new AbortController();
      const answer = show(() => stub.fetch(`http://x/${path}`, { signal: controller.signal }));
      const other = show(() => stub.count());
      await settle();
      await deliverTo(1);
      expect(ends()[0].pending).toBe(2);
      controller.abort(new Error('changed my mind'));
      for (let round = 0; round < 3; round++) {
        await deliverTo(0);
        await deliverTo(1);
      }
      expect([await answer, await other]).toEqual(['THROWS Error(Error): changed my mind {}', '1']);
    }
    expect([cancelled.splice(0).length, object.links.length]).toEqual([0, 1]);
    expect([object.sessions[0]?.caller.isQuiet, object.sessions[0]?.callee.isQuiet]).toEqual([true, true]);
  });

  test('an upload that the handler never looks at does not keep the object busy', async () => {
    const object = host();
    const upload = madeUpload();
    const response = await object.stub().fetch('http://x/made', { method: 'POST', body: upload.stream });
    expect(await response.text()).toBe('ok http://x/made');
    await settle();
    expect([object.sessions[0]?.caller.isQuiet, object.sessions[0]?.callee.isQuiet]).toEqual([true, true]);
  });

  test('transcript: a streamed upload ends when the response has been sent, and its writer hears of it when it goes on', async () => {
    const gate = deferred();
    let late: Promise<string> | undefined;
    class Early extends DurableObject {
      fetch(request: Request) {
        late = gate.promise.then(() => show(() => request.text()));
        return new Response('early');
      }
    }
    const object = hostObject(new Early());
    const upload = madeUpload();
    const response = await object.stub().fetch('http://x/', { method: 'POST', body: upload.stream });
    expect(await response.text()).toBe('early');
    await settle();
    gate.resolve();
    expect(await late).toBe(
      "THROWS TypeError(TypeError): Can't read from request stream after response has been sent. {}",
    );
    expect(cancelled.splice(0)).toEqual([]);
    upload.give();
    await settle();
    expect(cancelled.splice(0)).toMatchObject([{ message: 'Network connection lost.', retryable: true }]);
  });

  function madeUpload() {
    let controller: ReadableStreamDefaultController | undefined;
    const stream = new ReadableStream({
      start(given) {
        controller = given;
      },
      cancel: (reason) => void cancelled.push(reason),
    });
    return { stream, give: () => controller?.enqueue(new Uint8Array(1)) };
  }
});

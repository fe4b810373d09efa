import { Miniflare } from 'miniflare';
import { expect, test } from 'vitest';
import { makeFetchClasses } from '../../src/isolate/fetch-classes.ts';
import { FETCH_CASES, FETCH_DIFFERENCES, fetchCasesCode } from '../support/fetch-cases.ts';
import recorded from '../support/fetch-cases.workerd.json' with { type: 'json' };

const NATIVE = { Request, Response, Headers };

/** Evaluates the cases with these classes in the place of the platform's. */
async function outcomes(classes: { Request: unknown; Response: unknown; Headers: unknown }): Promise<string[]> {
  const run = new Function('Request', 'Response', 'Headers', `return ${fetchCasesCode()}`);
  return (await run(classes.Request, classes.Response, classes.Headers)) as string[];
}

const table = (told: readonly string[]) => FETCH_CASES.map((code, index) => `${code}\n    ${told[index]}`);

test('the recorded outcomes of the fetch cases are those of workerd today', async () => {
  const runtime = new Miniflare({
    modules: true,
    script: `export default { async fetch() { return Response.json(await ${fetchCasesCode()}); } }`,
    compatibilityDate: '2026-07-30',
    cf: false,
  });
  try {
    const told = (await (await runtime.dispatchFetch('http://x/')).json()) as string[];
    if (process.env['RECORD']) {
      const { writeFileSync } = await import('node:fs');
      writeFileSync(
        new URL('../support/fetch-cases.workerd.json', import.meta.url),
        `${JSON.stringify(told, null, 2)}\n`,
      );
    }
    expect(table(recorded as string[])).toEqual(table(told));
  } finally {
    await runtime.dispose();
  }
});

test('our fetch classes give what workerd gives', async () => {
  const ours = table(await outcomes(makeFetchClasses(NATIVE)));
  const theirs = table(recorded as string[]);
  const differs = FETCH_CASES.map((code) => code in FETCH_DIFFERENCES);
  expect(ours.filter((_, index) => !differs[index])).toEqual(theirs.filter((_, index) => !differs[index]));
  // A difference that is none any more has to leave the list.
  expect(ours.filter((line, index) => differs[index] && line === theirs[index])).toEqual([]);
});

test('a body made of bytes reaches the wire as the same bytes, without a stream in between', () => {
  const { Response, takeResponse } = makeFetchClasses(NATIVE);
  const response = new Response('häl', { status: 201, headers: { 'set-cookie': 'a=b' } });
  const parts = takeResponse(response);
  expect(parts).toMatchObject({ status: 201, statusText: 'Created', url: '', webSocket: null });
  expect(parts.headers).toEqual([
    ['content-type', 'text/plain;charset=UTF-8'],
    ['set-cookie', 'a=b'],
  ]);
  expect(parts.body).toEqual(new TextEncoder().encode('häl'));
  expect(response.bodyUsed).toBe(true);
  expect(() => takeResponse(response)).toThrow('Body has already been used.');
});

test('a streamed body reaches the wire as the stream that the program gave', () => {
  const { Request, takeRequest } = makeFetchClasses(NATIVE);
  const body = new ReadableStream();
  const request = new Request('http://x/y', { method: 'POST', body, redirect: 'manual' });
  expect(takeRequest(request)).toMatchObject({ method: 'POST', url: 'http://x/y', redirect: 'manual', body });
  expect(request.bodyUsed).toBe(true);
});

test('what arrived has immutable headers, and a copy of it has not', () => {
  const { Request, requestFrom, isRequest } = makeFetchClasses(NATIVE);
  const headers: [string, string][] = [
    ['cookie', 'a=b'],
    ['upgrade', 'websocket'],
  ];
  const request = requestFrom({ method: 'GET', url: 'http://x/', headers, body: null });
  expect(isRequest(request)).toBe(true);
  expect([...request.headers]).toEqual(headers);
  expect(() => request.headers.set('a', 'b')).toThrow(new TypeError("Can't modify immutable headers."));
  expect(() => request.clone().headers.delete('a')).toThrow(new TypeError("Can't modify immutable headers."));
  const copy = new Request(request);
  copy.headers.set('a', 'b');
  expect(copy.headers.get('a')).toBe('b');
});

test('status 101 goes with a WebSocket and only with one', () => {
  const socket = { isSocket: true };
  const { Response, responseFrom, takeResponse } = makeFetchClasses(NATIVE, { isWebSocket: (it) => it === socket });
  const init = (status: number) => ({ status, webSocket: socket }) as ResponseInit;
  const upgrade = new Response(null, init(101));
  expect([upgrade.status, upgrade.ok, upgrade.statusText]).toEqual([101, false, 'Switching Protocols']);
  expect(() => new Response(null, init(200))).toThrow(
    new RangeError('Responses with a WebSocket must have status code 101.'),
  );
  expect(() => upgrade.clone()).toThrow(new TypeError('Cannot clone a response to a WebSocket handshake.'));
  const arrived = responseFrom({ ...takeResponse(upgrade), url: 'http://x/' });
  expect(arrived).toMatchObject({ status: 101, webSocket: socket, url: 'http://x/' });
});

test('at module scope a body is refused, a message without one is not', () => {
  const { Request, Response } = makeFetchClasses(NATIVE, { isGlobalScope: () => true });
  const refusal = /^Disallowed operation called within global scope\. Asynchronous I\/O/;
  expect(() => new Response('x')).toThrow(refusal);
  expect(() => Response.json({})).toThrow(refusal);
  expect(() => Response.redirect('http://x/')).toThrow(refusal);
  expect(() => new Request('http://x/', { method: 'POST', body: 'x' })).toThrow(refusal);
  expect(new Response(null).status).toBe(200);
  expect(new Response(new ReadableStream()).status).toBe(200);
  expect(new Request('http://x/').method).toBe('GET');
});

test('a program that patches prototypes changes nothing of what we do', async () => {
  const { Response, takeResponse } = makeFetchClasses(NATIVE);
  const getReader = ReadableStream.prototype.getReader;
  const forEach = Headers.prototype.forEach;
  const decode = TextDecoder.prototype.decode;
  try {
    ReadableStream.prototype.getReader = () => {
      throw new Error('patched');
    };
    Headers.prototype.forEach = () => {
      throw new Error('patched');
    };
    TextDecoder.prototype.decode = () => 'patched';
    const response = new Response('x', { headers: { a: 'b' } });
    void response.body;
    expect(await response.clone().text()).toBe('x');
    expect(takeResponse(response).headers).toContainEqual(['a', 'b']);
  } finally {
    ReadableStream.prototype.getReader = getReader;
    Headers.prototype.forEach = forEach;
    TextDecoder.prototype.decode = decode;
  }
});

/**
 * What a page in the preview asks its Worker for, in each of the ways that a page has.
 */
import { describe, expect, test } from 'vitest';
import type { SocketEvent } from '../../src/index.ts';
import { previewBench, report } from '../support/preview-bench.ts';

const { show, reported, problems, preview, another, files } = previewBench();
const page = (script: string): string => `<!doctype html><p id="p">page</p><script>${report}
  const run = async () => { ${script} };
  run().then(report, (error) => report(String(error.stack)));</script>`;

describe('fetch', () => {
  test('sends what a browser sends, with redirects, and keeps back what scripts may not say', async () => {
    await show(
      page(`const echo = await (await fetch('/echo?q=1#x', { method: 'PUT', headers: { cookie: 'no=1', 'x-own': 'yes' }, body: 'text' })).json();
        const to = await fetch('/to');
        const manual = await fetch('/to', { redirect: 'manual' });
        const refused = await fetch('/to', { redirect: 'error' }).catch((error) => error.name);
        const { headers } = echo;
        return [echo.method, echo.url, echo.text, headers['x-own'], headers.cookie ?? null, headers.origin, headers.referer,
          headers['sec-fetch-dest'], headers['user-agent'] === navigator.userAgent, to.url, to.redirected, to.type, await to.text(),
          manual.type, manual.status, refused, (await fetch('/gone')).status, to.headers.get('set-cookie')];`),
      {
        worker: `if (url.pathname === '/to') return new Response(null, { status: 302, headers: { location: '/end', 'set-cookie': 'hop=1; HttpOnly' } });
          if (url.pathname === '/end') return new Response('end ' + request.headers.get('cookie'), { headers: { 'set-cookie': 'seen=2' } });`,
      },
    );
    expect(await reported()).toEqual([
      [
        'PUT',
        'http://localhost:8787/echo?q=1',
        'text',
        'yes',
        null,
        'http://localhost:8787',
        'http://localhost:8787/page',
        'empty',
        true,
        'http://localhost:8787/end',
        true,
        'basic',
        'end hop=1',
        'opaqueredirect',
        0,
        'TypeError',
        404,
        null,
      ],
    ]);
    expect(preview().cookies.map(({ name, isHttpOnly }) => [name, isHttpOnly])).toEqual([
      ['hop', true],
      ['seen', false],
    ]);
  });

  test('streams both ways, with back-pressure, and stops when it is given up', async () => {
    await show(
      page(`const up = new TransformStream();
        const writer = up.writable.getWriter();
        const answer = await (writer.write(new TextEncoder().encode('one')), fetch('/shout', { method: 'POST', body: up.readable, duplex: 'half' }));
        const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
        const first = await reader.read();
        writer.write(new TextEncoder().encode('two'));
        const second = await reader.read();
        writer.close();
        const last = await reader.read();
        const abort = new AbortController();
        const endless = await fetch('/endless', { signal: abort.signal });
        const read = endless.body.getReader();
        await read.read();
        let made = 0; // what nobody holds back goes on between any two of these
        for (let asked = 0; asked < 20 && made < 40; asked++) made = Number(await (await fetch('/made')).text());
        abort.abort();
        const aborted = await read.read().catch((error) => error.name);
        let state = '';
        while (state !== 'cancelled') state = await (await fetch('/state')).text();
        return [first.value, second.value, last.done, made < 40, aborted, state];`),
      {
        worker: `if (url.pathname === '/shout') return new Response(request.body.pipeThrough(new TransformStream({
            transform: (chunk, out) => out.enqueue(new TextEncoder().encode(new TextDecoder().decode(chunk).toUpperCase())) })));
          if (url.pathname === '/endless') return new Response(new ReadableStream({
            pull(out) { kept.made = (kept.made ?? 0) + 1; out.enqueue(new Uint8Array(65536)) },
            cancel() { kept.state = 'cancelled' } }));
          if (url.pathname === '/made') return new Response(String(kept.made));
          if (url.pathname === '/state') return new Response(kept.state ?? 'running');`,
      },
    );
    expect(await reported()).toEqual([['ONE', 'TWO', true, true, 'AbortError', 'cancelled']]);
  });

  test('goes to the real network for another origin', async () => {
    await show(
      page(`return (await fetch(${JSON.stringify(`${location.origin}/src/index.ts`)}, { mode: 'no-cors' })).type;`),
    );
    expect(await reported()).toEqual(['opaque']);
  });
});

test('XMLHttpRequest: states, types, upload, errors, abort and timeout; a synchronous one is refused', async () => {
  await show(
    page(`const send = (method, url, { type = '', body = null, timeout = 0, stop } = {}) => new Promise((done) => {
        const xhr = new XMLHttpRequest();
        const seen = [];
        for (const name of ['loadstart', 'load', 'error', 'abort', 'timeout']) xhr['on' + name] = () => seen.push(name);
        xhr.upload.onload = ({ loaded }) => seen.push('up ' + loaded);
        xhr.onreadystatechange = () => { if (seen.at(-1) !== xhr.readyState) seen.push(xhr.readyState) };
        xhr.onloadend = () => done([seen.join(' '), xhr.status, xhr.response instanceof Blob ? 'blob ' + xhr.response.size : xhr.response]);
        xhr.open(method, url);
        xhr.responseType = type;
        xhr.timeout = timeout;
        xhr.setRequestHeader('x-a', '1');
        xhr.send(body);
        if (stop) xhr.abort();
      });
      const json = await send('POST', '/echo', { type: 'json', body: 'body' });
      json[2] = [json[2].text, json[2].headers['x-a'], json[2].headers['content-type']];
      const text = await send('GET', '/file.txt');
      const blob = await send('GET', '/file.txt', { type: 'blob' });
      const aborted = await send('GET', '/file.txt', { stop: true });
      const late = await send('GET', '/never', { timeout: 50 });
      const failed = await send('GET', '/fails');
      const sync = (() => { try { new XMLHttpRequest().open('GET', '/x', false) } catch (error) { return error.name + ': ' + error.message } })();
      return { json, text, blob, aborted, late, failed, sync };`),
    {
      worker: `if (url.pathname === '/never') return new Promise((done) => setTimeout(() => done(new Response('late')), 60000));
        if (url.pathname === '/file.txt') return new Response('text');
        if (url.pathname === '/fails') throw new Error('no');`,
    },
  );
  expect(await reported()).toEqual([
    {
      json: ['1 loadstart up 4 2 3 4 load', 200, ['body', '1', 'text/plain;charset=UTF-8']],
      text: ['1 loadstart 2 3 4 load', 200, 'text'],
      blob: ['1 loadstart 2 3 4 load', 200, 'blob 4'],
      aborted: ['1 loadstart 4 abort', 0, ''],
      late: ['1 loadstart 4 timeout', 0, ''],
      failed: [expect.stringMatching(/^1 loadstart( 4 error| 2 3 4 load)$/), expect.anything(), expect.anything()],
      sync: 'InvalidAccessError: Synchronous requests do not work in the preview: pass true, or use fetch.',
    },
  ]);
});

test('EventSource: events, reconnection with the last id, and an end for what is no stream', async () => {
  await show(
    page(`const seen = [];
      const source = new EventSource('/events');
      await new Promise((done) => {
        source.addEventListener('tick', ({ data, lastEventId }) => { seen.push(data + ' ' + lastEventId); if (seen.length === 3) done(); });
        source.onmessage = ({ data }) => seen.push('plain ' + data);
      });
      source.close();
      const none = new EventSource('/page');
      const state = await new Promise((done) => { none.onerror = () => done(none.readyState) });
      return [seen, source.readyState, EventSource.OPEN, state];`),
    {
      worker: `if (url.pathname === '/events') {
          const last = request.headers.get('last-event-id') ?? 'none';
          return new Response(':hi\\nretry: 10\\nid: a\\nevent: tick\\ndata: from ' + last + '\\n\\ndata: x\\ndata: y\\n\\n', { headers: { 'content-type': 'text/event-stream' } });
        }`.replaceAll('\\\\', '\\'),
    },
  );
  expect(await reported()).toEqual([[['from none a', 'plain x\ny', 'from a a'], 2, 1, 2]]);
});

test('WebSocket: to a route of the account it goes to the Worker there, and no further than that', async () => {
  await show(
    page(`document.cookie = 'who=me';
      const said = (url) => new Promise((done) => {
        const ws = new WebSocket(url);
        ws.onmessage = ({ data }) => done([data, ws.url, ws instanceof WebSocket]);
        ws.onclose = ({ code }) => done(code);
      });
      return [await said('wss://live.example/rooms/1'), await said('ws://127.0.0.1:1/')];`),
    {
      routes: ['live.example/rooms/*'],
      worker: `if (request.headers.get('upgrade') === 'websocket') {
          const { 0: client, 1: server } = new WebSocketPair();
          server.accept();
          server.send([request.url, request.headers.get('origin'), request.headers.get('cookie')].join(' '));
          return new Response(null, { status: 101, webSocket: client });
        }`,
    },
  );
  expect(await reported()).toEqual([
    [['https://live.example/rooms/1 http://localhost:8787 ', 'wss://live.example/rooms/1', true], 1006],
  ]);
});

test('WebSocket: the class, protocols, texts, bytes and blobs in order, cookies, and how it closes', async () => {
  const events: SocketEvent[] = [];
  await show(
    page(`document.cookie = 'who=me';
      const open = (url, protocols) => new Promise((done) => { const ws = new WebSocket(url, protocols); ws.onopen = () => done(ws); ws.onerror = () => done(ws); });
      const next = (ws) => new Promise((done) => ws.addEventListener('message', ({ data }) => done(data), { once: true }));
      const ws = await open(\`wss://\${location.host}/ws?a=1\`, ['chat', 'other']);
      const hello = await next(ws);
      ws.send(new Blob(['blob']));
      ws.send('text');
      ws.binaryType = 'arraybuffer';
      const first = new TextDecoder().decode(await next(ws));
      const second = await next(ws);
      const closed = new Promise((done) => { ws.onclose = ({ code, reason, wasClean }) => done([code, reason, wasClean]) });
      ws.close(3001, 'enough');
      const end = await closed;
      const refused = await open('/page');
      const wrong = ['ftp://x/', 'ws://x/#a'].map((url) => { try { new WebSocket(url) } catch (error) { return error.name } });
      return [ws.url, ws.protocol, hello, first, second, end, ws.readyState === WebSocket.CLOSED, refused.readyState, wrong, ws instanceof WebSocket];`),
    {
      worker: `if (url.pathname === '/ws') {
          const { 0: client, 1: server } = new WebSocketPair();
          server.binaryType = 'arraybuffer';
          server.accept();
          const said = 'cookie origin host upgrade connection sec-websocket-version sec-websocket-protocol sec-websocket-extensions';
          const key = atob(request.headers.get('sec-websocket-key')).length;
          server.send(said.split(' ').map((name) => request.headers.get(name)).join('|') + '|' + key + url.search);
          server.addEventListener('message', ({ data }) => server.send(data));
          server.addEventListener('close', ({ code, reason }) => server.close(code, reason));
          return new Response(null, { status: 101, webSocket: client, headers: { 'sec-websocket-protocol': 'chat' } });
        }`,
      onSocket: (event) => events.push(event),
    },
  );
  expect(await reported()).toEqual([
    [
      'wss://localhost:8787/ws?a=1',
      'chat',
      'who=me|http://localhost:8787|localhost:8787|websocket|Upgrade|13|chat, other|permessage-deflate; client_max_window_bits|16?a=1',
      'blob',
      'text',
      [3001, 'enough', true],
      true,
      3,
      ['SyntaxError', 'SyntaxError'],
      true,
    ],
  ]);
  const seen = events
    .filter(({ socket }) => socket === 1)
    .map((event) => (event.kind === 'frame' ? event.direction : event.kind));
  expect([seen.slice(0, 3), seen.slice(3, -1).sort(), seen.at(-1)]).toEqual([
    ['opening', 'open', 'received'],
    ['received', 'received', 'sent', 'sent'],
    'closed',
  ]);
});

describe('cookies', () => {
  test('are read and set by scripts at once, and are not shared with another preview', async () => {
    files['/other'] = { body: page(`return ['other', document.cookie];`) };
    await show(
      page(`document.cookie = 'own=1; path=/';
        const now = document.cookie;
        document.cookie = 'secret=stolen';
        await fetch('/echo');
        const { headers } = await (await fetch('/echo')).json();
        return [now, document.cookie, headers.cookie];`),
      {
        worker: `if (url.pathname === '/page') return new Response(files['/page'].body, { headers: [['content-type', 'text/html'],
          ['set-cookie', 'secret=1; HttpOnly'], ['set-cookie', 'shown=\u4e2d\u00e9; Path=/']] });`,
      },
    );
    const shown = 'shown=\u4e2d\u00e9; own=1'; // of any characters, as all that headers say
    expect(await reported()).toEqual([[shown, shown, `secret=1; ${shown}`]]);
    another('/other');
    expect((await reported(2))[1]).toEqual(['other', '']);
    preview().clearCookies();
    expect(preview().cookies).toEqual([]);
  });
});

test('nothing of the page around is in reach', async () => {
  await show(
    page(`const tries = {};
      for (const [name, reach] of Object.entries({
        top: () => window.top.document.title, storage: () => window.top.localStorage, opener: () => window.opener,
        frames: () => window.top.frames[0].document, parent: () => parent === window, worker: () => new Worker('/w.js'),
      })) { try { tries[name] = reach() } catch (error) { tries[name] = error.name } }
      return tries;`),
  );
  expect(await reported()).toEqual([
    {
      top: 'SecurityError',
      storage: 'SecurityError',
      opener: null,
      frames: 'SecurityError',
      parent: true,
      worker: 'NotSupportedError',
    },
  ]);
  expect(problems).toEqual([]);
});

test('a page that got hold of the port gets no further with it', async () => {
  await show(
    page(`const post = MessagePort.prototype.postMessage;
      const port = await new Promise((done) => {
        MessagePort.prototype.postMessage = function (...args) { if (args[0]?.t === 'fetch') done(this); return post.apply(this, args) };
        void fetch('/echo');
      });
      MessagePort.prototype.postMessage = post;
      const ask = (request) => new Promise((done) => {
        port.addEventListener('message', ({ data }) => { if (data.id === 999) done(data.t === 'failed' ? data.message : data.status) });
        port.postMessage({ t: 'fetch', id: 999, request: { method: 'GET', headers: [], body: null, redirect: 'follow', hasCookies: true, destination: '', ...request } });
      });
      const elsewhere = await ask({ url: 'https://example.com/' });
      await ask({ url: location.origin + '/seen', headers: [['Cookie', 'a=1'], ['Origin', 'https://bank.example'], ['X-Own', '1']] });
      await report(elsewhere);
      port.postMessage({ t: 'fetch', id: 1, request: { url: 5 } });
      await fetch('/echo').then(() => report('still there'));`),
    {
      worker: `if (url.pathname === '/seen') reports.push(['cookie', 'origin', 'x-own'].map((name) => request.headers.get(name)));`,
    },
  );
  expect(await reported(2)).toEqual([[null, null, '1'], 'Failed to fetch: https://example.com/ is not of this origin']);
  await expect.poll(() => problems).toEqual(['The page was cut off: it posted what no browser would ask for.']);
  expect(await reported(2)).toHaveLength(2);
});
